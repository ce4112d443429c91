package onetouch_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestTokenReachesTheInboxAndVerifiesOnce(t *testing.T) {
	t.Parallel()
	for channel, to := range map[onetouch.Channel]string{
		onetouch.ChannelSMS: "+12025550158", onetouch.ChannelCall: "+12025550158", onetouch.ChannelEmail: "ada@example.com",
	} {
		t.Run(string(channel), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ada := w.addUser("202-555-0158")
			sent, err := w.SendToken(t.Context(), w.app, ada.AuthyID, onetouch.NewToken{Channel: channel, Locale: "xx"})
			if err != nil {
				t.Fatal(err)
			}
			m := sent.Message
			told := m.Code
			if channel == onetouch.ChannelCall {
				told = strings.Join(strings.Split(m.Code, ""), " ")
			}
			w.same("message", m, onetouch.Message{
				ID: m.ID, AppID: w.app.ID, AuthyID: ada.AuthyID, Channel: channel, To: to,
				Body: "Your Acme Bank token is: " + told, Code: m.Code, Locale: "xx", CreatedAt: noon(),
			})
			if !regexp.MustCompile(`^\d{7}$`).MatchString(m.Code) {
				t.Errorf("the code is %q, want 7 digits", m.Code)
			}
			w.same("inbox", w.inbox(), []onetouch.Message{m})

			verified := w.mustVerify(ada, m.Code)
			if verified.Source != onetouch.TokenSource(channel) || !verified.User.Confirmed() || !w.known(ada).Confirmed() {
				t.Errorf("verified: %+v", verified)
			}
			_, err = w.verify(ada, m.Code)
			w.refused("second use", err, onetouch.CodeTokenReused)
			if got := err.Error(); got != "Token is invalid. Token was used recently." {
				t.Errorf("the refusal says %q", got)
			}
			w.same("log", w.log(), []onetouch.EventType{
				onetouch.EventUserAdded, onetouch.EventTokenSent, onetouch.EventTokenVerified, onetouch.EventTokenInvalid,
			})
		})
	}
}

func TestTokenHasTheDigitsOfItsApplication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for digits := 6; digits <= 8; digits++ {
		w.app = w.ensure(onetouch.ApplicationSettings{TokenDigits: digits})
		ada := w.addUser(fmt.Sprintf("202-555-010%d", digits))
		for range 20 {
			if code := w.sendToken(ada, onetouch.ChannelSMS); len(code) != digits {
				t.Errorf("code %s has not %d digits", code, digits)
			}
		}
	}
}

func TestTokenLivesTenMinutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	first := w.sendToken(ada, onetouch.ChannelSMS)
	w.clock.Advance(time.Minute)
	second := w.sendToken(ada, onetouch.ChannelSMS)
	w.clock.Advance(9*time.Minute - time.Microsecond)
	w.mustVerify(ada, first) // one that was sent later does not end it
	w.clock.Advance(time.Microsecond)
	_, err := w.verify(ada, first)
	w.refused("used code whose time is over", err, onetouch.CodeTokenInvalid)
	w.mustVerify(ada, second)

	third := w.sendToken(ada, onetouch.ChannelSMS)
	w.clock.Advance(10 * time.Minute)
	_, err = w.verify(ada, third)
	w.refused("code whose time is over", err, onetouch.CodeTokenInvalid)
}

func TestWrongToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.addUser("202-555-0158"), w.addUser("202-555-0159")
	code := w.sendToken(ada, onetouch.ChannelSMS)
	for _, token := range []string{"", "0", "12345", code + "0", code[1:], "0" + code, "abcdefg", " " + code, "１２３４５６７", "\x00"} {
		_, err := w.verify(ada, token)
		w.refused(fmt.Sprintf("token %q", token), err, onetouch.CodeTokenInvalid)
	}
	_, err := w.verify(bob, code)
	w.refused("another user's token", err, onetouch.CodeTokenInvalid)
	if got := err.Error(); got != "Token is invalid" {
		t.Errorf("the refusal says %q", got)
	}
	w.mustVerify(ada, code)
}

func TestTokenOfAnAction(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	for _, test := range []struct {
		sent, checked string
		valid         bool
	}{
		{"", "", true}, {"", "login", true}, {"login", "", true}, {"login", "login", true}, {"login", "transfer", false},
	} {
		sent, err := w.SendToken(t.Context(), w.app, ada.AuthyID, onetouch.NewToken{Channel: "sms", Action: test.sent})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.VerifyToken(t.Context(), w.app, ada.AuthyID, onetouch.TokenCheck{
			Token: sent.Message.Code, Force: true, Action: test.checked,
		})
		if (err == nil) != test.valid {
			t.Errorf("sent for %q, checked for %q: %v", test.sent, test.checked, err)
		}
	}
}

func TestTextOfAToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	for _, test := range []struct {
		token onetouch.NewToken
		want  string
	}{
		{onetouch.NewToken{}, "Your Acme Bank token is: %s"},
		{onetouch.NewToken{Action: "login"}, "Your Acme Bank token to login is: %s"},
		{onetouch.NewToken{Action: "login", ActionMessage: "log in from Bogotá"}, "Your Acme Bank token to log in from Bogotá is: %s"},
		{onetouch.NewToken{Locale: "es"}, "Tu token de Acme Bank es: %s"},
		{onetouch.NewToken{Locale: "es-CO", ActionMessage: "transferir"}, "Tu token de Acme Bank para transferir es: %s"},
		{onetouch.NewToken{Locale: "pt_BR"}, "Seu token de Acme Bank é: %s"},
		{onetouch.NewToken{Locale: "FR"}, "Votre jeton Acme Bank est : %s"},
		{onetouch.NewToken{Locale: "de"}, "Ihr Token für Acme Bank lautet: %s"},
		{onetouch.NewToken{Locale: "it"}, "Il tuo token Acme Bank è: %s"},
		{onetouch.NewToken{Locale: "nl"}, "Je Acme Bank-token is: %s"},
		{onetouch.NewToken{Locale: "ja"}, "Acme Bank のトークンは %s です"},
		{onetouch.NewToken{Locale: "klingon"}, "Your Acme Bank token is: %s"},
	} {
		test.token.Channel = onetouch.ChannelSMS
		sent, err := w.SendToken(t.Context(), w.app, ada.AuthyID, test.token)
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf(test.want, sent.Message.Code); sent.Message.Body != want {
			t.Errorf("%+v: got %q, want %q", test.token, sent.Message.Body, want)
		}
	}
}

// Who has the app needs no text and no call, unless the backend insists. An e-mail goes out all the same.
func TestTokenIsIgnoredForWhoHasTheApp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	w.register(ada)
	newest := w.register(ada)
	for _, channel := range []onetouch.Channel{onetouch.ChannelSMS, onetouch.ChannelCall} {
		sent, err := w.SendToken(t.Context(), w.app, ada.AuthyID, onetouch.NewToken{Channel: channel})
		if err != nil || !sent.Ignored || sent.Device.ID != newest.ID || sent.Message.ID != 0 {
			t.Errorf("%s: %+v, %v", channel, sent, err)
		}
		if w.sendToken(ada, channel) == "" {
			t.Errorf("%s: nothing was sent although it was forced", channel)
		}
	}
	sent, err := w.SendToken(t.Context(), w.app, ada.AuthyID, onetouch.NewToken{Channel: onetouch.ChannelEmail})
	if err != nil || sent.Ignored || sent.Message.Code == "" {
		t.Errorf("e-mail: %+v, %v", sent, err)
	}
	if got := len(w.inbox()); got != 3 {
		t.Errorf("%d messages, want 3", got)
	}
	if err := w.RemoveDevice(t.Context(), w.app.ID, newest.ID); err != nil {
		t.Fatal(err)
	}
	if sent, err = w.SendToken(t.Context(), w.app, ada.AuthyID, onetouch.NewToken{Channel: "sms"}); err != nil || !sent.Ignored {
		t.Errorf("with one device left: %+v, %v", sent, err)
	}
}

func TestSwitchedOffChannels(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.ApplicationSettings{SMSEnabled: set(false), CallsEnabled: set(false)})
	ada := w.addUser("202-555-0158")
	w.register(ada)
	for channel, want := range map[onetouch.Channel]onetouch.Code{
		onetouch.ChannelSMS: onetouch.CodeSMSDisabled, onetouch.ChannelCall: onetouch.CodeCallsDisabled,
		onetouch.ChannelPush: onetouch.CodeInvalidParameter, "": onetouch.CodeInvalidParameter,
	} {
		w.changesNothing(string(channel), func() {
			for _, force := range []bool{false, true} {
				_, err := w.SendToken(t.Context(), w.app, ada.AuthyID, onetouch.NewToken{Channel: channel, Force: force})
				w.refused(string(channel), err, want)
			}
		})
	}
	w.sendToken(ada, onetouch.ChannelEmail)
}

func TestTokenForNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	code := w.sendToken(ada, onetouch.ChannelSMS)
	if err := w.RemoveUser(t.Context(), w.app.ID, ada.AuthyID); err != nil {
		t.Fatal(err)
	}
	w.changesNothing("unknown and removed users", func() {
		for _, id := range []int64{0, -1, 7, ada.AuthyID} {
			_, err := w.SendToken(t.Context(), w.app, id, onetouch.NewToken{Channel: onetouch.ChannelSMS})
			w.refused("sending", err, onetouch.CodeUserNotFound)
			_, err = w.VerifyToken(t.Context(), w.app, id, onetouch.TokenCheck{Token: code})
			w.refused("verifying", err, onetouch.CodeUserNotFound)
		}
		for _, n := range []onetouch.NewToken{
			{Action: strings.Repeat("a", 256)}, {ActionMessage: strings.Repeat("a", 256)}, {Locale: strings.Repeat("a", 256)},
		} {
			n.Channel = onetouch.ChannelSMS
			_, err := w.SendToken(t.Context(), w.app, ada.AuthyID, n)
			w.refused("long text", err, onetouch.CodeInvalidParameter)
		}
	})
	w.addUser("202-555-0158")
	if w.known(ada).Confirmed() {
		t.Error("who comes back counts as confirmed")
	}
}

// Until a user has confirmed, everything is valid unless the backend forces the check or the application wants it.
func TestUnconfirmedUser(t *testing.T) {
	t.Parallel()
	confirm := map[string]func(w *world, user onetouch.User){
		"nothing":        func(*world, onetouch.User) {},
		"a valid token":  func(w *world, user onetouch.User) { w.mustVerify(user, w.sendToken(user, onetouch.ChannelSMS)) },
		"a device":       func(w *world, user onetouch.User) { w.register(user) },
		"a wrong token":  func(w *world, user onetouch.User) { _, _ = w.verify(user, "0") },
		"an unsent code": func(w *world, user onetouch.User) { w.sendToken(user, onetouch.ChannelSMS) },
	}
	w := newWorld(t)
	for i, test := range []struct {
		by                string
		verifyUnconfirmed bool
		force             bool
		valid             bool
	}{
		{"nothing", true, false, true},
		{"nothing", true, true, false},
		{"nothing", false, false, false},
		{"a valid token", true, false, false},
		{"a device", true, false, false},
		{"a wrong token", true, false, true},
		{"an unsent code", true, false, true},
	} {
		w.app = w.ensure(onetouch.ApplicationSettings{VerifyUnconfirmed: &test.verifyUnconfirmed})
		ada := w.addUser(fmt.Sprintf("202-555-010%d", i))
		confirm[test.by](w, ada)
		before := w.known(ada)
		verified, err := w.VerifyToken(t.Context(), w.app, ada.AuthyID, onetouch.TokenCheck{Token: "whatever", Force: test.force})
		if !test.valid {
			w.refused(fmt.Sprintf("%+v", test), err, onetouch.CodeTokenInvalid)
			continue
		}
		if err != nil || verified.Source != onetouch.SourceUnchecked || w.known(ada) != before {
			t.Errorf("%+v: %+v, %v, and the user is %+v", test, verified, err, w.known(ada))
		}
		if log := w.log(); log[len(log)-1] != onetouch.EventTokenUnchecked {
			t.Errorf("%+v: the log ends with %s", test, log[len(log)-1])
		}
	}
}

// A right code of a user who never confirmed counts, although any other would be taken; a wrong one counts for nothing.
func TestRightTokenOfAnUnconfirmedUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.ApplicationSettings{LimitSettings: onetouch.LimitSettings{FailuresPerHour: set(2)}})
	ada := w.addUser("202-555-0158")
	code := w.sendToken(ada, onetouch.ChannelSMS)
	check := func(token string) (onetouch.VerifiedToken, error) {
		return w.VerifyToken(t.Context(), w.app, ada.AuthyID, onetouch.TokenCheck{Token: token})
	}
	for range 3 {
		verified, err := check("wrong")
		if err != nil || verified.Source != onetouch.SourceUnchecked || w.known(ada).Confirmed() {
			t.Fatalf("a wrong code: %+v, %v", verified, err)
		}
	}
	verified, err := check(code)
	if err != nil || verified.Source != onetouch.TokenSource(onetouch.ChannelSMS) ||
		!verified.User.Confirmed() || !w.known(ada).Confirmed() {
		t.Fatalf("the right code: %+v, %v", verified, err)
	}
	_, err = check(code)
	w.refused("second use", err, onetouch.CodeTokenReused)
}
