package onetouch

import (
	"crypto/hmac"
	"crypto/sha1" // RFC 6238's default; authenticator apps know no other for sure
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"time"
)

// totp is a time-based one-time password (RFC 6238) by HMAC-SHA1.
type totp struct {
	secret []byte
	digits int
	period time.Duration
	skew   int64 // how many steps a code may be early or late
}

// step numbers the code of a time.
func (t totp) step(at time.Time) int64 { return at.Unix() / int64(t.period/time.Second) }

// code is HOTP (RFC 4226) of a step.
func (t totp) code(step int64) string {
	mac := hmac.New(sha1.New, t.secret)
	_ = binary.Write(mac, binary.BigEndian, step) // a hash takes everything
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	modulus := uint32(1)
	for range t.digits {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", t.digits, number%modulus)
}

// find returns the step whose code it is, the latest if there are several. It takes the same time for every code.
func (t totp) find(code string, now time.Time) (step int64, ok bool) {
	middle := t.step(now)
	for candidate := middle - t.skew; candidate <= middle+t.skew; candidate++ {
		if subtle.ConstantTimeCompare([]byte(t.code(candidate)), []byte(code)) == 1 {
			step, ok = candidate, true
		}
	}
	return step, ok
}

// OneTimeCode is the code that an app with the secret shows at the given time (RFC 6238 by HMAC-SHA1).
func OneTimeCode(secret []byte, digits int, period time.Duration, at time.Time) string {
	t := totp{secret: secret, digits: digits, period: period}
	return t.code(t.step(at))
}
