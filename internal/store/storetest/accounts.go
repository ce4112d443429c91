package storetest

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func applications(t *testing.T, w *world) {
	second := application("two")
	w.update(t, func(tx onetouch.Transaction) error { return tx.InsertApplication(&second) })
	if w.app.SerialID == 0 || second.SerialID <= w.app.SerialID {
		t.Errorf("serial IDs are %d, then %d: must be given and grow", w.app.SerialID, second.SerialID)
	}
	byID := func(r onetouch.Reader) (onetouch.Application, error) { return r.Application(second.ID) }
	same(t, "application", view(t, w, byID), second)
	same(t, "application by key", view(t, w, func(r onetouch.Reader) (onetouch.Application, error) {
		return r.ApplicationByKey(w.app.APIKey)
	}), w.app)
	same(t, "application by alternative key", view(t, w, func(r onetouch.Reader) (onetouch.Application, error) {
		return r.ApplicationByKey(w.app.AlternativeAPIKey)
	}), w.app)
	same(t, "list", view(t, w, onetouch.Reader.Applications), []onetouch.Application{w.app, second})

	second.Name, second.APIKey, second.Callback = "Renamed", "another key", onetouch.CallbackTarget{Method: "POST"}
	second.AlternativeAPIKey, second.AccessKey, second.SigningKey = "", "another access key", "another signing key"
	second.PushSender, second.RequireDevice, second.TokenDigits = onetouch.PushByAuthy, false, 6
	second.VerifyUnconfirmed, second.StrictPhoneNumbers, second.SMSEnabled, second.CallsEnabled = false, false, false, false
	second.CustomCodesEnabled, second.Sandbox, second.UnknownRequestsPending, second.Suspended = false, false, false, false
	second.Limits = onetouch.Limits{
		TokensPerHour: 11, FailuresPerHour: 12, APICallsPerMinute: 13, SMSPerDay: 14, SMSPerMonth: 15, CallsPerDay: 16,
		CallsPerMonth: 17,
	}
	w.update(t, func(tx onetouch.Transaction) error { return tx.UpdateApplication(second) })
	same(t, "application after its update", view(t, w, byID), second)
	absent(t, w, "empty alternative key", func(r onetouch.Reader) (onetouch.Application, error) { return r.ApplicationByKey("") })
}

func applicationsWithoutRecord(t *testing.T, w *world) {
	absent(t, w, "application", func(r onetouch.Reader) (onetouch.Application, error) { return r.Application("none") })
	absent(t, w, "key", func(r onetouch.Reader) (onetouch.Application, error) { return r.ApplicationByKey("none") })
	refused(t, w, "update", func(tx onetouch.Transaction) error { return tx.UpdateApplication(application("none")) })
}

func users(t *testing.T, w *world) {
	read := func(r onetouch.Reader) (onetouch.User, error) { return r.User(w.app.ID, w.user.AuthyID) }
	same(t, "user", view(t, w, read), w.user)
	same(t, "user by phone", view(t, w, func(r onetouch.Reader) (onetouch.User, error) {
		return r.UserByPhone(w.app.ID, 57, "2025550100")
	}), w.user)

	w.user.Email, w.user.RemovedAt = "other@example.com", start().Add(time.Hour)
	w.user.ConfirmedAt, w.user.SuspendedAt = time.Time{}, time.Time{}
	w.update(t, func(tx onetouch.Transaction) error { return tx.UpdateUser(w.user) })
	same(t, "removed user", view(t, w, read), w.user)
	same(t, "removed user by phone", view(t, w, func(r onetouch.Reader) (onetouch.User, error) {
		return r.UserByPhone(w.app.ID, 57, "2025550100")
	}), w.user)
}

func usersWithoutRecord(t *testing.T, w *world) {
	for what, read := range map[string]func(onetouch.Reader) (onetouch.User, error){
		"unknown Authy ID":      func(r onetouch.Reader) (onetouch.User, error) { return r.User(w.app.ID, 1) },
		"Authy ID of another":   func(r onetouch.Reader) (onetouch.User, error) { return r.User("other", w.user.AuthyID) },
		"unknown phone":         func(r onetouch.Reader) (onetouch.User, error) { return r.UserByPhone(w.app.ID, 57, "1") },
		"phone in another land": func(r onetouch.Reader) (onetouch.User, error) { return r.UserByPhone(w.app.ID, 1, "2025550100") },
		"phone of another":      func(r onetouch.Reader) (onetouch.User, error) { return r.UserByPhone("other", 57, "2025550100") },
	} {
		absent(t, w, what, read)
	}
	foreign := w.user
	foreign.AppID = "other"
	refused(t, w, "update of another's user", func(tx onetouch.Transaction) error { return tx.UpdateUser(foreign) })
}

func usersList(t *testing.T, w *world) {
	other := application("two")
	second, removed := user(w.app, "2025550101"), user(w.app, "2025550102")
	removed.RemovedAt = start()
	var elsewhere onetouch.User
	w.update(t, func(tx onetouch.Transaction) error {
		if err := tx.InsertApplication(&other); err != nil {
			return err
		}
		elsewhere = user(other, "2025550100") // the same phone is another user there
		return firstError(tx.InsertUser(&removed), tx.InsertUser(&elsewhere), tx.InsertUser(&second))
	})
	if elsewhere.AuthyID == w.user.AuthyID || removed.AuthyID == 0 {
		t.Errorf("Authy IDs %d and %d must be given and differ", w.user.AuthyID, elsewhere.AuthyID)
	}
	for _, test := range []struct {
		filter onetouch.UserFilter
		want   []onetouch.User
	}{
		{onetouch.UserFilter{}, []onetouch.User{w.user, elsewhere, second}},
		{onetouch.UserFilter{Limit: 2}, []onetouch.User{w.user, elsewhere}},
		{onetouch.UserFilter{AppID: w.app.ID}, []onetouch.User{w.user, second}},
		{onetouch.UserFilter{AppID: w.app.ID, Limit: 1}, []onetouch.User{w.user}},
		{onetouch.UserFilter{AppID: "none"}, nil},
		{onetouch.UserFilter{WithRemoved: true, Limit: 2}, []onetouch.User{w.user, removed}},
		{onetouch.UserFilter{AuthyID: removed.AuthyID}, nil},
		{onetouch.UserFilter{AuthyID: removed.AuthyID, WithRemoved: true}, []onetouch.User{removed}},
		{onetouch.UserFilter{AuthyID: second.AuthyID, AppID: other.ID}, nil},
	} {
		got := view(t, w, func(r onetouch.Reader) ([]onetouch.User, error) { return r.Users(test.filter) })
		same(t, "list", got, test.want)
	}
}

// usersWithTheirOwnID may have an Authy ID below those that are given, and none of theirs is given again.
func usersWithTheirOwnID(t *testing.T, w *world) {
	own := user(w.app, "2025550151")
	own.AuthyID = 51
	next := user(w.app, "2025550152")
	w.update(t, func(tx onetouch.Transaction) error { return firstError(tx.InsertUser(&own), tx.InsertUser(&next)) })
	same(t, "user", view(t, w, func(r onetouch.Reader) (onetouch.User, error) { return r.User(w.app.ID, 51) }), own)
	if next.AuthyID != w.user.AuthyID+1 {
		t.Errorf("the next user is %d, want the number after %d", next.AuthyID, w.user.AuthyID)
	}
	double := user(w.app, "2025550153")
	double.AuthyID = 51
	if err := w.store.Update(t.Context(), func(tx onetouch.Transaction) error { return tx.InsertUser(&double) }); err == nil {
		t.Error("two users have one Authy ID")
	}
}

func countUsers(t *testing.T, w *world) {
	number := func(appID string) int {
		t.Helper()
		return view(t, w, func(r onetouch.Reader) (int, error) { return r.CountUsers(appID) })
	}
	second := user(w.app, "2025550151")
	w.update(t, func(tx onetouch.Transaction) error { return tx.InsertUser(&second) })
	if got := number(w.app.ID); got != 2 {
		t.Errorf("%d users, want 2", got)
	}
	second.RemovedAt = start()
	w.update(t, func(tx onetouch.Transaction) error { return tx.UpdateUser(second) })
	if got := number(w.app.ID); got != 1 {
		t.Errorf("%d users after one was removed, want 1", got)
	}
	if got := number("none"); got != 0 {
		t.Errorf("%d users of no application", got)
	}
}

func registrations(t *testing.T, w *world) {
	made := registration(w.user, "token")
	read := func(r onetouch.Reader) (onetouch.Registration, error) {
		return r.Registration(onetouch.SecretDigest("token"))
	}
	absent(t, w, "registration", read)
	refused(t, w, "update", func(tx onetouch.Transaction) error { return tx.UpdateRegistration(made) })
	w.update(t, func(tx onetouch.Transaction) error { return tx.InsertRegistration(made) })
	same(t, "registration", view(t, w, read), made)

	later, latest := registration(w.user, "later"), func(r onetouch.Reader) (onetouch.Registration, error) {
		return r.LatestRegistration(w.app.ID, w.user.AuthyID)
	}
	later.CreatedAt = made.CreatedAt.Add(time.Second)
	same(t, "latest of one", view(t, w, latest), made)
	w.update(t, func(tx onetouch.Transaction) error { return tx.InsertRegistration(later) })
	same(t, "latest of two", view(t, w, latest), later)
	absent(t, w, "latest of nobody", func(r onetouch.Reader) (onetouch.Registration, error) {
		return r.LatestRegistration(w.app.ID, w.user.AuthyID+1)
	})
	absent(t, w, "latest in another application", func(r onetouch.Reader) (onetouch.Registration, error) {
		return r.LatestRegistration("none", w.user.AuthyID)
	})

	made.UsedAt, made.DeviceID = start().Add(2*time.Minute), w.device.ID
	w.update(t, func(tx onetouch.Transaction) error { return tx.UpdateRegistration(made) })
	same(t, "used registration", view(t, w, read), made)
}

func devices(t *testing.T, w *world) {
	read := func(r onetouch.Reader) (onetouch.Device, error) { return r.Device(w.device.ID) }
	byToken := func(r onetouch.Reader) (onetouch.Device, error) {
		return r.DeviceByAccessToken(onetouch.SecretDigest("access first"))
	}
	same(t, "device", view(t, w, read), w.device)
	same(t, "device by access token", view(t, w, byToken), w.device)

	w.device.Name, w.device.Platform, w.device.AppVersion = "Renamed", "android", "3.0"
	w.device.Push, w.device.RemovedAt = onetouch.PushTarget{Type: onetouch.PushStream}, start().Add(time.Hour)
	w.update(t, func(tx onetouch.Transaction) error { return tx.UpdateDevice(w.device) })
	same(t, "removed device", view(t, w, read), w.device)
	same(t, "removed device by access token", view(t, w, byToken), w.device)
}

func devicesWithoutRecord(t *testing.T, w *world) {
	absent(t, w, "device", func(r onetouch.Reader) (onetouch.Device, error) { return r.Device(w.device.ID + 1) })
	absent(t, w, "token", func(r onetouch.Reader) (onetouch.Device, error) {
		return r.DeviceByAccessToken(onetouch.SecretDigest("none"))
	})
	refused(t, w, "update", func(tx onetouch.Transaction) error {
		return tx.UpdateDevice(onetouch.Device{ID: w.device.ID + 1})
	})
}

func devicesList(t *testing.T, w *world) {
	friend := user(w.app, "2025550101")
	var second, removed, friends, app, unverified onetouch.Device
	w.update(t, func(tx onetouch.Transaction) error {
		if err := tx.InsertUser(&friend); err != nil {
			return err
		}
		removed, second, friends = device(w.user, "removed"), device(w.user, "second"), device(friend, "friend's")
		app, unverified = authenticator(w.user, "app"), device(w.user, "unverified")
		removed.RemovedAt, unverified.VerifiedAt = start(), time.Time{}
		return firstError(tx.InsertDevice(&removed), tx.InsertDevice(&friends), tx.InsertDevice(&second), tx.InsertDevice(&app),
			tx.InsertDevice(&unverified))
	})
	for _, test := range []struct {
		filter onetouch.DeviceFilter
		want   []onetouch.Device
	}{
		{onetouch.DeviceFilter{}, []onetouch.Device{w.device, friends, second}},
		{onetouch.DeviceFilter{WithRemoved: true}, []onetouch.Device{w.device, removed, friends, second}},
		{onetouch.DeviceFilter{AppID: w.app.ID, Limit: 2}, []onetouch.Device{w.device, friends}},
		{onetouch.DeviceFilter{AuthyID: w.user.AuthyID}, []onetouch.Device{w.device, second}},
		{
			onetouch.DeviceFilter{AppID: w.app.ID, AuthyID: w.user.AuthyID, WithRemoved: true, Limit: 2},
			[]onetouch.Device{w.device, removed},
		},
		{onetouch.DeviceFilter{AppID: "none", AuthyID: w.user.AuthyID}, nil},
		{onetouch.DeviceFilter{AuthyID: w.user.AuthyID, WithTOTP: true}, []onetouch.Device{w.device, second, app}},
		{onetouch.DeviceFilter{AuthyID: w.user.AuthyID, WithUnverified: true}, []onetouch.Device{w.device, second, unverified}},
	} {
		got := view(t, w, func(r onetouch.Reader) ([]onetouch.Device, error) { return r.Devices(test.filter) })
		same(t, "list", got, test.want)
	}
}

// firstError is the first of the errors that is one.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
