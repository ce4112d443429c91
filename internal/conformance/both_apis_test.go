package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	verify "github.com/twilio/twilio-go/rest/verify/v2"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// called waits for the application's next callback, which the verifier has to take.
func (s *stage) called(t *testing.T, heard chan told) *callback.Callback {
	t.Helper()
	one := next(t, heard)
	request := httptest.NewRequest(http.MethodPost, one.url, bytes.NewReader(one.body))
	request.Header = one.header
	verifier := &callback.Verifier{APIKey: s.server.Application().APIKey, URL: one.url, Now: s.clock.Now}
	got, err := verifier.Verify(request)
	if err != nil {
		t.Fatalf("the callback does not verify: %v", err)
	}
	return got
}

// bothAPIs is one user, seen from a backend of each API, each of which is called back.
type bothAPIs struct {
	*stage
	old        *authy.Client
	api        *verify.ApiService
	service    string // SID
	authyID    int64
	identity   string
	calledBack chan told // the application's callback URL
	heard      chan told // the service's webhook
}

func openBothAPIs(t *testing.T) *bothAPIs {
	t.Helper()
	callbacks, calledBack := receiver(t)
	s := openStage(t, onetouch.ApplicationSettings{CallbackURL: &callbacks})
	hooks, heard := receiver(t)
	b := &bothAPIs{
		stage: s, old: authy.New(s.server.Application().APIKey, authy.WithBaseURL(s.url)), api: s.twilio(t),
		service: verifywire.ServiceSID(s.server.Application().ID), calledBack: calledBack, heard: heard,
	}
	if _, err := b.api.CreateWebhook(b.service, new(verify.CreateWebhookParams).SetFriendlyName("answers").
		SetEventTypes([]string{"challenge.approved", "challenge.denied"}).SetWebhookUrl(hooks+"/hook")); err != nil {
		t.Fatal(err)
	}
	var err error
	if b.authyID, err = b.old.CreateUser(t.Context(), authy.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"}); err != nil {
		t.Fatal(err)
	}
	entities, err := b.api.ListEntity(b.service, &verify.ListEntityParams{})
	if err != nil || len(entities) != 1 {
		t.Fatalf("%d entities, %v", len(entities), err)
	}
	b.identity = *entities[0].Identity
	return b
}

// authyPhone is the user's phone with an app of Authy's, and verifyPhone one with an app of Verify's.
func (b *bothAPIs) authyPhone(t *testing.T) *device.Device {
	t.Helper()
	token, err := b.old.StartRegistration(t.Context(), b.authyID)
	if err != nil {
		t.Fatal(err)
	}
	phone, err := device.Register(t.Context(), device.Registration{Server: b.url, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return phone
}

func (b *bothAPIs) verifyPhone(t *testing.T) *device.Device {
	t.Helper()
	token, err := b.api.CreateAccessToken(b.service, new(verify.CreateAccessTokenParams).SetIdentity(b.identity).
		SetFactorType("push"))
	if err != nil {
		t.Fatal(err)
	}
	phone, err := device.RegisterFactor(t.Context(), device.NewFactor{
		Server: b.url, ServiceSID: b.service, Identity: b.identity, AccessToken: *token.Token,
	})
	if err != nil {
		t.Fatal(err)
	}
	return phone
}

// asked has the phone hear of one request, and answer what it shows.
func (b *bothAPIs) asked(t *testing.T, phone *device.Device, message string, status approval.Status) {
	t.Helper()
	enough := errors.New("enough")
	err := phone.Pushes(t.Context(), func(ctx context.Context, push device.Push) error {
		request, err := phone.ApprovalRequest(ctx, push.ApprovalRequestUUID)
		if err != nil || request.Message != message {
			return fmt.Errorf("it shows %+v, %w", request, err)
		}
		return errors.Join(enough, phone.Answer(ctx, request, status, ""))
	})
	if err.Error() != enough.Error() {
		t.Fatal(err)
	}
}

// The same user and the same phone answer one request that was made through Authy's API and one that was made through Verify's,
// whichever of the two the phone speaks. Of each answer both backends are told, each in its own form and with its own signature,
// and each request is visible through both APIs.
func TestBothAPIs(t *testing.T) {
	t.Parallel()
	for name, register := range map[string]func(*bothAPIs, *testing.T) *device.Device{
		"a phone of Authy's": (*bothAPIs).authyPhone, "a phone of Verify's": (*bothAPIs).verifyPhone,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := openBothAPIs(t)
			phone := register(b, t)
			factors, err := b.api.ListFactor(b.service, b.identity, &verify.ListFactorParams{})
			if err != nil || len(factors) != 1 || *factors[0].Status != "verified" ||
				verifywire.DeviceUUID(*factors[0].Sid) != phone.UUID() {
				t.Fatalf("the factors are %+v, %v", factors, err)
			}
			status, err := b.old.UserStatus(t.Context(), b.authyID)
			if err != nil || len(status.Devices) != 1 {
				t.Errorf("Authy's API knows of %+v, %v", status, err)
			}

			uuid, err := b.old.CreateApprovalRequest(t.Context(), b.authyID, authy.NewApprovalRequest{Message: "Authy asks"})
			if err != nil {
				t.Fatal(err)
			}
			b.asked(t, phone, "Authy asks", approval.Approved)
			b.stands(t, phone, uuid, approval.Approved)

			challenge, err := b.api.CreateChallenge(b.service, b.identity, new(verify.CreateChallengeParams).
				SetFactorSid(*factors[0].Sid).SetDetailsMessage("Verify asks"))
			if err != nil {
				t.Fatal(err)
			}
			b.asked(t, phone, "Verify asks", approval.Denied)
			b.stands(t, phone, verifywire.RequestUUID(*challenge.Sid), approval.Denied)
		})
	}
}

// stands expects the answer of the phone through both APIs, whose backends have been told of it.
func (b *bothAPIs) stands(t *testing.T, phone *device.Device, uuid string, status approval.Status) {
	t.Helper()
	b.told(t, b.heard, b.calledBack, "challenge."+string(status), uuid)
	if asked, err := b.old.ApprovalRequest(t.Context(), uuid); err != nil || asked.Status != status {
		t.Errorf("Authy's API says %+v, %v", asked, err)
	}
	fetched, err := b.api.FetchChallenge(b.service, b.identity, verifywire.ChallengeSID(uuid))
	if err != nil || *fetched.Status != string(status) || verifywire.DeviceUUID(*fetched.FactorSid) != phone.UUID() {
		t.Errorf("Verify's API says %+v, %v", fetched, err)
	}
	answer := map[approval.Status]string{approval.Approved: "approves, signed", approval.Denied: "denies, signed"}[status]
	b.tells(t, uuid, "fetches the details", answer, "asks how it stands")
}

// tells expects the texts in the story of a request, in their order.
func (s *stage) tells(t *testing.T, uuid string, want ...string) {
	t.Helper()
	d, err := controlapi.NewClient(s.url, controlToken, http.DefaultClient).Diagram(t.Context(), uuid)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range d.Steps {
		if len(want) > 0 && step.Text == want[0] {
			want = want[1:]
		}
	}
	if len(want) > 0 {
		t.Errorf("the story does not tell %q in its place: %+v", want[0], d.Steps)
	}
}

// told expects the same answer on both sides.
func (s *stage) told(t *testing.T, heard, calledBack chan told, event, uuid string) {
	t.Helper()
	owed, err := s.server.Service().Deliveries(t.Context(), onetouch.DeliveryFilter{
		RequestUUID: uuid, Kinds: []onetouch.DeliveryKind{onetouch.DeliveryVerifyEvent},
	})
	if err != nil || len(owed) != 1 || string(owed[0].Event) != event {
		t.Errorf("owed to webhooks are %+v, %v", owed, err)
	}
	if form := s.event(t, heard, event); form.Get("challenge_sid") != verifywire.ChallengeSID(uuid) {
		t.Errorf("the webhook heard %v", form)
	}
	if got := s.called(t, calledBack); got.UUID != uuid || "challenge."+string(got.Status) != event {
		t.Errorf("the callback says %+v, want %s of %s", got, event, uuid)
	}
}

// factorPhone is a device of the Verify API, written by hand.
type factorPhone struct {
	*stage
	key     *evidence.PrivateKey
	factor  *verify.VerifyV2NewFactor
	account onetouch.Account
}

func (p *factorPhone) credential() string { return "CR" + strings.TrimPrefix(*p.factor.Sid, "YF") }

// try calls the API as the device does.
func (p *factorPhone) try(ctx context.Context, method, path string, form url.Values) (*http.Response, []byte, error) {
	now := p.clock.Now().Unix()
	token, err := evidence.SignToken(p.key, p.credential(), evidence.Token{
		Subject: p.account.SID, NotBefore: now, Expires: now + 600,
	})
	if err != nil {
		return nil, nil, err
	}
	address := p.url + "/v2/Services/" + *p.factor.ServiceSid + "/Entities/" + *p.factor.Identity + path
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth("token", token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	return answer, body, err
}

func (p *factorPhone) call(t *testing.T, method, path string, form url.Values) (*http.Response, []byte) {
	t.Helper()
	answer, body, err := p.try(t.Context(), method, path, form)
	if err != nil {
		t.Fatal(err)
	}
	return answer, body
}

// respond fetches a challenge, signs what it is told to sign, as twilio-verify-android does, and sends it.
func (p *factorPhone) respond(ctx context.Context, sid, status string, change map[string]any) (int, string, error) {
	fetched, body, err := p.try(ctx, http.MethodGet, "/Challenges/"+sid, nil) //nolint:bodyclose // try has closed it
	if err != nil {
		return 0, "", err
	}
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil || fetched.StatusCode != http.StatusOK {
		return 0, "", fmt.Errorf("fetched %d %s", fetched.StatusCode, body)
	}
	if members["hidden_details"] != nil {
		return 0, "", fmt.Errorf("the device sees hidden details: %s", body)
	}
	signed := map[string]any{"status": status}
	for name := range strings.SplitSeq(fetched.Header.Get("Twilio-Verify-Signature-Fields"), ",") {
		signed[name] = members[name]
	}
	maps.Copy(signed, change)
	payload, err := json.Marshal(signed)
	if err != nil {
		return 0, "", err
	}
	jwt, err := evidence.SignJWT(p.key, p.credential(), payload)
	if err != nil {
		return 0, "", err
	}
	answered, body, err := p.try(ctx, http.MethodPost, "/Challenges/"+sid, url.Values{"AuthPayload": {jwt}}) //nolint:bodyclose // try has closed it
	if err != nil {
		return 0, "", err
	}
	return answered.StatusCode, string(body), nil
}

func (p *factorPhone) answer(t *testing.T, sid, status string, change map[string]any) (int, string) {
	t.Helper()
	code, body, err := p.respond(t.Context(), sid, status, change)
	if err != nil {
		t.Fatal(err)
	}
	return code, body
}
