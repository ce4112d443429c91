//go:build !windows

package cli

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// passedSignals are those that people and programs send to end a command, or to tell it something.
func passedSignals() []os.Signal {
	return []os.Signal{
		syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2,
	}
}

// passOn sends the command a signal. What a key on the terminal has sent, the command has got already: it is in the same
// process group, and many programs take a second Ctrl-C as the wish to end without tidying up.
func passOn(process *os.Process, one os.Signal) {
	if (one == syscall.SIGINT || one == syscall.SIGQUIT) && inForeground() {
		return
	}
	_ = process.Signal(one) // it may have ended
}

// inForeground reports whether the keys of the terminal send their signals to this process and to those that it has started.
func inForeground() bool {
	terminal, err := os.Open("/dev/tty")
	if err != nil {
		return false // there is none
	}
	defer func() { _ = terminal.Close() }()
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

func exitCodeOfProcess(state *os.ProcessState) ExitCode {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() { //nolint:misspell // a name of the standard library
		return exitOfSignal + ExitCode(status.Signal())
	}
	return ExitCode(state.ExitCode())
}
