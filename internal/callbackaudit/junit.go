package callbackaudit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// The elements of JUnit's XML, as CI servers read it.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		ClassName string        `xml:"classname,attr"`
		Name      string        `xml:"name,attr"`
		Time      string        `xml:"time,attr"`
		Skipped   *junitMessage `xml:"skipped"`
		Failure   *junitMessage `xml:"failure"`
		Out       string        `xml:"system-out,omitempty"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes a report as JUnit's XML. A severe fault is a failure, as for the exit code; a lesser one stands in the
// output of its case; what is not known was skipped.
func WriteJUnit(w io.Writer, report Report) error {
	suite := junitSuite{Name: "Audit of the callback handler " + report.URL, Tests: len(report.Results)}
	var took time.Duration
	for _, result := range report.Results {
		took += result.Took
		one := junitCase{ClassName: "onetouch.callback.audit", Name: result.Case, Time: seconds(result.Took), Out: detail(result)}
		switch {
		case result.Verdict == Unknown:
			one.Skipped = &junitMessage{Message: result.Did}
			suite.Skipped++
		case result.Verdict == Fault && result.Severity == Severe:
			one.Failure = &junitMessage{Message: result.Title + ": " + result.Did, Type: string(result.Severity), Text: detail(result)}
			suite.Failures++
		}
		suite.Cases = append(suite.Cases, one)
	}
	suite.Time = seconds(took)
	text, err := xml.MarshalIndent(junitSuites{Suites: []junitSuite{suite}}, "", "  ")
	if err != nil {
		return fmt.Errorf("writing JUnit's XML: %w", err)
	}
	if _, err := io.WriteString(w, xml.Header+string(text)+"\n"); err != nil {
		return fmt.Errorf("writing JUnit's XML: %w", err)
	}
	return nil
}

func seconds(took time.Duration) string {
	const digits, bits = 3, 64
	return strconv.FormatFloat(took.Seconds(), 'f', digits, bits)
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
