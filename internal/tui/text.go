package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/terminal"
)

// ruler measures and cuts text in cells. Terminals disagree on joined emoji: an old one draws each part, a new one the
// whole. The ruler counts as the terminal at hand does, because a line that is a cell too long breaks the frame around it.
type ruler struct{ method ansi.Method }

// unjoined takes joined emoji apart, unless the terminal has said that it joins them as Unicode does. Each part then takes as
// many cells as the ruler counts, on every terminal: some, such as tmux, join them without knowing the mode in which one
// could ask. What is taken out the ruler counts as nothing; but a colour of skin, which it counts as two cells, leaves them.
func (r ruler) unjoined(s string) string {
	if r.method != ansi.WcWidth {
		return s
	}
	return strings.Map(func(c rune) rune {
		if c == zeroWidthJoiner || c >= firstSelector && c <= lastSelector || c >= firstTag && c <= lastTag {
			return -1
		}
		return c
	}, skinless(s))
}

// Characters that change the one before.
const (
	zeroWidthJoiner     = '\u200d'
	firstSelector       = '\ufe00'
	lastSelector        = '\ufe0f'
	firstTag, lastTag   = '\U000e0020', '\U000e007f'
	firstSkin, lastSkin = '\U0001f3fb', '\U0001f3ff'
)

// skinless replaces each colour of skin with the two cells that it is counted as.
func skinless(s string) string {
	for skin := firstSkin; skin <= lastSkin; skin++ {
		s = strings.ReplaceAll(s, string(skin), "  ")
	}
	return s
}

func (r ruler) width(s string) int { return r.method.StringWidth(s) }

// cut shortens a line to at most width cells and shows that it did.
func (r ruler) cut(s string, width int) string {
	switch {
	case width <= 0:
		return ""
	case r.width(s) <= width:
		return s
	}
	// Truncate first looks whether the whole is short enough, and does that in Unicode's way always. With the spaces it
	// never is; they are cut off.
	return r.method.Truncate(s+spaces(width), width, "…")
}

// fit makes a line exactly width cells wide.
func (r ruler) fit(s string, width int) string {
	s = r.cut(s, width)
	return s + spaces(width-r.width(s))
}

// fitRight is fit for a column whose text stands on the right.
func (r ruler) fitRight(s string, width int) string {
	s = r.cut(s, width)
	return spaces(width-r.width(s)) + s
}

// centre puts a line in the middle of width cells.
func (r ruler) centre(s string, width int) string {
	s = r.cut(s, width)
	return r.fit(spaces((width-r.width(s))/2)+s, width)
}

// wrap breaks text into lines of at most width cells, between words where it can.
func (r ruler) wrap(s string, width int) []string {
	if width <= 0 {
		return nil
	}
	return strings.Split(r.method.Wrap(s, width, ""), "\n")
}

// wrapAtMost is wrap that ends with … where there are more lines than most.
func (r ruler) wrapAtMost(s string, width, most int) []string {
	lines := r.wrap(s, width)
	if len(lines) <= most {
		return lines
	}
	if most <= 0 {
		return nil
	}
	lines = lines[:most]
	lines[most-1] = r.cut(strings.TrimRight(lines[most-1], " ")+" …", width)
	return lines
}

func spaces(n int) string { return strings.Repeat(" ", max(0, n)) }

// line makes text from outside one harmless line.
func line(s string) string { return terminal.Sanitise(s) }

// oneLine is line for text whose own line breaks are only layout: they become spaces.
func oneLine(s string) string { return line(strings.Join(strings.Fields(s), " ")) }

// block makes text from outside harmless and keeps its lines.
func block(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.ReplaceAll(terminal.SanitiseBlock(s), "\t", "    ")
}

// countdown writes the time that is left: m:ss below an hour, then coarser. What is left of a second counts as a whole
// one, so that 0:00 means over.
func countdown(left time.Duration) string {
	if left < 0 {
		left = 0
	}
	seconds := int64((left + time.Second - 1) / time.Second)
	minutes, hours := seconds/60, seconds/3600
	switch {
	case minutes < 60:
		return fmt.Sprintf("%d:%02d", minutes, seconds%60)
	case hours < 48:
		return fmt.Sprintf("%dh %02dm", hours, minutes%60)
	}
	return fmt.Sprintf("%dd", hours/24)
}

// duration writes how long an attempt took, from milliseconds.
func duration(ms float64) string {
	switch {
	case ms < 1:
		return "<1 ms"
	case ms < 1000:
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.1f s", ms/1000)
}

// plural is "1 request" or "3 requests".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
