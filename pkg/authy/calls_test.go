package authy_test

import (
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// code is the newest one in the server's inbox.
func (s *server) code(t *testing.T, to string) string {
	t.Helper()
	messages, err := s.service.Messages(t.Context(), onetouch.MessageFilter{To: to, Limit: 1})
	must(t, err)
	if len(messages) == 0 {
		t.Fatalf("nothing was sent to %s", to)
	}
	return messages[0].Code
}

// set changes the server's application.
func (s *server) set(t *testing.T, settings onetouch.ApplicationSettings) {
	t.Helper()
	_, err := s.service.UpdateApplication(t.Context(), s.app.ID, settings)
	must(t, err)
}

func mustBe(t *testing.T, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("got %v, want %v", err, kind)
	}
}

func TestTokensAreSentAndVerified(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newServer(t)
	client := s.client()
	id, err := client.CreateUser(ctx, authy.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"})
	must(t, err)
	for _, send := range []func() (authy.SentToken, error){
		func() (authy.SentToken, error) { return client.SendSMS(ctx, id, authy.SendToken{Action: "log in"}) },
		func() (authy.SentToken, error) { return client.Call(ctx, id, authy.SendToken{Locale: "es"}) },
	} {
		sent, err := send()
		if err != nil || sent.Cellphone != "+1-XXX-XXX-XX58" || sent.Ignored || sent.Message == "" {
			t.Errorf("sent %+v, %v", sent, err)
		}
		code := s.code(t, "+12025550158")
		device, err := client.VerifyToken(ctx, id, authy.VerifyToken{Token: code, Force: true})
		if err != nil || device == nil || device.OSType != "sms" || device.RegisteredAt.IsZero() {
			t.Errorf("verified by %+v, %v", device, err)
		}
		_, err = client.VerifyToken(ctx, id, authy.VerifyToken{Token: code, Force: true})
		mustBe(t, err, authy.ErrTokenReused)
	}
	email, err := client.SendEmail(ctx, id, authy.SendToken{})
	if err != nil || email.Email != "ada@example.com" || !strings.HasPrefix(email.EmailID, "EM") {
		t.Errorf("sent %+v, %v", email, err)
	}
	_, err = client.VerifyToken(ctx, id, authy.VerifyToken{Token: "000000"})
	mustBe(t, err, authy.ErrTokenInvalid)
	_, err = client.VerifyToken(ctx, 999, authy.VerifyToken{Token: "000000"})
	mustBe(t, err, authy.ErrUserNotFound)

	token, err := client.StartRegistration(ctx, id)
	must(t, err)
	phone, err := s.register(ctx, token)
	must(t, err)
	ignored, err := client.SendSMS(ctx, id, authy.SendToken{})
	if err != nil || !ignored.Ignored || ignored.Device != "ios" {
		t.Errorf("ignored %+v, %v", ignored, err)
	}
	code := onetouch.OneTimeCode(phone.TOTPSecret, 7, 10*time.Second, s.service.Clock().Now())
	device, err := client.VerifyToken(ctx, id, authy.VerifyToken{Token: code})
	if err != nil || device.ID != phone.ID || device.OSType != "ios" {
		t.Errorf("verified by %+v, %v", device, err)
	}
	no := false
	s.set(t, onetouch.ApplicationSettings{SMSEnabled: &no, CallsEnabled: &no})
	_, err = client.SendSMS(ctx, id, authy.SendToken{Force: true})
	mustBe(t, err, authy.ErrSMSDisabled)
	_, err = client.Call(ctx, id, authy.SendToken{Force: true})
	mustBe(t, err, authy.ErrCallsDisabled)
}

func TestUsersChange(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newServer(t)
	client := s.client()
	id, err := client.CreateUser(ctx, authy.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158", NoInstallLink: true})
	must(t, err)
	if messages, err := s.service.Messages(ctx, onetouch.MessageFilter{}); err != nil || len(messages) != 0 {
		t.Errorf("sent %+v, %v", messages, err)
	}
	must(t, client.UpdateUser(ctx, id, "ada@example.org"))
	mustBe(t, client.UpdateUser(ctx, id, "ada"), authy.ErrEmailInvalid)
	banned := authy.Activity{Type: authy.ActivityBanned, Data: details.List{{Name: "why", Value: "fraud"}}, UserIP: "10.0.0.1"}
	must(t, client.RegisterActivity(ctx, id, banned))
	mustBe(t, client.RegisterActivity(ctx, id, authy.Activity{Type: "promoted"}), authy.ErrInvalidParameter)
	status, err := client.UserStatus(ctx, id)
	if err != nil || !status.AccountDisabled || status.Email != "ada@example.org" {
		t.Errorf("status is %+v, %v", status, err)
	}
	_, err = client.VerifyToken(ctx, id, authy.VerifyToken{Token: "0000000"})
	mustBe(t, err, authy.ErrUserSuspended)
	must(t, client.RegisterActivity(ctx, id, authy.Activity{Type: authy.ActivityUnbanned}))
	kept, err := s.service.Activities(ctx, onetouch.ActivityFilter{AuthyID: id})
	if err != nil || len(kept) != 2 || !reflect.DeepEqual(kept[1].Data, banned.Data) || kept[1].UserIP != banned.UserIP {
		t.Errorf("kept %+v, %v", kept, err)
	}
}

func TestRegistrationStatus(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newServer(t)
	client := s.client()
	id, err := client.CreateUser(ctx, newUser())
	must(t, err)
	_, err = client.RegistrationStatus(ctx, id)
	mustBe(t, err, authy.ErrRegistrationNotFound)
	token, err := client.StartRegistration(ctx, id)
	must(t, err)
	status, err := client.RegistrationStatus(ctx, id)
	if err != nil || status.State != authy.RegistrationPending || status.ExpiresAt.Sub(status.CreatedAt) != 10*time.Minute {
		t.Errorf("status is %+v, %v", status, err)
	}
	_, err = s.register(ctx, token)
	must(t, err)
	if status, err = client.RegistrationStatus(ctx, id); err != nil || status.State != authy.RegistrationCompleted {
		t.Errorf("status is %+v, %v", status, err)
	}
}

func TestAuthenticator(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newServer(t)
	client := s.client()
	id, err := client.CreateUser(ctx, newUser())
	must(t, err)
	made, err := client.CreateAuthenticator(ctx, id, authy.NewAuthenticator{Label: "ada", QRSize: 150})
	if err != nil || made.Issuer != "Acme Bank" || made.Label != "ada" || !strings.Contains(made.URI, made.Secret) {
		t.Errorf("made %+v, %v", made, err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, made.QRCode, nil)
	must(t, err)
	response, err := s.Client().Do(r)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	picture, err := io.ReadAll(response.Body)
	if err != nil || http.DetectContentType(picture) != "image/png" {
		t.Errorf("the picture is %q, %v", picture, err)
	}
	_, err = client.CreateAuthenticator(ctx, 999, authy.NewAuthenticator{})
	mustBe(t, err, authy.ErrUserNotFound)
}

func TestPhoneVerification(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newServer(t)
	client := s.client()
	phone := authy.Phone{CountryCode: "1", Number: "775-461-5609"}
	_, err := client.PhoneVerificationStatus(ctx, phone)
	mustBe(t, err, authy.ErrNoPendingVerification)
	started, err := client.StartPhoneVerification(ctx, authy.NewPhoneVerification{Phone: phone, Via: authy.ViaCall, CodeLength: 6})
	if err != nil || started.Message != "Call to +1 775-461-5609 initiated." || started.UUID == "" || started.SecondsToExpire < 590 {
		t.Errorf("started %+v, %v", started, err)
	}
	code := s.code(t, "+17754615609")
	mustBe(t, client.CheckPhoneVerification(ctx, phone, "x"), authy.ErrVerificationCodeIncorrect)
	must(t, client.CheckPhoneVerification(ctx, phone, code))
	mustBe(t, client.CheckPhoneVerification(ctx, phone, code), authy.ErrNoPendingVerification)
	for _, ask := range []func() (authy.PhoneVerificationStatus, error){
		func() (authy.PhoneVerificationStatus, error) { return client.PhoneVerificationStatus(ctx, phone) },
		func() (authy.PhoneVerificationStatus, error) {
			return client.PhoneVerificationStatusByUUID(ctx, started.UUID)
		},
	} {
		if status, err := ask(); err != nil || status.Status != "verified" {
			t.Errorf("status is %+v, %v", status, err)
		}
	}
	_, err = client.StartPhoneVerification(ctx, authy.NewPhoneVerification{Phone: phone, CustomCode: "1234"})
	mustBe(t, err, authy.ErrPhoneVerificationNotCreated)
	_, err = client.StartPhoneVerification(ctx, authy.NewPhoneVerification{Phone: phone, CustomMessage: "Hello"})
	mustBe(t, err, authy.ErrCustomMessageNotAllowed)
	_, err = client.StartPhoneVerification(ctx, authy.NewPhoneVerification{Phone: authy.Phone{Number: "7754615609"}})
	mustBe(t, err, authy.ErrInvalidParameter)
	_, err = client.PhoneInfo(ctx, authy.Phone{CountryCode: "1", Number: "123"})
	mustBe(t, err, authy.ErrPhoneNumberInvalid)
	if info, err := client.PhoneInfo(ctx, phone); err != nil || info.Provider == "" || info.Type == "" {
		t.Errorf("info is %+v, %v", info, err)
	}
}

func TestApplication(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newServer(t)
	client := s.client()
	app, err := client.ApplicationDetails(ctx)
	want := authy.ApplicationDetails{
		ID: s.app.SerialID, Name: "Acme Bank", Plan: "pay_as_you_go", SMSEnabled: true, PhoneCallsEnabled: true, OneTouchEnabled: true,
	}
	if err != nil || app != want {
		t.Errorf("details are %+v, %v", app, err)
	}
	_, err = client.CreateUser(ctx, newUser())
	must(t, err)
	stats, err := client.ApplicationStats(ctx)
	if err != nil || stats.ApplicationID != s.app.SerialID || stats.TotalUsers != 1 || len(stats.Months) != 12 {
		t.Fatalf("statistics are %+v, %v", stats, err)
	}
	now := s.service.Clock().Now()
	if this := stats.Months[11]; this.Year != now.Year() || this.Month != now.Month() || this.Users != 1 || this.APICalls < 3 {
		t.Errorf("this month is %+v", this)
	}
	yes := true
	s.set(t, onetouch.ApplicationSettings{Suspended: &yes})
	_, err = client.ApplicationDetails(ctx)
	mustBe(t, err, authy.ErrApplicationSuspended)
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newServer(t)
	client := func(accessKey, signingKey string) *authy.Client {
		return authy.New(s.app.APIKey, authy.WithBaseURL(s.URL+"/"), authy.WithHTTPClient(s.Client()), authy.WithAccessKey(accessKey, signingKey))
	}
	manager := client(s.app.AccessKey, s.app.SigningKey)
	made, err := manager.CreateWebhook(ctx, authy.NewWebhook{
		Name: "audit & more", URL: "http://127.0.0.1:6969/hook?a=b", Events: []string{"user_removed", "user_added"},
	})
	must(t, err)
	if made.Name != "audit & more" || made.URL != "http://127.0.0.1:6969/hook?a=b" || made.SigningKey == "" || made.CreatedAt.IsZero() ||
		!reflect.DeepEqual(made.Events, []string{"user_removed", "user_added"}) {
		t.Errorf("made %s with %v", made, made.Events)
	}
	all, err := manager.Webhooks(ctx)
	if err != nil || !reflect.DeepEqual(all, []authy.Webhook{made}) {
		t.Errorf("all are %v, %v", all, err)
	}
	_, err = manager.CreateWebhook(ctx, authy.NewWebhook{Name: "n", URL: "x"})
	mustBe(t, err, authy.ErrWebhookInvalid)
	_, err = client("wrong", s.app.SigningKey).Webhooks(ctx)
	mustBe(t, err, authy.ErrAccessKey)
	_, err = client(s.app.AccessKey, "wrong").Webhooks(ctx)
	mustBe(t, err, authy.ErrSignature)
	must(t, manager.DeleteWebhook(ctx, made.ID))
	mustBe(t, manager.DeleteWebhook(ctx, made.ID), authy.ErrWebhookNotFound)
	if left, err := manager.Webhooks(ctx); err != nil || len(left) != 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// Limits are told apart from everything else that goes wrong.
func TestLimits(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newServer(t)
	client := s.client()
	id, err := client.CreateUser(ctx, authy.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158", NoInstallLink: true})
	must(t, err)
	one := 1
	s.set(t, onetouch.ApplicationSettings{LimitSettings: onetouch.LimitSettings{TokensPerHour: &one, FailuresPerHour: &one}})
	_, err = client.SendSMS(ctx, id, authy.SendToken{})
	must(t, err)
	_, err = client.SendSMS(ctx, id, authy.SendToken{})
	mustBe(t, err, authy.ErrTooManyRequests)
	for range 2 {
		_, err = client.VerifyToken(ctx, id, authy.VerifyToken{Token: "000000", Force: true})
	}
	mustBe(t, err, authy.ErrTooManyRequests)
}
