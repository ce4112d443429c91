package onetouch_test

import (
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// The vectors of RFC 6238, Appendix B, for HMAC-SHA1.
func TestOneTimeCodesOfRFC6238(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for seconds, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037",
		20000000000: "65353130",
	} {
		at := time.Unix(seconds, 0)
		for digits := 6; digits <= 8; digits++ {
			if got := onetouch.OneTimeCode(secret, digits, 30*time.Second, at); got != want[8-digits:] {
				t.Errorf("at %d with %d digits: got %s, want %s", seconds, digits, got, want[8-digits:])
			}
		}
	}
}

// The vectors of RFC 4226, Appendix D: a period of a second makes the time the counter.
func TestOneTimeCodesOfRFC4226(t *testing.T) {
	t.Parallel()
	for count, want := range []string{
		"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
	} {
		got := onetouch.OneTimeCode([]byte("12345678901234567890"), 6, time.Second, time.Unix(int64(count), 0))
		if got != want {
			t.Errorf("code %d: got %s, want %s", count, got, want)
		}
	}
}

// softToken is what the device shows so many steps from now.
func (w *world) softToken(p phone, steps int) string {
	at := w.clock.Now().Add(time.Duration(steps) * onetouch.TOTPPeriod)
	return onetouch.OneTimeCode(p.TOTPSecret, onetouch.TOTPDigits, onetouch.TOTPPeriod, at)
}

func TestSoftTokenWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for steps := -5; steps <= 5; steps++ {
		ada := w.addUser(fmt.Sprintf("202-555-01%02d", 10+steps))
		p := w.register(ada)
		verified, err := w.verify(ada, w.softToken(p, steps))
		if steps < -3 || steps > 3 {
			w.refused("token outside the window", err, onetouch.CodeTokenInvalid)
			continue
		}
		if err != nil || verified.Source != onetouch.SourceDevice || verified.Device.ID != p.ID {
			t.Errorf("token of %d steps from now: %+v, %v", steps, verified, err)
		}
	}
}

// A token is good once, and makes all before it worthless.
func TestSoftTokenIsGoodOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, other := w.register(ada), w.register(ada)
	w.mustVerify(ada, w.softToken(p, 1))
	for _, steps := range []int{1, 0, -2} {
		_, err := w.verify(ada, w.softToken(p, steps))
		w.refused("token that is not newer", err, onetouch.CodeTokenReused)
	}
	w.mustVerify(ada, w.softToken(p, 2))
	w.mustVerify(ada, w.softToken(other, 0)) // each device for itself
	w.clock.Advance(time.Minute)
	w.mustVerify(ada, w.softToken(p, 0))
}

func TestSoftTokenOfARemovedDevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p := w.register(ada)
	if err := w.RemoveDevice(t.Context(), w.app.ID, p.ID); err != nil {
		t.Fatal(err)
	}
	_, err := w.verify(ada, w.softToken(p, 0))
	w.refused("token", err, onetouch.CodeTokenInvalid)
	if _, err := w.VerifyToken(t.Context(), w.app, ada.AuthyID, onetouch.TokenCheck{Token: "1"}); err == nil {
		t.Error("the user counts as one who never confirmed, now that the device is gone")
	}
}

func (w *world) provision(user onetouch.User, label string) onetouch.Provisioning {
	w.Helper()
	provisioning, err := w.ProvisionAuthenticator(w.Context(), w.app, user.AuthyID, label)
	if err != nil {
		w.Fatal(err)
	}
	return provisioning
}

func TestAuthenticator(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.ApplicationSettings{Name: "Acme: Bank & Co"})
	ada := w.addUser("202-555-0158")
	p := w.provision(ada, "")
	uri, err := url.Parse(p.URI())
	if err != nil {
		t.Fatal(err)
	}
	q := uri.Query()
	if uri.Scheme != "otpauth" || uri.Host != "totp" || uri.Path != "/Acme: Bank & Co:ada@example.com" ||
		!strings.HasPrefix(p.URI(), "otpauth://totp/Acme%3A%20Bank%20&%20Co:ada@example.com?") || strings.Contains(p.URI(), "+") {
		t.Errorf("the URI is %s", p.URI())
	}
	w.same("parameters", q, url.Values{
		"secret": {p.SecretText()}, "issuer": {"Acme: Bank & Co"}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"},
	})
	secret, err := base32.StdEncoding.DecodeString(q.Get("secret"))
	if err != nil || len(secret) != 20 {
		t.Fatalf("the secret %q is no base32 of 20 bytes: %v", q.Get("secret"), err)
	}
	code := func(steps int) string {
		return onetouch.OneTimeCode(secret, 6, 30*time.Second, w.clock.Now().Add(time.Duration(steps)*30*time.Second))
	}
	if verified := w.mustVerify(ada, code(0)); verified.Source != onetouch.SourceAuthenticator {
		t.Errorf("the source is %s", verified.Source)
	}
	_, err = w.verify(ada, code(0))
	w.refused("second use", err, onetouch.CodeTokenReused)
	_, err = w.verify(ada, code(-1))
	w.refused("code before one that was used", err, onetouch.CodeTokenReused)
	w.mustVerify(ada, code(1))
	_, err = w.verify(ada, code(2))
	w.refused("code outside the window", err, onetouch.CodeTokenInvalid)

	w.changesNothing("labels", func() {
		for _, label := range []string{"ada\a", "ada\nat work", "ada\tat work", "ada\x7f", "ada\uffff"} {
			_, err := w.ProvisionAuthenticator(t.Context(), w.app, ada.AuthyID, label)
			w.refused("label "+label, err, onetouch.CodeInvalidParameter)
		}
	})
	again := w.provision(ada, "ada at work")
	if again.SecretText() != p.SecretText() || again.Ticket != p.Ticket || again.Label != "ada at work" {
		t.Errorf("asked again it is %+v, want the same secret and ticket with the new label", again)
	}
	shown, err := w.AuthenticatorByTicket(t.Context(), p.Ticket)
	if err != nil || shown.URI() != again.URI() {
		t.Errorf("by its ticket it is %+v, %v", shown, err)
	}
	_, err = w.AuthenticatorByTicket(t.Context(), "none")
	w.refused("ticket", err, onetouch.CodeAuthenticatorNotFound)
}

func TestAuthenticatorEndsWithItsUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	before := w.provision(ada, "")
	if err := w.RemoveUser(t.Context(), w.app.ID, ada.AuthyID); err != nil {
		t.Fatal(err)
	}
	_, err := w.ProvisionAuthenticator(t.Context(), w.app, ada.AuthyID, "")
	w.refused("removed user", err, onetouch.CodeUserNotFound)
	_, err = w.AuthenticatorByTicket(t.Context(), before.Ticket)
	w.refused("ticket", err, onetouch.CodeAuthenticatorNotFound)
	after := w.provision(w.addUser("202-555-0158"), "")
	if after.SecretText() == before.SecretText() {
		t.Error("a user who comes back has the old secret")
	}
	_, err = w.ProvisionAuthenticator(t.Context(), w.app, ada.AuthyID, strings.Repeat("l", 201))
	w.refused("long label", err, onetouch.CodeInvalidParameter)
	w.changesNothing("a label that no QR code holds", func() {
		w.app.Name = strings.Repeat("🚀", 30)
		_, err := w.ProvisionAuthenticator(t.Context(), w.app, ada.AuthyID, strings.Repeat("🚀", 200))
		w.refused("a label that no QR code holds", err, onetouch.CodeQRCodeFailed)
		_, err = w.ProvisionAuthenticator(t.Context(), w.app, 7, strings.Repeat("🚀", 200))
		w.refused("the same of nobody", err, onetouch.CodeUserNotFound)
	})
}
