package cli

import (
	"context"

	"github.com/spf13/cobra"
)

// operation is what the options of a command that works on a server are: they embed [tools].
type operation interface {
	// check refuses what only the command line can get wrong, before a server is looked for.
	check() error
	connect(ctx context.Context) (*Connection, error)
}

// runOn makes a cobra command of a run function that works on a server: it checks the options, connects, and closes the
// connection afterwards. Given a connection, a test calls the run function itself.
func runOn[O operation](
	options O, run func(context.Context, O, *Connection) error,
) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		if err := options.check(); err != nil {
			return err
		}
		c, err := options.connect(ctx)
		if err != nil {
			return err
		}
		defer c.Close(ctx)
		return run(ctx, options, c)
	}
}

// runWith makes a cobra command of a run function that needs no server.
func runWith[O any](options O, run func(context.Context, O) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), options) }
}
