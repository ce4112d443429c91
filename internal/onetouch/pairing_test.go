package onetouch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func (w *world) startPairing(user onetouch.User) onetouch.Pairing {
	w.Helper()
	pairing, err := w.StartPairing(w.Context(), w.app.ID, user.AuthyID)
	if err != nil {
		w.Fatal(err)
	}
	return pairing
}

// paired is which device a pairing has become.
func (w *world) paired(p onetouch.Pairing) (onetouch.RegistrationState, int64) {
	w.Helper()
	found, err := w.Pairing(w.Context(), p.ID)
	if err != nil {
		w.Fatal(err)
	}
	if found.ID != p.ID || found.Token != "" {
		w.Errorf("the pairing is %+v", found)
	}
	return found.Registration.State(w.clock.Now()), found.Registration.DeviceID
}

func TestPairingTellsWhichDeviceItBecame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	pairing := w.startPairing(ada)
	if strings.Contains(pairing.ID, pairing.Token) {
		t.Errorf("the ID %s gives the token away", pairing.ID)
	}
	w.clock.Advance(onetouch.PairingLife - time.Second)
	w.register(ada) // another device of the user, at the same time
	if state, id := w.paired(pairing); state != onetouch.RegistrationPending || id != 0 {
		t.Errorf("before the phone registers: %s, device %d", state, id)
	}
	n := w.newDevice(pairing.Token, newKey(t))
	registered, err := w.CompleteRegistration(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if state, id := w.paired(pairing); state != onetouch.RegistrationCompleted || id != registered.ID {
		t.Errorf("after device %d has registered: %s, device %d", registered.ID, state, id)
	}
	_, err = w.CompleteRegistration(t.Context(), n)
	w.refused("a link that was used", err, onetouch.CodeRegistrationUsed)
}

func TestPairingIsOverAfterTwoMinutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	pairing := w.startPairing(ada)
	w.clock.Advance(2 * time.Minute)
	if state, _ := w.paired(pairing); state != onetouch.RegistrationOver {
		t.Errorf("after two minutes: %s", state)
	}
	_, err := w.CompleteRegistration(t.Context(), w.newDevice(pairing.Token, newKey(t)))
	w.refused("a link that is too old", err, onetouch.CodeRegistrationExpired)
}

func TestNoSuchPairing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []string{"", "zz", "00ff"} {
		_, err := w.Pairing(t.Context(), id)
		w.refused("pairing "+id, err, onetouch.CodeRegistrationNotFound)
	}
	_, err := w.StartPairing(t.Context(), w.app.ID, 7)
	w.refused("a pairing of nobody", err, onetouch.CodeUserNotFound)
}
