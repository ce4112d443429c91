package migrate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

// verifyPart is the Verify API.
type verifyPart struct {
	*stage
	client   *verify.Client
	account  onetouch.Account
	service  string // SID
	identity string
	factor   string // SID; "": the user has none
	device   *device.Device
	sid      string // of the challenge
}

func verifySettings() onetouch.ApplicationSettings { return onetouch.ApplicationSettings{} }

func (v *verifyPart) over(authToken string) *verify.Client {
	return verify.New(v.account.SID, authToken, verify.WithBaseURL(server.InProcessURL), verify.WithHTTPClient(v.http))
}

func (v *verifyPart) enter(ctx context.Context, f *Flow) (err error) {
	if v.account, err = v.server.Service().Account(ctx); err != nil {
		return err
	}
	v.client, v.service = v.over(v.account.AuthToken), verifywire.ServiceSID(v.server.Application().ID)
	_, err = v.client.CreateWebhook(ctx, v.service, verify.NewWebhook{
		FriendlyName: appName, EventTypes: []string{verify.EventChallengeApproved, verify.EventChallengeDenied},
		WebhookURL: v.inbox.base + v.path,
	})
	if err != nil {
		return err
	}
	if err := v.addUser(ctx, f); err != nil {
		return err
	}
	if f.wrongKey {
		v.client = v.over("a wrong token")
	}
	if f.unknownUser {
		v.identity = "nobody-of-that-name"
	}
	return nil
}

// identity is that of the user of every flow.
const identity = "migration-check-user"

// addUser brings the user, and a phone that the backend gives an access token.
func (v *verifyPart) addUser(ctx context.Context, f *Flow) error {
	v.identity = identity
	if _, err := v.client.CreateEntity(ctx, v.service, v.identity); err != nil || f.noDevice {
		return err
	}
	access, err := v.client.CreateAccessToken(ctx, v.service, verify.NewAccessToken{Identity: v.identity})
	if err != nil {
		return err
	}
	v.device, err = device.RegisterFactor(ctx, device.NewFactor{
		Server: server.InProcessURL, HTTPClient: v.http, ServiceSID: v.service, Identity: v.identity, AccessToken: access.Token,
	})
	return err
}

// errNoFactor is what a backend finds that looks for a factor to ask.
var errNoFactor = errors.New("there is no verified factor to ask")

// ask asks the factor that a backend finds. The time is cut to an hour: more is refused, whoever asks.
func (v *verifyPart) ask(ctx context.Context, asked Ask) error {
	factors, err := v.client.Factors(ctx, v.service, v.identity)
	if err != nil {
		return err
	}
	for _, f := range factors {
		if f.CanAnswer() {
			v.factor = f.SID
		}
	}
	if v.factor == "" {
		return errNoFactor
	}
	challenge := verify.NewChallenge{
		FactorSID: v.factor, Message: asked.Message, Fields: asked.Details, HiddenDetails: asked.HiddenDetails,
	}
	if asked.SecondsToExpire != nil {
		challenge.ExpirationDate = v.clock.Now().Add(life(*asked.SecondsToExpire))
	}
	made, err := v.client.CreateChallenge(ctx, v.service, v.identity, challenge)
	v.sid = made.SID
	return err
}

// life is how long a challenge can last that is to last so many seconds, or for ever (0).
func life(asked int64) time.Duration {
	longest := int64(verify.MaxExpiry / time.Second)
	if asked == 0 || asked > longest {
		return verify.MaxExpiry
	}
	return seconds(asked)
}

func seconds(n int64) time.Duration { return time.Duration(n) * time.Second }

func (v *verifyPart) refusal(err error) (refusal, bool) {
	if errors.Is(err, errNoFactor) {
		return refusal{kind: noPhone, says: err.Error()}, true
	}
	var refused *verify.Error
	if !errors.As(err, &refused) {
		return refusal{}, false
	}
	return refusal{
		kind: kindOf(refused.StatusCode, false),
		says: fmt.Sprintf("%d, %d: %s", refused.StatusCode, refused.Code, oneLine(refused.Message)),
	}, true
}

func (v *verifyPart) fetch(ctx context.Context) (verify.Challenge, error) {
	return v.client.Challenge(ctx, v.service, v.identity, v.sid)
}

func (v *verifyPart) poll(ctx context.Context) (standing, error) {
	c, err := v.fetch(ctx)
	if err != nil {
		return standing{}, err
	}
	s := standing{
		status: c.Status, created: c.DateCreated, expires: c.ExpirationDate, answered: c.DateResponded,
		byPhone: c.FactorSID == v.factor, hidden: details.List(c.HiddenDetails),
	}
	if c.Status == approval.Expired {
		s.answered = c.ExpirationDate // nobody has; the Authy API says so too
	}
	return s, nil
}

func (v *verifyPart) phone() (phone, string) {
	uuid := verifywire.RequestUUID(v.sid)
	if v.device == nil {
		return nil, uuid
	}
	return silentPhone{v.device}, uuid
}

// silentPhone is a phone whose user can give no reason: the SDK of Verify has none.
type silentPhone struct{ *device.Device }

// Answer answers without the reason.
func (p silentPhone) Answer(ctx context.Context, r *device.ApprovalRequest, status approval.Status, _ string) error {
	return p.Device.Answer(ctx, r, status, "")
}

// read reads a webhook. Message and details it has read from the challenge, as a backend does.
func (v *verifyPart) read(ctx context.Context, l letter) (told, error) {
	r, err := l.request(ctx)
	if err != nil {
		return told{}, err
	}
	verifier := &verify.Verifier{AuthToken: v.account.AuthToken, URL: l.url}
	event, err := verifier.Verify(r)
	if err != nil {
		return told{}, err
	}
	c, err := v.fetch(ctx)
	if err != nil {
		return told{}, err
	}
	status := map[string]approval.Status{
		verify.EventChallengeApproved: approval.Approved, verify.EventChallengeDenied: approval.Denied,
	}[event.Type]
	return told{
		status: status, message: c.Details.Message, shown: details.List(c.Details.Fields), hidden: details.List(c.HiddenDetails),
		byPhone: event.FactorSID == v.factor, timed: !c.DateResponded.IsZero(),
		question: event.ChallengeSID == v.sid && event.Identity == v.identity,
	}, nil
}
