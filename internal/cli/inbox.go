package cli

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// NewCmdInbox returns the commands about what would have left the building.
func NewCmdInbox(f *Factory) *cobra.Command {
	group := newGroup("inbox", "Read the texts, calls, e-mails and pushes that users would have received",
		NewCmdInboxList(f, nil), NewCmdInboxWait(f, nil))
	group.Long = "Read the texts, calls, e-mails and pushes that users would have received. Nothing leaves this machine: it all\n" +
		"goes here, so that you, or a test, can read the code in it."
	return group
}

// messageChoice chooses messages of the inbox.
type messageChoice struct {
	to      string
	channel string
	authyID int64
	since   time.Duration
	after   int64
}

// addChoiceFlags gives cmd the flags that choose messages, but --since, whose meaning differs.
func addChoiceFlags(f *Factory, cmd *cobra.Command, choice *messageChoice) {
	flags := cmd.Flags()
	flags.StringVar(&choice.to, "to", "", "only messages to this phone `NUMBER`, such as +12025550158, or e-mail address")
	flags.StringVar(&choice.channel, "channel", "", "only messages of this `CHANNEL`: "+strings.Join(channelWords(), ", "))
	flags.Var(idFlag{&choice.authyID, anAuthyID}, "user", "only messages to the user with this Authy `ID`")
	flags.Var(idFlag{&choice.after, "the ID of a message"}, "after", "only messages that came after the one with this `ID`")
	completes(cmd, "channel", completeWords(channelWords()...))
	completes(cmd, "user", f.completeFlag(userIDs))
}

func channelWords() []string {
	var words []string
	for _, channel := range onetouch.Channels() {
		words = append(words, string(channel))
	}
	return words
}

// validate checks what only the command line can get wrong.
func (m messageChoice) validate() error {
	switch {
	case m.channel != "" && !slices.Contains(channelWords(), m.channel):
		return usageError("--channel %q is none: choose from %s", m.channel, strings.Join(channelWords(), ", "))
	case m.channel == string(onetouch.ChannelPush) && m.to != "":
		return usageError("a push goes to devices, not to a number or address: choose with --user instead of --to")
	case m.since < 0:
		return usageError("--since %s is in the future: say how long ago, such as 10m", m.since)
	default:
		return nil
	}
}

// query is the choice for the server; since is the time that the duration is counted back to.
func (m messageChoice) query(c *Connection, since time.Time) controlapi.MessageQuery {
	return controlapi.MessageQuery{
		AppID: c.Application.ID, AuthyID: m.authyID, Channel: onetouch.Channel(m.channel), To: m.to, Since: since,
		After: m.after,
	}
}

// check refuses a user that does not exist, to whom nothing will ever come.
func (m messageChoice) check(ctx context.Context, c *Connection) error {
	if m.authyID == 0 {
		return nil
	}
	_, err := c.user(ctx, m.authyID)
	return err
}
