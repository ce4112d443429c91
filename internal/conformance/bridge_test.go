package conformance_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	verify "github.com/twilio/twilio-go/rest/verify/v2"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/bridge"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// bridgedStage is a stage whose phones are factors of another server, which is its Verify API.
type bridgedStage struct {
	*stage
	there   *stage
	api     *verify.ApiService // of there
	service string             // of there
	account onetouch.Account   // likewise
	factors map[int64]*factorPhone
}

func openBridge(t *testing.T) *bridgedStage {
	t.Helper()
	there := openStage(t, onetouch.ApplicationSettings{})
	b := &bridgedStage{
		there: there, api: there.twilio(t), service: verifywire.ServiceSID(there.server.Application().ID),
		account: there.account(t), factors: map[int64]*factorPhone{},
	}
	listener := listen(t)
	hook := "http://" + listener.Addr().String() + bridge.Path
	b.stage = openStageOn(t, listener, server.Options{Clock: there.clock, Bridge: &bridge.Options{
		URL: there.url, ServiceSID: b.service, AccountSID: b.account.SID, AuthToken: b.account.AuthToken, WebhookURL: hook,
	}})
	_, err := b.api.CreateWebhook(b.service, new(verify.CreateWebhookParams).SetFriendlyName("bridge").
		SetEventTypes([]string{"challenge.approved", "challenge.denied"}).SetWebhookUrl(hook))
	if err != nil {
		t.Fatal(err)
	}
	b.follow["register-device"], b.follow["answer"] = b.registerFactor, b.answerChallenge
	return b
}

// registerFactor gives a user a phone at the other server. The number is what this one calls it.
func (b *bridgedStage) registerFactor(ctx context.Context, d direction) (any, error) {
	backend := authy.New(b.server.Application().APIKey, authy.WithBaseURL(b.url))
	users, err := b.server.Service().Users(ctx, onetouch.UserFilter{After: d.AuthyID - 1, Limit: 1})
	if err != nil || len(users) == 0 {
		return nil, fmt.Errorf("there is no user %d: %w", d.AuthyID, err)
	}
	key, factor, err := createFactor(b.api, b.service, users[0].Identity)
	if err != nil {
		return nil, err
	}
	if err := verifyFactor(b.api, key, factor); err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.factors[d.AuthyID] = &factorPhone{stage: b.there, key: key, factor: factor, account: b.account}
	b.mu.Unlock()
	if _, err := backend.UserStatus(ctx, d.AuthyID); err != nil { // from now on it is known here
		return nil, err
	}
	devices, err := b.server.Service().Devices(ctx, onetouch.DeviceFilter{AuthyID: d.AuthyID})
	if err != nil || len(devices) != 1 {
		return nil, fmt.Errorf("user %d has %d devices: %w", d.AuthyID, len(devices), err)
	}
	return devices[0].ID, nil
}

func (b *bridgedStage) answerChallenge(ctx context.Context, d direction) (any, error) {
	b.mu.Lock()
	phone := b.factors[d.AuthyID]
	b.mu.Unlock()
	if phone == nil {
		return nil, fmt.Errorf("user %d has no factor", d.AuthyID)
	}
	code, body, err := phone.respond(ctx, verifywire.ChallengeSID(d.UUID), string(d.Status), nil)
	if err == nil && code != http.StatusOK {
		err = fmt.Errorf("the answer got %d %s", code, body)
	}
	return nil, err
}

// throughBridge are the cases that a backend cannot pass whose phones are at Verify, each with what it hears instead. A method
// alone is one that has no counterpart: bridge.suite.js has what becomes of it.
func throughBridge() map[string]string {
	const noCounterpart = "has no counterpart in Verify Push"
	return map[string]string{
		"createApprovalRequest: that never expires":              "must be from 1 to 3600: Verify, where the phones are, keeps",
		"getApplicationStatistics: count what is done with them": noCounterpart,
		"registerActivity: a ban holds until it is lifted":       "", // codes can be sent, when it is
		"requestSms": "", "requestCall": "", "verifyToken": "", "startPhoneVerification": "", "verifyPhone": "", "getPhoneInformation": "",
	}
}

// TestAuthyClientThroughBridge runs the suite of npm authy-client against a server whose phones are factors of another one.
// The backend is the same, to the letter: it registers users, asks, polls, and checks every callback.
func TestAuthyClientThroughBridge(t *testing.T) {
	t.Parallel()
	results, output, err := suiteResults(t, "authy-client.suite.js", openBridge(t).environment())
	differs, passed := throughBridge(), 0
	for _, r := range results {
		_, name, _ := strings.Cut(r.Name, ": ")
		method, _, _ := strings.Cut(name, ": ")
		hears, cannot := differs[name]
		if _, none := differs[method]; none {
			continue
		}
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			if r.Passed == cannot || !strings.Contains(r.Error, hears) {
				t.Errorf("passed: %t, want a failure that says %q: %s", r.Passed, hears, r.Error)
			}
		})
		if r.Passed {
			passed++
		}
	}
	if passed < 50 {
		t.Errorf("%d tests passed: %v\n%s", passed, err, output)
	}
}

func TestBridgeTellsWhatHasNoCounterpart(t *testing.T) {
	t.Parallel()
	results, output, err := suiteResults(t, "bridge.suite.js", openBridge(t).environment())
	tell(t, results, output, err)
}
