package output

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// Record is one thing with its properties: for people on a terminal in two columns, for programs one line a property, name
// and value separated by a tab. Names and values go through [Sanitise].
type Record struct {
	names   []string
	values  []string
	colours []lipgloss.TerminalColor
}

// Add adds a property. On a terminal one without a value is not shown.
func (r *Record) Add(name, value string) { r.AddColoured(name, value, nil) }

// AddColoured is Add for a value with a colour of its own; nil leaves the terminal's.
func (r *Record) AddColoured(name, value string, colour lipgloss.TerminalColor) {
	r.names = append(r.names, Sanitise(name))
	r.values = append(r.values, Sanitise(value))
	r.colours = append(r.colours, colour)
}

// Write writes the record to s.Out.
func (r *Record) Write(s *Streams) error {
	text := r.separated()
	if s.Terminal.Out {
		text = r.aligned(s.OutRenderer())
	}
	if _, err := io.WriteString(s.Out, text); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}

func (r *Record) separated() string {
	var b strings.Builder
	for i, name := range r.names {
		b.WriteString(name + "\t" + r.values[i] + "\n")
	}
	return b.String()
}

func (r *Record) aligned(renderer *lipgloss.Renderer) string {
	width := 0
	for i, name := range r.names {
		if r.values[i] != "" {
			width = max(width, lipgloss.Width(name))
		}
	}
	label := renderer.NewStyle().Bold(true).Width(width + columnGap)
	var b strings.Builder
	for i, name := range r.names {
		if r.values[i] == "" {
			continue
		}
		value := r.values[i]
		if r.colours[i] != nil {
			value = renderer.NewStyle().Foreground(r.colours[i]).Render(value)
		}
		b.WriteString(label.Render(name) + value + "\n")
	}
	return b.String()
}
