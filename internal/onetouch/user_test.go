package onetouch_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestSamePhoneIsSameUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	for _, again := range []onetouch.NewUser{
		{Email: "ada@example.com", Cellphone: "2025550158"},
		{Email: "other@example.com", Cellphone: "(202) 555.0158", CountryCode: "1"},
		{Email: "ada@example.com", Cellphone: "202/555-0158", CountryCode: "+1"},
		{Email: "ada@example.com", Cellphone: "202 555 0158", CountryCode: " 01 "},
	} {
		w.changesNothing(again.Cellphone, func() {
			user, err := w.AddUser(t.Context(), w.app.ID, again)
			if err != nil {
				t.Fatal(err)
			}
			w.same("the user of "+again.Cellphone+", e-mail included", user, ada)
		})
	}
	for _, other := range []onetouch.NewUser{
		{Email: "ada@example.com", Cellphone: "202-555-0159"},
		{Email: "ada@example.com", Cellphone: "202-555-0158", CountryCode: "57"},
	} {
		user, err := w.AddUser(t.Context(), w.app.ID, other)
		if err != nil {
			t.Fatal(err)
		}
		if user.AuthyID == ada.AuthyID || user.ID == ada.ID {
			t.Errorf("%+v is the user of another number: %+v", other, user)
		}
	}
}

func TestNewUserIsKeptAsItWasSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user, err := w.AddUser(t.Context(), w.app.ID,
		onetouch.NewUser{Email: "ada+bank@example.co.uk", Cellphone: "311-345-6789", CountryCode: "57"})
	if err != nil {
		t.Fatal(err)
	}
	w.same("user", user, onetouch.User{
		AuthyID: user.AuthyID, ID: user.ID, AppID: w.app.ID, Email: "ada+bank@example.co.uk", CountryCode: 57,
		Cellphone: "3113456789", CreatedAt: noon(), Identity: user.ID,
	})
	if user.AuthyID == 0 || len(user.ID) != 24 {
		t.Errorf("identifiers are %d and %q", user.AuthyID, user.ID)
	}
	status, err := w.UserStatus(t.Context(), w.app.ID, user.AuthyID)
	if err != nil {
		t.Fatal(err)
	}
	w.same("status", status, onetouch.UserStatus{User: user})
	w.same("log", w.everything().Events, []onetouch.Event{{
		Sequence: 1, At: noon(), Type: onetouch.EventUserAdded, AppID: w.app.ID, AuthyID: user.AuthyID,
	}})
}

// Every wrong field is named, not only the first.
func TestInvalidUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := onetouch.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158", CountryCode: "1"}
	for _, test := range []struct {
		name  string
		spoil func(*onetouch.NewUser)
		want  []string
	}{
		{"no e-mail", func(n *onetouch.NewUser) { n.Email = "" }, []string{"email"}},
		{"e-mail without a host", func(n *onetouch.NewUser) { n.Email = "ada" }, []string{"email"}},
		{"e-mail with a name", func(n *onetouch.NewUser) { n.Email = "Ada <ada@example.com>" }, []string{"email"}},
		{"two e-mails", func(n *onetouch.NewUser) { n.Email = "a@b.co, c@d.co" }, []string{"email"}},
		{"e-mail beyond XML", func(n *onetouch.NewUser) { n.Email = "a\uffff@b.co" }, []string{"email"}},
		{"e-mail in broken UTF-8", func(n *onetouch.NewUser) { n.Email = "a\xff@b.co" }, []string{"email"}},
		{"e-mail of 255 characters", func(n *onetouch.NewUser) {
			n.Email = strings.Repeat("a", 255-len("@example.com")) + "@example.com"
		}, []string{"email"}},
		{"no phone", func(n *onetouch.NewUser) { n.Cellphone = "" }, []string{"cellphone"}},
		{"letters", func(n *onetouch.NewUser) { n.Cellphone = "202-555-CALL" }, []string{"cellphone"}},
		{"five digits", func(n *onetouch.NewUser) { n.Cellphone = "12345" }, []string{"cellphone"}},
		{"16 digits", func(n *onetouch.NewUser) { n.Cellphone = "1234567890123456" }, []string{"cellphone"}},
		{"16 digits with the country", func(n *onetouch.NewUser) {
			n.Cellphone, n.CountryCode = "12345678901234", "57"
		}, []string{"cellphone"}},
		{"digits of another script", func(n *onetouch.NewUser) { n.Cellphone = "٢٠٢٥٥٥٠١٥٨" }, []string{"cellphone"}},
		{"country of letters", func(n *onetouch.NewUser) { n.CountryCode = "US" }, []string{"country_code"}},
		{"country of four digits", func(n *onetouch.NewUser) { n.CountryCode = "1234" }, []string{"country_code"}},
		{"country zero", func(n *onetouch.NewUser) { n.CountryCode = "0" }, []string{"country_code"}},
		{"country of a sign", func(n *onetouch.NewUser) { n.CountryCode = "+" }, []string{"country_code"}},
		{"everything", func(n *onetouch.NewUser) { *n = onetouch.NewUser{CountryCode: "x"} },
			[]string{"cellphone", "country_code", "email"}},
	} {
		n := good
		test.spoil(&n)
		w.changesNothing(test.name, func() {
			_, err := w.AddUser(t.Context(), w.app.ID, n)
			w.refused(test.name, err, onetouch.CodeUserNotValid)
			var refusal *onetouch.Error
			if errors.As(err, &refusal) {
				w.same(test.name, slices.Sorted(maps.Keys(refusal.Fields)), test.want)
			}
		})
	}
}

// The live service took numbers that numbering plans call invalid; so do we.
func TestUserWithANumberOutsideTheNumberingPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, cellphone := range []string{"192-967-1234", "432-123-1211", "123456", "12345678901234"} {
		w.addUser(cellphone)
	}
}

func TestRemovedUserIsGoneWithTheirDevices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.addUser("202-555-0158"), w.addUser("202-555-0159")
	first, second, bobs := w.register(ada), w.register(ada), w.register(bob)
	gone := w.Changed(onetouch.TopicDevice(second.UUID))
	w.clock.Advance(time.Hour)
	if err := w.RemoveUser(t.Context(), w.app.ID, ada.AuthyID); err != nil {
		t.Fatal(err)
	}
	<-gone // whoever holds the device's stream open is woken

	ctx := t.Context()
	_, statusErr := w.UserStatus(ctx, w.app.ID, ada.AuthyID)
	_, startErr := w.StartRegistration(ctx, w.app.ID, ada.AuthyID)
	_, askErr := w.CreateApprovalRequest(ctx, w.app, ada.AuthyID, question())
	for what, err := range map[string]error{
		"status": statusErr, "registration": startErr, "approval request": askErr,
		"second removal": w.RemoveUser(ctx, w.app.ID, ada.AuthyID),
	} {
		w.refused(what, err, onetouch.CodeUserNotFound)
	}
	for _, p := range []phone{first, second} {
		_, err := w.AuthenticateDevice(ctx, p.AccessToken)
		w.refused("access token of a removed user's device", err, onetouch.CodeAccessTokenInvalid)
	}
	if _, err := w.AuthenticateDevice(ctx, bobs.AccessToken); err != nil {
		t.Errorf("another user's device: %v", err)
	}
	w.same("users left", w.everything().Users, []onetouch.User{w.known(bob)})
	w.same("end of the log", w.log()[len(w.log())-3:],
		[]onetouch.EventType{onetouch.EventDeviceRemoved, onetouch.EventDeviceRemoved, onetouch.EventUserRemoved})
}

// A user who comes back has their Authy ID again and none of their devices.
func TestRemovedUserComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	old := w.register(ada)
	if err := w.RemoveUser(t.Context(), w.app.ID, ada.AuthyID); err != nil {
		t.Fatal(err)
	}
	back, err := w.AddUser(t.Context(), w.app.ID, onetouch.NewUser{Email: "new@example.com", Cellphone: "202-555-0158"})
	if err != nil {
		t.Fatal(err)
	}
	want := ada
	want.Email = "new@example.com"
	w.same("user who came back", back, want)
	status, err := w.UserStatus(t.Context(), w.app.ID, ada.AuthyID)
	if err != nil {
		t.Fatal(err)
	}
	w.same("devices of a user who came back", status.Devices, []onetouch.Device(nil))
	_, err = w.AuthenticateDevice(t.Context(), old.AccessToken)
	w.refused("the old device", err, onetouch.CodeAccessTokenInvalid)
	w.register(back)
}

func TestUnknownUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.changesNothing("unknown user", func() {
		_, err := w.UserStatus(t.Context(), w.app.ID, 99)
		w.refused("status", err, onetouch.CodeUserNotFound)
		w.refused("removal", w.RemoveUser(t.Context(), w.app.ID, 99), onetouch.CodeUserNotFound)
		_, err = w.StartRegistration(t.Context(), w.app.ID, 99)
		w.refused("registration", err, onetouch.CodeUserNotFound)
		_, err = w.CreateApprovalRequest(t.Context(), w.app, 99, question())
		w.refused("approval request", err, onetouch.CodeUserNotFound)
	})
}
