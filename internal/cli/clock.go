package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// NewCmdClock returns the commands about the server's clock.
func NewCmdClock(f *Factory) *cobra.Command {
	group := newGroup("clock", "Freeze and move the server's clock",
		NewCmdClockShow(f), NewCmdClockFreeze(f), NewCmdClockAdvance(f), NewCmdClockSet(f), NewCmdClockResume(f))
	group.Long = "Freeze and move the server's clock. Expiry, one-time codes, the nonces of callbacks and the times of retries\n" +
		"follow it, and whoever waits for one of them is woken at once when the clock is moved past it. The clock never goes back.\n" +
		"It belongs to the database, so that it is the same after a restart, and for commands when no server runs."
	return group
}

type clockOptions struct {
	tools
	move func(context.Context, *controlapi.Client) (controlapi.Clock, error)
}

// newCmdClock is a command that may move the clock and shows what it shows then.
func newCmdClock(f *Factory, o *clockOptions, use, short, example string, args cobra.PositionalArgs) *cobra.Command {
	o.tools = f.operatorTools()
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: args, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: runOn(o, clockRun),
	}
	o.answer = addAnswerFlags(cmd, controlapi.Clock{}, "the time")
	return cmd
}

func clockRun(ctx context.Context, o *clockOptions, c *Connection) error {
	clock, err := o.move(ctx, c.Control)
	if err != nil {
		return orWrongFlag(err, "duration", "time")
	}
	record := &output.Record{}
	record.Add("Shows", clock.Now.Format(time.RFC3339Nano))
	record.Add("Machine", clock.Machine.Format(time.RFC3339Nano))
	record.Add("Stands", stateOfClock(clock))
	return o.show(ctx, shown{data: clock, ids: []string{clock.Now.Format(time.RFC3339Nano)}, people: record})
}

// stateOfClock says how the clock differs from the machine's.
func stateOfClock(c controlapi.Clock) string {
	ahead := (time.Duration(c.AheadMS) * time.Millisecond).Round(time.Second)
	switch {
	case c.Frozen:
		return "still"
	case ahead == 0:
		return "with the machine's"
	case ahead > 0:
		return fmt.Sprintf("%s ahead of the machine's", ahead)
	default:
		return fmt.Sprintf("%s behind the machine's", -ahead)
	}
}

// NewCmdClockShow returns the command that shows the clock.
func NewCmdClockShow(f *Factory) *cobra.Command {
	o := &clockOptions{move: func(ctx context.Context, c *controlapi.Client) (controlapi.Clock, error) { return c.Clock(ctx) }}
	return newCmdClock(f, o, "show", "Show what the server's clock shows", "onetouch clock show", noArguments)
}

// NewCmdClockFreeze returns the command that stops the clock.
func NewCmdClockFreeze(f *Factory) *cobra.Command {
	o := &clockOptions{move: func(ctx context.Context, c *controlapi.Client) (controlapi.Clock, error) { return c.FreezeClock(ctx) }}
	return newCmdClock(f, o, "freeze", "Have the server's clock stand still", "onetouch clock freeze", noArguments)
}

// NewCmdClockResume returns the command that lets the clock run.
func NewCmdClockResume(f *Factory) *cobra.Command {
	o := &clockOptions{move: func(ctx context.Context, c *controlapi.Client) (controlapi.Clock, error) { return c.ResumeClock(ctx) }}
	return newCmdClock(f, o, "resume", "Have the server's clock run on from what it shows", "onetouch clock resume", noArguments)
}

// NewCmdClockAdvance returns the command that moves the clock forward.
func NewCmdClockAdvance(f *Factory) *cobra.Command {
	var by time.Duration
	o := &clockOptions{move: func(ctx context.Context, c *controlapi.Client) (controlapi.Clock, error) {
		return c.AdvanceClock(ctx, by)
	}}
	return newCmdClock(f, o, "advance DURATION", "Move the server's clock forward", "onetouch clock advance 10m",
		func(_ *cobra.Command, args []string) (err error) {
			if len(args) != 1 {
				return usageError("say how far: onetouch clock advance 10m")
			}
			if by, err = time.ParseDuration(args[0]); err != nil {
				return usageError("%q is no duration, such as 90s, 10m or 24h", args[0])
			}
			return nil
		})
}

// NewCmdClockSet returns the command that moves the clock to a time.
func NewCmdClockSet(f *Factory) *cobra.Command {
	var to time.Time
	o := &clockOptions{move: func(ctx context.Context, c *controlapi.Client) (controlapi.Clock, error) {
		return c.SetClock(ctx, to)
	}}
	return newCmdClock(f, o, "set TIME", "Move the server's clock to a time that is still to come",
		"onetouch clock set 2027-01-01T00:00:00Z", func(_ *cobra.Command, args []string) (err error) {
			if len(args) != 1 {
				return usageError("say which time: onetouch clock set 2027-01-01T00:00:00Z")
			}
			if to, err = time.Parse(time.RFC3339, args[0]); err != nil {
				return usageError("%q is no time, such as 2027-01-01T00:00:00Z", args[0])
			}
			return nil
		})
}
