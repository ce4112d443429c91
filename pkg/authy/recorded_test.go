package authy_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/details"
)

func recordedPhone() authy.Phone { return authy.Phone{CountryCode: "1", Number: "775-461-5609"} }

// Answers as Authy gave them, and what the client asked for them.
func TestRecordedAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ask     func(context.Context, *authy.Client) (any, error)
		request string
		body    string
		want    any
	}{
		"verify": {
			func(ctx context.Context, c *authy.Client) (any, error) {
				device, err := c.VerifyToken(ctx, 7, authy.VerifyToken{Token: "0000000", Force: true, Action: "log in"})
				return *device, err
			},
			"GET /protected/json/verify/0000000/7?force=true&action=log+in ",
			`{"message":"Token is valid.","token":"is valid","success":"true","device":{"id":null,"os_type":"sms",` +
				`"registration_date":1500648405,"registration_method":null,"registration_country":null,"registration_region":null,` +
				`"registration_city":null,"country":null,"region":null,"city":null,"ip":null,` +
				`"last_account_recovery_at":1494631010,"last_sync_date":null}}`,
			authy.Device{
				OSType: "sms", RegisteredAt: time.Unix(1500648405, 0).UTC(), LastAccountRecoveryAt: time.Unix(1494631010, 0).UTC(),
			},
		},
		"verify without a device": {
			func(ctx context.Context, c *authy.Client) (any, error) {
				device, err := c.VerifyToken(ctx, 7, authy.VerifyToken{Token: "1/2 3"})
				return device == nil, err
			},
			"GET /protected/json/verify/1%2F2%203/7 ", `{"token":"is valid","success":true}`, true,
		},
		"SMS": {
			func(ctx context.Context, c *authy.Client) (any, error) { return c.SendSMS(ctx, 7, authy.SendToken{}) },
			"GET /protected/json/sms/7 ", `{"success":true,"message":"SMS token was sent","cellphone":"+1-XXX-XXX-XX12"}`,
			authy.SentToken{Message: "SMS token was sent", Cellphone: "+1-XXX-XXX-XX12"},
		},
		"ignored call": {
			func(ctx context.Context, c *authy.Client) (any, error) {
				return c.Call(ctx, 7, authy.SendToken{Force: true, Action: "a", ActionMessage: "b", Locale: "es"})
			},
			"GET /protected/json/call/7?force=true&action=a&action_message=b&locale=es ",
			`{"message":"Call ignored.","cellphone":"+57-XXX-XXX-XX12","device":"android","ignored":true,"success":true}`,
			authy.SentToken{Message: "Call ignored.", Cellphone: "+57-XXX-XXX-XX12", Device: "android", Ignored: true},
		},
		"email": {
			func(ctx context.Context, c *authy.Client) (any, error) { return c.SendEmail(ctx, 7, authy.SendToken{}) },
			"POST /protected/json/email/7 ",
			`{"success":true,"message":"Email token was sent","email":"a@b.co","email_id":"EM0123456789abcdef0123456789abcdef"}`,
			authy.SentEmail{Message: "Email token was sent", Email: "a@b.co", EmailID: "EM0123456789abcdef0123456789abcdef"},
		},
		"update": {
			func(ctx context.Context, c *authy.Client) (any, error) { return nil, c.UpdateUser(ctx, 7, "a@b.co") },
			"POST /protected/json/users/7/update email=a%40b.co", `{"message":"User was updated successfully","success":true}`, nil,
		},
		"activity": {
			func(ctx context.Context, c *authy.Client) (any, error) {
				return nil, c.RegisterActivity(ctx, 7, authy.Activity{
					Type: authy.ActivityBanned, Data: details.List{{Name: "why", Value: "fraud"}}, UserIP: "10.0.0.1",
				})
			},
			"POST /protected/json/users/7/register_activity type=banned&data%5Bwhy%5D=fraud&user_ip=10.0.0.1",
			`{"message":"Activity was created.","success":true}`, nil,
		},
		"secret": {
			func(ctx context.Context, c *authy.Client) (any, error) {
				return c.CreateAuthenticator(ctx, 7, authy.NewAuthenticator{Label: "ada", QRSize: 200})
			},
			"POST /protected/json/users/7/secret label=ada&qr_size=200",
			`{"issuer":"Acme","label":"ada","qr_code":"https://x.test/1.png","success":true}`,
			authy.Authenticator{Issuer: "Acme", Label: "ada", QRCode: "https://x.test/1.png"},
		},
		"phone verification": {
			func(ctx context.Context, c *authy.Client) (any, error) {
				return c.StartPhoneVerification(ctx, authy.NewPhoneVerification{
					Phone: recordedPhone(), Via: authy.ViaCall, Locale: "es", CodeLength: 6, CustomCode: "123456", CustomMessage: "c",
				})
			},
			"POST /protected/json/phones/verification/start country_code=1&phone_number=775-461-5609&via=call&locale=es" +
				"&code_length=6&custom_code=123456&custom_message=c",
			`{"carrier":"AT&T","is_cellphone":true,"is_ported":false,"message":"Text message sent to +1 775-461-5609.",` +
				`"seconds_to_expire":599,"uuid":"u","success":true}`,
			authy.PhoneVerification{
				UUID: "u", Message: "Text message sent to +1 775-461-5609.", Carrier: "AT&T", IsCellphone: true, SecondsToExpire: 599,
			},
		},
		"phone verification of the sandbox": {
			func(ctx context.Context, c *authy.Client) (any, error) {
				return c.StartPhoneVerification(ctx, authy.NewPhoneVerification{Phone: recordedPhone()})
			},
			"POST /protected/json/phones/verification/start country_code=1&phone_number=775-461-5609&via=sms",
			`{"message":"Text message sent.","carrier":"Google Voice","uuid":null,"seconds_to_expire":0,"success":true}`,
			authy.PhoneVerification{Message: "Text message sent.", Carrier: "Google Voice"},
		},
		"check": {
			func(ctx context.Context, c *authy.Client) (any, error) {
				return nil, c.CheckPhoneVerification(ctx, recordedPhone(), "0000")
			},
			"GET /protected/json/phones/verification/check?country_code=1&phone_number=775-461-5609&verification_code=0000 ",
			`{"message":"Verification code is correct.","success":true}`, nil,
		},
		"status": {
			func(ctx context.Context, c *authy.Client) (any, error) {
				return c.PhoneVerificationStatus(ctx, recordedPhone())
			},
			"GET /protected/json/phones/verification/status?country_code=1&phone_number=775-461-5609 ",
			`{"message":"Phone Verification status.","status":"pending","seconds_to_expire":50,"success":true}`,
			authy.PhoneVerificationStatus{Status: "pending", SecondsToExpire: 50},
		},
		"status by UUID": {
			func(ctx context.Context, c *authy.Client) (any, error) {
				return c.PhoneVerificationStatusByUUID(ctx, "u")
			},
			"GET /protected/json/phones/verification/status?uuid=u ", `{"status":"expired","success":true}`,
			authy.PhoneVerificationStatus{Status: "expired"},
		},
		"phone info": {
			func(ctx context.Context, c *authy.Client) (any, error) { return c.PhoneInfo(ctx, recordedPhone()) },
			"GET /protected/json/phones/info?country_code=1&phone_number=775-461-5609 ",
			`{"message":"Phone number information as of 2017-11-25 23:21:39 UTC","type":"voip","provider":"Pinger",` +
				`"ported":false,"success":true}`,
			authy.PhoneInfo{Message: "Phone number information as of 2017-11-25 23:21:39 UTC", Type: "voip", Provider: "Pinger"},
		},
		"details": {
			func(ctx context.Context, c *authy.Client) (any, error) { return c.ApplicationDetails(ctx) },
			"GET /protected/json/app/details ",
			`{"app":{"app_id":3,"name":"Test","plan":"pay_as_you_go","sms_enabled":false,"phone_calls_enabled":false,` +
				`"onetouch_enabled":true},"message":"Application information.","success":true}`,
			authy.ApplicationDetails{ID: 3, Name: "Test", Plan: "pay_as_you_go", OneTouchEnabled: true},
		},
		"statistics": {
			func(ctx context.Context, c *authy.Client) (any, error) { return c.ApplicationStats(ctx) },
			"GET /protected/json/app/stats ",
			`{"app_id":1,"count":1,"message":"Monthly statistics.","total_users":100,"stats":[{"month":"January","year":2015,` +
				`"api_calls_count":5,"auths_count":4,"calls_count":3,"sms_count":2,"users_count":1}],"success":true}`,
			authy.ApplicationStats{ApplicationID: 1, TotalUsers: 100, Months: []authy.MonthlyStats{
				{Year: 2015, Month: time.January, APICalls: 5, Auths: 4, Calls: 3, SMS: 2, Users: 1},
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{status: 200, body: c.body}
			got, err := c.ask(t.Context(), r.client())
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, %v", got, err)
			}
			if r.request != c.request {
				t.Errorf("asked %s\nwant  %s", r.request, c.request)
			}
		})
	}
}

// The vendor's way to sign: nonce, method, URL and the sorted parameters.
func TestWebhooksAreSigned(t *testing.T) {
	t.Parallel()
	r := &recorder{status: 200, body: `{"webhook":{"id":"WH_1","name":"n","account_sid":"AC1","service_id":9,"url":"https://x.test/",` +
		`"signing_key":"s","events":["user_added"]},"message":"Webhook created","success":true}`}
	client := authy.New("the-secret-key", authy.WithHTTPClient(&http.Client{Transport: r}), authy.WithAccessKey("a key", "the signing key"))
	got, err := client.CreateWebhook(t.Context(), authy.NewWebhook{
		Name: "n", URL: "https://x.test/", Events: []string{"user_removed", "user_added"},
	})
	want := authy.Webhook{
		ID: "WH_1", Name: "n", URL: "https://x.test/", SigningKey: "s", Events: []string{"user_added"}, AccountSID: "AC1", ServiceID: "9",
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if r.request != "POST /dashboard/json/application/webhooks name=n&url=https%3A%2F%2Fx.test%2F&events%5B%5D=user_removed"+
		"&events%5B%5D=user_added&app_api_key=the-secret-key&access_key=a+key" {
		t.Errorf("asked %s", r.request)
	}
	if r.header.Get("X-Authy-Signature") == "" || r.header.Get("X-Authy-Signature-Nonce") == "" {
		t.Errorf("the header is %v", r.header)
	}
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", got, got, got), fmt.Sprintf("%v %+v %#v", client, client, *client)} {
		if strings.Contains(text, "signing") || strings.Contains(text, "a key") || strings.Contains(text, `"s"`) {
			t.Errorf("printing shows %s", text)
		}
	}
	_, err = (&recorder{}).client().Webhooks(t.Context())
	if !errors.Is(err, authy.ErrAccessKey) {
		t.Errorf("without an access key: %v", err)
	}
}

func TestCodesThatErrorsTellApart(t *testing.T) {
	t.Parallel()
	for code, kind := range map[string]error{
		"60001": authy.ErrInvalidAPIKey, "60002": authy.ErrInvalidRequest, "60003": authy.ErrTooManyRequests,
		"60004": authy.ErrInvalidParameter, "60005": authy.ErrInvalidEncoding, "60006": authy.ErrCallsDisabled,
		"60007": authy.ErrSMSDisabled, "60009": authy.ErrTooManyRequests, "60015": authy.ErrSMSNotSent, "60016": authy.ErrUserNotFound,
		"60017": authy.ErrUserSuspended, "60019": authy.ErrTokenReused, "60020": authy.ErrTokenInvalid,
		"60021": authy.ErrPhoneVerificationNotCreated, "60022": authy.ErrVerificationCodeIncorrect,
		"60023": authy.ErrNoPendingVerification, "60025": authy.ErrPhoneInfo, "60026": authy.ErrUserNotFound,
		"60027": authy.ErrUserNotValid, "60033": authy.ErrPhoneNumberInvalid, "60038": authy.ErrEmailInvalid,
		"60049": authy.ErrApprovalRequestNotFound, "60050": authy.ErrUserWithoutDevice, "60061": authy.ErrApplicationSuspended,
		"60071": authy.ErrAccessKey, "60082": authy.ErrLandline, "60087": authy.ErrSignature,
		"60091": authy.ErrCustomMessageNotAllowed, "60092": authy.ErrDeviceNotFound, "60098": authy.ErrWebhookInvalid,
		"60100": authy.ErrWebhookNotFound, "60113": authy.ErrAuthenticatorNotFound, "60035": authy.ErrRegistrationNotFound,
	} {
		r := &recorder{status: 400, body: `{"success":false,"message":"no","error_code":"` + code + `"}`}
		err := r.client().UpdateUser(t.Context(), 7, "a@b.co")
		if !errors.Is(err, kind) {
			t.Errorf("%s is %v, want %v", code, err, kind)
		}
		if code != "60019" && errors.Is(err, authy.ErrTokenReused) || code != "60020" && errors.Is(err, authy.ErrTokenInvalid) {
			t.Errorf("%s is of two kinds", code)
		}
	}
}

func TestNothingIsAskedWithoutWhatIsNeeded(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	if _, err := r.client().VerifyToken(t.Context(), 7, authy.VerifyToken{}); !errors.Is(err, authy.ErrTokenInvalid) {
		t.Errorf("no token: %v", err)
	}
	client := authy.New("k", authy.WithHTTPClient(&http.Client{Transport: r}), authy.WithAccessKey("a", "s"))
	if err := client.DeleteWebhook(t.Context(), ""); !errors.Is(err, authy.ErrWebhookNotFound) {
		t.Errorf("no webhook: %v", err)
	}
	if r.request != "" {
		t.Errorf("asked %s", r.request)
	}
}
