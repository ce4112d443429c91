//go:build unix

package cli_test

import (
	"bufio"
	"errors"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// A signal to onetouch is one to the command, which may do with it what it likes.
func TestExecPassesSignalsOn(t *testing.T) {
	t.Parallel()
	run := exec.CommandContext(t.Context(), "onetouch", "exec", "--", "count-signals")
	run.Env = newHome(t).variables
	run.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal
	in, err := run.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	hears := func(want string) {
		t.Helper()
		if !said.Scan() || said.Text() != want {
			t.Fatalf("the command said %q, want %q", said.Text(), want)
		}
	}
	hears("ready")
	for _, sent := range []struct {
		signal syscall.Signal
		said   string
	}{
		{syscall.SIGTERM, "terminated 1"}, {syscall.SIGINT, "interrupt 1"}, {syscall.SIGTERM, "terminated 2"},
		{syscall.SIGHUP, "hangup 1"}, {syscall.SIGUSR1, "user defined signal 1 1"},
	} {
		if signal.Ignored(sent.signal) {
			continue // as below nohup, whose programs keep it so
		}
		if err := run.Process.Signal(sent.signal); err != nil {
			t.Fatal(err)
		}
		hears(sent.said)
	}
	if _, err := in.Write([]byte("end\n")); err != nil {
		t.Fatal(err)
	}
	hears("end: interrupt 1, terminated 2")
	var ended *exec.ExitError
	if err := run.Wait(); !errors.As(err, &ended) || ended.ExitCode() != 7 {
		t.Errorf("err = %v, want exit code 7", err)
	}
}

// A key of the terminal reaches the command once: programs take a second Ctrl-C as the wish to end without tidying up.
func TestExecOnATerminal(t *testing.T) {
	t.Parallel()
	s := newHome(t).onTerminal(t, colourTerminal, "exec", "--", "count-signals")
	s.Await("ready")
	s.Type("\x03")
	s.Await("interrupt 1")
	s.Type("still\r")
	s.Await("still: interrupt 1, terminated 0")
	s.Type("end\r")
	s.Await("end: interrupt 1, terminated 0")
	s.Exits(7)
	s.IsRestored()
}

// What a command leaves running may keep its streams open; onetouch waits for the command only.
func TestExecDoesNotWaitForGrandchildren(t *testing.T) {
	t.Parallel()
	run := exec.CommandContext(t.Context(), "onetouch", "exec", "--", "sh", "-c", `
		sh -c 'read line' <&3 &
		echo "$AUTHY_API_URL"
		exit 3`)
	run.Env = newHome(t).variables
	holding, err := run.StdinPipe() // what is left running waits for this, and keeps standard output open meanwhile
	if err != nil {
		t.Fatal(err)
	}
	run.Args[5] = "exec 3<&0\n" + run.Args[5]
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	if !said.Scan() || !strings.HasPrefix(said.Text(), "http://127.0.0.1:") {
		t.Errorf("the command said %q", said.Text())
	}
	state, err := run.Process.Wait() // of onetouch itself; nothing is read to the end
	if err != nil || state.ExitCode() != 3 {
		t.Errorf("%v, %v, want exit code 3", state, err)
	}
	if err := holding.Close(); err != nil {
		t.Error(err)
	}
	if said.Scan() {
		t.Errorf("there was more: %q", said.Text())
	}
}
