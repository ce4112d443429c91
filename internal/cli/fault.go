package cli

import (
	"context"

	"github.com/spf13/cobra"
)

// NewCmdFault returns the commands about faults.
func NewCmdFault(f *Factory) *cobra.Command {
	group := newGroup("fault", "Make calls of the Authy API go wrong on purpose",
		NewCmdFaultAdd(f, nil), NewCmdFaultList(f, nil), NewCmdFaultClear(f, nil))
	group.Long = "Make calls of the Authy API go wrong on purpose, to see what your backend does then. Faults live in the\n" +
		"memory of the running server, for all applications, and end with it."
	return group
}

// connectForFaults is the connection to a server that keeps what it is told.
func (t tools) connectForFaults(ctx context.Context) (*Connection, error) {
	c, err := t.connect(ctx)
	if err != nil {
		return nil, err
	}
	if c.InProcess {
		c.Close(ctx)
		return nil, failedWith(ExitUnreachable, "faults live in a running server, and none runs in this workspace: start one "+
			"with 'onetouch serve'")
	}
	return c, nil
}
