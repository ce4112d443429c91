package onetouch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// A factor that shows its key beside something wrong is as unverified as before: all is done, or nothing.
func TestUpdateFactorIsAllOrNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	key := newKey(t)
	factor := w.createFactor(ada, key)
	signature, err := evidence.SignText(key, factor.UUID)
	if err != nil {
		t.Fatal(err)
	}
	right := &onetouch.FactorProof{Text: factor.UUID, Signature: signature}
	for name, change := range map[string]onetouch.FactorChange{
		"short token": {Proof: right, Token: "short"}, "platform": {Proof: right, Platform: "pigeon"},
		"long name":         {Proof: right, FriendlyName: strings.Repeat("x", 65)},
		"config of another": {Proof: right, TOTP: onetouch.TOTPConfig{TimeStep: 30}},
	} {
		w.changesNothing(name, func() {
			_, err := w.UpdateFactor(t.Context(), factor, change)
			w.refused(name, err, onetouch.CodeInvalidParameter)
		})
	}
	w.changesNothing("another key", func() {
		wrong := &onetouch.FactorProof{Text: factor.UUID + "x", Signature: signature}
		_, err := w.UpdateFactor(t.Context(), factor, onetouch.FactorChange{FriendlyName: "Mine", Proof: wrong})
		w.refused("another key", err, onetouch.CodeSignatureInvalid)
	})
	verified, err := w.UpdateFactor(t.Context(), factor, onetouch.FactorChange{FriendlyName: "Mine", Proof: right})
	if err != nil || !verified.Verified() || verified.Name != "Mine" {
		t.Errorf("verified and named: %+v, %v", verified, err)
	}
	w.changesNothing("the same again", func() {
		if _, err := w.UpdateFactor(t.Context(), verified, onetouch.FactorChange{FriendlyName: "Mine", Proof: right}); err != nil {
			t.Error(err)
		}
	})
}

// What is wrong with a change of a factor leaves all of the factor as it was.
func TestUpdateFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	factor := w.registerFactor(ada)
	for name, change := range map[string]onetouch.FactorChange{
		"short token": {FriendlyName: "Another", Token: "short"}, "platform": {SDKVersion: "2.0", Platform: "pigeon"},
		"long name": {FriendlyName: strings.Repeat("x", 65)},
	} {
		w.changesNothing(name, func() {
			w.clock.Advance(time.Minute)
			_, err := w.UpdateFactor(t.Context(), factor.Device, change)
			w.refused(name, err, onetouch.CodeInvalidParameter)
		})
	}
	w.clock.Advance(time.Minute)
	updated, err := w.UpdateFactor(t.Context(), factor.Device, onetouch.FactorChange{Platform: "apn", SDKVersion: "2.0"})
	if err != nil || updated.Platform != "ios" || updated.AppVersion != "2.0" || updated.Name != factor.Name ||
		!updated.UpdatedAt.Equal(w.clock.Now()) || updated.Push.Token != factor.Push.Token {
		t.Errorf("updated: %+v, %v", updated, err)
	}
}
