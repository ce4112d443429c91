package onetouch_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Two services on one store stand for two processes: what one remembers, the other may change.
func TestChangeByAnotherProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	signals := &onetouch.Signals{}
	here := onetouch.NewService(w.store, onetouch.Options{Clock: w.clock, Signals: signals})
	ada := w.addUser("202-555-0158")
	p, asked := w.register(ada), w.ask(ada, question())
	for range 2 {
		if _, err := here.AuthenticateDevice(t.Context(), p.AccessToken); err != nil {
			t.Fatal(err)
		}
		if _, err := here.AuthenticateApplication(t.Context(), w.app.APIKey); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.RemoveDevice(t.Context(), w.app.ID, p.ID); err != nil { // by the other one
		t.Fatal(err)
	}
	w.ensure(onetouch.ApplicationSettings{APIKey: "a-new-key"})

	// The news may take a moment, but no answer gets through: a change looks for itself.
	w.changesNothing("answer of a device that another process has removed", func() {
		_, err := here.Answer(t.Context(), p.Device, asked.UUID, w.sign(p, asked, evidence.Approved))
		w.refused("answer", err, onetouch.CodeAccessTokenInvalid)
	})
	signals.WakeAll() // the news
	_, err := here.AuthenticateDevice(t.Context(), p.AccessToken)
	w.refused("access token", err, onetouch.CodeAccessTokenInvalid)
	_, err = here.AuthenticateApplication(t.Context(), w.app.APIKey)
	w.refused("old API key", err, onetouch.CodeAPIKeyInvalid)
	if _, err := here.AuthenticateApplication(t.Context(), "a-new-key"); err != nil {
		t.Errorf("new API key: %v", err)
	}
}

// What was read before a change is not remembered after it.
func TestChangeOfWhatIsRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, asked := w.register(ada), w.ask(ada, question())
	w.mustAnswer(p, asked, evidence.Approved)
	names := func() [3]string {
		t.Helper()
		record, err := w.ApprovalRequest(t.Context(), w.app.ID, asked.UUID)
		if err != nil {
			t.Fatal(err)
		}
		device, err := w.AuthenticateDevice(t.Context(), p.AccessToken)
		if err != nil {
			t.Fatal(err)
		}
		return [3]string{record.Application.Name, record.Device.Name, device.Name}
	}
	w.same("before", names(), [3]string{"Acme Bank", "Ada's Pixel", "Ada's Pixel"})
	if _, err := w.RenameDevice(t.Context(), p.Device, "Renamed"); err != nil {
		t.Fatal(err)
	}
	w.same("after the device's new name", names(), [3]string{"Acme Bank", "Renamed", "Renamed"})
	w.ensure(onetouch.ApplicationSettings{Name: "Other Bank"})
	w.same("after the application's new name", names(), [3]string{"Other Bank", "Renamed", "Renamed"})

	bob := w.addUser("202-555-0159") // without a device, whose removal would be news by itself
	bobs := w.ask(bob, question())
	for _, removed := range []bool{false, true} {
		if removed {
			if err := w.RemoveUser(t.Context(), w.app.ID, bob.AuthyID); err != nil {
				t.Fatal(err)
			}
		}
		record, err := w.ApprovalRequest(t.Context(), w.app.ID, bobs.UUID)
		if err != nil || record.User.Removed() != removed {
			t.Errorf("the user is removed: %t, want %t (%v)", record.User.Removed(), removed, err)
		}
	}
}
