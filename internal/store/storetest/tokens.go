package storetest

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func password(u onetouch.User, code string, minute int) onetouch.OneTimePassword {
	at := start().Add(time.Duration(minute) * time.Minute)
	return onetouch.OneTimePassword{
		AppID: u.AppID, AuthyID: u.AuthyID, Channel: onetouch.ChannelCall, Action: "login " + code, Code: code,
		CreatedAt: at, ExpiresAt: at.Add(10 * time.Minute),
	}
}

func oneTimePasswords(t *testing.T, w *world) {
	first, second := password(w.user, "0012345", 0), password(w.user, "7654321", 1)
	w.update(t, func(tx onetouch.Transaction) error {
		return firstError(tx.InsertOneTimePassword(&first), tx.InsertOneTimePassword(&second))
	})
	at := func(minute int) []onetouch.OneTimePassword {
		t.Helper()
		return view(t, w, func(r onetouch.Reader) ([]onetouch.OneTimePassword, error) {
			return r.OneTimePasswords(w.user.AuthyID, start().Add(time.Duration(minute)*time.Minute))
		})
	}
	first.UsedAt = start().Add(time.Minute)
	w.update(t, func(tx onetouch.Transaction) error { return tx.UpdateOneTimePassword(first) })
	same(t, "both", at(9), []onetouch.OneTimePassword{second, first})
	same(t, "at the end of the first", at(10), []onetouch.OneTimePassword{second})
	same(t, "at the end of both", at(11), []onetouch.OneTimePassword(nil))
	same(t, "another user's", view(t, w, func(r onetouch.Reader) ([]onetouch.OneTimePassword, error) {
		return r.OneTimePasswords(w.user.AuthyID+1, start())
	}), []onetouch.OneTimePassword(nil))
	refused(t, w, "update", func(tx onetouch.Transaction) error {
		return tx.UpdateOneTimePassword(onetouch.OneTimePassword{ID: second.ID + 1})
	})
}

func tokenSteps(t *testing.T, w *world) {
	step := func(owner string) int64 {
		t.Helper()
		return view(t, w, func(r onetouch.Reader) (int64, error) { return r.TokenStep(owner) })
	}
	same(t, "step before the first", step("device:1"), int64(0))
	for _, next := range []int64{1, 178_000_000, 178_000_001} {
		w.update(t, func(tx onetouch.Transaction) error { return tx.SetTokenStep("device:1", next) })
		same(t, "step", step("device:1"), next)
	}
	same(t, "step of another", step("device:2"), int64(0))
}

func tokenFailures(t *testing.T, w *world) {
	read := func() onetouch.TokenFailures {
		t.Helper()
		return view(t, w, func(r onetouch.Reader) (onetouch.TokenFailures, error) { return r.TokenFailures(w.user.AuthyID) })
	}
	same(t, "failures before the first", read(), onetouch.TokenFailures{})
	for _, failures := range []onetouch.TokenFailures{{Number: 1, Since: start()}, {Number: 2, Since: start().Add(time.Hour)}, {}} {
		w.update(t, func(tx onetouch.Transaction) error { return tx.SetTokenFailures(w.user.AuthyID, failures) })
		same(t, "failures", read(), failures)
	}
}

func authenticators(t *testing.T, w *world) {
	read := func(r onetouch.Reader) (onetouch.Authenticator, error) { return r.Authenticator(w.user.AuthyID) }
	byTicket := func(ticket string) func(onetouch.Reader) (onetouch.Authenticator, error) {
		return func(r onetouch.Reader) (onetouch.Authenticator, error) { return r.AuthenticatorByTicket(ticket) }
	}
	absent(t, w, "authenticator", read)
	absent(t, w, "ticket", byTicket("ticket"))
	made := onetouch.Authenticator{
		AuthyID: w.user.AuthyID, AppID: w.app.ID, Secret: []byte{0, 1, 0xff}, Label: "Ada", Ticket: "ticket", CreatedAt: start(),
	}
	w.update(t, func(tx onetouch.Transaction) error { return tx.PutAuthenticator(made) })
	same(t, "authenticator", view(t, w, read), made)
	same(t, "authenticator by ticket", view(t, w, byTicket("ticket")), made)

	made.Secret, made.Label, made.Ticket, made.CreatedAt = []byte{7}, "Ada at home", "another", start().Add(time.Hour)
	w.update(t, func(tx onetouch.Transaction) error { return tx.PutAuthenticator(made) })
	same(t, "authenticator in place of another", view(t, w, read), made)
	absent(t, w, "old ticket", byTicket("ticket"))

	for range 2 {
		w.update(t, func(tx onetouch.Transaction) error { return tx.DeleteAuthenticator(w.user.AuthyID) })
		absent(t, w, "deleted authenticator", read)
	}
}
