package cli

import (
	"context"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/sequence"
)

const aboutRequestShow = `Show a request, its answer, and what became of pushes, callback and webhooks.

--diagram draws its story instead: who said what to whom, when, and what was answered. It is drawn for the
terminal, or, with --diagram=mermaid or --diagram=svg, as a file on standard output. Fetches, polls and refused
answers are known of the calls that the server still remembers, which are the last 1000 since it was started.`

// diagramForm is how a diagram is drawn.
type diagramForm string

const (
	diagramText    diagramForm = "text"
	diagramMermaid diagramForm = "mermaid"
	diagramSVG     diagramForm = "svg"
)

// addDiagramFlag gives cmd --diagram, alone or with a form.
func addDiagramFlag(cmd *cobra.Command, form *diagramForm) {
	forms := []diagramForm{diagramText, diagramMermaid, diagramSVG}
	addWordFlag(cmd, form, "diagram", forms, "draw the story as a sequence diagram: `FORM` is text, mermaid or svg")
	cmd.Flags().Lookup("diagram").NoOptDefVal = string(diagramText)
}

func (o *requestShowOptions) check() error {
	if o.diagram != "" && !o.answer.forPeople() {
		return usageError("--diagram cannot be combined with -q, --json, --jq or --template")
	}
	return nil
}

func showDiagram(ctx context.Context, o *requestShowOptions, c *Connection) error {
	d, err := c.Control.Diagram(ctx, o.uuid)
	if err != nil {
		return err
	}
	switch o.diagram {
	case diagramMermaid:
		return writeDrawing(o.streams, d.Mermaid())
	case diagramSVG:
		return writeDrawing(o.streams, string(d.SVG()))
	default:
		return output.Lines(d.Text(lookOf(o.streams))).Write(o.streams)
	}
}

// writeDrawing writes a file whose text was made harmless already.
func writeDrawing(s *output.Streams, text string) error {
	return output.Lines{strings.TrimSuffix(text, "\n")}.Write(s)
}

// lookOf is how the terminal shows a diagram.
func lookOf(s *output.Streams) sequence.Look {
	renderer := s.OutRenderer()
	colours := map[sequence.Outcome]lipgloss.Color{sequence.Good: "2", sequence.Bad: "1"}
	return sequence.Look{
		Width: s.Terminal.Width, Unicode: s.Terminal.Unicode,
		Paint: func(o sequence.Outcome, text string) string {
			return renderer.NewStyle().Foreground(colours[o]).Render(text)
		},
	}
}
