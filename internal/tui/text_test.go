package tui_test

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/tui"
)

func TestTimeInWords(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for d, want := range map[time.Duration]string{
		-time.Second:                     "0:00",
		0:                                "0:00",
		time.Millisecond:                 "0:01",
		time.Second:                      "0:01",
		59*time.Second + time.Nanosecond: "1:00",
		119 * time.Second:                "1:59",
		time.Hour - time.Millisecond:     "1h 00m",
		26*time.Hour + 5*time.Minute:     "26h 05m",
		47*time.Hour + 59*time.Minute:    "47h 59m",
		2 * day:                          "2d",
		400 * day:                        "400d",
	} {
		if got := tui.Countdown(d); got != want {
			t.Errorf("countdown of %s is %q, want %q", d, got, want)
		}
	}
	for ms, want := range map[float64]string{0.4: "<1 ms", 11.6: "12 ms", 999: "999 ms", 1500: "1.5 s"} {
		if got := tui.Duration(ms); got != want {
			t.Errorf("%v ms is %q, want %q", ms, got, want)
		}
	}
}

// TestLinesKeepTheirWidth: by the terminal's own way to count, whatever the other would say.
func TestLinesKeepTheirWidth(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "Log in?", "👩‍👩‍👧‍👦", "❤️❤️❤️", "👍🏽 and 👍🏽", "क्षत्रिय", "🇨🇴 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "三井住友銀行",
		"\x1b[1m👩‍👩‍👧‍👦 bold\x1b[0m", "one two three four five six seven",
	} {
		for _, method := range []ansi.Method{ansi.WcWidth, ansi.GraphemeWidth} {
			for width := range 40 {
				if fitted := tui.Fit(method, text, width); method.StringWidth(fitted) != width {
					t.Errorf("%q in %d cells becomes %q", text, width, fitted)
				}
				if width < 16 {
					continue // words that are wider stay whole and are cut when they are drawn
				}
				for _, line := range tui.Wrap(method, text, width) {
					if got := method.StringWidth(line); got > width {
						t.Errorf("%q in lines of %d cells has the line %q of %d", text, width, line, got)
					}
				}
			}
		}
	}
}

// TestEmojiTakeAsManyCellsOnEveryTerminal: on one that has not said that it joins them, whatever it does, the frame holds.
func TestEmojiTakeAsManyCellsOnEveryTerminal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"👩‍👩‍👧‍👦 plan": "👩👩👧👦 plan", "❤️ok": "❤ok", "👍🏽!": "👍  !", "🏴󠁧󠁢󠁥󠁮󠁧󠁿.": "🏴.", "🇨🇴 漢字 é שלום": "🇨🇴 漢字 é שלום",
		"\x1b[1m👩‍💻\x1b[0m": "\x1b[1m👩💻\x1b[0m",
	} {
		got := tui.Unjoined(ansi.WcWidth, text)
		if got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
		counted, old, joined := ansi.WcWidth.StringWidth(text), ansi.WcWidth.StringWidth(got), ansi.GraphemeWidth.StringWidth(got)
		if old != counted || joined != counted {
			t.Errorf("%q is counted as %d cells, and takes %d or %d", text, counted, old, joined)
		}
		if got := tui.Unjoined(ansi.GraphemeWidth, text); got != text {
			t.Errorf("a terminal that joins is shown %q for %q", got, text)
		}
	}
}

func TestWindow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ total, height, cursor, from, to int }{
		{0, 5, -1, 0, 0},
		{3, 5, 2, 0, 3},
		{10, 5, 0, 0, 5},
		{10, 5, 4, 2, 7},
		{10, 5, 9, 5, 10},
		{10, 5, -1, 0, 5},
		{10, 0, 3, 3, 3},
		{10, -9, 3, 3, 3},
		{10, -9, 9, 9, 9},
	} {
		from, to := tui.Window(test.total, test.height, test.cursor)
		if from != test.from || to != test.to {
			t.Errorf("%+v: %d to %d", test, from, to)
		}
	}
}

// TestColoursSuitLightAndDark measures the contrast of every colour as WCAG does. 3 is its limit for large and bold text
// and for signs.
func TestColoursSuitLightAndDark(t *testing.T) {
	t.Parallel()
	backgrounds := map[string]string{
		"white": "#FFFFFF", "black": "#000000", "Solarized light": "#FDF6E3", "Solarized dark": "#002B36",
		"VS Code dark": "#1E1E1E", "One Dark": "#282C34",
	}
	for name, colour := range tui.Colours() {
		for theme, background := range backgrounds {
			if got := contrast(t, colour.FullColour(), background); got < 3 {
				t.Errorf("%s has a contrast of %.2f on %s", name, got, theme)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	high, low := luminance(t, a), luminance(t, b)
	if high < low {
		high, low = low, high
	}
	return (high + 0.05) / (low + 0.05)
}

func luminance(t *testing.T, colour string) (sum float64) {
	t.Helper()
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		part, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(part) / 255
		if c <= 0.03928 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
