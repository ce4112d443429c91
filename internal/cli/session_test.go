package cli_test

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/onetouchkit/onetouch/internal/cli"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// Versions that the programs of the sessions say they are.
const (
	thisVersion  = "1.2.3"
	olderVersion = "0.9.0"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"onetouch":       func() { runMain(thisVersion) },
		"onetouch-older": func() { runMain(olderVersion) },
		"count-signals":  countSignals,
	})
}

func runMain(version string) {
	os.Exit(cli.Main(os.Args[1:], cli.Build{Version: version}))
}

// patience bounds every wait of a session; it ends one that hangs and asserts nothing.
const patience = time.Minute

// TestSessions runs the files in testdata/session: each is a terminal session, in a home of its own.
func TestSessions(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "session"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUpHome,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"let":      let,
			"ready":    ready,
			"receiver": receiver,
			"called":   called,
			"mode":     mode,
			"freeport": freePort,
			"accepts":  accepts,
			"posts":    posts,
			"post":     post,
			"form":     form,
			"until":    until,
			"lines":    lines,
		},
	})
}

// noSleep keeps the race detector from sleeping for a second at the end of each program.
const noSleep = "atexit_sleep_ms=0"

func setUpHome(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	env.Setenv("HOME", home)
	env.Setenv("USERPROFILE", home)
	env.Setenv("XDG_DATA_HOME", filepath.Join(home, "data"))
	env.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
	env.Setenv("GORACE", noSleep)
	env.Setenv("DATA", filepath.Join(home, "data", "onetouch"))
	env.Values[receiverKey{}] = &callbackLog{}
	return os.Mkdir(home, 0o700)
}

// exits CODE PROGRAM…: the program ends with exactly that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENT…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	default:
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// let VARIABLE: the variable takes what the program before has printed, as $(…) would.
func let(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: let VARIABLE")
	}
	value := strings.TrimRight(ts.ReadFile("stdout"), "\n")
	if value == "" || strings.Contains(value, "\n") {
		ts.Fatalf("the program before printed %q, want one line", value)
	}
	ts.Setenv(args[0], value)
}

// ready [WORKSPACE]: waits until the workspace's server has announced itself. $SERVER is its URL then, $SERVER_PORT its
// port, $SERVER_PID its process.
func ready(ts *testscript.TestScript, neg bool, args []string) {
	workspace := "default"
	if len(args) == 1 {
		workspace = args[0]
	}
	if neg || len(args) > 1 {
		ts.Fatalf("usage: ready [WORKSPACE]")
	}
	announcement := filepath.Join(ts.Getenv("DATA"), workspace, "server.json")
	var found server.Announcement
	eventually(ts, "a server of the workspace "+workspace, func() bool {
		a, running, err := server.FindServer(announcement)
		found = a
		return err == nil && running
	})
	ts.Setenv("SERVER", found.URL)
	ts.Setenv("SERVER_PORT", found.URL[strings.LastIndex(found.URL, ":")+1:])
	ts.Setenv("SERVER_PID", strconv.Itoa(found.PID))
}

// eventually looks until what is waited for is there. The announcement is a file, so there is nothing else to wait on.
func eventually(ts *testscript.TestScript, what string, there func() bool) {
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	end := time.After(patience)
	for !there() {
		select {
		case <-look.C:
		case <-end:
			ts.Fatalf("there was no sign of %s", what)
		}
	}
}

// callbackLog holds what the receiver of a session has got.
type callbackLog struct{ received chan string }

// receiverKey finds a session's callbackLog.
type receiverKey struct{}

// receiver API-KEY [STATUS]: starts a backend that takes callbacks signed with the key, at $CALLBACK_URL. It answers with
// the status, or 200.
func receiver(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: receiver API-KEY [STATUS]")
	}
	status := http.StatusOK
	if len(args) == 2 {
		var err error
		status, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	verifier := &callback.Verifier{APIKey: args[0], Logger: slog.New(slog.DiscardHandler)}
	received := make(chan string, 16)
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := verifier.Verify(r)
		if err != nil {
			http.Error(w, "refused", http.StatusForbidden)
			received <- "refused: " + err.Error()
			return
		}
		if status != http.StatusOK { // it may come again, even within the second
			_ = verifier.Forget(r.Context(), c)
		}
		w.WriteHeader(status)
		received <- string(c.Status) + " " + c.UUID
	}))
	ts.Defer(backend.Close)
	ts.Setenv("CALLBACK_URL", backend.URL+"/callback")
	ts.Value(receiverKey{}).(*callbackLog).received = received
}

// called STATUS UUID: the receiver gets that callback next. ! called: it has got none.
func called(ts *testscript.TestScript, neg bool, args []string) {
	received := ts.Value(receiverKey{}).(*callbackLog).received
	if neg {
		select {
		case got := <-received:
			ts.Fatalf("there was a callback: %s", got)
		default:
		}
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case got := <-received:
		if want := strings.Join(args, " "); got != want {
			ts.Fatalf("callback %q, want %q", got, want)
		}
	case <-ctx.Done():
		ts.Fatalf("no callback came")
	}
}

// freeport VARIABLE: the variable takes a port of this machine that nobody listens on. It is below those that systems give
// out by themselves, or a session beside this one might be given it before it is used.
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport VARIABLE")
	}
	const first, number = 12_000, 18_000
	for {
		port := strconv.Itoa(first + rand.IntN(number))
		listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", port))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		ts.Check(err)
		ts.Check(listener.Close())
		ts.Setenv(args[0], port)
		return
	}
}

// accepts HOST:PORT: waits until somebody listens there.
func accepts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: accepts HOST:PORT")
	}
	eventually(ts, "somebody at "+args[0], func() bool {
		connection, err := new(net.Dialer).DialContext(context.Background(), "tcp", args[0])
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	})
}

// posts STATUS URL BODY HEADERS: the file BODY, sent with the lines of the file HEADERS, is answered with the status; with
// "none" it is not answered.
func posts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: posts STATUS URL BODY HEADERS")
	}
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, args[1],
		strings.NewReader(ts.ReadFile(args[2])))
	ts.Check(err)
	request.Header.Set("Content-Type", "application/json")
	for line := range strings.Lines(ts.ReadFile(args[3])) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		request.Header.Set(name, value)
	}
	got := "none"
	if response, err := (&http.Client{Timeout: patience}).Do(request); err == nil {
		_ = response.Body.Close()
		got = strconv.Itoa(response.StatusCode)
	}
	if got != args[0] {
		ts.Fatalf("answered %s, want %s", got, args[0])
	}
}

// mode PERMISSIONS FILE…: the files have exactly these permissions.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: mode PERMISSIONS FILE…")
	}
	want, err := strconv.ParseUint(args[0], 8, 32)
	ts.Check(err)
	for _, pattern := range args[1:] {
		files, err := filepath.Glob(ts.MkAbs(pattern))
		ts.Check(err)
		if len(files) == 0 {
			ts.Fatalf("there is no %s", pattern)
		}
		for _, file := range files {
			info, err := os.Stat(file)
			ts.Check(err)
			if got := info.Mode().Perm(); got != os.FileMode(want) {
				ts.Fatalf("%s has mode %o, want %o", file, got, want)
			}
		}
	}
}
