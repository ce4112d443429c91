package conformance_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/testneeds"
	"github.com/onetouchkit/onetouch/internal/testneeds/clients"
	"github.com/onetouchkit/onetouch/internal/verifywire"
)

func TestAuthy(t *testing.T) {
	t.Parallel()
	runSuite(t, "authy.suite.js", direct)
}

func TestAuthyClient(t *testing.T) {
	t.Parallel()
	runSuite(t, "authy-client.suite.js", direct)
}

func TestTwilio(t *testing.T) {
	t.Parallel()
	runSuite(t, "twilio.suite.js", func(t *testing.T, s *stage) []string {
		account := s.account(t)
		return append(s.environment(), "TWILIO_ACCOUNT_SID="+account.SID, "TWILIO_AUTH_TOKEN="+account.AuthToken,
			"TWILIO_VERIFY_SERVICE_SID="+verifywire.ServiceSID(s.server.Application().ID))
	})
}

// direct tells a suite where the server is.
func direct(_ *testing.T, s *stage) []string { return s.environment() }

// result is one line of the suites' reporters.
type result struct {
	Name   string `json:"name"`
	Passed bool   `json:"passed"`
	Error  string `json:"error"`
}

// runSuite runs a suite on a stage of its own, and makes a subtest of each of its tests.
func runSuite(t *testing.T, suite string, environment func(*testing.T, *stage) []string) {
	t.Helper()
	results, output, err := suiteResults(t, suite, environment(t, openStage(t, onetouch.ApplicationSettings{})))
	tell(t, results, output, err)
}

// suiteResults runs a suite of node's test runner.
func suiteResults(t *testing.T, suite string, environment []string) (results []result, output []byte, err error) {
	t.Helper()
	node, modules := needClients(t)
	report := filepath.Join(t.TempDir(), "report.jsonl")
	reporter := url.URL{Scheme: "file", Path: filepath.ToSlash(ownFile(t, "reporter.mjs"))}
	output, err = runNode(t, node, modules, environment,
		"--test-reporter="+reporter.String(), "--test-reporter-destination="+report, ownFile(t, suite))
	return readReport(t, report), output, err
}

// needClients returns the path of node and of the folder with the clients, or ends the test.
func needClients(t *testing.T) (node, modules string) {
	t.Helper()
	node, npm := testneeds.Node(t)
	// go test has to see which files the outcome depends on: it would not run the tests again when only those change.
	if _, err := os.ReadDir("clients"); err != nil {
		t.Fatal(err)
	}
	return node, clients.Install(t, npm, "clients")
}

// ownFile is the path of a file in the folder clients.
func ownFile(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("clients", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// runNode runs a script that can require the clients. Proxy settings of this machine are left out: npm authy would send its
// calls there, away from this machine.
func runNode(t *testing.T, node, modules string, environment []string, arguments ...string) (output []byte, err error) {
	t.Helper()
	run := exec.CommandContext(t.Context(), node, arguments...)
	run.Env = append([]string{"PATH=" + os.Getenv("PATH"), "NODE_PATH=" + modules}, environment...)
	return run.CombinedOutput()
}

// tell makes a subtest of each result. Tests that were not told of must not have failed either.
func tell(t *testing.T, results []result, output []byte, err error) {
	t.Helper()
	for _, r := range results {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			if !r.Passed {
				t.Error(r.Error)
			}
		})
	}
	if len(results) == 0 || (err != nil && allPassed(results)) {
		t.Errorf("the suite did not end well after %d tests: %v\n%s", len(results), err, output)
	}
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
