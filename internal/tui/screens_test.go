package tui_test

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/tui"
)

// shots are the golden pictures that the documentation shows, by the name of their file.
var shots = map[string]string{
	"requests": "waiting", "approving": "held", "answered": "delivered", "all": "all", "phones": "phones", "users": "users",
	"deliveries": "deliveries", "inbox": "inbox", "traffic": "traffic", "new-request": "new-request", "refused": "refused-user",
	"policy": "policy", "reason": "reason", "commands": "commands", "help": "help", "server-gone": "server-gone",
}

// TestScreensInTheDocumentation compares docs/screens with the golden pictures they are drawn from.
// go test ./internal/tui -run 'Golden|Documentation' -update draws them anew.
func TestScreensInTheDocumentation(t *testing.T) {
	t.Parallel()
	for name, scene := range shots {
		content, err := os.ReadFile(filepath.Join("testdata", "golden", scene, "80x24.ansi"))
		if err != nil {
			t.Fatal(err)
		}
		settle(t, filepath.Join("..", "..", "docs", "screens", name+".svg"), svg(t, strings.TrimSuffix(string(content), "\n")))
	}
	drawn, err := filepath.Glob(filepath.Join("..", "..", "docs", "screens", "*"))
	if err != nil || len(drawn) != len(shots) {
		t.Errorf("docs/screens has %d files (%v), want the %d that are drawn", len(drawn), err, len(shots))
	}
}

// TestKeysInTheDocumentation compares the tables of keys in docs/tui.md with the table that the screen looks keys up in.
func TestKeysInTheDocumentation(t *testing.T) {
	t.Parallel()
	page := filepath.Join("..", "..", "docs", "tui.md")
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	table := regexp.MustCompile(`(?s)(<!-- keys of ([^>]*?) -->\n)(?:.*?\n)??(<!-- end -->)`)
	want := table.ReplaceAllStringFunc(string(content), func(found string) string {
		tables++
		part := table.FindStringSubmatch(found)
		return part[1] + keysOf(part[2]) + "\n" + part[3]
	})
	if tables != len(tui.TabNames())+1 {
		t.Errorf("%s has %d tables of keys, want one of each tab and one of every tab", page, tables)
	}
	settle(t, page, want)
}

// keysOf is the table of the keys of a tab, or of those that work in every tab.
func keysOf(tab string) string {
	if tab == "every tab" {
		tab = ""
	}
	rows := []string{"| key | what it does |", "|---|---|"}
	for _, k := range tui.KeyTable() {
		if k.Tab == tab {
			keys := strings.NewReplacer(" … ", "` … `", " ", "` `").Replace(k.Keys)
			rows = append(rows, "| `"+keys+"` | "+k.Does+" |")
		}
	}
	if len(rows) == 2 {
		return "It has no keys of its own."
	}
	return strings.Join(rows, "\n")
}

// settle writes a file anew when asked to, and compares it otherwise.
func settle(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what is drawn now: go test ./internal/tui -run 'Golden|Documentation' -update", file)
	}
}

// Measures of a drawn screen, in pixels.
const (
	cellWidth, cellHeight = 8.4, 17
	margin                = 12
)

// svg draws lines of text with colours.
func svg(t *testing.T, picture string) string {
	t.Helper()
	lines := strings.Split(picture, "\n")
	columns := 0
	for _, line := range lines {
		columns = max(columns, ansi.StringWidth(line))
	}
	width, height := float64(columns)*cellWidth+2*margin, len(lines)*cellHeight+2*margin
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" width="%.0f" height="%d" `+
		`font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14">`+"\n",
		width, height, width, height)
	fmt.Fprintf(&out, `<rect width="%.0f" height="%d" rx="8" fill="%s"/>`+"\n", width, height, ground)
	for i, line := range lines {
		drawLine(t, &out, line, margin+i*cellHeight)
	}
	return out.String() + "</svg>\n"
}

// Colours of what has none of its own.
const ground, ink = "#16181d", "#dcdfe4"

// pen is how the text that follows looks.
type pen struct {
	colour         string
	bold, reversed bool
}

func drawLine(t *testing.T, out *strings.Builder, line string, top int) {
	t.Helper()
	code := regexp.MustCompile(`^\x1b\[([0-9;]*)m`)
	look, column := pen{}, 0
	for line != "" {
		if found := code.FindStringSubmatch(line); found != nil {
			look = look.after(t, found[1])
			line = line[len(found[0]):]
			continue
		}
		text := line
		if next := strings.IndexByte(line, '\x1b'); next >= 0 {
			text = line[:next]
		}
		if text == "" {
			t.Fatalf("%q begins with an escape code that is no colour", line)
		}
		look.draw(out, text, column, top)
		column += ansi.StringWidth(text)
		line = line[len(text):]
	}
}

// after is the pen after a code that sets colours.
func (p pen) after(t *testing.T, code string) pen {
	t.Helper()
	rgb := regexp.MustCompile(`38;2;(\d+);(\d+);(\d+)`)
	if found := rgb.FindStringSubmatch(code); found != nil {
		p.colour = fmt.Sprintf("rgb(%s,%s,%s)", found[1], found[2], found[3])
	}
	for _, part := range strings.Split(rgb.ReplaceAllString(code, ""), ";") {
		switch part {
		case "":
		case "0":
			p = pen{}
		case "1":
			p.bold = true
		case "7":
			p.reversed = true
		default:
			t.Fatalf("nobody knows how to draw %q", code)
		}
	}
	return p
}

func (p pen) draw(out *strings.Builder, text string, column, top int) {
	x, width := margin+float64(column)*cellWidth, float64(ansi.StringWidth(text))*cellWidth
	fill := p.colour
	if fill == "" {
		fill = ink
	}
	if p.reversed {
		fmt.Fprintf(out, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", x, top, width, cellHeight, fill)
		fill = ground
	}
	if strings.TrimSpace(text) == "" {
		return
	}
	weight := ""
	if p.bold {
		weight = ` font-weight="bold"`
	}
	fmt.Fprintf(out, `<text x="%.1f" y="%d" fill="%s"%s textLength="%.1f" xml:space="preserve">%s</text>`+"\n",
		x, top+13, fill, weight, width, html.EscapeString(text))
}
