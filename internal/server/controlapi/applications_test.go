package controlapi_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

func ptr[T any](value T) *T { return &value }

// everySetting is unlike an ordinary application in each.
func everySetting() onetouch.ApplicationSettings {
	return onetouch.ApplicationSettings{
		Name: "Acme / Bank?", APIKey: "api", AlternativeAPIKey: ptr("alternative"), AccessKey: "access", SigningKey: "signing",
		CallbackURL: ptr("http://127.0.0.1:3000/callback"), CallbackMethod: "GET", PushSender: "backend", RequireDevice: ptr(true),
		TokenDigits: 8, VerifyUnconfirmed: ptr(false), StrictPhoneNumbers: ptr(true), SMSEnabled: ptr(false),
		CallsEnabled: ptr(false), CustomCodesEnabled: ptr(true), Sandbox: ptr(true), UnknownRequestsPending: ptr(true),
		Suspended: ptr(true),
		DeliverySettings: onetouch.DeliverySettings{
			DeliveryTimeout: ptr("5s"), DeliveryRetries: ptr("1s,5s"), DeliveryConcurrency: ptr(4),
		},
		CallbackFormSettings: onetouch.CallbackFormSettings{
			CallbackGeneration: "2017", CallbackDeviceUUID: "number", CallbackOrder: "decoded",
		},
		LimitSettings: onetouch.LimitSettings{
			TokensPerHour: ptr(1), FailuresPerHour: ptr(2), APICallsPerMinute: ptr(3), SMSPerDay: ptr(4), SMSPerMonth: ptr(5),
			CallsPerDay: ptr(6), CallsPerMonth: ptr(7),
		},
	}
}

// chosen is an application as everySetting makes it.
func chosen(id string, serialID int64, created time.Time) controlapi.Application {
	return controlapi.Application{
		ID: id, SerialID: serialID, Name: "Acme / Bank?", APIKey: "api", AlternativeAPIKey: "alternative", AccessKey: "access",
		SigningKey: "signing", CallbackURL: "http://127.0.0.1:3000/callback", CallbackMethod: "GET", Push: "backend",
		RequireDevice: true, CreatedAt: created,
		Switches: onetouch.Switches{
			TokenDigits: 8, StrictPhoneNumbers: true, CustomCodesEnabled: true, Sandbox: true, UnknownRequestsPending: true,
			Suspended: true,
			DeliverySwitches: onetouch.DeliverySwitches{
				DeliveryTimeout: "5s", DeliveryRetries: "1s,5s", DeliveryConcurrency: 4,
			},
			CallbackForm: onetouch.CallbackForm{CallbackGeneration: "2017", CallbackDeviceUUID: "number", CallbackOrder: "decoded"},
		},
		Limits: onetouch.Limits{
			TokensPerHour: 1, FailuresPerHour: 2, APICallsPerMinute: 3, SMSPerDay: 4, SMSPerMonth: 5, CallsPerDay: 6,
			CallsPerMonth: 7,
		},
	}
}

// A setting that is added to the type but not handed on is found here.
func TestEverySettingIsHandedOn(t *testing.T) {
	t.Parallel()
	settings := reflect.ValueOf(everySetting())
	for _, field := range reflect.VisibleFields(settings.Type()) {
		elsewhere := field.Tag.Get("json") == "-" // what the Verify API alone sets
		if !elsewhere && settings.FieldByIndex(field.Index).IsZero() {
			t.Errorf("the test does not set %s", field.Name)
		}
	}
	ctx, o := t.Context(), newOperated(t)
	created, err := o.client.CreateApplication(ctx, everySetting())
	must(t, err)
	if want := chosen(created.ID, created.SerialID, created.CreatedAt); created != want || created.CreatedAt.IsZero() {
		t.Errorf("created %+v\nwant    %+v", created, want)
	}
	plain, err := o.client.CreateApplication(ctx, onetouch.ApplicationSettings{Name: "Plain"})
	must(t, err)
	others := everySetting()
	others.Name, others.APIKey, others.AlternativeAPIKey = "Other", "api2", ptr("alternative2")
	updated, err := o.client.UpdateApplication(ctx, "Plain", others)
	must(t, err)
	want := chosen(plain.ID, plain.SerialID, plain.CreatedAt)
	want.Name, want.APIKey, want.AlternativeAPIKey = "Other", "api2", "alternative2"
	if updated != want {
		t.Errorf("updated %+v\nwant    %+v", updated, want)
	}
	if kept, err := o.client.UpdateApplication(ctx, plain.ID, onetouch.ApplicationSettings{}); err != nil || kept != want {
		t.Errorf("nothing was to change: %+v, %v", kept, err)
	}
}

func TestApplicationIsCalledByIDSerialIDOrName(t *testing.T) {
	t.Parallel()
	ctx, o := t.Context(), newOperated(t)
	created, err := o.client.CreateApplication(ctx, everySetting())
	must(t, err)
	for _, called := range []string{created.ID, created.Name, strconv.FormatInt(created.SerialID, 10)} {
		if found, err := o.client.Application(ctx, called); err != nil || found != created {
			t.Errorf("%q: %+v, %v", called, found, err)
		}
	}
	for _, called := range []string{"nobody", "0", created.ID[1:], "acme / bank?", strings.Repeat("x", 4000)} {
		if _, err := o.client.Application(ctx, called); onetouch.CodeOf(err) != onetouch.CodeApplicationNotFound {
			t.Errorf("%.20q: %v", called, err)
		}
		_, err := o.client.UpdateApplication(ctx, called, onetouch.ApplicationSettings{Suspended: ptr(true)})
		if onetouch.CodeOf(err) != onetouch.CodeApplicationNotFound {
			t.Errorf("changing %.20q: %v", called, err)
		}
	}
	server, err := o.client.Server(ctx)
	must(t, err)
	if apps := server.Applications; len(apps) != 2 || apps[0].ID != o.app.ID || apps[1] != created {
		t.Errorf("the server has %+v", apps)
	}
}

func TestWrongApplications(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	for body, want := range map[string]string{
		``:                           "must be a JSON object",
		`{"colour":"blue"}`:          "colour - is not known here",
		`{"token_digits":"7"}`:       "token_digits - must be a JSON number",
		`{"token_digits":9}`:         "token_digits - must be from 6 to 8",
		`{"push":"me"}`:              "push - must be authy or backend, it is \\\"me\\\"",
		`{"callback_url":"ftp://x"}`: "callback_url - must be an absolute http or https URL",
		`{"sms_enabled":1}`:          "sms_enabled - must be a JSON boolean",
		`{"sms_per_day":-1}`:         "sms_per_day - must be from 0",
		`{"api_key":"the-key"}`:      "api_key - is that of another application",
		`{"name":"Acme Bank"}`:       "name - is that of another application",
	} {
		if !strings.Contains(body, `"name"`) {
			body = strings.Replace(body, `{`, `{"name":"Shop",`, 1)
		}
		status, answer := o.send(t, "POST", "/control/v1/applications", token, body)
		if status != 400 || !strings.Contains(answer, want) {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
	for _, method := range []string{"GET", "PATCH"} {
		status, answer := o.send(t, method, "/control/v1/applications/"+o.app.ID, "wrong", `{"suspended":true}`)
		if status != 401 || strings.Contains(answer, "the-key") {
			t.Errorf("%s by a stranger: %d %s", method, status, answer)
		}
	}
	if status, answer := o.send(t, "POST", "/control/v1/applications", "wrong", `{"name":"Shop"}`); status != 401 {
		t.Errorf("POST by a stranger: %d %s", status, answer)
	}
	if apps, err := o.Applications(t.Context()); err != nil || len(apps) != 1 || apps[0] != o.app {
		t.Errorf("there are %+v, %v", apps, err)
	}
}

func TestUsersShowWhetherTheyConfirmed(t *testing.T) {
	t.Parallel()
	ctx, o := t.Context(), newOperated(t)
	user, _, _ := o.furnish(t)
	_, err := o.RegisterActivity(ctx, o.app.ID, user.AuthyID, onetouch.NewActivity{Type: "banned"})
	must(t, err)
	_, err = o.AddUser(ctx, o.app.ID, onetouch.NewUser{Email: "bob@example.com", Cellphone: "202-555-0159"})
	must(t, err)
	users, err := o.client.Users(ctx, o.app.ID)
	must(t, err)
	if len(users) != 2 || !users[0].Confirmed || !users[0].Suspended || users[1].Confirmed || users[1].Suspended {
		t.Errorf("users: %+v", users)
	}
}

func TestApprovalRequestsOfOneApplication(t *testing.T) {
	t.Parallel()
	ctx, o := t.Context(), newOperated(t)
	_, _, request := o.furnish(t)
	shop, err := o.CreateApplication(ctx, onetouch.ApplicationSettings{Name: "Shop"})
	must(t, err)
	for app, want := range map[string]int{"": 1, o.app.ID: 1, shop.ID: 0} {
		requests, err := o.client.ApprovalRequests(ctx, controlapi.ApprovalRequestQuery{AppID: app})
		if err != nil || len(requests) != want || want == 1 && requests[0].UUID != request.UUID {
			t.Errorf("of %q: %+v, %v", app, requests, err)
		}
	}
}
