package onetouch_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestEverySettingOfAnApplication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	limits := onetouch.Limits{
		TokensPerHour: 1, FailuresPerHour: 2, APICallsPerMinute: 3, SMSPerDay: 4, SMSPerMonth: 5, CallsPerDay: 6,
		CallsPerMonth: 7,
	}
	got, err := w.UpdateApplication(t.Context(), w.app.ID, onetouch.ApplicationSettings{
		AlternativeAPIKey: set("second"), AccessKey: "access", SigningKey: "signing", TokenDigits: 8,
		VerifyUnconfirmed: set(false), StrictPhoneNumbers: set(true), SMSEnabled: set(false), CallsEnabled: set(false),
		CustomCodesEnabled: set(true), Sandbox: set(true), UnknownRequestsPending: set(true), Suspended: set(true),
		LimitSettings: onetouch.LimitSettings{
			TokensPerHour: set(1), FailuresPerHour: set(2), APICallsPerMinute: set(3), SMSPerDay: set(4), SMSPerMonth: set(5),
			CallsPerDay: set(6), CallsPerMonth: set(7),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := w.app
	want.AlternativeAPIKey, want.AccessKey, want.SigningKey, want.TokenDigits = "second", "access", "signing", 8
	want.VerifyUnconfirmed, want.StrictPhoneNumbers, want.SMSEnabled, want.CallsEnabled = false, true, false, false
	want.CustomCodesEnabled, want.Sandbox, want.UnknownRequestsPending, want.Suspended = true, true, true, true
	want.Limits = limits
	w.same("application", got, want)
	w.same("what is left out stays", w.ensure(onetouch.ApplicationSettings{}), want)
	none, err := w.UpdateApplication(t.Context(), w.app.ID, onetouch.ApplicationSettings{
		AlternativeAPIKey: set(""), LimitSettings: onetouch.LimitSettings{TokensPerHour: set(0)},
	})
	if err != nil || none.AlternativeAPIKey != "" || none.TokensPerHour != 0 || none.FailuresPerHour != 2 {
		t.Errorf("after taking back: %+v, %v", none, err)
	}
}

func TestRefusedSettingsOfCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.bystander(onetouch.ApplicationSettings{
		Name: "Second", APIKey: "second's-key", AlternativeAPIKey: set("second's-other-key"),
	})
	long := strings.Repeat("k", 201)
	for name, settings := range map[string]onetouch.ApplicationSettings{
		"long alternative key":     {AlternativeAPIKey: &long},
		"long access key":          {AccessKey: long},
		"blank signing key":        {SigningKey: " "},
		"too few digits":           {TokenDigits: 5},
		"too many digits":          {TokenDigits: 9},
		"negative limit":           {LimitSettings: onetouch.LimitSettings{SMSPerDay: set(-1)}},
		"limit beyond all numbers": {LimitSettings: onetouch.LimitSettings{CallsPerMonth: set(1_000_000_001)}},
		"name of another":          {Name: "Second"},
		"key of another":           {APIKey: "second's-key"},
		"alternative of another":   {APIKey: "second's-other-key"},
		"key of another as second": {AlternativeAPIKey: set("second's-key")},
	} {
		w.changesNothing(name, func() {
			_, err := w.UpdateApplication(t.Context(), w.app.ID, settings)
			w.refused("update with a "+name, err, onetouch.CodeInvalidParameter)
			if settings.Name == "" {
				settings.Name = "Third"
			}
			_, err = w.CreateApplication(t.Context(), settings)
			w.refused("creation with a "+name, err, onetouch.CodeInvalidParameter)
		})
	}
}

func TestFurtherApplicationHasItsOwnKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	second := w.bystander(onetouch.ApplicationSettings{Name: "Second"})
	keys := map[string]bool{}
	for _, app := range []onetouch.Application{w.app, second} {
		for _, key := range []string{app.ID, app.APIKey, app.AccessKey, app.SigningKey} {
			keys[key] = true
		}
		for _, called := range []string{app.ID, app.Name, fmt.Sprint(app.SerialID)} {
			found, err := w.Application(t.Context(), called)
			if err != nil || found.ID != app.ID {
				t.Errorf("%s is %s, %v", called, found.ID, err)
			}
		}
		found, err := w.AuthenticateApplication(t.Context(), app.APIKey)
		if err != nil || found.ID != app.ID {
			t.Errorf("the key of %s is that of %s, %v", app.Name, found.Name, err)
		}
	}
	if len(keys) != 8 {
		t.Errorf("some of the identifiers and keys are the same: %v", keys)
	}
	w.same("log", w.log(), []onetouch.EventType{onetouch.EventApplicationCreated})
	for _, called := range []string{"", "Third", "3", "acme bank"} {
		_, err := w.Application(t.Context(), called)
		w.refused(called, err, onetouch.CodeApplicationNotFound)
	}
	_, err := w.UpdateApplication(t.Context(), "none", onetouch.ApplicationSettings{Name: "New"})
	w.refused("update of none", err, onetouch.CodeApplicationNotFound)
}

func TestBothKeysAuthenticate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.ApplicationSettings{APIKey: "first", AlternativeAPIKey: set("second")})
	for _, key := range []string{"first", "second"} {
		if app, err := w.AuthenticateApplication(t.Context(), key); err != nil || app.ID != w.app.ID {
			t.Errorf("%s key: %v", key, err)
		}
	}
	for _, key := range []string{"", "First", "first ", "third", strings.Repeat("k", 300)} {
		_, err := w.AuthenticateApplication(t.Context(), key)
		w.refused(key, err, onetouch.CodeAPIKeyInvalid)
	}
	w.ensure(onetouch.ApplicationSettings{AlternativeAPIKey: set("")})
	_, err := w.AuthenticateApplication(t.Context(), "second")
	w.refused("key that was taken back", err, onetouch.CodeAPIKeyInvalid)
}

// One rule: whatever a suspended application asks, it is refused where its key is looked at.
func TestSuspendedApplication(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.ApplicationSettings{APIKey: "first", AlternativeAPIKey: set("second"), AccessKey: "access"})
	w.ensure(onetouch.ApplicationSettings{Suspended: set(true)})
	for _, key := range []string{"first", "second"} {
		_, err := w.AuthenticateApplication(t.Context(), key)
		w.refused("backend", err, onetouch.CodeApplicationSuspended)
		_, err = w.AuthenticateManager(t.Context(), key, "access")
		w.refused("manager", err, onetouch.CodeApplicationSuspended)
	}
	w.ensure(onetouch.ApplicationSettings{Suspended: set(false)})
	if _, err := w.AuthenticateApplication(t.Context(), "first"); err != nil {
		t.Errorf("after it was lifted: %v", err)
	}
}

func TestManagerNeedsBothKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.ApplicationSettings{APIKey: "first", AccessKey: "access"})
	w.bystander(onetouch.ApplicationSettings{Name: "Second", APIKey: "other", AccessKey: "other access"})
	if app, err := w.AuthenticateManager(t.Context(), "first", "access"); err != nil || app.ID != w.app.ID {
		t.Errorf("both keys: %v", err)
	}
	for _, test := range []struct {
		apiKey, accessKey string
		want              onetouch.Code
	}{
		{"", "access", onetouch.CodeApplicationKeyInvalid},
		{"none", "access", onetouch.CodeApplicationKeyInvalid},
		{"first", "", onetouch.CodeAccessKeyMissing},
		{"first", "other access", onetouch.CodeAccessKeyInvalid},
		{"other", "access", onetouch.CodeAccessKeyInvalid},
	} {
		_, err := w.AuthenticateManager(t.Context(), test.apiKey, test.accessKey)
		w.refused(test.apiKey+" and "+test.accessKey, err, test.want)
	}
}
