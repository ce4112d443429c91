package cli

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/details"
)

type requestSendOptions struct {
	tools
	authyID         int64
	message         string
	details         []string
	hiddenDetails   []string
	logos           []string
	secondsToExpire *int64
	wait            bool
	timeout         time.Duration
	question        authy.NewApprovalRequest // what the flags ask
	api             string
	deviceID        int64 // of a challenge; 0: the user's first
}

// requestSendFlags says which flags the parameters of an approval request are.
func requestSendFlags() parameterFlags {
	return parameterFlags{
		"details": "detail", "hidden_details": "hidden", "logos": "logo", "logos[][res]": "logo RESOLUTION",
		"logos[][url]": "logo URL", "seconds_to_expire": "expires-in",
		// Of the Verify API.
		"Details.Message": "message", "Details.Fields": "detail", "Details.Fields label": "detail NAME",
		"Details.Fields value": "detail VALUE", "HiddenDetails": "hidden", "ExpirationDate": "expires-in", "FactorSid": "device",
	}
}

// NewCmdRequestSend returns the command that sends an approval request.
func NewCmdRequestSend(f *Factory) *cobra.Command {
	o := &requestSendOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "send --user ID --message M",
		Short: "Send an approval request to a user, as a backend does",
		Long: "Send an approval request to a user, as a backend does. With --wait the exit code says how it ended:\n" +
			"0 approved, 4 denied, 5 expired, 124 still pending when the time was over.\n\n" +
			"With --api verify it is a challenge of Twilio's Verify API, which is for one phone: that of --device, or the user's\n" +
			"first. A phone of either API answers it.",
		Example: "onetouch request send --user 1000 --message \"Send money?\" --detail To=ACME --detail Amount='$12,400' --wait\n" +
			"onetouch request send --user 1000 --message \"Log in?\" --api verify",
		Args: noArguments,
		RunE: runOn(o, requestSendRun),
	}
	addQuestionFlags(f, cmd, o)
	o.answer = addAnswerFlags(cmd, controlapi.ApprovalRequest{}, "the UUID")
	return cmd
}

func addQuestionFlags(f *Factory, cmd *cobra.Command, o *requestSendOptions) {
	flags := cmd.Flags()
	addUserFlag(f, cmd, &o.authyID, "Authy `ID` of the user")
	flags.StringVar(&o.message, "message", "", "the question, a line of `TEXT`")
	flags.StringArrayVar(&o.details, "detail", nil, "a line to show with the question, `NAME=VALUE`; give it again for more")
	flags.StringArrayVar(&o.hiddenDetails, "hidden", nil, "a line to keep with the question, not shown, `NAME=VALUE`")
	flags.StringArrayVar(&o.logos, "logo", nil, "a picture for screens of a resolution, `RESOLUTION=URL`: default, low, "+
		"med or high")
	flags.Var(expiryFlag{&o.secondsToExpire}, "expires-in", "how long it can be answered, such as 2m; 0 for ever (default 24h); "+
		"with --api verify at most 1h (default 5m)")
	addAPIFlag(cmd, &o.api, "`API` to ask through: authy or verify")
	flags.Var(idFlag{&o.deviceID, aDeviceID}, "device", "with --api verify, the `ID` of the phone to ask (default the user's first)")
	completes(cmd, "device", f.completeFlag(deviceIDs))
	flags.BoolVar(&o.wait, "wait", false, "wait for the answer")
	flags.Var(timeoutFlag(&o.timeout), "timeout", "with --wait, give up after this `DURATION` (default never)")
}

func requestSendRun(ctx context.Context, o *requestSendOptions, c *Connection) error {
	if o.wait {
		if err := c.hostPhones(ctx); err != nil {
			return err
		}
	}
	ask := c.askAuthy
	if o.api == verifyAPI {
		ask = c.challenge
	}
	uuid, err := ask(ctx, o)
	if err != nil {
		return requestSendFlags().orWrong(err)
	}
	if o.answer.quiet {
		err = writeLines(o.streams, uuid) // at once, so that a script can answer it while this waits
	}
	if c.Application.CallbackURL != "" {
		for _, warning := range c.Application.ClientWarnings(o.question.Details, o.question.HiddenDetails) {
			say(o.streams, "Warning: %s", output.Sanitise(warning.String()))
		}
	}
	switch {
	case err != nil:
		return err
	case o.wait:
		return requestSendWait(ctx, o, c, uuid)
	case o.answer.quiet:
		return nil
	}
	request, err := c.request(ctx, uuid)
	if err != nil {
		return err
	}
	return o.show(ctx, shown{
		data: request, people: sentence("Approval request %s was sent to %s.", uuid, o.asked()),
		hint: "Answer it: onetouch request approve " + uuid,
	})
}

// askAuthy asks all phones of the user, through the Authy API.
func (c *Connection) askAuthy(ctx context.Context, o *requestSendOptions) (uuid string, err error) {
	uuid, err = c.Backend.CreateApprovalRequest(ctx, o.authyID, o.question)
	return uuid, orUnknownUser(err, o.authyID)
}

func requestSendWait(ctx context.Context, o *requestSendOptions, c *Connection, uuid string) error {
	if o.answer.forPeople() {
		say(o.streams, "Approval request %s was sent to %s.", uuid, o.asked())
		say(o.streams, "Waiting for the answer…")
	}
	request, err := c.await(ctx, uuid, o.timeout)
	if err == nil && !o.answer.quiet {
		err = o.showOutcome(ctx, request)
	}
	if err != nil {
		return err
	}
	return ending(request.Status)
}

// check makes the question of the flags; the rules are the service's.
func (o *requestSendOptions) check() (err error) {
	if err := o.checkAPI(); err != nil {
		return err
	}
	switch {
	case o.authyID == 0 && o.deviceID == 0:
		return usageError("--user is missing: say whom to ask ('onetouch user list' shows the users)")
	case o.message == "":
		return usageError("--message is missing: say what to ask")
	case o.timeout > 0 && !o.wait:
		return usageError("--timeout is of use with --wait only")
	}
	o.question = authy.NewApprovalRequest{Message: o.message, SecondsToExpire: o.secondsToExpire}
	if o.question.Details, err = parseDetails("--detail", o.details); err != nil {
		return err
	}
	if o.question.HiddenDetails, err = parseDetails("--hidden", o.hiddenDetails); err != nil {
		return err
	}
	o.question.Logos, err = parseLogos(o.logos)
	return err
}

func parseLogos(texts []string) (logos []approval.Logo, err error) {
	for _, text := range texts {
		resolution, url, ok := strings.Cut(text, "=")
		if !ok {
			return nil, usageError("--logo %q must be RESOLUTION=URL, such as default=https://example.com/logo.png", text)
		}
		logos = append(logos, approval.Logo{Resolution: resolution, URL: url})
	}
	return logos, nil
}

// parseDetails keeps the order in which the details were given.
func parseDetails(flag string, texts []string) (details.List, error) {
	var list details.List
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, usageError("%s %q must be NAME=VALUE, such as City=Bogotá", flag, text)
		}
		if slices.ContainsFunc(list, func(d details.Detail) bool { return d.Name == name }) {
			return nil, usageError("%s %s is given twice", flag, name)
		}
		list = append(list, details.Detail{Name: name, Value: value})
	}
	return list, nil
}

// expiryFlag is a flag for how long a request can be answered.
type expiryFlag struct{ seconds **int64 }

// String names no default: the service has it.
func (expiryFlag) String() string { return "" }

// Type is the placeholder in the help text.
func (expiryFlag) Type() string { return "duration" }

// Set takes a duration in whole seconds.
func (f expiryFlag) Set(text string) error {
	duration, err := time.ParseDuration(text)
	if err != nil || duration < 0 || duration%time.Second != 0 {
		return errors.New("it must be a duration in whole seconds, such as 90s, 2m or 24h, or 0")
	}
	seconds := int64(duration / time.Second)
	*f.seconds = &seconds
	return nil
}
