package cli

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"time"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

// Exit codes of a command that did not come to its own end, as a shell has them.
const (
	exitNotExecutable ExitCode = 126
	exitNoCommand     ExitCode = 127
	exitOfSignal      ExitCode = 128 // and the number of the signal
)

// command is what 'onetouch exec' runs.
type command struct {
	path string
	args []string // with its name
}

// findCommand finds the program of a command line.
func findCommand(line []string) (command, error) {
	path, err := exec.LookPath(line[0])
	switch {
	case err == nil:
		return command{path: path, args: line}, nil
	case errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist):
		return command{}, failedWith(exitNoCommand, "there is no command %q", line[0])
	case errors.Is(err, exec.ErrDot):
		return command{}, failedWith(exitNotExecutable, "%q is in this folder only: say .%c%s", line[0], os.PathSeparator, line[0])
	default:
		return command{}, failedWith(exitNotExecutable, "%q cannot be run: %w", line[0], innermost(err))
	}
}

// catchSignals takes the signals that are meant for the command, until they are released.
func catchSignals() (caught chan os.Signal, release func()) {
	const room = 16 // nobody sends that many before they are passed on
	caught = make(chan os.Signal, room)
	for _, one := range passedSignals() {
		if !signal.Ignored(one) { // as with nohup, which the command inherits
			signal.Notify(caught, one)
		}
	}
	return caught, func() { signal.Stop(caught) }
}

// run runs the command to its end, and returns its exit code. Signals are passed on to it.
func (c command) run(s *output.Streams, signals <-chan os.Signal, environment []string) (ExitCode, error) {
	// What it leaves running may keep the streams open; that keeps nobody waiting.
	cmd := &exec.Cmd{
		Path: c.path, Args: c.args, Env: environment, Stdin: s.In, Stdout: s.Out, Stderr: s.Err, WaitDelay: time.Second,
	}
	if err := cmd.Start(); err != nil {
		return 0, failedWith(exitNotExecutable, "%q cannot be run: %w", c.args[0], innermost(err))
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case one := <-signals:
			passOn(cmd.Process, one)
		case err := <-ended:
			if cmd.ProcessState == nil {
				return 0, failedWith(ExitFailed, "waiting for %q: %w", c.args[0], err)
			}
			return exitCodeOfProcess(cmd.ProcessState), nil
		}
	}
}
