package cli

import (
	"context"

	"github.com/spf13/cobra"
)

// runWith makes a cobra command of a run function; a test gives one of its own to see the options.
func runWith[O any](
	options *O, run, instead func(context.Context, *O) error,
) func(*cobra.Command, []string) error {
	if instead != nil {
		run = instead
	}
	return func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), options) }
}
