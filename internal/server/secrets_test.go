package server_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/verifyapi"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// heardLog is all that a server logs.
type heardLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *heardLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *heardLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// told are places where a secret must not be, by what they are.
type told map[string]string

// TestSecretsStayInside: after a story with every kind of secret in it, of which some were sent where they do not belong, none is
// in the log at its most talkative, in the traffic, the events, the deliveries or a refusal.
func TestSecretsStayInside(t *testing.T) {
	t.Parallel()
	log := &heardLog{}
	delivered := make(chan struct{}, 1)
	backend := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		delivered <- struct{}{}
	}))
	t.Cleanup(backend.Close)
	p := &parties{running: run(t, server.Options{
		Database: ":memory:", Application: onetouch.ApplicationSettings{CallbackURL: &backend.URL},
		Logger: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})}
	p.ours = p.Application()
	caller := client(t)
	api := authy.New(apiKey, authy.WithBaseURL(p.url), authy.WithHTTPClient(caller))
	user := sound(api.CreateUser(t.Context(), authy.NewUser{Email: "a@b.co", Cellphone: "202-555-0158"}))(t)
	registration := sound(api.StartRegistration(t.Context(), user))(t)
	d := sound(device.Register(t.Context(), device.Registration{Server: p.url, HTTPClient: caller, Token: registration}))(t)
	uuid := sound(api.CreateApprovalRequest(t.Context(), user, authy.NewApprovalRequest{Message: "Log in?"}))(t)
	approve(t, d, uuid)
	<-delivered
	waitForEvent(t, p.running, "callback_sent")

	secrets := secretsOf(t, p, d)
	secrets["API key"], secrets["control token"], secrets["registration token"] = apiKey, controlToken, registration
	secrets["unused registration token"] = sound(api.StartRegistration(t.Context(), user))(t)
	code := sound(d.CurrentCode(t.Context()))(t).Code
	p.call(t, "GET", "/protected/json/verify/"+code+"/1?force=true", http.Header{"X-Authy-Api-Key": {apiKey}}, "")
	secrets["one-time code"] = "/" + code + "/" // as the path had it: the digits alone may be those of a time
	secrets["secret of a TOTP factor"], secrets["code of a TOTP factor"] = totpSecrets(t, p)
	refused := p.misplace(t, secrets)
	places := told{"the log": log.String(), "a refusal": refused}
	for _, path := range []string{
		"/control/v1/traffic?after=0", "/control/v1/events?after=0", "/control/v1/deliveries", "/control/v1/server", "/control/v1/devices",
		"/control/v1/users", "/control/v1/approval_requests",
	} {
		got := p.call(t, "GET", path, bearer(controlToken), "")
		if got.status != 200 || len(got.body) < 3 {
			t.Fatalf("%s: %d %s", path, got.status, got.body)
		}
		places[path] = got.body
	}
	places["/control/v1/server"] = withoutOwn(places["/control/v1/server"], p)
	if !strings.Contains(places["/control/v1/traffic?after=0"], uuid) || !strings.Contains(places["the log"], "delivered") {
		t.Fatal("nothing of the story is told at all")
	}
	for place, text := range places {
		for what, secret := range secrets {
			if strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
				t.Errorf("%s tells the %s", place, what)
			}
		}
	}
}

// withoutOwn is what the operator is told of the server, without the keys of the applications, which are the operator's.
func withoutOwn(text string, p *parties) string {
	return strings.NewReplacer(apiKey, "", p.ours.AccessKey, "", p.ours.SigningKey, "").Replace(text)
}

// secretsOf are those that only the server and a device know.
func secretsOf(t *testing.T, p *parties, d *device.Device) map[string]string {
	t.Helper()
	var key struct {
		D string `json:"d"`
	}
	credentials := d.Credentials()
	if err := json.Unmarshal(credentials.PrivateKey, &key); err != nil || key.D == "" {
		t.Fatalf("the device has no private key: %v", err)
	}
	return map[string]string{
		"access token": credentials.AccessToken, "private key": key.D, "secret of codes": credentials.TOTP.Secret,
		"access key": p.ours.AccessKey, "signing key": p.ours.SigningKey,
	}
}

// totpSecrets are those of an authenticator app that the Verify API has set up, and verified by a code.
func totpSecrets(t *testing.T, p *parties) (secret, code string) {
	t.Helper()
	account := sound(p.Service().Account(t.Context()))(t)
	header := http.Header{
		"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(account.SID+":"+account.AuthToken))},
		"Content-Type":  {"application/x-www-form-urlencoded"},
	}
	secret = strings.Repeat("MFRGGZDFMZTWQ2LK", 2)
	factors := verifyapi.Prefix + "/Services/" + verifywire.ServiceSID(p.ours.ID) + "/Entities/ada-of-acme/Factors"
	made := p.call(t, "POST", factors, header, "FriendlyName=Ada&FactorType=totp&Config.CodeLength=8&Binding.Secret="+secret)
	var factor struct{ SID string }
	if err := json.Unmarshal([]byte(made.body), &factor); err != nil || !strings.Contains(made.body, secret) {
		t.Fatalf("the factor is %s, %v", made.body, err)
	}
	key := sound(onetouch.ParseTOTPSecret(secret))(t)
	code = onetouch.OneTimeCode(key, 8, 30*time.Second, p.Service().Clock().Now())
	verified := p.call(t, "POST", factors+"/"+factor.SID, header, "AuthPayload="+code)
	if !strings.Contains(verified.body, `"status":"verified"`) {
		t.Fatalf("the code got %s", verified.body)
	}
	return secret, code
}

// misplace sends secrets where others belong, and returns all that is answered. What a body or a path repeats of itself to
// whoever sent it is not asked for here.
func (p *parties) misplace(t *testing.T, secrets map[string]string) string {
	t.Helper()
	var answers strings.Builder
	for _, secret := range secrets {
		for _, header := range []http.Header{
			bearer(secret), {"X-Authy-Api-Key": {secret}}, {"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("x:"+secret))}},
			{"Authorization": {secret}}, {"Last-Event-Id": {"x"}, "Authorization": {"Bearer " + secret}},
		} {
			for _, path := range []string{"/protected/json/users/1/status", "/device/v1/approval_requests", "/control/v1/standing", "/nowhere"} {
				answers.WriteString(p.call(t, "GET", path, header, "").body)
			}
		}
		answers.WriteString(p.call(t, "GET", "/protected/json/users/1/status?api_key="+url.QueryEscape(secret), nil, "").body)
		answers.WriteString(p.call(t, "POST", "/device/v1/registrations", nil, `{"registration_token":"`+secret+`","public_key":{}}`).body)
		answers.WriteString(p.call(t, "POST", "/protected/json/users/new", nil, `{"api_key":"`+secret+`"}`).body)
	}
	return answers.String()
}
