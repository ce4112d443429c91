package cli

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/junit"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// junit is the report as a suite: a case for the command, which fails as that did, and one for each approval request. Such a
// case fails when a callback about it was not taken, and was skipped when nobody answered; what the answer was is no matter.
func (r execReport) junit() ([]byte, error) {
	command := strings.Join(r.Command, " ")
	run := junit.Case{Class: "onetouch.exec", Name: command, Out: r.outline()}
	if r.ExitCode != ExitDone {
		run.Failure = &junit.Message{Text: fmt.Sprintf("the exit code was %d", r.ExitCode), Type: "exit code"}
	}
	suite := junit.Suite{Name: "onetouch exec " + command, Cases: []junit.Case{run}}
	named := map[string]int{}
	for _, request := range r.ApprovalRequests {
		one := request.junit()
		named[one.Name]++
		if again := named[one.Name]; again > 1 { // a name stays the same from run to run, which a UUID would not
			one.Name += fmt.Sprintf(", number %d", again)
		}
		suite.Cases = append(suite.Cases, one)
	}
	var text bytes.Buffer
	if err := suite.Write(&text); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// outline are the calls and the faults, a line each.
func (r execReport) outline() string {
	var lines []string
	for _, call := range r.Calls {
		line := fmt.Sprintf("%s %s -> %d", call.Method, call.Path, call.Status)
		if call.Status == 0 {
			line = fmt.Sprintf("%s %s -> no answer", call.Method, call.Path)
		}
		words := []string{line}
		for _, more := range []string{call.ErrorCode, call.Fault} {
			if more != "" {
				words = append(words, "("+more+")")
			}
		}
		lines = append(lines, strings.Join(words, " "))
	}
	for _, hit := range r.Faults {
		lines = append(lines, fmt.Sprintf("fault: %s %s %s: %s", hit.API, hit.Method, hit.Path, hit.Fault))
	}
	return strings.Join(lines, "\n")
}

func (r reportedRequest) junit() junit.Case {
	one := junit.Case{
		Class: "onetouch.approval_request", Name: fmt.Sprintf("%q to user %d", r.Message, r.AuthyID),
		Out: r.outline(),
	}
	if r.ProcessedAt != nil {
		one.Took = r.ProcessedAt.Sub(r.CreatedAt)
	}
	if r.Status == onetouch.StatusPending || r.Status == onetouch.StatusExpired {
		one.Skipped = &junit.Message{Text: "nobody answered: " + string(r.Status)}
	}
	for _, callback := range r.Callbacks {
		if callback.State == onetouch.DeliverySent {
			continue
		}
		problem := callback.Error
		if problem == "" {
			problem = "it was not sent in time"
		}
		one.Skipped = nil
		one.Failure = &junit.Message{
			Text: fmt.Sprintf("callback to %s: %s", callback.URL, problem), Type: "callback", Detail: r.outline(),
		}
	}
	return one
}

// outline is the story, a line for each thing that happened.
func (r reportedRequest) outline() string {
	lines := []string{"approval request " + r.UUID + ": " + string(r.Status)}
	for _, event := range r.Story {
		line := event.At.Format(time.RFC3339Nano) + " " + string(event.Type)
		if event.Note != "" {
			line += ": " + event.Note
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
