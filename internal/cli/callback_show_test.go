package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/lipgloss"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// What was sent and answered stays within the terminal, and nothing of it is lost; a script gets it as it is.
func TestLongLinesOfAnAttempt(t *testing.T) {
	t.Parallel()
	long := `{"a":{"signature":"` + strings.Repeat("0123456789é", 30) + `"}}`
	lines := linesOfAttempt(&output.Streams{}, controlapi.Attempt{
		StatusCode: 200, Response: long, Request: &controlapi.Sent{Method: "POST", URL: "http://127.0.0.1:3000/cb", Same: true, Body: long},
	})
	if got := foldedAll(&output.Streams{}, lines); strings.Join(got, "\n") != strings.Join(lines, "\n") {
		t.Errorf("for a script: %q", got)
	}
	for _, width := range []int{80, 45} {
		var sent strings.Builder
		terminal := &output.Streams{Terminal: output.Terminal{Out: true, Width: width}}
		for _, line := range foldedAll(terminal, lines) {
			if lipgloss.Width(line) > width {
				t.Errorf("at %d: a line of %d: %s", width, lipgloss.Width(line), line)
			}
			if text, found := strings.CutPrefix(line, ">"); found {
				sent.WriteString(strings.TrimSpace(text))
			}
		}
		if !strings.Contains(sent.String(), strings.Repeat("0123456789é", 30)) {
			t.Errorf("at %d: sent was %s", width, sent.String())
		}
	}
}

// On a terminal of 80 characters a list has the columns that can be read there; a script always gets all of them.
func TestColumnsOfCallbacks(t *testing.T) {
	t.Parallel()
	fine := controlapi.Delivery{State: onetouch.DeliverySent, Method: "POST", URL: "http://127.0.0.1:3000/cb"}
	failed := fine
	failed.State, failed.LastError = onetouch.DeliveryFailed, "answered 500 Internal Server Error"
	for _, test := range []struct {
		out   bool
		width int
		found []controlapi.Delivery
		want  string
	}{
		{false, 80, []controlapi.Delivery{fine}, "ID Kind State Attempts Request To Last error"},
		{true, 200, []controlapi.Delivery{fine}, "ID Kind State Attempts Request To Last error"},
		{true, 80, []controlapi.Delivery{fine}, "ID Kind State Tries To"},
		{true, 80, []controlapi.Delivery{fine, failed}, "ID Kind State Tries To Last error"},
	} {
		s := &output.Streams{Terminal: output.Terminal{Out: test.out, Width: test.width}}
		var titles []string
		for _, column := range columnsOfCallbacks(s, time.Now(), test.found) {
			titles = append(titles, column.Title)
		}
		if got := strings.Join(titles[:len(titles)-1], " "); got != test.want {
			t.Errorf("%+v: got %s", test, got)
		}
	}
}
