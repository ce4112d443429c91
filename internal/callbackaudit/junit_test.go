package callbackaudit_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/callbackaudit"
)

// junitRules is what the schema that CI servers follow allows here: attributes, those that must be there marked with an
// exclamation mark, and elements within.
func junitRules() map[string]struct{ attributes, children []string } {
	message := struct{ attributes, children []string }{[]string{"!message", "type"}, nil}
	return map[string]struct{ attributes, children []string }{
		"testsuites": {nil, []string{"testsuite"}},
		"testsuite":  {[]string{"!name", "!tests", "!failures", "!errors", "!skipped", "!time"}, []string{"testcase"}},
		"testcase":   {[]string{"!classname", "!name", "!time"}, []string{"skipped", "failure", "system-out"}},
		"failure":    message, "skipped": message, "system-out": {nil, nil},
	}
}

// strictly reads JUnit's XML, counts its elements, and refuses whatever the rules do not know.
func strictly(t *testing.T, text []byte) (counts map[string]int, attributes map[string]string) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.Strict = true
	counts, attributes = map[string]int{}, map[string]string{}
	var path []string
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return counts, attributes
		}
		if err != nil {
			t.Fatal(err)
		}
		switch element := token.(type) {
		case xml.StartElement:
			name := element.Name.Local
			if len(path) > 0 && !slices.Contains(junitRules()[path[len(path)-1]].children, name) || len(path) == 0 && name != "testsuites" {
				t.Fatalf("<%s> stands in %v", name, path)
			}
			checkAttributes(t, element, attributes)
			path = append(path, name)
			counts[name]++
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			within := path[max(0, len(path)-1):]
			if text := strings.TrimSpace(string(element)); text != "" && !slices.Contains([]string{"failure", "system-out"}, within[0]) {
				t.Fatalf("%q stands in %v", text, path)
			}
		}
	}
}

func checkAttributes(t *testing.T, element xml.StartElement, all map[string]string) {
	t.Helper()
	rules := junitRules()[element.Name.Local].attributes
	var given []string
	for _, attribute := range element.Attr {
		name := attribute.Name.Local
		given = append(given, name)
		all[element.Name.Local+"@"+name] = attribute.Value
		if !slices.Contains(rules, name) && !slices.Contains(rules, "!"+name) {
			t.Fatalf("<%s> has the attribute %s", element.Name.Local, name)
		}
	}
	for _, rule := range rules {
		if name, must := strings.CutPrefix(rule, "!"); must && !slices.Contains(given, name) {
			t.Fatalf("<%s> has no attribute %s", element.Name.Local, name)
		}
	}
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	report := callbackaudit.Report{
		URL: "http://127.0.0.1:3000/?a=<1>&b=\"2\"", Told: true,
		Results: []callbackaudit.Result{
			{Case: "baseline", Verdict: callbackaudit.Safe, Did: "answered 200", Took: 1500 * time.Millisecond},
			{
				Case: "wrong-key", Title: "Signed by <another> key", Severity: callbackaudit.Severe, Verdict: callbackaudit.Fault,
				Did: "answered 200\x00\x1b[31m ]]>", Mend: "Verify & so on", Sent: []callbackaudit.Exchange{{Request: "POST /", Status: 200}},
			},
			{
				Case: "stale-nonce", Severity: callbackaudit.Warning, Verdict: callbackaudit.Fault, Did: "answered 200",
				Sent: []callbackaudit.Exchange{{Request: "POST /", Error: "reset"}},
			},
			{Case: "same-twice", Verdict: callbackaudit.Unknown, Did: "only a \"probe\" can tell"},
		},
	}
	var out bytes.Buffer
	if err := callbackaudit.WriteJUnit(&out, report); err != nil {
		t.Fatal(err)
	}
	counts, attributes := strictly(t, out.Bytes())
	for name, want := range map[string]int{"testsuite": 1, "testcase": 4, "failure": 1, "skipped": 1, "system-out": 4} {
		if counts[name] != want {
			t.Errorf("%d times <%s>, want %d", counts[name], name, want)
		}
	}
	for name, want := range map[string]string{
		"testsuite@tests": "4", "testsuite@failures": "1", "testsuite@skipped": "1", "testsuite@errors": "0",
		"testsuite@time": "1.500", "failure@type": "severe", "skipped@message": "only a \"probe\" can tell",
	} {
		if attributes[name] != want {
			t.Errorf("%s is %q, want %q", name, attributes[name], want)
		}
	}
	if !strings.Contains(out.String(), "POST / -&gt; reset") || !strings.Contains(out.String(), "Severity: warning") {
		t.Errorf("got %s", out.String())
	}
	if err := callbackaudit.WriteJUnit(broken{}, report); err == nil {
		t.Error("a full disk is no error")
	}
}

// broken is a full disk.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// What an audit finds is what its XML counts.
func TestJUnitOfAnAudit(t *testing.T) {
	t.Parallel()
	o := options(serve(t, true, trusting(newBank(false))))
	o.Cases = []string{"wrong-key", "stale-nonce", "same-twice"}
	report := audit(t, o)
	var out bytes.Buffer
	if err := callbackaudit.WriteJUnit(&out, report); err != nil {
		t.Fatal(err)
	}
	counts, _ := strictly(t, out.Bytes())
	if counts["testcase"] != len(report.Results) || strconv.Itoa(counts["failure"]) != strconv.Itoa(report.Severe) ||
		counts["skipped"] != report.Unknown {
		t.Errorf("counted %v in %+v", counts, report)
	}
}
