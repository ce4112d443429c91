package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// sentToken says what became of a code that was to be sent.
type sentToken struct {
	AuthyID int64            `json:"authy_id"`
	Channel onetouch.Channel `json:"channel"`
	Sent    bool             `json:"sent"`    // false: it was not needed, the user has a device
	To      string           `json:"to"`      // as the service shows it
	Message string           `json:"message"` // in the service's words
	Device  string           `json:"device"`  // kind of device that made it unnecessary
}

type tokenSendOptions struct {
	tools
	channel onetouch.Channel
	authyID int64
	authy.SendToken
}

// NewCmdTokenSMS returns the command that texts a code.
func NewCmdTokenSMS(f *Factory) *cobra.Command {
	return newCmdTokenSend(f, onetouch.ChannelSMS, "Text a one-time code to a user")
}

// NewCmdTokenCall returns the command that calls a user and tells a code.
func NewCmdTokenCall(f *Factory) *cobra.Command {
	return newCmdTokenSend(f, onetouch.ChannelCall, "Tell a one-time code to a user in a phone call")
}

// NewCmdTokenEmail returns the command that sends a code by e-mail.
func NewCmdTokenEmail(f *Factory) *cobra.Command {
	return newCmdTokenSend(f, onetouch.ChannelEmail, "Send a one-time code to a user by e-mail")
}

func newCmdTokenSend(f *Factory, channel onetouch.Channel, short string) *cobra.Command {
	o := &tokenSendOptions{tools: f.tools(), channel: channel}
	cmd := &cobra.Command{
		Use:   string(channel) + " --user ID",
		Short: short,
		Long:  short + ". Nothing leaves this machine: it goes to the inbox ('onetouch inbox wait').",
		Example: "onetouch token " + string(channel) + " --user 1000\n" +
			"CODE=$(onetouch inbox wait --user 1000 --jq .code)",
		Args: noArguments,
		RunE: runOn(o, tokenSendRun),
	}
	flags := cmd.Flags()
	addUserFlag(f, cmd, &o.authyID, "Authy `ID` of the user")
	if channel != onetouch.ChannelEmail {
		flags.BoolVar(&o.Force, "force", false, "also to a user with a device, which makes codes by itself")
	}
	flags.StringVar(&o.Action, "action", "", "what the code is for, a `WORD`; it is valid for no other action")
	flags.StringVar(&o.ActionMessage, "action-message", "", "the same for the user, a `TEXT`")
	flags.StringVar(&o.Locale, "locale", "", "`LANGUAGE` of the message: en, es, fr, de, pt, it, nl or ja (default en)")
	o.answer = addAnswerFlags(cmd, sentToken{}, `one word: "sent", or "ignored" when the user has a device`)
	completes(cmd, "locale", completeWords(onetouch.Languages()...))
	return cmd
}

func (o *tokenSendOptions) check() error {
	if o.authyID == 0 {
		return usageError("--user is missing: say who gets the code ('onetouch user list' shows the users)")
	}
	return nil
}

func tokenSendRun(ctx context.Context, o *tokenSendOptions, c *Connection) error {
	sent, err := c.sendToken(ctx, o)
	if err != nil {
		return orWrongFlag(orUnknownUser(err, o.authyID))
	}
	answer := shown{data: sent, ids: []string{"ignored"}, people: output.Lines{sent.sentence()}}
	if sent.Sent {
		answer.ids = []string{"sent"}
		answer.hint = fmt.Sprintf("Read it: onetouch inbox wait --user %d --jq .code", o.authyID)
	}
	return o.show(ctx, answer)
}

// sendToken sends a code, as the backend does.
func (c *Connection) sendToken(ctx context.Context, o *tokenSendOptions) (sentToken, error) {
	result := sentToken{AuthyID: o.authyID, Channel: o.channel}
	if o.channel == onetouch.ChannelEmail {
		sent, err := c.Backend.SendEmail(ctx, o.authyID, o.SendToken)
		result.Sent, result.To, result.Message = err == nil, sent.Email, sent.Message
		return result, err
	}
	send := c.Backend.SendSMS
	if o.channel == onetouch.ChannelCall {
		send = c.Backend.Call
	}
	sent, err := send(ctx, o.authyID, o.SendToken)
	result.Sent, result.To, result.Message, result.Device = !sent.Ignored, sent.Cellphone, sent.Message, sent.Device
	return result, err
}

// sentence tells people what became of the code.
func (s sentToken) sentence() string {
	if !s.Sent {
		return fmt.Sprintf("Nothing was sent: user %d has a device (%s), which makes codes by itself. --force sends one all "+
			"the same.", s.AuthyID, output.Sanitise(s.Device))
	}
	ways := map[onetouch.Channel]string{
		onetouch.ChannelSMS: "A code was sent to %s by text.", onetouch.ChannelCall: "A code is told to %s in a phone call.",
		onetouch.ChannelEmail: "A code was sent to %s by e-mail.",
	}
	return fmt.Sprintf(ways[s.Channel], output.Sanitise(s.To))
}
