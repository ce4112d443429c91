package callback

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxNonce bounds a nonce in bytes. GUIDs and pairs of numbers are on record.
const maxNonce = 200

// checkNonce accepts what can stand in a header and between two "|".
func checkNonce(nonce string) error {
	if nonce == "" || len(nonce) > maxNonce {
		return fmt.Errorf("%w: the nonce has %d characters: must have 1 to %d", ErrMalformed, len(nonce), maxNonce)
	}
	for i := range len(nonce) {
		if c := nonce[i]; c <= ' ' || c > '~' || c == '|' {
			return fmt.Errorf("%w: the nonce must be printable ASCII without blanks and without \"|\"", ErrMalformed)
		}
	}
	return nil
}

// nonceTime reads a nonce that is an epoch second, possibly with a fraction (1427849783.886085).
func nonceTime(nonce string) (time.Time, bool) {
	seconds, fraction, parted := strings.Cut(nonce, ".")
	const most = 12 // digits: until the year 33658, so that nothing overflows
	if !allDigits(seconds) || len(seconds) > most || parted && !allDigits(fraction) {
		return time.Time{}, false
	}
	whole, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(whole, nanoseconds(fraction)), true
}

// nanoseconds of the digits after the point.
func nanoseconds(fraction string) int64 {
	var n int64
	for i := range len("000000000") {
		n *= 10
		if i < len(fraction) {
			n += int64(fraction[i] - '0')
		}
	}
	return n
}

func allDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
