// Package junit writes reports as JUnit's XML, as CI servers read it.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Suite is a named list of cases.
type Suite struct {
	Name  string
	Cases []Case
}

// Case is one thing that was looked at. It passed, unless it has a failure or was skipped.
type Case struct {
	Class   string // groups cases, as in onetouch.callback.audit
	Name    string
	Took    time.Duration
	Skipped *Message
	Failure *Message
	Out     string // everything else about it, in lines
}

// Message says what is wrong with a case.
type Message struct {
	Text   string // a line
	Type   string // the kind of failure; ""
	Detail string // lines; ""
}

// The elements.
type (
	suites struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []suite  `xml:"testsuite"`
	}
	suite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Skipped  int        `xml:"skipped,attr"`
		Time     string     `xml:"time,attr"`
		Cases    []testCase `xml:"testcase"`
	}
	testCase struct {
		ClassName string   `xml:"classname,attr"`
		Name      string   `xml:"name,attr"`
		Time      string   `xml:"time,attr"`
		Skipped   *message `xml:"skipped"`
		Failure   *message `xml:"failure"`
		Out       string   `xml:"system-out,omitempty"`
	}
	message struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// Write writes a suite.
func (s Suite) Write(w io.Writer) error {
	text, err := xml.MarshalIndent(suites{Suites: []suite{s.element()}}, "", "  ")
	if err != nil {
		return fmt.Errorf("writing JUnit's XML: %w", err)
	}
	if _, err := io.WriteString(w, xml.Header+string(text)+"\n"); err != nil {
		return fmt.Errorf("writing JUnit's XML: %w", err)
	}
	return nil
}

func (s Suite) element() suite {
	element := suite{Name: s.Name, Tests: len(s.Cases)}
	var took time.Duration
	for _, one := range s.Cases {
		took += one.Took
		if one.Skipped != nil {
			element.Skipped++
		}
		if one.Failure != nil {
			element.Failures++
		}
		element.Cases = append(element.Cases, testCase{
			ClassName: one.Class, Name: one.Name, Time: seconds(one.Took), Skipped: one.Skipped.element(),
			Failure: one.Failure.element(), Out: one.Out,
		})
	}
	element.Time = seconds(took)
	return element
}

func (m *Message) element() *message {
	if m == nil {
		return nil
	}
	return &message{Message: m.Text, Type: m.Type, Text: m.Detail}
}

func seconds(took time.Duration) string {
	const digits, bits = 3, 64
	return strconv.FormatFloat(took.Seconds(), 'f', digits, bits)
}
