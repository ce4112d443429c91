package cli

import (
	"os"
	"syscall"
)

// passedSignals are what a console sends: Ctrl-C, and that it is closed. Both reach every process of the console.
func passedSignals() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

// passOn does nothing: the command has got the signal from its console already.
func passOn(*os.Process, os.Signal) {}

func exitCodeOfProcess(state *os.ProcessState) ExitCode { return ExitCode(state.ExitCode()) }
