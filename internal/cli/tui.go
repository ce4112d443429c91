package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/tui"
	"github.com/onetouchkit/onetouch/pkg/device"
)

type tuiOptions struct {
	tools
}

// NewCmdTUI returns the command that opens the terminal UI.
func NewCmdTUI(f *Factory) *cobra.Command {
	o := &tuiOptions{tools: f.tools()}
	return &cobra.Command{
		Use:   "tui",
		Short: "See requests come in live, and answer them with a key",
		Args:  noArguments,
		RunE:  runOn(o, tuiRun),
	}
}

func (o *tuiOptions) check() error {
	if !o.streams.Terminal.In || !o.streams.Terminal.Out {
		return usageError("%w", tui.ErrNoTerminal)
	}
	return nil
}

func tuiRun(ctx context.Context, o *tuiOptions, c *Connection) error {
	c.warn = func(string, ...any) {} // it would write across the screen
	err := openTUI(ctx, o.streams, c.Control, tuiTitle(c), func(ctx context.Context) ([]*device.Device, error) {
		return c.localDevices(ctx, 0)
	})
	if errors.Is(err, tui.ErrInterrupted) {
		return nil // Ctrl-C is a way to leave a screen that waits for nothing
	}
	return err
}

// tuiTitle says which server the screen is of.
func tuiTitle(c *Connection) string {
	if c.InProcess {
		return "OneTouch, no server runs"
	}
	return "OneTouch at " + c.URL
}

// openTUI opens the terminal UI on a server.
func openTUI(
	ctx context.Context, s *output.Streams, control *controlapi.Client, title string,
	devices func(context.Context) ([]*device.Device, error),
) error {
	err := tui.Run(ctx, tui.Options{
		Control: control, Devices: devices, Title: title, In: s.In, Out: s.Out, NoColour: !s.Terminal.OutColour,
	})
	if errors.Is(err, tui.ErrNoTerminal) {
		return usageError("%w", err)
	}
	return err
}
