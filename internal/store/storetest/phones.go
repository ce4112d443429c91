package storetest

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func phoneVerifications(t *testing.T, w *world) {
	phone := onetouch.PhoneNumber{CountryCode: 57, National: "0305550100"}
	latest := func(appID string, p onetouch.PhoneNumber) func(onetouch.Reader) (onetouch.PhoneVerification, error) {
		return func(r onetouch.Reader) (onetouch.PhoneVerification, error) {
			return r.LatestPhoneVerification(appID, p)
		}
	}
	byUUID := func(uuid string) func(onetouch.Reader) (onetouch.PhoneVerification, error) {
		return func(r onetouch.Reader) (onetouch.PhoneVerification, error) { return r.PhoneVerification(uuid) }
	}
	absent(t, w, "verification", byUUID("one"))
	absent(t, w, "verification of a phone", latest(w.app.ID, phone))
	first := onetouch.PhoneVerification{
		UUID: "one", AppID: w.app.ID, Phone: phone, Via: onetouch.ChannelSMS, Locale: "pt-BR", Code: "0123",
		CreatedAt: start(), ExpiresAt: start().Add(10 * time.Minute),
	}
	second := first
	second.UUID, second.Code = "two", "4567"
	w.update(t, func(tx onetouch.Transaction) error {
		return firstError(tx.InsertPhoneVerification(&first), tx.InsertPhoneVerification(&second))
	})
	same(t, "first", view(t, w, byUUID("one")), first)
	same(t, "latest", view(t, w, latest(w.app.ID, phone)), second)
	absent(t, w, "another's", latest("other", phone))
	absent(t, w, "another country's", latest(w.app.ID, onetouch.PhoneNumber{CountryCode: 1, National: phone.National}))

	second.Via, second.Locale, second.Code, second.Failures = onetouch.ChannelCall, "", "89", 3
	second.VerifiedAt = start().Add(time.Minute)
	w.update(t, func(tx onetouch.Transaction) error { return tx.UpdatePhoneVerification(second) })
	same(t, "after its update", view(t, w, byUUID("two")), second)
	refused(t, w, "update", func(tx onetouch.Transaction) error {
		return tx.UpdatePhoneVerification(onetouch.PhoneVerification{ID: second.ID + 1})
	})
}

func counts(t *testing.T, w *world) {
	read := func(appID, what string, period int) int {
		t.Helper()
		return view(t, w, func(r onetouch.Reader) (int, error) { return r.Count(appID, what, period) })
	}
	for _, number := range []int{1, 41} {
		w.update(t, func(tx onetouch.Transaction) error { return tx.AddCount(w.app.ID, "sms", 202603, number) })
	}
	w.update(t, func(tx onetouch.Transaction) error { return tx.AddCount(w.app.ID, "sms", 20260304, 5) })
	for _, test := range []struct {
		appID, what string
		period      int
		want        int
	}{
		{w.app.ID, "sms", 202603, 42}, {w.app.ID, "sms", 20260304, 5}, {w.app.ID, "sms", 202604, 0},
		{w.app.ID, "calls", 202603, 0}, {"other", "sms", 202603, 0},
	} {
		if got := read(test.appID, test.what, test.period); got != test.want {
			t.Errorf("%s of %s in %d: got %d, want %d", test.what, test.appID, test.period, got, test.want)
		}
	}
}
