package conformance_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/onetouchkit/onetouch/internal/testneeds"
)

func TestAuthy(t *testing.T) {
	t.Parallel()
	runSuite(t, "authy.suite.js")
}

func TestAuthyClient(t *testing.T) {
	t.Parallel()
	runSuite(t, "authy-client.suite.js")
}

// result is one line of the suites' reporter.
type result struct {
	Name   string `json:"name"`
	Passed bool   `json:"passed"`
	Error  string `json:"error"`
}

// runSuite runs a suite of node's test runner on a stage of its own, and makes a subtest of each of its tests.
func runSuite(t *testing.T, suite string) {
	t.Helper()
	node, npm := testneeds.Node(t)
	modules := installClients(t, npm)
	results, output, err := play(t, node, modules, suite, openStage(t))
	for _, r := range results {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			if !r.Passed {
				t.Error(r.Error)
			}
		})
	}
	if len(results) == 0 || (err != nil && allPassed(results)) {
		t.Errorf("%s did not end well after %d tests: %v\n%s", suite, len(results), err, output)
	}
}

func play(t *testing.T, node, modules, suite string, s *stage) (results []result, output []byte, err error) {
	t.Helper()
	clients, err := filepath.Abs("clients")
	if err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(t.TempDir(), "report.jsonl")
	reporter := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(clients, "reporter.mjs"))}
	run := exec.CommandContext(t.Context(), node,
		"--test-reporter="+reporter.String(), "--test-reporter-destination="+report, filepath.Join(clients, suite))
	// Proxy settings are left out: npm authy would send its calls there, away from this machine.
	run.Env = []string{
		"PATH=" + os.Getenv("PATH"), "NODE_PATH=" + modules,
		"ONETOUCH_URL=" + s.url, "ONETOUCH_API_KEY=" + s.server.Application().APIKey, "ONETOUCH_STAGE=" + s.directions,
	}
	output, err = run.CombinedOutput()
	return readReport(t, report), output, err
}

func readReport(t *testing.T, path string) []result {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Logf("no report: %v", err)
	}
	var results []result
	for line := range bytes.Lines(content) {
		var r result
		if err := json.Unmarshal(line, &r); err != nil {
			t.Errorf("the reporter wrote %q: %v", line, err)
			continue
		}
		results = append(results, r)
	}
	return results
}

func allPassed(results []result) bool {
	for _, r := range results {
		if !r.Passed {
			return false
		}
	}
	return true
}
