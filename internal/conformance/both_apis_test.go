package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
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

// One user with one phone of each API answers a request that was made through Authy's and one through Verify's. Of each
// answer both sides are told, each in its own form.
func TestBothAPIs(t *testing.T) {
	t.Parallel()
	callbacks, calledBack := receiver(t)
	s := openStage(t, onetouch.ApplicationSettings{CallbackURL: &callbacks})
	hooks, heard := receiver(t)
	old, api := authy.New(s.server.Application().APIKey, authy.WithBaseURL(s.url)), s.twilio(t)
	vs := verifywire.ServiceSID(s.server.Application().ID)
	if _, err := api.CreateWebhook(vs, new(verify.CreateWebhookParams).SetFriendlyName("answers").
		SetEventTypes([]string{"challenge.approved", "challenge.denied"}).SetWebhookUrl(hooks+"/hook")); err != nil {
		t.Fatal(err)
	}
	authyID, err := old.CreateUser(t.Context(), authy.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"})
	if err != nil {
		t.Fatal(err)
	}
	entities, err := api.ListEntity(vs, &verify.ListEntityParams{})
	if err != nil || len(entities) != 1 {
		t.Fatalf("%d entities, %v", len(entities), err)
	}
	identity := *entities[0].Identity

	// The phone of Authy's API is a factor, and answers a challenge.
	if _, err := s.registerDevice(t.Context(), direction{AuthyID: authyID}); err != nil {
		t.Fatal(err)
	}
	factors, err := api.ListFactor(vs, identity, &verify.ListFactorParams{})
	if err != nil || len(factors) != 1 || *factors[0].Status != "verified" {
		t.Fatalf("the factors are %+v, %v", factors, err)
	}
	challenge, err := api.CreateChallenge(vs, identity, new(verify.CreateChallengeParams).SetFactorSid(*factors[0].Sid).
		SetDetailsMessage("Log in?"))
	if err != nil {
		t.Fatal(err)
	}
	uuid := verifywire.RequestUUID(*challenge.Sid)
	if _, err := s.answer(t.Context(), direction{AuthyID: authyID, UUID: uuid, Status: approval.Approved}); err != nil {
		t.Fatal(err)
	}
	s.told(t, heard, calledBack, "challenge.approved", uuid)
	if asked, err := old.ApprovalRequest(t.Context(), uuid); err != nil || asked.Status != approval.Approved {
		t.Errorf("Authy's API says %+v, %v", asked, err)
	}
	if fetched, err := api.FetchChallenge(vs, identity, *challenge.Sid); err != nil || *fetched.Status != "approved" {
		t.Errorf("Verify's API says %+v, %v", fetched, err)
	}

	// The phone of the Verify API answers a request of Authy's.
	key, factor := s.createFactor(t, api, vs, identity)
	if err := verifyFactor(api, key, factor); err != nil {
		t.Fatalf("the factor is not verified: %v", err)
	}
	uuid, err = old.CreateApprovalRequest(t.Context(), authyID, authy.NewApprovalRequest{Message: "Pay?"})
	if err != nil {
		t.Fatal(err)
	}
	phone := &factorPhone{stage: s, key: key, factor: factor, account: s.account(t)}
	status, body := phone.answer(t, verifywire.ChallengeSID(uuid), "denied", nil)
	if status != http.StatusOK || !strings.Contains(body, `"status":"denied"`) {
		t.Fatalf("the answer got %d %s", status, body)
	}
	s.told(t, heard, calledBack, "challenge.denied", uuid)
	if asked, err := old.ApprovalRequest(t.Context(), uuid); err != nil || asked.Status != approval.Denied {
		t.Errorf("Authy's API says %+v, %v", asked, err)
	}
	if status, body := phone.answer(t, verifywire.ChallengeSID(uuid), "approved", nil); status != http.StatusConflict {
		t.Errorf("a second answer got %d %s", status, body)
	}
	if _, err := api.FetchChallenge(vs, identity, verifywire.ChallengeSID(uuid)); err != nil {
		t.Fatal(err)
	}
	s.tells(t, uuid, "asks “Pay?”", "fetches the details", "denies, signed", "answers", "asks how it stands")
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
