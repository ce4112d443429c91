package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/tui"
)

type tuiOptions struct {
	tools
	alert string
	join  func(context.Context, *Connection) error // has a connection to this process go over to a server that starts
}

// NewCmdTUI returns the command that opens the terminal UI.
func NewCmdTUI(f *Factory) *cobra.Command {
	o := &tuiOptions{tools: f.tools(), alert: string(tui.AlertTitle), join: f.join}
	cmd := &cobra.Command{
		Use:   "tui",
		Short: "See requests come in live, and answer them with a key",
		Long: "See requests come in live, and answer them with a key. Other tabs, chosen by number, show the phones with their\n" +
			"codes and policies, the users, deliveries with what was sent and what came back, the inbox, and each call that the\n" +
			"server answers. N makes a new request, user or phone, / searches, : lists every command, ? explains the keys.",
		Example: "onetouch tui",
		Args:    noArguments,
		RunE:    runOn(o, tuiRun),
	}
	var alerts []string
	for _, alert := range tui.Alerts() {
		alerts = append(alerts, string(alert))
	}
	addWordFlag(cmd, &o.alert, "alert", alerts, "how a request that arrives draws attention, a `WAY`: the title of the window "+
		"counts those that wait, the bell rings too, or none")
	return cmd
}

func (o *tuiOptions) check() error {
	if !o.streams.Terminal.In || !o.streams.Terminal.Out {
		return usageError("%w", tui.ErrNoTerminal)
	}
	return nil
}

func tuiRun(ctx context.Context, o *tuiOptions, c *Connection) error {
	c.warn = func(string, ...any) {} // it would write across the screen
	if c.InProcess {
		if err := o.join(ctx, c); err != nil {
			return err
		}
	}
	acts := tuiActs{c}
	err := openTUI(ctx, o.streams, tui.Options{
		Control: c.Control, Place: c.place, Devices: acts.devices, Acts: acts, Alert: tui.Alert(o.alert),
	})
	if errors.Is(err, tui.ErrInterrupted) {
		return nil // Ctrl-C is a way to leave a screen that waits for nothing
	}
	return err
}

// place says which server the screen is of, and where other programs reach it; "" while none runs.
func (c *Connection) place() (title, url string) {
	url = c.nowAt()
	if url == "" {
		return "OneTouch, no server runs", ""
	}
	return "OneTouch at " + url, url
}

// openTUI opens the terminal UI on the streams of a command.
func openTUI(ctx context.Context, s *output.Streams, o tui.Options) error {
	o.In, o.Out, o.NoColour = s.In, s.Out, !s.Terminal.OutColour
	err := tui.Run(ctx, o)
	if errors.Is(err, tui.ErrNoTerminal) {
		return usageError("%w", err)
	}
	return err
}
