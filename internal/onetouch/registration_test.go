package onetouch_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

func (w *world) startRegistration(user onetouch.User) string {
	w.Helper()
	token, err := w.StartRegistration(w.Context(), w.app.ID, user.AuthyID)
	if err != nil {
		w.Fatal(err)
	}
	return token
}

func TestRegistrationMakesADevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	token, key := w.startRegistration(ada), newKey(t)
	n := w.newDevice(token, key)
	n.Platform, n.AppVersion = "ios", "24.1"
	n.Push = onetouch.PushTarget{Type: onetouch.PushWebhook, URL: "https://push.example/", Token: "apns"}
	w.clock.Advance(time.Minute)
	got, err := w.CompleteRegistration(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	w.same("device", got, onetouch.RegisteredDevice{
		Device: onetouch.Device{
			ID: got.ID, UUID: got.UUID, AppID: w.app.ID, AuthyID: ada.AuthyID, Name: "Ada's Pixel", Platform: "ios",
			AppVersion: "24.1", PublicKey: n.PublicKey, KeyID: key.Public().ID(), Push: n.Push,
			AccessTokenDigest: onetouch.SecretDigest(got.AccessToken), TOTPSecret: got.TOTPSecret,
			RegisteredAt: noon().Add(time.Minute), VerifiedAt: noon().Add(time.Minute), UpdatedAt: noon().Add(time.Minute),
		},
		AccessToken: got.AccessToken, AppName: "Acme Bank",
	})
	if got.ID == 0 || len(got.UUID) != 36 || len(got.AccessToken) < 40 || len(got.TOTPSecret) != 20 {
		t.Errorf("identifiers and secrets are %d, %q, %q, %x", got.ID, got.UUID, got.AccessToken, got.TOTPSecret)
	}
	device, err := w.AuthenticateDevice(t.Context(), got.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	w.same("device by its access token", device, got.Device)
	status, err := w.UserStatus(t.Context(), w.app.ID, ada.AuthyID)
	if err != nil {
		t.Fatal(err)
	}
	w.same("the user's devices", status.Devices, []onetouch.Device{got.Device})
}

func TestRegistrationFillsInWhatADeviceLeavesOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.newDevice(w.startRegistration(w.addUser("202-555-0158")), newKey(t))
	n.Name = ""
	got, err := w.CompleteRegistration(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "Simulated phone" || got.Platform != "android" || got.Push.Type != onetouch.PushStream {
		t.Errorf("got %q, %q, %q", got.Name, got.Platform, got.Push.Type)
	}
}

func TestRegistrationTokenIsUsedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.startRegistration(w.addUser("202-555-0158"))
	if _, err := w.CompleteRegistration(t.Context(), w.newDevice(token, newKey(t))); err != nil {
		t.Fatal(err)
	}
	w.changesNothing("second use", func() {
		_, err := w.CompleteRegistration(t.Context(), w.newDevice(token, newKey(t)))
		w.refused("second use", err, onetouch.CodeRegistrationUsed)
	})
	w.clock.Advance(time.Hour)
	_, err := w.CompleteRegistration(t.Context(), w.newDevice(token, newKey(t)))
	w.refused("second use after its end", err, onetouch.CodeRegistrationUsed)
}

func TestRegistrationTokenIsUsedOnceInARace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.startRegistration(w.addUser("202-555-0158"))
	const racers = 6
	var race sync.WaitGroup
	errs := make([]error, racers)
	for i := range racers {
		n := w.newDevice(token, newKey(t))
		race.Go(func() { _, errs[i] = w.CompleteRegistration(t.Context(), n) })
	}
	race.Wait()
	registered := 0
	for _, err := range errs {
		if err == nil {
			registered++
			continue
		}
		w.refused("a later racer", err, onetouch.CodeRegistrationUsed)
	}
	if registered != 1 || len(w.everything().Devices) != 1 {
		t.Errorf("%d racers were registered, %d devices are there, want one", registered, len(w.everything().Devices))
	}
}

func TestRegistrationTokenEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	inTime, late := w.startRegistration(ada), w.startRegistration(ada)
	w.clock.Advance(onetouch.DefaultRegistrationLife - time.Microsecond)
	if _, err := w.CompleteRegistration(t.Context(), w.newDevice(inTime, newKey(t))); err != nil {
		t.Errorf("at the last moment: %v", err)
	}
	w.clock.Advance(time.Microsecond)
	w.changesNothing("too late", func() {
		_, err := w.CompleteRegistration(t.Context(), w.newDevice(late, newKey(t)))
		w.refused("too late", err, onetouch.CodeRegistrationExpired)
	})
}

func TestRegistrationLifeCanBeChosen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Service = onetouch.NewService(w.store, onetouch.Options{Clock: w.clock, RegistrationLife: time.Second})
	token := w.startRegistration(w.addUser("202-555-0158"))
	w.clock.Advance(time.Second)
	_, err := w.CompleteRegistration(t.Context(), w.newDevice(token, newKey(t)))
	w.refused("after a second", err, onetouch.CodeRegistrationExpired)
}

func TestRegistrationOfAUserWhoWasRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	token := w.startRegistration(ada)
	if err := w.RemoveUser(t.Context(), w.app.ID, ada.AuthyID); err != nil {
		t.Fatal(err)
	}
	w.changesNothing("removed user", func() {
		_, err := w.CompleteRegistration(t.Context(), w.newDevice(token, newKey(t)))
		w.refused("removed user", err, onetouch.CodeUserNotFound)
	})
}

// Nothing of a registration that is refused is kept; its token can still be used.
func TestRefusedRegistration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token, key := w.startRegistration(w.addUser("202-555-0158")), newKey(t)
	private, err := key.JWK()
	if err != nil {
		t.Fatal(err)
	}
	others, err := evidence.SignProof(newKey(t), token)
	if err != nil {
		t.Fatal(err)
	}
	otherToken := w.newDevice("another token", key)
	for _, test := range []struct {
		name  string
		spoil func(*onetouch.NewDevice)
		want  onetouch.Code
	}{
		{"no token", func(n *onetouch.NewDevice) { n.RegistrationToken = "" }, onetouch.CodeInvalidParameter},
		{"unknown token", func(n *onetouch.NewDevice) { *n = otherToken }, onetouch.CodeRegistrationNotFound},
		{"blank name", func(n *onetouch.NewDevice) { n.Name = "  " }, onetouch.CodeInvalidParameter},
		{"name of 101 characters", func(n *onetouch.NewDevice) { n.Name = strings.Repeat("é", 101) }, onetouch.CodeInvalidParameter},
		{"name in broken UTF-8", func(n *onetouch.NewDevice) { n.Name = "\xff" }, onetouch.CodeInvalidEncoding},
		{"long version", func(n *onetouch.NewDevice) { n.AppVersion = strings.Repeat("1", 51) }, onetouch.CodeInvalidParameter},
		{"unknown platform", func(n *onetouch.NewDevice) { n.Platform = "toaster" }, onetouch.CodeInvalidParameter},
		{"unknown push", func(n *onetouch.NewDevice) { n.Push.Type = "pigeon" }, onetouch.CodePushPlatformUnknown},
		{"webhook without a URL", func(n *onetouch.NewDevice) { n.Push.Type = onetouch.PushWebhook }, onetouch.CodeInvalidParameter},
		{"webhook of another scheme", func(n *onetouch.NewDevice) {
			n.Push = onetouch.PushTarget{Type: onetouch.PushWebhook, URL: "file:///etc/passwd"}
		}, onetouch.CodeInvalidParameter},
		{"long push token", func(n *onetouch.NewDevice) { n.Push.Token = strings.Repeat("x", 4097) }, onetouch.CodeInvalidParameter},
		{"no key", func(n *onetouch.NewDevice) { n.PublicKey = nil }, onetouch.CodePublicKeyInvalid},
		{"private key", func(n *onetouch.NewDevice) { n.PublicKey = private }, onetouch.CodePublicKeyInvalid},
		{"no proof", func(n *onetouch.NewDevice) { n.Proof = "" }, onetouch.CodeSignatureInvalid},
		{"proof by another key", func(n *onetouch.NewDevice) { n.Proof = others }, onetouch.CodeSignatureInvalid},
		{"proof of another token", func(n *onetouch.NewDevice) { n.Proof = otherToken.Proof }, onetouch.CodeSignatureInvalid},
	} {
		n := w.newDevice(token, key)
		test.spoil(&n)
		w.changesNothing(test.name, func() {
			_, err := w.CompleteRegistration(t.Context(), n)
			w.refused(test.name, err, test.want)
		})
	}
	if _, err := w.CompleteRegistration(t.Context(), w.newDevice(token, key)); err != nil {
		t.Errorf("the token cannot be used after refusals: %v", err)
	}
}

// What is kept of a secret must not be enough to use it.
func TestSecretsAreKeptAsDigestsOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.startRegistration(w.addUser("202-555-0158"))
	err := w.store.View(t.Context(), func(r onetouch.Reader) error {
		_, plain := r.Registration([]byte(token))
		_, digested := r.Registration(onetouch.SecretDigest(token))
		if !errors.Is(plain, onetouch.ErrNotFound) || digested != nil {
			t.Errorf("the token is found by itself (%v) or not by its digest (%v)", plain, digested)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
