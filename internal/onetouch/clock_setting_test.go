package onetouch_test

import (
	"errors"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestClocksShowTimesThatCanBeTold(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		"0001-01-01T00:00:00Z":      false,
		"1970-12-31T23:59:59Z":      false,
		"1971-01-01T00:00:00Z":      true,
		"2199-12-31T23:59:59Z":      true,
		"2199-12-31T23:59:59-01:00": false, // that is 2200 already
		"9999-12-31T23:59:59Z":      false,
	} {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		err = onetouch.ValidClockTime("clock", at)
		if refused := new(onetouch.Error); good != (err == nil) || err != nil && !errors.As(err, &refused) {
			t.Errorf("%s: err = %v", text, err)
		}
	}
}
