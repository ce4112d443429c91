package sequence

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/terminal"
)

// wrapped is a text from outside, made harmless, in lines of at most so many columns: at blanks where there are any.
func wrapped(text string, columns int) []string {
	var lines []string
	for line := range strings.SplitSeq(ansi.Wrap(terminal.Sanitise(text), max(columns, 2), ""), "\n") {
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}
