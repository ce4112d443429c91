package server_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phonetest"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// parties are two applications on one server, each with all that one can have. We are the first; the other's things, and what
// an other of our own users has, must stay out of our reach.
type parties struct {
	running
	ours, theirs onetouch.Application
	account      onetouch.Account
	phone        phonetest.Phone // ours
	names        *strings.Replacer
	secrets      []string // that no refusal may tell
	// revoked are access tokens that were good once.
	revoked map[string]http.Header
}

// sound ends the test when something that has to be there cannot be made.
func sound[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

const privateMessage = "what only their own phone may show"

func newParties(t *testing.T) *parties {
	t.Helper()
	p := &parties{running: run(t, server.Options{Database: ":memory:"})}
	service, ctx := p.Service(), t.Context()
	p.ours, p.account = p.Application(), sound(service.Account(ctx))(t)
	p.theirs = sound(service.CreateApplication(ctx, onetouch.ApplicationSettings{Name: "Theirs"}))(t)
	user := func(app onetouch.Application, email, cellphone string) onetouch.User {
		return sound(service.AddUser(ctx, app.ID, onetouch.NewUser{Email: email, Cellphone: cellphone}))(t)
	}
	ada, bob := user(p.ours, "ada@ours.test", "2025550101"), user(p.ours, "bob@ours.test", "2025550102")
	eve := user(p.theirs, "eve@theirs.test", "2025550103")
	p.phone = sound(phonetest.RegisterFor(ctx, service, ada))(t)
	bobs := sound(phonetest.RegisterFor(ctx, service, bob))(t)
	eves := sound(phonetest.RegisterFor(ctx, service, eve))(t)
	ask := func(app onetouch.Application, who onetouch.User) onetouch.ApprovalRequest {
		return sound(service.CreateApprovalRequest(ctx, app, who.AuthyID, onetouch.NewApprovalRequest{Message: privateMessage}))(t)
	}
	bobsRequest, evesRequest := ask(p.ours, bob), ask(p.theirs, eve)
	_, token, err := service.CreateAccessToken(ctx, p.theirs.ID, onetouch.NewAccessToken{
		Identity: "identity-of-theirs", Life: onetouch.DefaultAccessTokenLife,
	})
	if err != nil {
		t.Fatal(err)
	}
	hook := sound(service.CreateWebhook(ctx, p.theirs.ID, onetouch.NewWebhook{
		Name: "theirs", URL: "http://127.0.0.1:1/", Events: []string{"user_added"},
	}))(t)
	sound(service.StartPhoneVerification(ctx, p.theirs, onetouch.NewPhoneVerification{CountryCode: "1", PhoneNumber: "2025550188"}))(t)
	verifyHook := sound(service.CreateVerifyWebhook(ctx, p.theirs.ID, onetouch.VerifyWebhookSettings{
		FriendlyName: "theirs", URL: "http://127.0.0.1:1/", Events: []string{"*"}, Status: "enabled",
	}))(t)
	p.revoke(t)
	p.names = strings.NewReplacer(
		"THEIR_SERVICE", verifywire.ServiceSID(p.theirs.ID), "SERVICE", verifywire.ServiceSID(p.ours.ID),
		"THEIR_ENTITY", eve.Identity, "OUR_ENTITY", ada.Identity, "BOBS_ENTITY", bob.Identity,
		"THEIR_FACTOR", verifywire.FactorSID(eves.Device), "BOBS_FACTOR", verifywire.FactorSID(bobs.Device),
		"THEIR_CHALLENGE", verifywire.ChallengeSID(evesRequest.UUID), "BOBS_CHALLENGE", verifywire.ChallengeSID(bobsRequest.UUID),
		"THEIR_TOKEN", token.SID, "THEIR_HOOK", verifyHook.ID, "ANSWER", p.payload(),
		"USER", strconv.FormatInt(eve.AuthyID, 10), "DEVICE", strconv.FormatInt(eves.ID, 10), "REQUEST", evesRequest.UUID,
		"WEBHOOK", hook.ID, "BOBS", bobsRequest.UUID, "PROOF", p.answerTo(t, bobsRequest), "THEIR_PROOF", p.answerTo(t, evesRequest),
	)
	p.secrets = []string{
		apiKey, p.ours.AccessKey, p.ours.SigningKey, p.theirs.APIKey, p.theirs.AccessKey, p.theirs.SigningKey, controlToken,
		p.phone.AccessToken, bobs.AccessToken, eves.AccessToken, hook.SigningKey, p.account.AuthToken, privateMessage, "eve@", "bob@", "2025550103",
		"555-0103",
	}
	return p
}

// revoke makes credentials that were good once.
func (p *parties) revoke(t *testing.T) {
	t.Helper()
	service, ctx := p.Service(), t.Context()
	lost := func(email, cellphone string) phonetest.Phone {
		user := sound(service.AddUser(ctx, p.ours.ID, onetouch.NewUser{Email: email, Cellphone: cellphone}))(t)
		return sound(phonetest.RegisterFor(ctx, service, user))(t)
	}
	alone, withUser := lost("c@ours.test", "2025550104"), lost("d@ours.test", "2025550105")
	err := service.RemoveDevice(ctx, p.ours.ID, alone.ID)
	if err == nil {
		err = service.RemoveUser(ctx, p.ours.ID, withUser.AuthyID)
	}
	if err != nil {
		t.Fatal(err)
	}
	p.revoked = map[string]http.Header{
		"a removed phone": bearer(alone.AccessToken), "the phone of a removed user": bearer(withUser.AccessToken),
	}
}

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// accounts are the credentials of the Verify API.
func (p *parties) accounts() http.Header {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(p.account.SID, p.account.AuthToken)
	return r.Header
}

// payload names our phone as the one that has signed an answer of the Verify API.
func (p *parties) payload() string {
	header := `{"alg":"ES256","kid":"` + verifywire.CredentialSID(p.phone.Device) + `"}`
	return base64.RawURLEncoding.EncodeToString([]byte(header)) + ".e30.AAAA"
}

// answerTo is the answer that our phone signs to a request of somebody else's.
func (p *parties) answerTo(t *testing.T, r onetouch.ApprovalRequest) string {
	t.Helper()
	statement := sound(p.phone.Statement(r, "approved", p.Service().Clock().Now()))(t)
	return sound(evidence.Sign(p.phone.Key, statement))(t)
}

// answered is what came back.
type answered struct {
	status int
	body   string
}

// call makes a call as it stands.
func (p *parties) call(t *testing.T, method, target string, header http.Header, body string) answered {
	t.Helper()
	r := sound(http.NewRequestWithContext(t.Context(), method, p.url+target, strings.NewReader(body)))(t)
	r.Header = header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if body != "" && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	response := sound(client(t).Do(r))(t) //nolint:bodyclose // closed below
	defer func() { _ = response.Body.Close() }()
	return answered{response.StatusCode, string(sound(io.ReadAll(response.Body))(t))}
}

// manages is a call with the keys of an application, signed with the signing key of one.
func (p *parties) manages(t *testing.T, method, target, key, access, signing string) answered {
	t.Helper()
	form := url.Values{"access_key": {access}, "app_api_key": {key}}
	if path, id, named := strings.Cut(target, "?webhook_id="); named {
		target = path
		form.Set("webhook_id", id)
	}
	mac := hmac.New(sha256.New, []byte(signing))
	mac.Write([]byte("1|" + method + "|" + p.url + target + "|" + form.Encode()))
	return p.call(t, method, target, http.Header{
		"X-Authy-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))}, "X-Authy-Signature-Nonce": {"1"},
		"Content-Type": {"application/x-www-form-urlencoded"},
	}, form.Encode())
}

// credentials are everybody's of this server, by whom they are for.
func (p *parties) credentials() map[route.Access][]http.Header {
	key := func(key string) http.Header { return http.Header{"X-Authy-Api-Key": {key}} }
	return map[route.Access][]http.Header{
		"nobody": {
			{}, {"Authorization": {"Bearer wrong"}, "X-Authy-Api-Key": {"wrong"}}, {"Authorization": {"Bearer"}},
			{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(apiKey+":"+controlToken))}},
			{"Authorization": {controlToken}}, {"Authorization": {"Digest " + controlToken}}, key(strings.Repeat("k", 5000)),
		},
		route.Application: {key(apiKey), key(p.theirs.APIKey), bearer(apiKey)},
		route.Manager:     {key(p.ours.AccessKey), bearer(p.ours.AccessKey), bearer(p.ours.SigningKey)},
		route.Device:      {bearer(p.phone.AccessToken), key(p.phone.AccessToken)},
		route.Account:     {p.accounts(), bearer(p.account.AuthToken), key(p.account.AuthToken)},
		route.Operator:    {bearer(controlToken), key(controlToken)},
	}
}

// opens reports whether a header is the right one for a kind of access: each is tried in both places.
func (p *parties) opens(access route.Access, h http.Header) bool {
	switch access {
	case route.Application:
		return h.Get("X-Authy-Api-Key") == apiKey || h.Get("X-Authy-Api-Key") == p.theirs.APIKey
	case route.Device:
		return h.Get("Authorization") == "Bearer "+p.phone.AccessToken
	case route.Operator:
		return h.Get("Authorization") == "Bearer "+controlToken
	case route.Account, route.Factor, route.Newcomer:
		return h.Get("Authorization") == p.accounts().Get("Authorization")
	default:
		return false
	}
}
