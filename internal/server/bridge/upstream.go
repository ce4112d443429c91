package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

// Options say where the phones are.
type Options struct {
	URL        string // of the Verify API; "" is Twilio's own
	ServiceSID string // VA…
	AccountSID string // AC…
	AuthToken  string
	// WebhookURL is where Verify reaches [Path], as it is told; "": no webhook is taken, and answers are learnt by polls.
	WebhookURL string
	Client     *http.Client // nil: one that gives up after ten seconds
	Logger     *slog.Logger // nil: no log
}

// String says where the phones are, and no secret.
func (o Options) String() string {
	return "Verify, service " + o.ServiceSID + " at " + cmp.Or(o.URL, verify.DefaultBaseURL)
}

// timeout is how long a call of Verify may take. A backend waits for it.
const timeout = 10 * time.Second

// Upstream is Verify as an [onetouch.Upstream].
type Upstream struct {
	client  *verify.Client
	service string
	log     *slog.Logger
}

// New returns Verify as an upstream. It refuses options that cannot be right.
func New(o Options) (*Upstream, error) {
	for _, one := range []struct{ name, prefix, sid string }{
		{"upstream-service", "VA", o.ServiceSID}, {"upstream-account-sid", "AC", o.AccountSID},
	} {
		if !verifywire.IsSID(one.prefix, one.sid) {
			return nil, onetouch.InvalidParameter(one.name, "must be "+one.prefix+" and 32 hexadecimal digits")
		}
	}
	if o.AuthToken == "" {
		return nil, onetouch.InvalidParameter("upstream-auth-token", "is missing")
	}
	for _, one := range []struct{ name, text, example string }{
		{"upstream-url", o.URL, verify.DefaultBaseURL},
		{"upstream-webhook-url", o.WebhookURL, "https://bridge.example" + Path},
	} {
		if one.text != "" && !isPlainURL(one.text) {
			return nil, onetouch.InvalidParameter(one.name, "must be an absolute http or https URL without credentials, such as "+
				one.example)
		}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: timeout}
	}
	options := []verify.Option{verify.WithHTTPClient(o.Client)}
	if o.URL != "" {
		options = append(options, verify.WithBaseURL(o.URL))
	}
	return &Upstream{client: verify.New(o.AccountSID, o.AuthToken, options...), service: o.ServiceSID, log: o.Logger}, nil
}

// isPlainURL tells whether calls can be made to the URL, and no secret stands in it.
func isPlainURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Hostname() != "" && u.User == nil && (u.Scheme == "http" || u.Scheme == "https")
}

func factorSID(uuid string) string { return verifywire.FactorSID(onetouch.Device{UUID: uuid}) }

// AddUser implements [onetouch.Upstream].
func (u *Upstream) AddUser(ctx context.Context, userID string) error {
	_, err := u.client.CreateEntity(ctx, u.service, userID)
	return u.refusal(ctx, unless(err, verify.ErrExists))
}

// RemoveUser implements [onetouch.Upstream].
func (u *Upstream) RemoveUser(ctx context.Context, userID string) error {
	return u.refusal(ctx, unless(u.client.DeleteEntity(ctx, u.service, userID), verify.ErrNotFound))
}

// StartRegistration implements [onetouch.Upstream].
func (u *Upstream) StartRegistration(ctx context.Context, userID string) (string, error) {
	made, err := u.client.CreateAccessToken(ctx, u.service, verify.NewAccessToken{Identity: userID})
	return made.Token, u.refusal(ctx, err)
}

// Devices implements [onetouch.Upstream].
func (u *Upstream) Devices(ctx context.Context, userID string) ([]onetouch.Device, error) {
	factors, err := u.client.Factors(ctx, u.service, userID)
	if err = unless(err, verify.ErrNotFound); err != nil {
		return nil, u.refusal(ctx, err)
	}
	var devices []onetouch.Device
	for _, f := range factors {
		if uuid := verifywire.DeviceUUID(f.SID); f.CanAnswer() && uuid != "" {
			devices = append(devices, onetouch.Device{
				UUID: uuid, Name: f.FriendlyName, Platform: platformOf(f.Config.NotificationPlatform), RegisteredAt: f.DateCreated,
			})
		}
	}
	slices.SortStableFunc(devices, func(a, b onetouch.Device) int { return a.RegisteredAt.Compare(b.RegisteredAt) })
	return devices, nil
}

// platformOf is what the Authy API calls the platform of a factor.
func platformOf(notification string) string {
	if notification == "apn" {
		return "ios"
	}
	return "android"
}

// RemoveDevice implements [onetouch.Upstream].
func (u *Upstream) RemoveDevice(ctx context.Context, userID, uuid string) error {
	err := u.client.DeleteFactor(ctx, u.service, userID, factorSID(uuid))
	return u.refusal(ctx, unless(err, verify.ErrNotFound))
}

// LongestExpiry implements [onetouch.Upstream].
func (u *Upstream) LongestExpiry() time.Duration { return verify.MaxExpiry }

// Check implements [onetouch.Upstream]. Logos are not shown; that is no reason to refuse.
func (u *Upstream) Check(n onetouch.NewApprovalRequest) error {
	const verifyTakes = "of which Verify, where the phones are, takes at most "
	longest := int64(verify.MaxExpiry / time.Second)
	hidden, err := n.HiddenDetails.MarshalJSON()
	if err != nil {
		return err
	}
	switch s := n.SecondsToExpire; {
	case s != nil && (*s == 0 || *s > longest):
		return onetouch.InvalidParameter("seconds_to_expire",
			fmt.Sprintf("must be from 1 to %d: Verify, where the phones are, keeps a question for an hour at most", longest))
	case utf8.RuneCountInString(n.Message) > verify.MaxMessage:
		return onetouch.InvalidParameter("message", fmt.Sprintf("is a text %s%d characters", verifyTakes, verify.MaxMessage))
	case len(n.Details) > verify.MaxFields:
		return onetouch.InvalidParameter("details", fmt.Sprintf("are names %s%d", verifyTakes, verify.MaxFields))
	case utf8.RuneCount(hidden) > verify.MaxHiddenDetails:
		return onetouch.InvalidParameter("hidden_details",
			fmt.Sprintf("are a JSON object %s%d characters", verifyTakes, verify.MaxHiddenDetails))
	}
	for _, d := range n.Details {
		if utf8.RuneCountInString(d.Name) > verify.MaxLabel || utf8.RuneCountInString(d.Value) > verify.MaxValue {
			return onetouch.InvalidParameter("details["+d.Name+"]", fmt.Sprintf("is a name %s%d characters, and of its value %d",
				verifyTakes, verify.MaxLabel, verify.MaxValue))
		}
	}
	return nil
}

// Ask implements [onetouch.Upstream].
func (u *Upstream) Ask(ctx context.Context, userID, deviceUUID string, r onetouch.ApprovalRequest) (string, error) {
	if len(r.Logos) > 0 {
		u.log.WarnContext(ctx, "logos have no counterpart in Verify: the phone does not show them", "user", r.AuthyID)
	}
	challenge, err := u.client.CreateChallenge(ctx, u.service, userID, verify.NewChallenge{
		FactorSID: factorSID(deviceUUID), Message: r.Message, Fields: r.Details, HiddenDetails: r.HiddenDetails,
		ExpirationDate: expirationOf(r),
	})
	if err != nil {
		return "", u.refusal(ctx, err)
	}
	uuid := verifywire.RequestUUID(challenge.SID)
	if uuid == "" {
		return "", u.refusal(ctx, verify.ErrUnexpectedAnswer)
	}
	return uuid, nil
}

// leeway is how far this machine's clock may be ahead of Verify's: a question that has an hour by the one has at most an hour
// by the other.
const leeway = 10 * time.Second

func expirationOf(r onetouch.ApprovalRequest) time.Time {
	at := r.ExpiresAt
	if latest := r.CreatedAt.Add(verify.MaxExpiry - leeway); at.After(latest) {
		at = latest
	}
	return at.Truncate(time.Second)
}

// Answer implements [onetouch.Upstream].
func (u *Upstream) Answer(ctx context.Context, userID, uuid string) (onetouch.UpstreamAnswer, error) {
	challenge, err := u.client.Challenge(ctx, u.service, userID, verifywire.ChallengeSID(uuid))
	if errors.Is(err, verify.ErrNotFound) { // it was there: somebody has removed it, or the user, so that nobody answers any more
		return onetouch.UpstreamAnswer{Status: onetouch.StatusExpired}, nil
	}
	if err != nil {
		return onetouch.UpstreamAnswer{}, u.refusal(ctx, err)
	}
	answer := onetouch.UpstreamAnswer{
		Status: challenge.Status, DeviceUUID: verifywire.DeviceUUID(challenge.FactorSID), At: challenge.DateResponded,
		Reason: challenge.RespondedReason,
	}
	if answer.At.IsZero() {
		answer.At = challenge.DateUpdated
	}
	if answer.Status.Answered() && (answer.DeviceUUID == "" || answer.At.IsZero()) {
		return onetouch.UpstreamAnswer{}, u.refusal(ctx, verify.ErrUnexpectedAnswer)
	}
	return answer, nil
}

// unless is the error, unless it is of a kind that is as good as success.
func unless(err, fine error) error {
	if errors.Is(err, fine) {
		return nil
	}
	return err
}

// refusal is an error of Verify as a backend of Authy's is to see it. What the operator has to know goes into the log.
func (u *Upstream) refusal(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	u.log.WarnContext(ctx, "a call of Verify failed", "error", err)
	var refused *verify.Error
	errors.As(err, &refused)
	switch {
	case errors.Is(err, verify.ErrTooManyRequests):
		return &onetouch.Error{
			Code: problem.CodeUpstreamLimit, RetryAfter: max(time.Second, refused.RetryAfter), Err: err,
			Message: "A limit of Verify, where the phones are, is reached. Try again later.",
		}
	case errors.Is(err, verify.ErrInvalid):
		return &onetouch.Error{
			Code: onetouch.CodeInvalidRequest, Err: err,
			Message: "Invalid request: Verify, where the phones are, refused it: " + refused.Message,
		}
	case errors.Is(err, verify.ErrCredentials):
		return unavailable(err, "it refused the account SID and auth token of this server")
	case errors.Is(err, verify.ErrNotFound):
		return unavailable(err, "it has no such service, user or factor")
	case errors.Is(err, verify.ErrUnexpectedAnswer):
		return unavailable(err, "something else answered in its place")
	default:
		return unavailable(err, "it could not be reached in time")
	}
}

func unavailable(err error, reason string) error {
	return &onetouch.Error{
		Code: problem.CodeUpstreamUnavailable, Err: err,
		Message: "OneTouch internal connection error: Verify, where the phones are, failed: " + reason + ".",
	}
}
