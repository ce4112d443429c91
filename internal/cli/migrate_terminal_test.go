//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// At a terminal the answer is a table, with why below it, and what a recording says does nothing to the terminal.
func TestMigrateCheckOnATerminal(t *testing.T) {
	t.Parallel()
	const recording = `{"log": {"entries": [
		{"request": {"method": "POST", "url": "https://api.authy.com/onetouch/json/users/1/approval_requests",
			"postData": {"mimeType": "application/json", "text": "{\"message\":\"Log\\u001b[2Jin?\",\"seconds_to_expire\":7200}"}},
			"response": {"status": 200}},
		{"request": {"method": "POST", "url": "https://api.authy.com/onetouch/json/users/1/approval_requests", "bodySize": 9},
			"response": {"status": 200}}
	]}}`
	file := filepath.Join(t.TempDir(), "run.har")
	if err := os.WriteFile(file, []byte(recording), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newHome(t).onTerminal(t, colourTerminal, "migrate", "check", file)
	s.Exits(1)
	for _, text := range []string{
		"All of it, as a page: onetouch migrate check ", "explained", "2: the recording has not all of the body of the call",
		"1 flow: seconds_to_expire above 3600", "2 approval flows: 1 with known differences, 1 not replayed.",
	} {
		if !s.Shows(text) {
			t.Errorf("the screen does not show %q:\n%s", text, s.Text())
		}
	}
	if strings.Contains(s.Output(), "\x1b[2J") {
		t.Errorf("the screen was cleared: %q", s.Output())
	}
}

// Calls whose paths begin alike can be told apart in the table, however narrow the terminal is.
func TestMigratePlanOnATerminal(t *testing.T) {
	t.Parallel()
	const recording = `{"log": {"entries": [
		{"request": {"method": "GET", "url": "https://api.authy.com/protected/json/users/1/status"}, "response": {"status": 200}},
		{"request": {"method": "GET", "url": "https://api.authy.com/protected/json/sms/1"}, "response": {"status": 200}}
	]}}`
	file := filepath.Join(t.TempDir(), "run.har")
	if err := os.WriteFile(file, []byte(recording), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newHome(t).onTerminal(t, colourTerminal, "migrate", "plan", file)
	s.Exits(0)
	for _, text := range []string{
		"All of it, as a page: onetouch migrate plan ", "GET /protected/users/", "GET /protected/sms/", "Calls not seen: ",
		"which is no proof that your backend never makes them.",
	} {
		if !s.Shows(text) {
			t.Errorf("the screen does not show %q:\n%s", text, s.Text())
		}
	}
}
