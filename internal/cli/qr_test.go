package cli_test

import (
	"image"
	"image/color"
	"regexp"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

// halfBlocks are the characters of a printed code: whether the upper and the lower half are white, as on a dark terminal.
func halfBlocks() map[rune][2]bool {
	return map[rune][2]bool{'█': {true, true}, '▀': {true, false}, '▄': {false, true}, ' ': {false, false}}
}

// scanned is what a phone's camera reads from lines of half blocks.
func scanned(t *testing.T, lines []string) string {
	t.Helper()
	var failed error
	for _, pixels := range []int{4, 3, 5} { // as a hand moves the camera: at some distances the reader misses some codes
		result, err := qrcode.NewQRCodeReader().Decode(photograph(t, lines, pixels), nil)
		if err == nil {
			return result.GetText()
		}
		failed = err
	}
	t.Fatalf("no QR code: %v\n%s", failed, strings.Join(lines, "\n"))
	return ""
}

// photograph is the picture of the lines in which a module is so many pixels wide and high.
func photograph(t *testing.T, lines []string, pixels int) *gozxing.BinaryBitmap {
	t.Helper()
	width := len([]rune(lines[0]))
	picture := image.NewGray(image.Rect(0, 0, width*pixels, 2*len(lines)*pixels))
	for y, line := range lines {
		for x, letter := range []rune(line) {
			halves, known := halfBlocks()[letter]
			if !known || x >= width {
				t.Fatalf("line %d of the code is %q", y, line)
			}
			for half, white := range halves {
				paint(picture, x*pixels, (2*y+half)*pixels, pixels, white)
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	return bitmap
}

func paint(picture *image.Gray, left, top, size int, white bool) {
	if !white {
		return
	}
	for y := range size {
		for x := range size {
			picture.SetGray(left+x, top+y, color.Gray{Y: 255})
		}
	}
}

// codeOf are the lines of a code among others; nil when there is none.
func codeOf(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.ContainsAny(line, "█▀▄") {
			lines = append(lines, line)
		}
	}
	return lines
}

// escapes are codes that set colours.
func escapes() *regexp.Regexp { return regexp.MustCompile("\x1b\\[[0-9;]*m") }

func qrTerminal(t *testing.T, text string, set func(*output.Terminal)) (shown bool, printed string) {
	t.Helper()
	streams, _, out, _ := output.Test()
	streams.Terminal.Out, streams.Terminal.Unicode = true, true
	set(&streams.Terminal)
	shown, err := output.WriteQR(streams, text)
	if err != nil {
		t.Fatal(err)
	}
	return shown, out.String()
}

func TestPrintedQRCodeIsRead(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a token": "cnFz2PKcK-BPL8wAaAo2TjlcE7MZsBp_5_QRoVxItSI",
		"a URI": "otpauth://totp/Acme%20Bank:ada@example.com?algorithm=SHA1&digits=6&issuer=Acme%20Bank&period=30" +
			"&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
		"one letter":  "a",
		"not English": "Bogotá 🏦",
		"a long text": strings.Repeat("0123456789", 90),
	} {
		for _, colour := range []bool{false, true} {
			shown, printed := qrTerminal(t, text, func(terminal *output.Terminal) {
				terminal.OutEscapes, terminal.Width = colour, 200
			})
			if !shown {
				t.Fatalf("%s: nothing was shown", name)
			}
			lines := codeOf(escapes().ReplaceAllString(printed, ""))
			if got := scanned(t, lines); got != text {
				t.Errorf("%s: the code says %q", name, got)
			}
			checkQuietZone(t, name, lines)
			// White and black are told apart on every theme only when both are said.
			if coloured := strings.Count(printed, "\x1b[97;40m"); colour && coloured != len(lines) || !colour && coloured != 0 {
				t.Errorf("%s: %d lines have colours", name, coloured)
			}
		}
	}
}

// A reader needs four white modules around the code.
func checkQuietZone(t *testing.T, name string, lines []string) {
	t.Helper()
	for i, line := range lines[:len(lines)-1] {
		margin := strings.HasPrefix(line, "████") && strings.HasSuffix(line, "████")
		if i < 2 && strings.Trim(line, "█") != "" || !margin {
			t.Errorf("%s: line %d reaches into the margin: %q", name, i, line)
		}
	}
}

func TestQRCodeWhereNobodyCanScanIt(t *testing.T) {
	t.Parallel()
	token := "cnFz2PKcK-BPL8wAaAo2TjlcE7MZsBp_5_QRoVxItSI"
	for name, set := range map[string]func(*output.Terminal){
		"no terminal": func(terminal *output.Terminal) { terminal.Out = false },
		"no blocks":   func(terminal *output.Terminal) { terminal.Unicode = false },
		"too narrow":  func(terminal *output.Terminal) { terminal.Width = 36 },
	} {
		if shown, printed := qrTerminal(t, token, set); shown || printed != "" {
			t.Errorf("%s: %t, printed %q", name, shown, printed)
		}
	}
	if shown, printed := qrTerminal(t, strings.Repeat("x", 3000), func(*output.Terminal) {}); shown || printed != "" {
		t.Errorf("too long: %t, printed %q", shown, printed)
	}
	if shown, _ := qrTerminal(t, token, func(terminal *output.Terminal) { terminal.Width = 37 }); !shown {
		t.Error("just wide enough: nothing was shown")
	}
}
