package sequence_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/sequence"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The golden files are looked at after go test ./internal/sequence -run Golden -update has drawn them anew.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, story := range stories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := sequence.Of(story)
			text := func(look sequence.Look) []byte { return []byte(strings.Join(d.Text(look), "\n") + "\n") }
			marked := func(o sequence.Outcome, text string) string { return "{" + string(o) + ":" + text + "}" }
			compare(t, name+".txt", text(sequence.Look{Width: 110, Unicode: true}))
			compare(t, name+".ascii.txt", text(sequence.Look{Width: 80}))
			compare(t, name+".narrow.txt", text(sequence.Look{Width: 40, Unicode: true, Paint: marked}))
			compare(t, name+".mmd", []byte(d.Mermaid()))
			compare(t, name+".svg", d.SVG())
		})
	}
}

func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got\n%s", file, got)
	}
}

// A model that went over the wire draws the same.
func TestModelIsJSON(t *testing.T) {
	t.Parallel()
	for name, story := range stories() {
		d := sequence.Of(story)
		wire, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var back sequence.Diagram
		if err := json.Unmarshal(wire, &back); err != nil {
			t.Fatal(err)
		}
		if back.Mermaid() != d.Mermaid() || !bytes.Equal(back.SVG(), d.SVG()) {
			t.Errorf("%s draws otherwise after JSON", name)
		}
		if strings.Contains(string(wire), "secret") {
			t.Errorf("%s tells what the callback URL keeps for its receiver: %s", name, wire)
		}
	}
}

// A clock that stands still makes everything happen at once; the story has its order all the same.
func TestFrozenClock(t *testing.T) {
	t.Parallel()
	s := decided(asked("Log in?"), onetouch.StatusApproved, pixel, 0)
	s.Deliveries = []onetouch.DeliveryRecord{
		calledBack(onetouch.DeliveryReplay, 0, onetouch.DeliverySent, 200), calledBack(onetouch.DeliveryCallback, 0, onetouch.DeliverySent, 200),
		pushed(pixel, 0),
	}
	s.Calls = []traffic.Call{responded(pixel, 0, 403, ""), responded(pixel, 0, 200, "{}")}
	s.Calls[0].ID, s.Calls[1].ID = 1, 2
	var kinds []string
	for _, step := range sequence.Of(s).Steps {
		kinds = append(kinds, string(step.Kind)+string(step.Outcome))
	}
	if got, want := strings.Join(kinds, " "), "asked pushgood answerbad answergood callbackgood replaygood"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Devices and backends of the Verify API take part in the story as those of Authy's do.
func TestVerifyAPI(t *testing.T) {
	t.Parallel()
	const challenges = "/v2/Services/{service}/Entities/{identity}/Challenges"
	s := decided(asked("Log in?"), onetouch.StatusDenied, pixel, 4)
	s.Calls = []traffic.Call{
		call(traffic.Verify, "POST", challenges, 0, 0, 201, `{"status":"pending"}`),
		call(traffic.Verify, "GET", challenges+"/{sid}", 0, 1, 200, `{"status":"pending"}`),
		call(traffic.Verify, "GET", challenges+"/{sid}", pixel, 2, 200, `{"status":"pending"}`),
		call(traffic.Verify, "POST", challenges+"/{sid}", pixel, 3, 400, `{"message":"not signed so","status":400}`),
		call(traffic.Verify, "POST", challenges+"/{sid}", 0, 4, 200, `{"status":"denied"}`),
		call(traffic.Verify, "POST", challenges+"/{sid}/Notifications", 0, 5, 409, `{"message":"over","status":409}`),
		call(traffic.Verify, "GET", challenges+"/{sid}", 0, 6, 404, `{"message":"no such","status":404}`),
	}
	event := calledBack(onetouch.DeliveryVerifyEvent, 5, onetouch.DeliverySent, 204)
	event.Event = onetouch.ChallengeDenied
	s.Deliveries = []onetouch.DeliveryRecord{event}
	var told []string
	for _, step := range sequence.Of(s).Steps {
		told = append(told, step.From+" "+step.Text+": "+step.Reply)
	}
	want := []string{
		"backend asks “Log in?”: UUID", "backend asks how it stands: pending", "device-2000000 fetches the details: 200 OK",
		"device-2000000 answers: refused: 400 Bad Request, not signed so", "backend denies, signed: signature verified",
		"service webhook challenge.denied: 204 No Content, 12.4 ms", "backend asks how it stands: refused: 404 Not Found, no such",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told:\n%s\nwant:\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}

// A code signs nothing, and a wrong one is no answer.
func TestCodes(t *testing.T) {
	t.Parallel()
	const challenge = "/v2/Services/{service}/Entities/{identity}/Challenges/{sid}"
	const approved = "backend hands over a code: right"
	for name, c := range map[string]struct {
		calls []traffic.Call
		want  []string
	}{
		"had when it was asked": {nil, []string{approved}},
		"later": {[]traffic.Call{
			call(traffic.Verify, "POST", challenge, 0, 1, 200, `{"status":"pending"}`),
			call(traffic.Verify, "POST", challenge, 0, 2, 429, `{"message":"too many","status":429}`),
			call(traffic.Verify, "POST", challenge, 0, 3, 200, `{"status":"approved"}`),
		}, []string{
			"backend hands over a code: wrong, or used before", "backend answers: refused: 429 Too Many Requests, too many", approved,
		}},
	} {
		s := decided(asked("Code?"), onetouch.StatusApproved, pixel, 4)
		s.Request.DeviceID, s.Devices[1].FactorType, s.Calls = pixel, onetouch.FactorTOTP, c.calls
		var told []string
		for _, step := range sequence.Of(s).Steps {
			told = append(told, step.From+" "+step.Text+": "+step.Reply)
		}
		if want := append([]string{"backend asks “Code?”: UUID"}, c.want...); !slices.Equal(told, want) {
			t.Errorf("%s told:\n%s\nwant:\n%s", name, strings.Join(told, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestOffsets(t *testing.T) {
	t.Parallel()
	for took, want := range map[time.Duration]string{
		0: "+0 ms", 400 * time.Microsecond: "+0.4 ms", 999 * time.Millisecond: "+999 ms", 1500 * time.Millisecond: "+1.5 s",
		time.Minute: "+1 min", 63 * time.Second: "+1 min 3 s", 62 * time.Minute: "+1 h 2 min", 49 * time.Hour: "+2 d 1 h",
		-2 * time.Second: "-2 s",
	} {
		s := asked("Log in?")
		s.Calls = []traffic.Call{polled(took, "pending")}
		if text := sequence.Of(s).Mermaid(); !strings.Contains(text, ": "+escaped(want)+" asks how it stands") {
			t.Errorf("%s: want %s in\n%s", took, want, text)
		}
	}
}

// escaped is an offset as Mermaid text has it.
func escaped(offset string) string { return strings.ReplaceAll(offset, "-", "#45;") }

// FuzzDiagram: whatever people write, each way of drawing says it and nothing else.
func FuzzDiagram(f *testing.F) {
	f.Add("Log in?", "Ada's Pixel", 80)
	f.Add(hostile, hostile, 110)
	f.Add("\xff\xfe\x00", "👩‍👩‍👧‍👦", 1)
	f.Add("Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘", "\u200b\u2028\ufffe\uffff\u00ad", 60)
	f.Add("wrap: a\tb", "as b", 200)
	f.Fuzz(func(t *testing.T, text, name string, width int) {
		s := decided(asked(text), onetouch.StatusDenied, pixel, time.Second)
		s.Request.AppName, s.Devices[1].Name, s.Request.Answer.Reason = name, name, text
		s.Deliveries = []onetouch.DeliveryRecord{
			calledBack(onetouch.DeliveryCallback, time.Second, onetouch.DeliveryFailed, 0), pushed(pixel, 0),
		}
		s.Deliveries[0].Log[0].Error, s.Deliveries[0].URL = text, "http://"+name
		d := sequence.Of(s)
		wellFormed(t, d.SVG())
		harmlessMermaid(t, d)
		width = 20 + (width%300+300)%300
		for _, line := range d.Text(sequence.Look{Width: width, Unicode: true}) {
			if strings.ContainsAny(line, "\n\r\x1b") || ansi.StringWidth(line) > width {
				t.Errorf("a line of %d columns: %q", ansi.StringWidth(line), line)
			}
		}
	})
}

func wellFormed(t *testing.T, svg []byte) {
	t.Helper()
	known := map[string]bool{"svg": true, "title": true, "desc": true, "style": true, "rect": true, "line": true, "path": true, "text": true}
	for decoder := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in %s", err, svg)
		}
		if element, is := token.(xml.StartElement); is && !known[element.Name.Local] {
			t.Fatalf("it has the element %s: %s", element.Name.Local, svg)
		}
	}
}

var mermaidLine = regexp.MustCompile(`^    (accTitle|accDescr|participant p\d+ as|Note over p\d+|p\d+(->>|-x|-->>)p\d+)(: | )` +
	`([A-Za-z0-9 ,.?!'/+()\-:$]|[^\x00-\x7f]|#\d+;|<br/>)*$`)

func harmlessMermaid(t *testing.T, d sequence.Diagram) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(d.Mermaid(), "\n"), "\n")
	want := 3 + len(d.Participants)
	for _, step := range d.Steps {
		want++
		if step.Reply != "" && step.To != "" {
			want++
		}
	}
	if len(lines) != want {
		t.Errorf("%d lines, want %d:\n%s", len(lines), want, d.Mermaid())
	}
	for _, line := range lines[1:] {
		_, text, _ := strings.Cut(line, " as ")
		if _, after, is := strings.Cut(line, ": "); is && text == "" {
			text = after
		}
		if !mermaidLine.MatchString(line) || strings.Contains(text, "--") || strings.Contains(text, "$$") {
			t.Errorf("a line that can mean something: %q", line)
		}
	}
}
