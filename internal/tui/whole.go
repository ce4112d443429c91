package tui

import (
	"context"
	"encoding/json"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// wholePressed asks to show all there is of the request under the cursor, or no more than the phone shows.
type wholePressed struct{}

// lessWanted asks to show no more than the phone shows.
type lessWanted struct{}

// evidenceRead brings the evidence of an answer.
type evidenceRead struct {
	request string
	record  *evidence.Record
	err     error
}

// whole is what the phone does not show of a request: hidden details, what published clients make of it, the evidence of the
// answer, and everything as JSON.
type whole struct {
	shown    bool
	evidence evidenceRead
	asking   string // the request whose evidence is being read
	version  int    // grows with every change
}

// toggle shows it, or hides it.
func (w *whole) toggle() {
	w.shown = !w.shown
	w.version++
}

// ask reads the evidence of an answer once it is to be shown.
func (w *whole) ask(r *remote, request controlapi.ApprovalRequest) tea.Cmd {
	if !w.shown || request.DeviceID == nil || w.evidence.request == request.UUID || w.asking == request.UUID {
		return nil
	}
	w.asking = request.UUID
	return r.ask(func(ctx context.Context) tea.Msg {
		record, err := r.control.Evidence(ctx, request.UUID)
		return evidenceRead{request: request.UUID, record: record, err: err}
	})
}

func (w *whole) take(read evidenceRead) {
	w.evidence, w.asking = read, ""
	w.version++
}

// lines are what is shown below what the phone shows.
func (w *whole) lines(f frame, r controlapi.ApprovalRequest) []string {
	if !w.shown {
		return nil
	}
	var lines []string
	section := func(title string, content []string) {
		lines = append(append(lines, "", f.look.accent.Render(title)), content...)
	}
	if len(r.HiddenDetails) == 0 {
		section("Hidden details", f.mutedLines("None."))
	} else {
		var rows [][2]string
		for _, d := range r.HiddenDetails {
			rows = append(rows, [2]string{block(d.Name), block(d.Value)})
		}
		section("Hidden details", table(f, rows, f.look.plain.Render))
	}
	for _, warning := range r.ClientWarnings {
		section("Warning", f.wrapped([]string{warning.String()}))
	}
	switch e := w.evidence; {
	case r.DeviceID == nil:
	case e.request != r.UUID:
		section("Evidence", f.mutedLines("…"))
	case e.err != nil:
		section("Evidence", f.mutedLines(oneLine(e.err.Error())))
	default:
		section("Evidence", f.asJSON(e.record))
	}
	section("The request as JSON", f.asJSON(r))
	return lines
}

// asJSON writes a value as people read JSON.
func (f frame) asJSON(value any) []string {
	content, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return f.mutedLines(err.Error())
	}
	return f.wrapped([]string{string(content)})
}
