package onetouch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

func (w *world) report(user onetouch.User, activity onetouch.ActivityType) {
	w.Helper()
	_, err := w.RegisterActivity(w.Context(), user.AppID, user.AuthyID, onetouch.NewActivity{Type: string(activity)})
	if err != nil {
		w.Fatal(err)
	}
}

func TestActivities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	data := details.List{{Name: "reason", Value: "forgot"}, {Name: "browser", Value: "Lynx"}}
	got, err := w.RegisterActivity(t.Context(), w.app.ID, ada.AuthyID, onetouch.NewActivity{
		Type: "password_reset", Data: data, UserIP: "10.0.0.1",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := onetouch.Activity{
		ID: got.ID, AppID: w.app.ID, AuthyID: ada.AuthyID, Type: onetouch.ActivityPasswordReset, Data: data,
		UserIP: "10.0.0.1", CreatedAt: noon(),
	}
	w.same("activity", got, want)
	for _, activity := range []onetouch.ActivityType{"cookie_login", "banned", "banned", "unbanned", "unbanned"} {
		w.report(ada, activity)
	}
	all, err := w.Activities(t.Context(), onetouch.ActivityFilter{AuthyID: ada.AuthyID})
	if err != nil || len(all) != 6 {
		t.Fatal(all, err)
	}
	w.same("the oldest", all[5], want)
	w.same("log", w.log()[1:], []onetouch.EventType{
		onetouch.EventPasswordReset, onetouch.EventCookieLogin, onetouch.EventUserSuspended, onetouch.EventUserSuspended,
		onetouch.EventUserUnsuspended, onetouch.EventUserUnsuspended,
	})
}

func TestRefusedActivities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	w.changesNothing("activities", func() {
		for name, n := range map[string]onetouch.NewActivity{
			"no type": {}, "unknown type": {Type: "Banned"}, "long address": {Type: "banned", UserIP: strings.Repeat("1", 101)},
			"data twice": {Type: "banned", Data: details.List{{Name: "a"}, {Name: "a"}}},
		} {
			_, err := w.RegisterActivity(t.Context(), w.app.ID, ada.AuthyID, n)
			w.refused(name, err, onetouch.CodeInvalidParameter)
		}
		_, err := w.RegisterActivity(t.Context(), w.app.ID, 7, onetouch.NewActivity{Type: "banned"})
		w.refused("unknown user", err, onetouch.CodeUserNotFound)
	})
}

// A banned user gets nothing and can do nothing until the ban is lifted, but can be looked at, updated and removed.
func TestBannedUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, asked := w.register(ada), w.ask(ada, question())
	token, code := w.startRegistration(ada), w.sendToken(ada, onetouch.ChannelSMS)
	calls := map[string]func() error{
		"text": func() error {
			return second(w.SendToken(t.Context(), w.app, ada.AuthyID, onetouch.NewToken{Channel: "sms", Force: true}))
		},
		"call": func() error {
			return second(w.SendToken(t.Context(), w.app, ada.AuthyID, onetouch.NewToken{Channel: "call"}))
		},
		"e-mail": func() error {
			return second(w.SendToken(t.Context(), w.app, ada.AuthyID, onetouch.NewToken{Channel: "email"}))
		},
		"token":        func() error { return second(w.verify(ada, code)) },
		"secret":       func() error { return second(w.ProvisionAuthenticator(t.Context(), w.app, ada.AuthyID, "")) },
		"request":      func() error { return second(w.CreateApprovalRequest(t.Context(), w.app, ada.AuthyID, question())) },
		"registration": func() error { return second(w.StartRegistration(t.Context(), w.app.ID, ada.AuthyID)) },
		"device":       func() error { return second(w.CompleteRegistration(t.Context(), w.newDevice(token, newKey(t)))) },
		"answer":       func() error { return second(w.answer(p, asked, evidence.Approved)) },
	}
	w.report(ada, onetouch.ActivityBanned)
	since := w.known(ada).SuspendedAt
	w.changesNothing("calls for a banned user", func() {
		for name, call := range calls {
			err := call()
			w.refused(name, err, onetouch.CodeUserSuspended)
			if err != nil && err.Error() != "User has been suspended." {
				t.Errorf("%s: the refusal says %q", name, err)
			}
		}
	})
	w.clock.Advance(time.Minute)
	w.report(ada, onetouch.ActivityBanned)
	if got := w.known(ada).SuspendedAt; !got.Equal(since) {
		t.Errorf("a second ban moved the first from %s to %s", since, got)
	}
	if _, err := w.UpdateUser(t.Context(), w.app.ID, ada.AuthyID, "ada@example.org"); err != nil {
		t.Errorf("update: %v", err)
	}
	w.report(ada, onetouch.ActivityUnbanned)
	for name, call := range calls {
		if err := call(); err != nil {
			t.Errorf("%s after the ban was lifted: %v", name, err)
		}
	}
}

// Removing and adding a user again is no way around a ban.
func TestBanOutlivesRemoval(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	w.report(ada, onetouch.ActivityBanned)
	if err := w.RemoveUser(t.Context(), w.app.ID, ada.AuthyID); err != nil {
		t.Fatal(err)
	}
	if again := w.addUser("202-555-0158"); !again.Suspended() {
		t.Errorf("the user came back as %+v", again)
	}
}

func TestUpdateOfAUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	for range 2 {
		user, err := w.UpdateUser(t.Context(), w.app.ID, ada.AuthyID, "ada@example.org")
		if err != nil || user.Email != "ada@example.org" || w.known(ada) != user {
			t.Errorf("the user is %+v, %v", user, err)
		}
	}
	w.same("log", w.log(), []onetouch.EventType{onetouch.EventUserAdded, onetouch.EventUserUpdated})
	w.changesNothing("refused updates", func() {
		for email, want := range map[string]onetouch.Code{
			"": onetouch.CodeInvalidParameter, "testexample.com": onetouch.CodeEmailInvalid, "a@b@c": onetouch.CodeEmailInvalid,
			strings.Repeat("a", 250) + "@b.co": onetouch.CodeEmailInvalid,
		} {
			_, err := w.UpdateUser(t.Context(), w.app.ID, ada.AuthyID, email)
			w.refused(email, err, want)
		}
		_, err := w.UpdateUser(t.Context(), w.app.ID, 7, "ada@example.org")
		w.refused("unknown user", err, onetouch.CodeUserNotFound)
	})
}

func TestInstallLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := onetouch.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158", SendInstallLink: true}
	for range 2 { // the second time the user is there already
		if _, err := w.AddUser(t.Context(), w.app.ID, n); err != nil {
			t.Fatal(err)
		}
	}
	inbox := w.inbox()
	if len(inbox) != 1 || inbox[0].To != "+12025550158" || inbox[0].Code != "" || !strings.Contains(inbox[0].Body, "Acme Bank") {
		t.Errorf("the inbox is %+v", inbox)
	}
	w.ensure(onetouch.ApplicationSettings{SMSEnabled: set(false)})
	n.Cellphone = "202-555-0159"
	if _, err := w.AddUser(t.Context(), w.app.ID, n); err != nil {
		t.Fatal(err)
	}
	if got := len(w.inbox()); got != 1 {
		t.Errorf("%d messages, although texts are switched off", got)
	}
}
