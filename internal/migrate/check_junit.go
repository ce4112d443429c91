package migrate

import (
	"fmt"
	"io"
	"strings"

	"github.com/onetouchkit/onetouch/internal/junit"
)

// WriteJUnit writes the report as JUnit's XML, a case for each flow. One that differs or was not made again is a failure, as
// for the exit code; known differences stand in the output of their case; one that asked nothing was skipped.
func (r Report) WriteJUnit(w io.Writer) error {
	suite := junit.Suite{Name: "onetouch migrate check"}
	for _, f := range r.Flows {
		one := junit.Case{Class: "onetouch.migrate.check", Name: fmt.Sprintf("%d: %s", f.Number, f.Title()), Out: f.outline()}
		lines := f.Lines()
		switch f.Verdict {
		case NothingAsked:
			one.Skipped = &junit.Message{Text: f.Why}
		case Differs, NotReplayed:
			one.Failure = &junit.Message{Text: lines[0], Type: string(f.Verdict), Detail: strings.Join(lines, "\n")}
		}
		suite.Cases = append(suite.Cases, one)
	}
	return suite.Write(w)
}

// outline is all about a flow, in lines.
func (f Checked) outline() string {
	lines := []string{fmt.Sprintf("approval request %s to user %s", f.RequestUUID, f.User)}
	if f.Authy != "" {
		lines = append(lines, fmt.Sprintf("recorded: %s; Authy: %s; Verify: %s", f.Recorded, f.Authy, f.Verify))
	}
	if f.Callback != CallbackUnknown {
		lines = append(lines, "callback in the recording: "+string(f.Callback))
	}
	for _, d := range f.Differences {
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n")
}
