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
		if _, err := here.AuthenticateDevice(t.Context(), p.accessToken); err != nil {
			t.Fatal(err)
		}
		if _, err := here.AuthenticateApplication(t.Context(), w.app.APIKey); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.RemoveDevice(t.Context(), w.app.ID, p.ID); err != nil { // by the other one
		t.Fatal(err)
	}
	w.ensure(onetouch.ApplicationSettings{APIKey: "a new key"})

	// The news may take a moment, but no answer gets through: a change looks for itself.
	w.changesNothing("answer of a device that another process has removed", func() {
		_, err := here.Answer(t.Context(), p.Device, asked.UUID, w.sign(p, asked, evidence.Approved))
		w.refused("answer", err, onetouch.CodeAccessTokenInvalid)
	})
	signals.WakeAll() // the news
	_, err := here.AuthenticateDevice(t.Context(), p.accessToken)
	w.refused("access token", err, onetouch.CodeAccessTokenInvalid)
	_, err = here.AuthenticateApplication(t.Context(), w.app.APIKey)
	w.refused("old API key", err, onetouch.CodeAPIKeyInvalid)
	if _, err := here.AuthenticateApplication(t.Context(), "a new key"); err != nil {
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
	for _, name := range []string{"Renamed", "Renamed again"} {
		if _, err := w.RenameDevice(t.Context(), p.Device, name); err != nil {
			t.Fatal(err)
		}
		w.ensure(onetouch.ApplicationSettings{Name: name})
		record, err := w.ApprovalRequest(t.Context(), w.app.ID, asked.UUID)
		if err != nil {
			t.Fatal(err)
		}
		device, err := w.AuthenticateDevice(t.Context(), p.accessToken)
		if err != nil {
			t.Fatal(err)
		}
		if record.Device.Name != name || device.Name != name || record.Application.Name != name {
			t.Errorf("after the name %q: %q, %q, %q", name, record.Device.Name, device.Name, record.Application.Name)
		}
	}
}
