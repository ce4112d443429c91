package device

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha1" // what RFC 6238 was written for, and what the service gives
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"
)

// OneTimeCode is a code as the app shows it to its user, who types it in elsewhere. The service takes it once.
type OneTimeCode struct {
	Code      string        // digits, leading zeros included
	Period    time.Duration // how long a code is shown
	Remaining time.Duration // how long this one is still shown; more than 0, at most Period
}

// Bounds of what can be a code. Source: RFC 4226 for the least; nine digits are the most that its number has whole.
const (
	leastCodeDigits = 6
	mostCodeDigits  = 9
	mostCodePeriod  = 3600 // seconds
)

// OneTimeCode is the device's code for its application at a time of this machine's clock (RFC 6238). Where that clock is
// known to differ from the server's, the server's counts: see [Device.LearnTime]. It makes no call. Printing a device shows
// no code. A push factor of the Verify API has none: [ErrNoCounterpart].
func (d *Device) OneTimeCode(at time.Time) (OneTimeCode, error) {
	if d.API() == Verify {
		return OneTimeCode{}, d.without("one-time codes")
	}
	parameters, at := d.credentials.TOTP, d.clock.at(at)
	secret, err := parameters.secret()
	if err != nil {
		return OneTimeCode{}, fmt.Errorf("one-time codes of device %d: %w", d.ID(), err)
	}
	period := time.Duration(parameters.Period) * time.Second
	step := at.Unix() / int64(parameters.Period)
	return OneTimeCode{
		Code: hotp(secret, uint64(step), parameters.Digits), Period: period,
		Remaining: time.Unix((step+1)*int64(parameters.Period), 0).Sub(at),
	}, nil
}

// CurrentCode is the device's code for its application now, by the server's clock, for which it asks first: see
// [Device.LearnTime].
func (d *Device) CurrentCode(ctx context.Context) (OneTimeCode, error) {
	if err := d.LearnTime(ctx); err != nil {
		return OneTimeCode{}, err
	}
	return d.OneTimeCode(time.Now())
}

// ApplicationCode is the code of one of the applications that a phone holds.
type ApplicationCode struct {
	OneTimeCode
	AppID    string
	AppName  string
	AuthyID  int64 // of the application's user
	DeviceID int64
}

// OneTimeCodes are the codes of several devices at a time of this machine's clock, by the name of the application. A phone
// with several applications is a device of each; this is the SDK's getTOTP for such a phone. A device whose code cannot
// be made hides no other: the list then comes with an error that names the first such device.
func OneTimeCodes(at time.Time, devices ...*Device) ([]ApplicationCode, error) {
	var codes []ApplicationCode
	var first error
	for _, d := range devices {
		code, err := d.OneTimeCode(at)
		if err != nil {
			first = cmp.Or(first, err)
			continue
		}
		codes = append(codes, ApplicationCode{
			OneTimeCode: code, AppID: d.AppID(), AppName: d.AppName(), AuthyID: d.AuthyID(), DeviceID: d.ID(),
		})
	}
	slices.SortFunc(codes, func(a, b ApplicationCode) int {
		return cmp.Or(cmp.Compare(a.AppName, b.AppName), cmp.Compare(a.DeviceID, b.DeviceID))
	})
	return codes, first
}

// secret checks that the parameters make codes, and returns the shared secret.
func (t TOTP) secret() ([]byte, error) {
	if t.Algorithm != "SHA1" {
		return nil, fmt.Errorf("algorithm %q is not known: must be SHA1", t.Algorithm)
	}
	if t.Digits < leastCodeDigits || t.Digits > mostCodeDigits {
		return nil, fmt.Errorf("%d digits: must be from %d to %d", t.Digits, leastCodeDigits, mostCodeDigits)
	}
	if t.Period < 1 || t.Period > mostCodePeriod {
		return nil, fmt.Errorf("period of %d s: must be from 1 to %d", t.Period, mostCodePeriod)
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(t.Secret)
	if err != nil || len(secret) == 0 {
		return nil, errors.New("secret is not base32 without padding") // and is not shown
	}
	return secret, nil
}

// hotp is the code of a counter (RFC 4226).
func hotp(secret []byte, counter uint64, digits int) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, counter)) // a hash takes everything
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	modulus := uint32(1)
	for range digits {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", digits, number%modulus)
}
