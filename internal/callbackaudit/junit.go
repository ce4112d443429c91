package callbackaudit

import (
	"io"
	"strconv"
	"strings"

	"github.com/onetouchkit/onetouch/internal/junit"
)

// WriteJUnit writes a report as JUnit's XML. A severe fault is a failure, as for the exit code; a lesser one stands in the
// output of its case; what is not known was skipped.
func WriteJUnit(w io.Writer, report Report) error {
	suite := junit.Suite{Name: "Audit of the callback handler " + report.URL}
	for _, result := range report.Results {
		one := junit.Case{Class: "onetouch.callback.audit", Name: result.Case, Took: result.Took, Out: detail(result)}
		switch {
		case result.Verdict == Unknown:
			one.Skipped = &junit.Message{Text: result.Did}
		case result.Verdict == Fault && result.Severity == Severe:
			one.Failure = &junit.Message{
				Text: result.Title + ": " + result.Did, Type: string(result.Severity), Detail: detail(result),
			}
		}
		suite.Cases = append(suite.Cases, one)
	}
	return suite.Write(w)
}

// detail is all about a result, in lines.
func detail(result Result) string {
	lines := []string{result.Title, "A safe handler " + result.Safe + ".", "This one " + result.Did + "."}
	if result.Verdict == Fault {
		lines = append(lines, "Severity: "+string(result.Severity), result.Mend)
	}
	for _, sent := range result.Sent {
		answer := strconv.Itoa(sent.Status)
		if sent.Status == 0 {
			answer = sent.Error
		}
		lines = append(lines, "  "+sent.Request+" -> "+answer)
	}
	return strings.Join(lines, "\n")
}
