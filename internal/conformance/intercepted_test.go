package conformance_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/intercept"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
)

// TestIntercepted runs the suites with the host that the clients have by themselves, https://api.authy.com, which is
// intercepted.
func TestIntercepted(t *testing.T) {
	t.Parallel()
	for _, suite := range []string{"authy.suite.js", "authy-client.suite.js"} {
		t.Run(suite, func(t *testing.T) {
			t.Parallel()
			runSuite(t, suite, func(t *testing.T, s *stage) []string {
				return append(s.intercepted(t), "ONETOUCH_URL=https://api.authy.com")
			})
		})
	}
}

// The clients have nothing but their key: no host is named anywhere.
func TestInterceptedByDefault(t *testing.T) {
	t.Parallel()
	node, modules := needClients(t)
	for name, script := range map[string]string{
		"authy-client": `
			const { Client } = require('authy-client');
			new Client({ key: process.env.ONETOUCH_API_KEY }, { timeout: 60000 })
				.registerUser({ countryCode: 'US', email: 'ada@example.com', phone: '2025550158' })
				.then((answer) => console.log(answer.success));`,
		"authy": `
			require('authy')(process.env.ONETOUCH_API_KEY)
				.register_user('ada@example.com', '2025550158', '1', (error, answer) => console.log(error || answer.success));`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openStage(t, onetouch.ApplicationSettings{})
			output, err := runNode(t, node, modules, s.intercepted(t), "-e", script)
			users, listErr := s.server.Service().Users(t.Context(), onetouch.UserFilter{})
			if err != nil || listErr != nil || len(users) != 1 || string(output) != "true\n" {
				t.Errorf("printed %q (%v), made %d users (%v)", output, err, len(users), listErr)
			}
		})
	}
}

// intercepted is an environment in which calls for Authy's hosts come to the stage.
func (s *stage) intercepted(t *testing.T) []string {
	t.Helper()
	running, err := intercept.Start(t.Context(), intercept.Options{
		Hosts: server.AuthyHosts(), Handler: s.server.Handler(), Folder: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(running.Close)
	return append(s.environment(), running.Environment()...)
}
