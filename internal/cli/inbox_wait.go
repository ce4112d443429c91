package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type inboxWaitOptions struct {
	tools
	messageChoice
	any     bool
	timeout time.Duration
}

// defaultRecent is how old a message can be that a wait takes at once. A code lives as long.
const defaultRecent = 10 * time.Minute

// NewCmdInboxWait returns the command that waits for a message.
func NewCmdInboxWait(f *Factory) *cobra.Command {
	o := &inboxWaitOptions{tools: f.tools(), messageChoice: messageChoice{since: defaultRecent}}
	cmd := &cobra.Command{
		Use:   "wait",
		Short: "Print the newest message with a code or a request, or wait until one comes",
		Long: "Print the newest message with a code or an approval request, if it is not older than --since; otherwise wait\n" +
			"until one comes. So it makes no difference whether it is sent before or after this begins. To be sure of a\n" +
			"new one, name the last you know with --after. When the time is over the exit code is 124.\n\n" +
			"Messages to act on are meant: the text that tells a new user where to get the app is none, see --any.",
		Example: "CODE=$(onetouch inbox wait --to +12025550158 --timeout 10s --jq .code)",
		Args:    noArguments,
		RunE:    runOn(o, inboxWaitRun),
	}
	addChoiceFlags(f, cmd, &o.messageChoice)
	flags := cmd.Flags()
	flags.Var(sinceFlag(&o.since), "since", "take a message of the last `DURATION`; 0 for new ones only")
	flags.BoolVar(&o.any, "any", false, "take also a message with neither a code nor a request")
	flags.Var(timeoutFlag(&o.timeout), "timeout", "give up after this `DURATION`, such as 10s (default never)")
	o.answer = addAnswerFlags(cmd, controlapi.Message{}, "the code; of a message without one its text, of a push the UUID of "+
		"the request")
	return cmd
}

func (o *inboxWaitOptions) check() error { return o.validate() }

func inboxWaitRun(ctx context.Context, o *inboxWaitOptions, c *Connection) error {
	if err := o.refuseStranger(ctx, c); err != nil {
		return err
	}
	message, err := c.awaitMessage(ctx, o.query(c, c.Server.Now.Add(-o.since)), o)
	if err != nil {
		return orWrongFlag(err)
	}
	return o.show(ctx, shown{
		data: message, ids: []string{scriptValue(message)},
		people: output.TableOf([]controlapi.Message{message}, columnsOfMessages(o.streams, c.Server.Now)...),
	})
}

// scriptValue is what a script wants of a message.
func scriptValue(m controlapi.Message) string {
	switch {
	case m.Code != "":
		return m.Code
	case m.RequestUUID != "":
		return m.RequestUUID
	default:
		return m.Body
	}
}

// awaitMessage returns the newest message of a query, once there is one. When the time is over the error carries
// [ExitTimedOut].
func (c *Connection) awaitMessage(
	ctx context.Context, query controlapi.MessageQuery, o *inboxWaitOptions,
) (message controlapi.Message, err error) {
	ofApplication := func(event controlapi.Event) bool { return event.AppID == query.AppID }
	err = c.until(ctx, o.timeout, ofApplication, func(ctx context.Context) (bool, error) {
		messages, err := c.Control.Messages(ctx, query)
		if err != nil || len(messages) == 0 {
			return false, err
		}
		query.After = messages[0].ID // what is no use now will be none at the next look
		i := slices.IndexFunc(messages, func(m controlapi.Message) bool { return o.any || m.Code != "" || m.RequestUUID != "" })
		if i >= 0 {
			message = messages[i]
		}
		return i >= 0, nil
	})
	if errors.Is(err, errTimeUp) {
		err = failedWith(ExitTimedOut, "no such message came within %s", o.timeout)
	}
	return message, err
}
