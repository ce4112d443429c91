package onetouch_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestFirstApplicationIsMadeOnce(t *testing.T) {
	t.Parallel()
	w := bareWorld(t, 1)
	app := w.ensure(onetouch.ApplicationSettings{})
	w.same("application", app, onetouch.Application{
		ID: app.ID, SerialID: app.SerialID, CustomerUUID: app.CustomerUUID, Name: "OneTouch", APIKey: app.APIKey,
		AccessKey: app.AccessKey, SigningKey: app.SigningKey, Callback: onetouch.CallbackTarget{Method: "POST"},
		PushSender: onetouch.PushByAuthy, Switches: onetouch.Switches{
			TokenDigits: 7, VerifyUnconfirmed: true, SMSEnabled: true, CallsEnabled: true,
		},
		Limits: onetouch.Limits{TokensPerHour: 60, FailuresPerHour: 100}, CreatedAt: noon(), UpdatedAt: noon(),
	})
	if len(app.ID) != 24 || len(app.APIKey) != 32 || len(app.AccessKey) != 32 || len(app.SigningKey) != 32 || app.SerialID == 0 || app.CustomerUUID == 0 {
		t.Errorf("identifiers are %+v", app)
	}
	w.changesNothing("asking again", func() { w.same("asked again", w.ensure(onetouch.ApplicationSettings{}), app) })
}

func TestApplicationFollowsItsSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require, callback := true, "https://backend.example/answers"
	got := w.ensure(onetouch.ApplicationSettings{
		Name: "Other Bank", APIKey: "chosen", CallbackURL: &callback, CallbackMethod: "GET",
		PushSender: onetouch.PushByBackend, RequireDevice: &require,
	})
	want := w.app
	want.Name, want.APIKey, want.PushSender, want.RequireDevice = "Other Bank", "chosen", onetouch.PushByBackend, true
	want.Callback = onetouch.CallbackTarget{URL: callback, Method: "GET"}
	w.same("application", got, want)
	w.same("what is left out stays", w.ensure(onetouch.ApplicationSettings{}), want)
	w.same("log", w.log(), []onetouch.EventType{onetouch.EventApplicationChanged})

	none := ""
	want.Callback.URL = ""
	w.same("callbacks switched off", w.ensure(onetouch.ApplicationSettings{CallbackURL: &none}), want)
	apps, err := w.Applications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.same("applications", apps, []onetouch.Application{want})
}

func TestRefusedSettings(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	for name, settings := range map[string]onetouch.ApplicationSettings{
		"long name":               {Name: strings.Repeat("n", 31)},
		"blank name":              {Name: " "},
		"name of two lines":       {Name: "Acme\nBank"},
		"name that rings":         {Name: "Acme\aBank"},
		"name beyond XML":         {Name: "Acme\ufffe"},
		"long key":                {APIKey: strings.Repeat("k", 201)},
		"key with a space":        {APIKey: "a b"},
		"key with a line":         {APIKey: "ab\n"},
		"key that is not seen":    {APIKey: "a\u200bb"},
		"second key with a tab":   {AlternativeAPIKey: text("a\tb")},
		"callback without scheme": {CallbackURL: text("backend.example/answers")},
		"callback of another":     {CallbackURL: text("ftp://backend.example/")},
		"callback without host":   {CallbackURL: text("http:///answers")},
		"callback of no ASCII":    {CallbackURL: text("https://bücher.example/answers")},
		"callback of escapes":     {CallbackURL: text("https://b%C3%BCcher.example/answers")},
		"callback beyond ports":   {CallbackURL: text("http://backend.example:99999/")},
		"callback to port 0":      {CallbackURL: text("http://backend.example:0/")},
		"callback that is none":   {CallbackURL: text("http://%")},
		"long callback":           {CallbackURL: text("http://h/" + strings.Repeat("x", 2000))},
		"method":                  {CallbackMethod: "PUT"},
		"push":                    {PushSender: "pigeon"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.changesNothing(name, func() {
				_, err := w.EnsureApplication(t.Context(), settings)
				w.refused(name, err, onetouch.CodeInvalidParameter)
			})
			empty := bareWorld(t, 2)
			_, err := empty.EnsureApplication(t.Context(), settings)
			empty.refused(name+" of a first application", err, onetouch.CodeInvalidParameter)
			if apps := empty.everything().Applications; len(apps) != 0 {
				t.Errorf("a refused application was made: %v", apps)
			}
		})
	}
}

func TestAPIKeyNamesTheApplication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.addStranger()
	for _, app := range []onetouch.Application{w.app, s.app} {
		got, err := w.AuthenticateApplication(t.Context(), app.APIKey)
		if err != nil {
			t.Fatal(err)
		}
		w.same("application of the key", got, app)
	}
	for _, key := range []string{"", "wrong", w.app.APIKey + " ", strings.ToUpper(w.app.APIKey), strings.Repeat("k", 1000)} {
		_, err := w.AuthenticateApplication(t.Context(), key)
		w.refused("key "+key, err, onetouch.CodeAPIKeyInvalid)
	}
	w.store.failViews(errDisk)
	if _, err := w.AuthenticateApplication(t.Context(), "not asked before"); !errors.Is(err, errDisk) {
		t.Errorf("a store that fails says %v; it must not look like a wrong key", err)
	}
	if _, err := w.AuthenticateDevice(t.Context(), "token"); !errors.Is(err, errDisk) {
		t.Errorf("a store that fails says %v; it must not look like a wrong token", err)
	}
	w.store.repair()
}

// Nothing of one application can be seen or touched by another, nor by another's device.
func TestApplicationsDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p := w.register(ada)
	s := w.addStranger()
	w.changesNothing("a stranger's things", func() {
		ctx := t.Context()
		_, statusErr := w.UserStatus(ctx, w.app.ID, s.user.AuthyID)
		_, startErr := w.StartRegistration(ctx, w.app.ID, s.user.AuthyID)
		_, askErr := w.CreateApprovalRequest(ctx, w.app, s.user.AuthyID, question())
		for what, err := range map[string]error{
			"status": statusErr, "registration": startErr, "approval request": askErr,
			"removal": w.RemoveUser(ctx, w.app.ID, s.user.AuthyID),
		} {
			w.refused(what+" of a stranger's user", err, onetouch.CodeUserNotFound)
		}
		w.refused("a stranger's device", w.RemoveDevice(ctx, w.app.ID, s.device.ID), onetouch.CodeDeviceNotFound)
		_, readErr := w.ApprovalRequest(ctx, w.app.ID, s.request.UUID)
		_, deviceErr := w.DeviceApprovalRequest(ctx, p.Device, s.request.UUID)
		_, answerErr := w.answer(p, s.request, "approved")
		for what, err := range map[string]error{"backend": readErr, "device": deviceErr, "answer": answerErr} {
			w.refused("a stranger's request, for the "+what, err, onetouch.CodeApprovalRequestNotFound)
		}
	})
	requests, err := w.ApprovalRequests(t.Context(), onetouch.ApprovalRequestFilter{AppID: w.app.ID})
	if err != nil || len(requests) != 0 {
		t.Errorf("the application's requests are %v (%v)", requests, err)
	}
	same, err := w.AddUser(t.Context(), w.app.ID, onetouch.NewUser{Email: "ada@example.com", Cellphone: "2025550199"})
	if err != nil || same.AuthyID == s.user.AuthyID {
		t.Errorf("the stranger's number is %d here too (%v)", same.AuthyID, err)
	}
}
