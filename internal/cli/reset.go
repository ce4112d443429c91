package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type resetOptions struct {
	tools
	all, yes bool
}

// shownReset says what there is after a reset.
type shownReset struct {
	Database     string                   `json:"database"`
	Applications []controlapi.Application `json:"applications"`
}

// NewCmdReset returns the command that empties a workspace.
func NewCmdReset(f *Factory) *cobra.Command {
	o := &resetOptions{tools: f.operatorTools()}
	cmd := &cobra.Command{
		Use:   "reset",
		Short: "Remove all users, devices and requests, and begin anew",
		Long: "Remove everything from the workspace's database but the applications, which keep their keys and settings: users,\n" +
			"devices with their keys, requests, callbacks, webhooks, messages. Faults end, the clock is the machine's again, and\n" +
			"Authy IDs begin where they begin in a new database. A running server goes on with that.",
		Example: "onetouch reset\nonetouch reset --all --yes",
		Args:    noArguments,
		RunE:    runOn(o, resetRun),
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.all, "all", false, "remove the applications too: there is a new one then, with new keys")
	flags.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	o.answer = addAnswerFlags(cmd, shownReset{}, "the IDs of the applications")
	return cmd
}

func (o *resetOptions) check() error {
	if !o.yes && !o.streams.Terminal.In {
		return usageError("say --yes to remove everything without being asked")
	}
	return nil
}

// connect asks, before anything is opened.
func (o *resetOptions) connect(ctx context.Context) (*Connection, error) {
	if !o.yes {
		if err := o.confirm(ctx); err != nil {
			return nil, err
		}
	}
	return o.tools.connect(ctx)
}

func (o *resetOptions) confirm(ctx context.Context) error {
	what := "all users, devices and requests"
	if o.all {
		what = "all applications, users, devices and requests"
	}
	return confirm(ctx, o.streams, "Remove "+what+" of this workspace?")
}

var errNotConfirmed = errors.New("nothing was done")

// confirm asks a person at the terminal. Whatever is not a yes is a no.
func confirm(ctx context.Context, s *output.Streams, question string) error {
	_, _ = fmt.Fprintf(s.Err, "%s [y/N] ", question)
	line, err := typedLine(ctx, s.In)
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	default:
		return errNotConfirmed
	}
}

func resetRun(ctx context.Context, o *resetOptions, c *Connection) error {
	server, err := c.Control.Reset(ctx, controlapi.Reset{All: o.all})
	if err != nil {
		return err
	}
	if err := c.Devices.Clear(); err != nil {
		return fmt.Errorf("removing the keys of the devices: %w", err)
	}
	if _, err := c.Control.RefreshHostedPhones(ctx); err != nil {
		return err
	}
	answer := shown{data: shownReset{Database: server.Database, Applications: server.Applications}}
	for _, app := range server.Applications {
		answer.ids = append(answer.ids, app.ID)
	}
	answer.people = sentence("Everything begins anew in %s.", output.Sanitise(server.Database))
	return o.show(ctx, answer)
}
