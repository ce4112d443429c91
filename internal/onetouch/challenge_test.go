package onetouch_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

const credential = "CR1"

// createFactor gives the user a device of the Verify API, which has not shown yet that it has its key.
func (w *world) createFactor(user onetouch.User, key *evidence.PrivateKey) onetouch.Device {
	w.Helper()
	der, err := key.Public().DER()
	if err != nil {
		w.Fatal(err)
	}
	device, err := w.CreateFactor(w.Context(), user.AppID, user.Identity, "", onetouch.NewFactor{
		FriendlyName: "Ada's other phone", PublicKey: der, Alg: "ES256", Token: strings.Repeat("t", 32),
		FactorConfig: onetouch.FactorConfig{AppID: "com.example.bank", SDKVersion: "1.0", Platform: "fcm"},
	})
	if err != nil {
		w.Fatal(err)
	}
	return device
}

// registerFactor gives the user a device of the Verify API, which has shown that it has its key.
func (w *world) registerFactor(user onetouch.User) phone {
	w.Helper()
	key := newKey(w.T)
	device := w.createFactor(user, key)
	signature, err := evidence.SignText(key, device.UUID)
	if err != nil {
		w.Fatal(err)
	}
	proof := &onetouch.FactorProof{Text: device.UUID, Signature: signature}
	if device, err = w.UpdateFactor(w.Context(), device, onetouch.FactorChange{Proof: proof}); err != nil {
		w.Fatal(err)
	}
	return phone{Device: device, Key: key}
}

// answerChallenge has a factor answer; meanwhile happens while its answer is looked at.
func (w *world) answerChallenge(
	p phone, r onetouch.ApprovalRequest, status onetouch.Status, meanwhile func(),
) (onetouch.RequestRecord, error) {
	w.Helper()
	jwt, err := evidence.SignJWT(p.Key, credential, []byte(`{"sid":"`+r.UUID+`","status":"`+string(status)+`"}`))
	if err != nil {
		w.Fatal(err)
	}
	return w.AnswerChallenge(w.Context(), p.Device, r.UUID, jwt,
		func(onetouch.RequestRecord) (map[string]json.RawMessage, error) {
			meanwhile()
			return map[string]json.RawMessage{"sid": json.RawMessage(`"` + r.UUID + `"`)}, nil
		})
}

// Whatever happens while the answer of a factor is looked at: it is told why it came too late, as an answer through Authy's
// API is.
func TestAnswerChallengeTooLate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(w *world, other phone, r onetouch.ApprovalRequest)
		want      onetouch.Code
		status    onetouch.Status
	}{
		"nothing happens": {func(*world, phone, onetouch.ApprovalRequest) {}, "", onetouch.StatusApproved},
		"another answers": {func(w *world, other phone, r onetouch.ApprovalRequest) {
			w.mustAnswer(other, r, "denied")
		}, onetouch.CodeApprovalRequestNotPending, onetouch.StatusDenied},
		"its time is over": {func(w *world, _ phone, _ onetouch.ApprovalRequest) {
			w.clock.Advance(time.Minute)
		}, onetouch.CodeApprovalRequestExpired, onetouch.StatusExpired},
		"another answers, and then its time is over": {func(w *world, other phone, r onetouch.ApprovalRequest) {
			w.mustAnswer(other, r, "denied")
			w.clock.Advance(time.Minute)
		}, onetouch.CodeApprovalRequestNotPending, onetouch.StatusDenied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ada := w.addUser("202-555-0158")
			pixel, factor := w.register(ada), w.registerFactor(ada)
			request := w.ask(ada, lasting(60))
			_, err := w.answerChallenge(factor, request, onetouch.StatusApproved, func() { c.meanwhile(w, pixel, request) })
			if onetouch.CodeOf(err) != c.want && (err != nil || c.want != "") {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if got := w.status(request); got != c.status {
				t.Errorf("it is %s, want %s", got, c.status)
			}
		})
	}
}

// The limits are those of Twilio's documentation, as pkg/verify has them: a question that is taken here is taken there.
func TestChallengeLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	factor := w.registerFactor(w.addUser("202-555-0158"))
	long := func(n int) string { return strings.Repeat("é", n) }
	shown := func(label, value int) details.List { return details.List{{Name: long(label), Value: long(value)}} }
	for name, c := range map[string]struct {
		n     onetouch.NewChallenge
		wrong string // parameter; "" when it is taken
	}{
		"message":                 {onetouch.NewChallenge{Message: long(verify.MaxMessage)}, ""},
		"message too long":        {onetouch.NewChallenge{Message: long(verify.MaxMessage + 1)}, "Details.Message"},
		"label and value":         {onetouch.NewChallenge{Details: shown(verify.MaxLabel, verify.MaxValue)}, ""},
		"label too long":          {onetouch.NewChallenge{Details: shown(verify.MaxLabel+1, 1)}, "Details.Fields label"},
		"value too long":          {onetouch.NewChallenge{Details: shown(1, verify.MaxValue+1)}, "Details.Fields value"},
		"hidden details":          {onetouch.NewChallenge{HiddenDetails: shown(1, verify.MaxHiddenDetails-len(`{"":""}`)-1)}, ""},
		"hidden details too long": {onetouch.NewChallenge{HiddenDetails: shown(1, verify.MaxHiddenDetails-len(`{"":""}`))}, "HiddenDetails"},
		"a control character":     {onetouch.NewChallenge{HiddenDetails: details.List{{Name: "a", Value: "\x00"}}}, "HiddenDetails[a]"},
		"an hour":                 {onetouch.NewChallenge{ExpiresAt: w.clock.Now().Add(verify.MaxExpiry)}, ""},
		"more than an hour":       {onetouch.NewChallenge{ExpiresAt: w.clock.Now().Add(verify.MaxExpiry + time.Second)}, "ExpirationDate"},
	} {
		if c.n.Message == "" {
			c.n.Message = "Log in?"
		}
		_, err := w.CreateChallenge(t.Context(), w.app, factor.Device, c.n)
		var refusal *onetouch.Error
		if errors.As(err, &refusal); (err == nil) != (c.wrong == "") || err != nil && refusal.Parameter != c.wrong {
			t.Errorf("%s: got %v, want a refusal of %q", name, err, c.wrong)
		}
	}
}
