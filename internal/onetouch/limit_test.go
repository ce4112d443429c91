package onetouch_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func limited(limits onetouch.LimitSettings) onetouch.ApplicationSettings {
	return onetouch.ApplicationSettings{LimitSettings: limits}
}

// limitedUntil checks a refusal, and how long it holds.
func (w *world) limitedUntil(what string, err error, want onetouch.Code, opens time.Time) {
	w.Helper()
	w.refused(what, err, want)
	var refusal *onetouch.Error
	if errors.As(err, &refusal); refusal.RetryAfter != opens.Sub(w.clock.Now()) {
		w.Errorf("%s: wait for %s, want %s", what, refusal.RetryAfter, opens.Sub(w.clock.Now()))
	}
}

// Texts, calls and e-mails to a user count together. One more fits as soon as the first is an hour old.
func TestTokensPerHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t, limited(onetouch.LimitSettings{TokensPerHour: set(3)}))
	ada, bob := w.addUser("202-555-0158"), w.addUser("202-555-0159")
	opens := w.clock.Now().Add(time.Hour + time.Microsecond)
	w.register(ada)
	w.ask(ada, question()) // a push is no token
	for _, channel := range []onetouch.Channel{"sms", "call", "email"} {
		w.sendToken(ada, channel)
		w.clock.Advance(time.Minute)
	}
	send := func(user onetouch.User) error {
		return second(w.SendToken(t.Context(), w.app, user.AuthyID, onetouch.NewToken{Channel: "email"}))
	}
	err := send(ada)
	w.limitedUntil("one too many", err, onetouch.CodeTooManyTokens, opens)
	if got := err.Error(); got != "DoS protection: User has requested too many tokens in the last hour." {
		t.Errorf("the refusal says %q", got)
	}
	if log := w.log(); log[len(log)-1] != onetouch.EventTooManyTokens {
		t.Errorf("the log ends with %s", log[len(log)-1])
	}
	w.sendToken(bob, onetouch.ChannelSMS)
	w.mustStartVerification("202-555-0158") // counts by itself
	w.clock.Advance(57*time.Minute - time.Microsecond)
	w.limitedUntil("just before the hour", send(ada), onetouch.CodeTooManyTokens, opens)
	w.clock.Advance(2 * time.Microsecond)
	if err := send(ada); err != nil {
		t.Errorf("after the hour: %v", err)
	}
	w.limitedUntil("only one fits", send(ada), onetouch.CodeTooManyTokens, opens.Add(time.Minute))
	w.app = w.ensure(limited(onetouch.LimitSettings{TokensPerHour: set(0)}))
	for range 10 {
		if err := send(ada); err != nil {
			t.Errorf("without a limit: %v", err)
		}
	}
}

func TestVerificationsPerHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t, limited(onetouch.LimitSettings{TokensPerHour: set(2)}))
	ada := w.addUser("202-555-0158")
	w.mustStartVerification("202-555-0158")
	w.mustStartVerification("2025550158")
	_, err := w.startVerification("202 555 0158")
	w.limitedUntil("one too many", err, onetouch.CodeTooManyTokens, w.clock.Now().Add(time.Hour+time.Microsecond))
	if log := w.log(); log[len(log)-1] != onetouch.EventTooManyVerifications {
		t.Errorf("the log ends with %s", log[len(log)-1])
	}
	w.mustStartVerification("202-555-0159")
	w.sendToken(ada, onetouch.ChannelEmail)
	w.clock.Advance(time.Hour + time.Microsecond)
	w.mustStartVerification("202-555-0158")
}

func TestFailuresPerHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t, limited(onetouch.LimitSettings{FailuresPerHour: set(3)}))
	ada, bob := w.addUser("202-555-0158"), w.addUser("202-555-0159")
	p := w.register(ada)
	fail := func(want onetouch.Code) {
		t.Helper()
		_, err := w.verify(ada, "0")
		w.refused("wrong token", err, want)
	}
	fail(onetouch.CodeTokenInvalid)
	fail(onetouch.CodeTokenInvalid)
	w.mustVerify(ada, w.softToken(p, 0)) // begins anew
	w.clock.Advance(time.Minute)
	for range 3 {
		fail(onetouch.CodeTokenInvalid)
		w.clock.Advance(time.Minute)
	}
	fail(onetouch.CodeTooManyChecks)
	_, err := w.verify(ada, w.softToken(p, 0))
	w.limitedUntil("right token, too late", err, onetouch.CodeTooManyChecks, w.clock.Now().Add(57*time.Minute))
	if log := w.log(); log[len(log)-1] != onetouch.EventTooManyChecks {
		t.Errorf("the log ends with %s", log[len(log)-1])
	}
	_, err = w.verify(bob, "0")
	w.refused("another user", err, onetouch.CodeTokenInvalid)
	w.clock.Advance(57*time.Minute - time.Microsecond)
	fail(onetouch.CodeTooManyChecks)
	w.clock.Advance(time.Microsecond)
	w.mustVerify(ada, w.softToken(p, 0))

	w.app = w.ensure(limited(onetouch.LimitSettings{FailuresPerHour: set(0)}))
	for range 10 {
		fail(onetouch.CodeTokenInvalid)
	}
}

func TestMessagesPerDayAndMonth(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		limits          onetouch.LimitSettings
		limited, spared onetouch.Channel
		ends            time.Time
		want            onetouch.Code
	}{
		{onetouch.LimitSettings{SMSPerDay: set(2)}, "sms", "call", time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC), onetouch.CodeSMSDailyLimit},
		{onetouch.LimitSettings{SMSPerMonth: set(2)}, "sms", "email", time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), onetouch.CodeSMSMonthlyLimit},
		{onetouch.LimitSettings{CallsPerDay: set(2)}, "call", "sms", time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC), onetouch.CodeCallsDailyLimit},
		{onetouch.LimitSettings{CallsPerMonth: set(2)}, "call", "sms", time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), onetouch.CodeCallsMonthlyLimit},
	} {
		t.Run(string(test.want), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, limited(test.limits))
			ada, bob := w.addUser("202-555-0158"), w.addUser("202-555-0159")
			w.sendToken(ada, test.limited)
			start := onetouch.NewPhoneVerification{CountryCode: "1", PhoneNumber: "2025550100", Via: string(test.limited)}
			if _, err := w.StartPhoneVerification(t.Context(), w.app, start); err != nil {
				t.Fatal(err)
			}
			_, err := w.SendToken(t.Context(), w.app, bob.AuthyID, onetouch.NewToken{Channel: test.limited})
			w.limitedUntil("token", err, test.want, test.ends)
			_, err = w.StartPhoneVerification(t.Context(), w.app, start)
			w.limitedUntil("verification", err, test.want, test.ends)
			w.sendToken(bob, test.spared)
			w.clock.Advance(test.ends.Sub(w.clock.Now()) - time.Second)
			_, err = w.SendToken(t.Context(), w.app, bob.AuthyID, onetouch.NewToken{Channel: test.limited})
			w.refused("a second before its end", err, test.want)
			w.clock.Advance(time.Second)
			w.sendToken(bob, test.limited)
		})
	}
}

func TestAPICallsPerMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t, limited(onetouch.LimitSettings{APICallsPerMinute: set(2)}))
	other := w.bystander(onetouch.ApplicationSettings{Name: "Second"})
	w.clock.Advance(20 * time.Second)
	for i := range 4 {
		err := w.CountAPICall(w.app)
		if i < 2 && err != nil {
			t.Errorf("call %d: %v", i, err)
		}
		if i >= 2 {
			w.limitedUntil(fmt.Sprintf("call %d", i), err, onetouch.CodeTooManyAPICalls, noon().Add(time.Minute))
		}
		if err := w.CountAPICall(other); err != nil {
			t.Errorf("call %d of the other: %v", i, err)
		}
	}
	w.clock.Advance(time.Minute)
	if err := w.CountAPICall(w.app); err != nil {
		t.Errorf("in the next minute: %v", err)
	}
}
