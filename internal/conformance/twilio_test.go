package conformance_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twilio/twilio-go"
	twilioclient "github.com/twilio/twilio-go/client"
	verify "github.com/twilio/twilio-go/rest/verify/v2"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/evidence"
	ours "github.com/onetouchkit/onetouch/pkg/verify"
)

// redirected sends what is meant for Twilio to the stage: all that a backend has to change.
type redirected struct{ host string }

func (r redirected) RoundTrip(request *http.Request) (*http.Response, error) {
	request.URL.Scheme, request.URL.Host, request.Host = "http", r.host, ""
	return http.DefaultTransport.RoundTrip(request)
}

func (s *stage) account(t *testing.T) onetouch.Account {
	t.Helper()
	account, err := s.server.Service().Account(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return account
}

// twilio is the official client with an HTTP client of its own.
func (s *stage) twilio(t *testing.T) *verify.ApiService {
	t.Helper()
	account := s.account(t)
	host, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	client := &twilioclient.Client{
		Credentials: twilioclient.NewCredentials(account.SID, account.AuthToken),
		HTTPClient:  &http.Client{Transport: redirected{host.Host}, Timeout: time.Minute},
	}
	client.SetAccountSid(account.SID)
	return twilio.NewRestClientWithParams(twilio.ClientParams{Client: client}).VerifyV2
}

// told is what a receiver of callbacks or webhooks got.
type told struct {
	url    string
	header http.Header
	body   []byte
}

func receiver(t *testing.T) (address string, heard chan told) {
	t.Helper()
	heard = make(chan told, 100)
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		heard <- told{server.URL + r.URL.RequestURI(), r.Header, body}
	}))
	t.Cleanup(server.Close)
	return server.URL, heard
}

// next waits for what the receiver is told next.
func next(t *testing.T, heard chan told) told {
	t.Helper()
	select {
	case one := <-heard:
		return one
	case <-time.After(time.Minute):
		t.Fatal("nothing was heard in a minute")
		return told{}
	}
}

// event waits for the webhook's next event, which Twilio's own validator has to take.
func (s *stage) event(t *testing.T, heard chan told, want string) url.Values {
	t.Helper()
	one := next(t, heard)
	validator := twilioclient.NewRequestValidator(s.account(t).AuthToken)
	if !validator.ValidateBody(one.url, one.body, one.header.Get("X-Twilio-Signature")) {
		t.Errorf("twilio-go does not take the signature of %s", one.body)
	}
	if validator.ValidateBody(one.url, append(one.body, 'x'), one.header.Get("X-Twilio-Signature")) {
		t.Error("a changed body is taken, too")
	}
	form, err := url.ParseQuery(string(one.body))
	if err != nil || form.Get("type") != want {
		t.Fatalf("heard %v (%v), want %s", form, err, want)
	}
	request := httptest.NewRequest(http.MethodPost, one.url, bytes.NewReader(one.body))
	request.Header = one.header
	verifier := &ours.Verifier{AuthToken: s.account(t).AuthToken, URL: one.url}
	if read, err := verifier.Verify(request); err != nil || read.Type != want || read.Identity == "" ||
		read.ChallengeSID != form.Get("challenge_sid") || read.FactorSID != form.Get("factor_sid") {
		t.Errorf("pkg/verify reads %+v, %v of %s", read, err, one.body)
	}
	return form
}

// TestTwilioGo has Twilio's own Go client do what a backend does: all calls that it has for push.
func TestTwilioGo(t *testing.T) {
	t.Parallel()
	s := openStage(t, onetouch.ApplicationSettings{})
	api := s.twilio(t)

	service, err := api.CreateService(new(verify.CreateServiceParams).SetFriendlyName("Acme Bank").SetTotpIssuer("Acme"))
	if err != nil {
		t.Fatal(err)
	}
	vs := *service.Sid
	if *service.FriendlyName != "Acme Bank" || *service.AccountSid != s.account(t).SID || service.DateCreated == nil {
		t.Errorf("the service is %+v", service)
	}
	if service, err = api.UpdateService(vs, new(verify.UpdateServiceParams).SetCodeLength(8)); err != nil || service.CodeLength != 8 {
		t.Errorf("updated: %+v, %v", service, err)
	}
	if services, err := api.ListService(new(verify.ListServiceParams).SetPageSize(1)); err != nil || len(services) != 2 {
		t.Errorf("%d services over pages, %v", len(services), err)
	}
	address, heard := receiver(t)
	webhook, err := api.CreateWebhook(vs, new(verify.CreateWebhookParams).SetFriendlyName("all").SetEventTypes([]string{"*"}).
		SetWebhookUrl(address+"/hook?x=1"))
	if err != nil {
		t.Fatal(err)
	}
	entity, err := api.CreateEntity(vs, new(verify.CreateEntityParams).SetIdentity("user-of-acme-1"))
	if err != nil {
		t.Fatal(err)
	}
	key, factor := s.createFactor(t, api, vs, *entity.Identity)
	if *factor.Status != "unverified" || *factor.EntitySid != *entity.Sid {
		t.Errorf("the factor is %+v", factor)
	}
	s.event(t, heard, "factor.created")
	wrong := new(verify.CreateChallengeParams).SetFactorSid(*factor.Sid).SetDetailsMessage("Log in?")
	if _, err := api.CreateChallenge(vs, *entity.Identity, wrong); !refused(err, 60200) {
		t.Errorf("an unverified factor is asked: %v", err)
	}
	signature, err := evidence.SignText(key, *factor.Sid)
	if err != nil {
		t.Fatal(err)
	}
	verified, err := api.UpdateFactor(vs, *entity.Identity, *factor.Sid,
		new(verify.UpdateFactorParams).SetAuthPayload(base64.StdEncoding.EncodeToString(signature)))
	if err != nil || *verified.Status != "verified" {
		t.Fatalf("verifying: %+v, %v", verified, err)
	}
	s.event(t, heard, "factor.verified")
	challenge, err := api.CreateChallenge(vs, *entity.Identity, new(verify.CreateChallengeParams).SetFactorSid(*factor.Sid).
		SetDetailsMessage("Log in?").SetHiddenDetails(map[string]string{"ip": "172.168.1.234"}).
		SetDetailsFields([]interface{}{map[string]string{"label": "Amount", "value": "$10"}}))
	if err != nil || *challenge.Status != "pending" || *challenge.FactorSid != *factor.Sid {
		t.Fatalf("the challenge is %+v, %v", challenge, err)
	}
	if left := challenge.ExpirationDate.Sub(*challenge.DateCreated); left != 5*time.Minute {
		t.Errorf("it expires after %s", left)
	}
	for range 2 {
		if _, err := api.CreateChallenge(vs, *entity.Identity, wrong); err != nil {
			t.Fatal(err)
		}
	}
	for _, order := range []string{"asc", "desc"} {
		list, err := api.ListChallenge(vs, *entity.Identity,
			new(verify.ListChallengeParams).SetPageSize(2).SetOrder(order).SetStatus("pending").SetFactorSid(*factor.Sid))
		if err != nil || len(list) != 3 || (*list[0].Sid == *challenge.Sid) != (order == "asc") {
			t.Errorf("%s: %d challenges, %v", order, len(list), err)
		}
	}
	if fetched, err := api.FetchChallenge(vs, *entity.Identity, *challenge.Sid); err != nil || *fetched.Sid != *challenge.Sid {
		t.Errorf("fetched: %+v, %v", fetched, err)
	}
	note, err := api.CreateNotification(vs, *entity.Identity, *challenge.Sid, new(verify.CreateNotificationParams).SetTtl(60))
	if err != nil || *note.ChallengeSid != *challenge.Sid || note.Ttl != 60 {
		t.Errorf("notified: %+v, %v", note, err)
	}
	token, err := api.CreateAccessToken(vs, new(verify.CreateAccessTokenParams).SetIdentity("user-of-acme-2").
		SetFactorType("push").SetTtl(120))
	if err != nil || token.Token == nil || token.Ttl != 120 {
		t.Fatalf("the access token is %+v, %v", token, err)
	}
	if again, err := api.FetchAccessToken(vs, *token.Sid); err != nil || again.Token != nil {
		t.Errorf("fetched again: %+v, %v", again, err)
	}
	if entities, err := api.ListEntity(vs, new(verify.ListEntityParams).SetPageSize(1)); err != nil || len(entities) != 2 {
		t.Errorf("%d entities, %v", len(entities), err)
	}
	if factors, err := api.ListFactor(vs, *entity.Identity, &verify.ListFactorParams{}); err != nil || len(factors) != 1 {
		t.Errorf("%d factors, %v", len(factors), err)
	}
	if named, err := api.UpdateFactor(vs, *entity.Identity, *factor.Sid, new(verify.UpdateFactorParams).SetFriendlyName("Another")); err != nil ||
		*named.FriendlyName != "Another" {
		t.Errorf("renamed: %+v, %v", named, err)
	}
	if changed, err := api.UpdateWebhook(vs, *webhook.Sid, new(verify.UpdateWebhookParams).SetFriendlyName("all events")); err != nil ||
		*changed.FriendlyName != "all events" {
		t.Errorf("updated: %+v, %v", changed, err)
	}
	if hooks, err := api.ListWebhook(vs, &verify.ListWebhookParams{}); err != nil || len(hooks) != 1 || *hooks[0].Sid != *webhook.Sid {
		t.Errorf("%d webhooks, %v", len(hooks), err)
	}
	fetchAndDelete(t, *factor.Sid, func() (any, error) { return api.FetchFactor(vs, *entity.Identity, *factor.Sid) },
		func() error { return api.DeleteFactor(vs, *entity.Identity, *factor.Sid) })
	s.event(t, heard, "factor.deleted")
	fetchAndDelete(t, *webhook.Sid, func() (any, error) { return api.FetchWebhook(vs, *webhook.Sid) },
		func() error { return api.DeleteWebhook(vs, *webhook.Sid) })
	fetchAndDelete(t, *entity.Sid, func() (any, error) { return api.FetchEntity(vs, *entity.Identity) },
		func() error { return api.DeleteEntity(vs, *entity.Identity) })
	fetchAndDelete(t, vs, func() (any, error) { return api.FetchService(vs) }, func() error { return api.DeleteService(vs) })
}

// TestTwilioGoTOTP has Twilio's own Go client set up an authenticator app and take its codes.
func TestTwilioGoTOTP(t *testing.T) {
	t.Parallel()
	s := openStage(t, onetouch.ApplicationSettings{})
	api, vs, identity := s.twilio(t), verifywire.ServiceSID(s.server.Application().ID), "user-of-acme-1"
	factor, err := api.CreateNewFactor(vs, identity, new(verify.CreateNewFactorParams).SetFactorType("totp").
		SetFriendlyName("Ada's app").SetConfigTimeStep(60).SetConfigSkew(0).SetConfigCodeLength(8).SetConfigAlg("sha1"))
	if err != nil {
		t.Fatal(err)
	}
	binding, _ := (*factor.Binding).(map[string]any)
	text, _ := binding["secret"].(string)
	secret, err := onetouch.ParseTOTPSecret(text)
	if err != nil || *factor.FactorType != "totp" {
		t.Fatalf("the factor is %+v, %v", factor, err)
	}
	code := func() string {
		s.clock.Advance(time.Minute) // each is good once
		return onetouch.OneTimeCode(secret, 8, time.Minute, s.clock.Now())
	}
	verified, err := api.UpdateFactor(vs, identity, *factor.Sid, new(verify.UpdateFactorParams).SetAuthPayload(code()))
	if err != nil || *verified.Status != "verified" {
		t.Fatalf("verifying: %+v, %v", verified, err)
	}
	ask := new(verify.CreateChallengeParams).SetFactorSid(*factor.Sid)
	for want, payload := range map[string]string{"approved": code(), "pending": "12345678"} {
		asked, err := api.CreateChallenge(vs, identity, new(verify.CreateChallengeParams).SetFactorSid(*factor.Sid).SetAuthPayload(payload))
		if err != nil || *asked.Status != want || *asked.FactorType != "totp" {
			t.Errorf("%s: %+v, %v", want, asked, err)
		}
	}
	asked, err := api.CreateChallenge(vs, identity, ask)
	if err != nil {
		t.Fatal(err)
	}
	answered, err := api.UpdateChallenge(vs, identity, *asked.Sid, new(verify.UpdateChallengeParams).SetAuthPayload(code()))
	if err != nil || *answered.Status != "approved" {
		t.Errorf("answered: %+v, %v", answered, err)
	}
}

// fetchAndDelete expects that what is there is fetched, deleted, and not there any more.
func fetchAndDelete(t *testing.T, sid string, fetch func() (any, error), remove func() error) {
	t.Helper()
	var found struct{ Sid string }
	fetched, err := fetch()
	if err == nil {
		content, _ := json.Marshal(fetched)
		err = json.Unmarshal(content, &found)
	}
	if err != nil || found.Sid != sid {
		t.Errorf("fetched %q, %v; want %s", found.Sid, err, sid)
	}
	if err := remove(); err != nil {
		t.Errorf("deleting %s: %v", sid, err)
	}
	if _, err := fetch(); !refused(err, 20404) {
		t.Errorf("%s is deleted, but fetching it gets %v", sid, err)
	}
	if err := remove(); !refused(err, 20404) {
		t.Errorf("%s is deleted again: %v", sid, err)
	}
}

// createFactor is what a backend does for a device that has no way of its own to Twilio.
func createFactor(api *verify.ApiService, service, identity string) (*evidence.PrivateKey, *verify.VerifyV2NewFactor, error) {
	key, err := evidence.GenerateKey(evidence.ES256)
	if err != nil {
		return nil, nil, err
	}
	der, err := key.Public().DER()
	if err != nil {
		return nil, nil, err
	}
	factor, err := api.CreateNewFactor(service, identity, new(verify.CreateNewFactorParams).SetFactorType("push").
		SetFriendlyName("Ada's phone").SetBindingAlg("ES256").SetBindingPublicKey(base64.StdEncoding.EncodeToString(der)).
		SetConfigAppId("com.example.bank").SetConfigNotificationPlatform("fcm").SetConfigSdkVersion("1.0").
		SetConfigNotificationToken(strings.Repeat("t", 32)).SetMetadata(map[string]string{"os": "Android"}))
	return key, factor, err
}

func (s *stage) createFactor(t *testing.T, api *verify.ApiService, service, identity string) (*evidence.PrivateKey, *verify.VerifyV2NewFactor) {
	t.Helper()
	key, factor, err := createFactor(api, service, identity)
	if err != nil {
		t.Fatal(err)
	}
	return key, factor
}

// verifyFactor shows that the factor has its key.
func verifyFactor(api *verify.ApiService, key *evidence.PrivateKey, factor *verify.VerifyV2NewFactor) error {
	signature, err := evidence.SignText(key, *factor.Sid)
	if err != nil {
		return err
	}
	_, err = api.UpdateFactor(*factor.ServiceSid, *factor.Identity, *factor.Sid,
		new(verify.UpdateFactorParams).SetAuthPayload(base64.StdEncoding.EncodeToString(signature)))
	return err
}

// refused reports whether an error is one of Twilio's with the code.
func refused(err error, code int) bool {
	var refusal *twilioclient.TwilioRestError
	return errors.As(err, &refusal) && refusal.Code == code && refusal.MoreInfo != "" && refusal.Status >= 400
}
