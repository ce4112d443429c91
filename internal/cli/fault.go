package cli

import (
	"github.com/spf13/cobra"
)

// NewCmdFault returns the commands about faults.
func NewCmdFault(f *Factory) *cobra.Command {
	group := newGroup("fault", "Make calls, pushes and callbacks go wrong on purpose",
		NewCmdFaultAdd(f), NewCmdFaultList(f), NewCmdFaultClear(f))
	group.Long = "Make calls, pushes and callbacks go wrong on purpose, to see what your backend does then. Faults live in\n" +
		"the memory of the running server, for all applications, and end with it."
	return group
}

// faultTools are those of a command about faults, which need a server that keeps what it is told.
func (f *Factory) faultTools() tools {
	return f.operatorTools().onServer("faults live in a running server, and none runs in this workspace: start one with " +
		"'onetouch serve'")
}
