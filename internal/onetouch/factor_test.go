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

// A device of the Verify API authenticates by a JWT of its key, for the account, and for an hour at most.
func TestAuthenticateFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	factor, other, authys := w.registerFactor(ada), w.registerFactor(ada), w.register(ada)
	account, err := w.Account(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now := w.clock.Now().Unix()
	for name, c := range map[string]struct {
		device phone // that is called by its UUID
		key    *evidence.PrivateKey
		change func(*evidence.Token)
		passes bool
	}{
		"its own":             {factor, factor.Key, func(*evidence.Token) {}, true},
		"a clock ahead":       {factor, factor.Key, func(c *evidence.Token) { c.NotBefore, c.Expires = now+60, now+600 }, true},
		"a clock behind":      {factor, factor.Key, func(c *evidence.Token) { c.NotBefore, c.Expires = now-600, now-59 }, true},
		"far ahead":           {factor, factor.Key, func(c *evidence.Token) { c.NotBefore, c.Expires = now+61, now+600 }, false},
		"over":                {factor, factor.Key, func(c *evidence.Token) { c.NotBefore, c.Expires = now-600, now-60 }, false},
		"more than an hour":   {factor, factor.Key, func(c *evidence.Token) { c.Expires = now + 3601 }, false},
		"no end":              {factor, factor.Key, func(c *evidence.Token) { c.Expires = 0 }, false},
		"another account":     {factor, factor.Key, func(c *evidence.Token) { c.Subject = "AC" + strings.Repeat("f", 32) }, false},
		"another's key":       {factor, other.Key, func(*evidence.Token) {}, false},
		"a device of Authy's": {authys, authys.Key, func(*evidence.Token) {}, false},
	} {
		claims := evidence.Token{Subject: account.SID, NotBefore: now, Expires: now + 3600}
		c.change(&claims)
		token, err := evidence.SignToken(c.key, credential, claims)
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.AuthenticateFactor(t.Context(), c.device.UUID, token)
		if c.passes {
			if err != nil || got.ID != c.device.ID {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			continue
		}
		w.refused(name, err, onetouch.CodeCredentialsInvalid)
	}
	if err := w.RemoveFactor(t.Context(), factor.Device); err != nil {
		t.Fatal(err)
	}
	token, err := evidence.SignToken(factor.Key, credential, evidence.Token{Subject: account.SID, NotBefore: now, Expires: now + 60})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.AuthenticateFactor(t.Context(), factor.UUID, token)
	w.refused("a factor that was removed", err, onetouch.CodeCredentialsInvalid)
}
