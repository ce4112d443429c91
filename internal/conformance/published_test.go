package conformance_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// brokenTest is the one test of npm authy's own suite that cannot pass, whatever a server says. It means to call
// check_approval_status, but calls send_approval_request with two of its five arguments: the library asks the server, and
// then throws "callback is not a function". Nothing ends the test after that, so the suite stops there.
const brokenTest = "OneTouch Check Approval Status"

// TestPublishedSuite runs the tests that npm authy was published with, through the runner they were written for, but for
// the broken one.
func TestPublishedSuite(t *testing.T) {
	t.Parallel()
	node, modules := needClients(t)
	s := openStage(t, onetouch.SandboxSettings())
	results, output, err := runPublished(t, node, modules, ownFile(t, "published.js"), s)
	tell(t, results, output, err)
	s.expectPublished(t)
}

// TestPublishedSuiteUnchanged shows that of the suite as it was published nothing but the broken test is left out.
func TestPublishedSuiteUnchanged(t *testing.T) {
	t.Parallel()
	node, modules := needClients(t)
	s := openStage(t, onetouch.SandboxSettings())
	results, output, err := runPublished(t, node, modules, filepath.Join(modules, "authy", "tests", "tests.js"), s)
	failed := slices.IndexFunc(results, func(r result) bool { return !r.Passed })
	if failed < 1 || failed != len(results)-1 || results[failed].Name != brokenTest || err == nil {
		t.Fatalf("want a suite that passes until it stops at %q; got %+v, %v\n%s", brokenTest, results, err, output)
	}
	if !strings.Contains(string(output), "callback is not a function") {
		t.Errorf("the suite stopped for another reason:\n%s", output)
	}
}

// runPublished runs a suite of nodeunit. Those of npm authy call http://sandbox-api.authy.com: a proxy is all that it takes
// to bring them here.
func runPublished(t *testing.T, node, modules, suite string, s *stage) (results []result, output []byte, err error) {
	t.Helper()
	report := filepath.Join(t.TempDir(), "report.jsonl")
	environment := []string{
		"HTTP_PROXY=" + s.url, "NO_PROXY=", "ONETOUCH_REPORT=" + report, "ONETOUCH_WITHOUT=" + brokenTest,
	}
	output, err = runNode(t, node, modules, environment,
		filepath.Join(modules, "nodeunit", "bin", "nodeunit"), "--reporter", ownFile(t, "nodeunit-reporter.js"), suite)
	return readReport(t, report), output, err
}

// expectPublished looks for what the suite has done, to be sure that it was done here.
func (s *stage) expectPublished(t *testing.T) {
	t.Helper()
	service := s.server.Service()
	asked, err := service.ApprovalRequests(t.Context(), onetouch.ApprovalRequestFilter{})
	if err != nil || len(asked) != 1 || asked[0].Message != "Your message here" {
		t.Errorf("the suite asked for %+v, %v", asked, err)
	}
	// The user's phone gets a link to the app, two texts and two calls; one added with another country gets the link only.
	for to, number := range map[string]int{"+18255898570": 5, "+578255898570": 1, "+11111111111": 4} {
		messages, err := service.Messages(t.Context(), onetouch.MessageFilter{To: to})
		if err != nil || len(messages) != number {
			t.Errorf("%s got %d messages (%v), want %d: %+v", to, len(messages), err, number, messages)
		}
	}
}
