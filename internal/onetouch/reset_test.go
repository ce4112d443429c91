package onetouch_test

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestResetKeepsApplications(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.addUser("2025550158")
	p := w.register(user)
	r := w.ask(user, question())
	w.mustAnswer(p, r, "approved")
	w.createWebhook("user_added")
	app, woken := w.app, w.Changed(onetouch.TopicEvents)
	if err := w.Reset(t.Context(), false, onetouch.ApplicationSettings{Name: "Another"}); err != nil {
		t.Fatal(err)
	}
	if !isReached(woken) {
		t.Error("nobody was told")
	}
	w.same("log", w.log(), []onetouch.EventType{onetouch.EventReset})
	left := w.everything()
	if len(left.Users)+len(left.Devices)+len(left.Requests)+len(left.Webhooks) != 0 {
		t.Errorf("there is left: %+v", left)
	}
	apps, err := w.Applications(t.Context())
	w.same("applications", apps, []onetouch.Application{app})
	w.same("error", err, error(nil))
	_, err = w.ApprovalRequest(t.Context(), app.ID, r.UUID)
	w.refused("request that was remembered", err, onetouch.CodeApprovalRequestNotFound)
	_, err = w.AuthenticateDevice(t.Context(), p.AccessToken)
	w.refused("device that was remembered", err, onetouch.CodeAccessTokenInvalid)
	w.same("Authy ID", w.addUser("2025550159").AuthyID, user.AuthyID)
}

func TestResetOfAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addUser("2025550158")
	before := w.app
	if err := w.Reset(t.Context(), true, onetouch.ApplicationSettings{Name: "Another"}); err != nil {
		t.Fatal(err)
	}
	apps, err := w.Applications(t.Context())
	if err != nil || len(apps) != 1 || apps[0].Name != "Another" || apps[0].APIKey == before.APIKey || apps[0].ID == before.ID {
		t.Errorf("the applications are %+v, %v", apps, err)
	}
	_, err = w.AuthenticateApplication(t.Context(), before.APIKey)
	w.refused("the key of before", err, onetouch.CodeAPIKeyInvalid)
}

func TestResetFurnishesTheSandbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.SandboxSettings())
	if err := w.Reset(t.Context(), false, onetouch.ApplicationSettings{}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.UserStatus(t.Context(), w.app.ID, 51); err != nil {
		t.Errorf("the sandbox has no user: %v", err)
	}
}

func TestResetBringsTheMachinesTimeBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clock := onetouch.NewSteeredClock(onetouch.ClockSetting{})
	service := onetouch.NewService(w.store, onetouch.Options{Clock: clock})
	if err := service.AdvanceClock(t.Context(), 1000*time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := service.Reset(t.Context(), false, onetouch.ApplicationSettings{}); err != nil {
		t.Fatal(err)
	}
	w.same("setting", clock.Setting(), onetouch.ClockSetting{})
}

func TestResetIsAllOrNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.addUser("2025550158")
	for writes := range 2 {
		w.changesNothing("failing store", func() {
			w.store.failAfter(writes)
			defer w.store.repair()
			if w.Reset(t.Context(), true, onetouch.ApplicationSettings{}) == nil {
				t.Errorf("nobody was told that the store failed after %d writes", writes)
			}
		})
	}
}
