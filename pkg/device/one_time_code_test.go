package device_test

import (
	"encoding/base32"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/device"
)

func openWith(t *testing.T, parameters device.TOTP) *device.Device {
	t.Helper()
	c := credentials(t)
	c.TOTP = parameters
	d, err := device.Open(c, serverURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The values are those of RFC 6238, appendix B, by SHA-1.
func TestOneTimeCodeIsThatOfRFC6238(t *testing.T) {
	t.Parallel()
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	d := openWith(t, device.TOTP{Secret: secret, Digits: 8, Period: 30, Algorithm: "SHA1"})
	for at, want := range map[int64]struct {
		code string
		left time.Duration
	}{
		59: {"94287082", time.Second}, 1111111109: {"07081804", time.Second}, 1111111111: {"14050471", 29 * time.Second},
		1234567890: {"89005924", 30 * time.Second}, 2000000000: {"69279037", 10 * time.Second},
		20000000000: {"65353130", 10 * time.Second},
	} {
		got, err := d.OneTimeCode(time.Unix(at, 0))
		if err != nil || got.Code != want.code || got.Remaining != want.left || got.Period != 30*time.Second {
			t.Errorf("at %d: got %+v, %v, want %+v", at, got, err, want)
		}
	}
	last, err := d.OneTimeCode(time.Unix(59, 999_999_999))
	if err != nil || last.Code != "94287082" || last.Remaining != time.Nanosecond {
		t.Errorf("at the last moment: got %+v, %v", last, err)
	}
	d = openWith(t, device.TOTP{Secret: secret, Digits: 6, Period: 30, Algorithm: "SHA1"})
	if got, err := d.OneTimeCode(time.Unix(1111111109, 0)); err != nil || got.Code != "081804" {
		t.Errorf("six digits: got %+v, %v", got, err)
	}
}

func TestOneTimeCodeOfBrokenCredentials(t *testing.T) {
	t.Parallel()
	sound := device.TOTP{Secret: "GEZDGNBVGY3TQOJQ", Digits: 7, Period: 10, Algorithm: "SHA1"}
	if _, err := openWith(t, sound).OneTimeCode(time.Now()); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*device.TOTP){
		`algorithm "SHA256" is not known`: func(p *device.TOTP) { p.Algorithm = "SHA256" },
		`algorithm "" is not known`:       func(p *device.TOTP) { *p = device.TOTP{} },
		"5 digits":                        func(p *device.TOTP) { p.Digits = 5 },
		"10 digits":                       func(p *device.TOTP) { p.Digits = 10 },
		"period of 0 s":                   func(p *device.TOTP) { p.Period = 0 },
		"period of 3601 s":                func(p *device.TOTP) { p.Period = 3601 },
		"secret is not base32":            func(p *device.TOTP) { p.Secret = "gezdgnbv" },
		"secret is not base32 without":    func(p *device.TOTP) { p.Secret = "" },
	} {
		broken := sound
		change(&broken)
		_, err := openWith(t, broken).OneTimeCode(time.Now())
		if err == nil || !strings.Contains(err.Error(), "one-time codes of device 2102943: "+want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if err != nil && broken.Secret != "" && strings.Contains(err.Error(), broken.Secret) {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
}

// The server takes the code of a device, whatever this machine's clock says, once the device knows the server's.
func TestServerTakesOneTimeCode(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{
		"same clock": 0, "an hour ahead": time.Hour, "a day behind": -24 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			d := w.newDevice()
			w.clock.Advance(off)
			take := func(code string) error {
				_, err := w.service.VerifyToken(t.Context(), w.app, w.user.AuthyID, onetouch.TokenCheck{Token: code, Force: true})
				return err
			}
			if off != 0 {
				early, err := d.OneTimeCode(time.Now())
				if err != nil {
					t.Fatal(err)
				}
				if err := take(early.Code); onetouch.CodeOf(err) != onetouch.CodeTokenInvalid {
					t.Errorf("by the wrong clock: %v", err)
				}
			}
			got, err := d.CurrentCode(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got.Period != onetouch.TOTPPeriod || got.Remaining <= 0 || got.Remaining > got.Period ||
				len(got.Code) != onetouch.TOTPDigits {
				t.Errorf("got %+v", got)
			}
			if err := take(got.Code); err != nil {
				t.Errorf("by the server's clock: %v", err)
			}
			if err := take(got.Code); onetouch.CodeOf(err) != onetouch.CodeTokenReused {
				t.Errorf("again: %v", err)
			}
		})
	}
}

func TestLearnTimeWithoutAServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	w.close()
	if err := d.LearnTime(t.Context()); err == nil || !strings.Contains(err.Error(), "asking for the server's time") {
		t.Errorf("got %v", err)
	}
	if code, err := d.CurrentCode(t.Context()); err == nil || code != (device.OneTimeCode{}) {
		t.Errorf("got %v, %v as the current code", code, err)
	}
}
