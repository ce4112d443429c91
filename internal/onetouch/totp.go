package onetouch

import (
	"crypto/hmac"
	"crypto/sha1" // RFC 6238's default; authenticator apps know no other for sure
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// totp is a time-based one-time password (RFC 6238).
type totp struct {
	secret []byte
	hash   string // see [TOTPConfig]; empty: sha1
	digits int
	period time.Duration
	skew   int64 // how many steps a code may be early or late
}

// hashOfCodes is the hash function of a name.
func hashOfCodes(name string) func() hash.Hash {
	switch name {
	case "", "sha1":
		return sha1.New
	case "sha256":
		return sha256.New
	case "sha512":
		return sha512.New
	default:
		return nil
	}
}

// TOTPConfig is how an authenticator app makes its codes, and how they are looked at.
type TOTPConfig struct {
	Alg        string `json:"alg"`         // of the HMAC: sha1, sha256 or sha512
	TimeStep   int    `json:"time_step"`   // seconds
	Skew       int    `json:"skew"`        // how many steps a code may be early or late
	CodeLength int    `json:"code_length"` // digits
}

// validate checks the bounds. Source: the documentation of the services and factors of Twilio's Verify API. names begin with
// the prefix in what is refused.
func (t TOTPConfig) validate(prefix string) error {
	if hashOfCodes(t.Alg) == nil {
		return InvalidParameter(prefix+"Alg", "must be sha1, sha256 or sha512")
	}
	for _, number := range []struct {
		name               string
		value, least, most int
	}{
		{"TimeStep", t.TimeStep, 20, 60}, {"CodeLength", t.CodeLength, shortestCode, longestCode}, {"Skew", t.Skew, 0, 2},
	} {
		if number.value < number.least || number.value > number.most {
			return InvalidParameter(prefix+number.name, fmt.Sprintf("must be from %d to %d", number.least, number.most))
		}
	}
	return nil
}

// Lengths of a code, in digits.
const (
	shortestCode = 3
	longestCode  = 8
)

// step numbers the code of a time.
func (t totp) step(at time.Time) int64 { return at.Unix() / int64(t.period/time.Second) }

// code is HOTP (RFC 4226) of a step.
func (t totp) code(step int64) string {
	mac := hmac.New(hashOfCodes(t.hash), t.secret)
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

var secretEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// setup is what an authenticator app is set up with, as a QR code says it. Source of the form: the key URI format of Google
// Authenticator.
func (t totp) setup(issuer, label string) string {
	algorithm := strings.ToUpper(t.hash)
	if algorithm == "" {
		algorithm = TOTPAlgorithm
	}
	query := url.Values{
		"secret": {secretEncoding.EncodeToString(t.secret)}, "issuer": {issuer}, "algorithm": {algorithm},
		"digits": {strconv.Itoa(t.digits)}, "period": {strconv.Itoa(int(t.period.Seconds()))},
	}
	// Apps show a "+" as it is, so spaces are %20; and the first colon divides issuer from label.
	colon := strings.NewReplacer(":", "%3A")
	return "otpauth://totp/" + colon.Replace(url.PathEscape(issuer)) + ":" + colon.Replace(url.PathEscape(label)) +
		"?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}
