package cli

import (
	"context"
	"errors"
	"testing"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// homeFactory makes commands whose files are in a home of the test's own.
func homeFactory(t *testing.T) *Factory {
	t.Helper()
	f, home := testFactory(), t.TempDir()
	f.Env = config.Environment{Dir: home, Lookup: func(name string) (string, bool) {
		return home, name == "XDG_DATA_HOME"
	}}
	NewCmdRoot(f) // has the flags of every command
	return f
}

// operate is a command that only has to be connected.
type operate struct {
	tools
	wrong error
}

func (o *operate) check() error { return o.wrong }

func TestRunOnChecksConnectsAndCloses(t *testing.T) {
	t.Parallel()
	f := homeFactory(t)
	o, failed := &operate{tools: f.operatorTools(), wrong: usageError("wrong")}, errors.New("failed")
	var used *Connection
	cmd := &cobra.Command{}
	cmd.SetContext(t.Context())
	run := runOn(o, func(ctx context.Context, _ *operate, c *Connection) error {
		if _, err := c.Control.Server(ctx); err != nil {
			t.Errorf("while the command runs: %v", err)
		}
		used = c
		return failed
	})
	if err := run(cmd, nil); err != o.wrong || used != nil { //nolint:errorlint // that very error
		t.Errorf("with a wrong flag: %v, connected %t", err, used != nil)
	}
	o.wrong = nil
	if err := run(cmd, nil); !errors.Is(err, failed) || used == nil {
		t.Fatalf("err = %v, want that of the run function", err)
	}
	if _, err := used.Control.Server(t.Context()); err == nil {
		t.Error("the connection is open after the command")
	}
}

func TestOnServer(t *testing.T) {
	t.Parallel()
	c, err := homeFactory(t).operatorTools().onServer("start one").connect(t.Context())
	if c != nil || exitCodeOf(err) != ExitUnreachable || err.Error() != "start one" {
		t.Errorf("without a server: %v, %v", c, err)
	}
}

// A run function takes plain values and a connection. What a session shows of a command need not be shown again here.
func TestRunFunctions(t *testing.T) {
	t.Parallel()
	f := homeFactory(t)
	c, err := f.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Discard(context.WithoutCancel(t.Context())) })
	var quiet answer
	quiet.quiet, quiet.format = true, &output.Format{}
	silent := tools{display: display{streams: f.Streams, answer: &quiet}}
	user := &userCreateOptions{tools: silent, email: "ada@example.com", phone: "202-555-0158", countryCode: "1"}
	if err := userCreateRun(t.Context(), user, c); err != nil {
		t.Fatal(err)
	}
	const authyID = 1000
	ban := &userBanOptions{tools: silent, authyID: authyID, activity: authy.ActivityBanned}
	if err := userBanRun(t.Context(), ban, c); err != nil {
		t.Fatal(err)
	}
	banned, err := c.user(t.Context(), authyID)
	if err != nil || !banned.Suspended {
		t.Errorf("%+v, %v, want a user who is banned", banned, err)
	}
	for name, run := range map[string]func() error{
		"a user":    func() error { return userDeleteRun(t.Context(), &userDeleteOptions{tools: silent, authyID: 1}, c) },
		"a device":  func() error { return deviceShowRun(t.Context(), &deviceShowOptions{tools: silent, id: 1}, c) },
		"a request": func() error { return requestShowRun(t.Context(), &requestShowOptions{tools: silent, uuid: "u"}, c) },
	} {
		if err := run(); exitCodeOf(err) != ExitNotFound {
			t.Errorf("%s that is not there: %v", name, err)
		}
	}
}
