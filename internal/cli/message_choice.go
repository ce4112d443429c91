package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// messageChoice chooses messages of the inbox.
type messageChoice struct {
	to      string
	given   func(flag string) bool
	channel onetouch.Channel
	authyID int64
	since   time.Duration
	after   int64
}

// addChoiceFlags gives cmd the flags that choose messages, but --since, whose meaning differs.
func addChoiceFlags(f *Factory, cmd *cobra.Command, choice *messageChoice) {
	flags := cmd.Flags()
	choice.given = flags.Changed
	flags.StringVar(&choice.to, "to", "", "only messages to this phone `NUMBER`, such as +12025550158, or e-mail address")
	addWordFlag(cmd, &choice.channel, "channel", onetouch.Channels(),
		"only messages of this `CHANNEL`: "+joined(onetouch.Channels()))
	addUserFlag(f, cmd, &choice.authyID, "only messages to the user with this Authy `ID`")
	flags.Var(idFlag{&choice.after, "the ID of a message"}, "after", "only messages that came after the one with this `ID`")
	completes(cmd, "after", f.completeFlag(messageIDs))
}

// validate checks what only the command line can get wrong.
func (m messageChoice) validate() error {
	switch {
	case m.given != nil && m.given("to") && strings.TrimSpace(m.to) == "":
		return usageError("--to is empty: say a phone number or e-mail address, or leave it out")
	case m.channel == onetouch.ChannelPush && m.to != "":
		return usageError("a push goes to devices, not to a number or address: choose with --user instead of --to")
	default:
		return nil
	}
}

// query is the choice for the server; since is the time that the duration is counted back to.
func (m messageChoice) query(c *Connection, since time.Time) controlapi.MessageQuery {
	return controlapi.MessageQuery{
		AppID: c.Application.ID, AuthyID: m.authyID, Channel: m.channel, To: m.to, Since: since,
		After: m.after,
	}
}

// refuseStranger refuses a user that does not exist, to whom nothing will ever come.
func (m messageChoice) refuseStranger(ctx context.Context, c *Connection) error {
	if m.authyID == 0 {
		return nil
	}
	_, err := c.user(ctx, m.authyID)
	return err
}
