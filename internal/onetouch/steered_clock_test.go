package onetouch_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestSteeredClockStandsStill(t *testing.T) {
	t.Parallel()
	frozen := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	c := onetouch.NewSteeredClock(onetouch.ClockSetting{FrozenAt: frozen})
	if now := c.Now(); !now.Equal(frozen) {
		t.Errorf("it shows %s", now)
	}
	past, _ := c.At(frozen)
	soon, _ := c.At(frozen.Add(time.Nanosecond))
	later, forget := c.At(frozen.Add(2 * time.Hour))
	never, _ := c.At(time.Time{})
	if !isReached(past) || isReached(soon) || isReached(later) || isReached(never) {
		t.Error("of past, soon, later and never only past is over")
	}
	c.Steer(onetouch.ClockSetting{FrozenAt: frozen.Add(time.Hour)})
	if !isReached(soon) || isReached(later) {
		t.Error("after an hour soon is over, and later is not")
	}
	forget()
	c.Steer(onetouch.ClockSetting{FrozenAt: frozen.Add(24 * time.Hour)})
	if isReached(later) {
		t.Error("a wait that was given up ended")
	}
}

// TestSteeredClockRuns: a clock that is ahead wakes whoever waits for a time that the machine has not come to yet.
func TestSteeredClockRuns(t *testing.T) {
	t.Parallel()
	c := onetouch.NewSteeredClock(onetouch.ClockSetting{Ahead: time.Hour})
	if ahead := time.Until(c.Now()); ahead < 59*time.Minute || ahead > 61*time.Minute {
		t.Errorf("it is %s ahead", ahead)
	}
	far, _ := c.At(c.Now().Add(10 * time.Hour))
	near, _ := c.At(c.Now().Add(time.Millisecond))
	<-near // by the machine's timer
	if isReached(far) {
		t.Error("ten hours are over")
	}
	c.Steer(onetouch.ClockSetting{Ahead: 12 * time.Hour})
	<-far
}

// TestThawedClockWakes: what waited while the clock stood still is woken in its time once it runs.
func TestThawedClockWakes(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	c := onetouch.NewSteeredClock(onetouch.ClockSetting{FrozenAt: at})
	wait, _ := c.At(at.Add(time.Millisecond))
	c.Steer(onetouch.ClockSetting{Ahead: time.Until(at)})
	<-wait
}

func TestSeedRepeats(t *testing.T) {
	t.Parallel()
	draw := func(seed onetouch.Seed, purpose string) []byte {
		b := make([]byte, 100)
		if _, err := io.ReadFull(seed.Reader(purpose), b); err != nil {
			t.Fatal(err)
		}
		return b
	}
	first := draw("seven", "identifiers")
	if !bytes.Equal(first, draw("seven", "identifiers")) {
		t.Error("the same seed draws something else")
	}
	if bytes.Equal(first, draw("seven", "jitter")) || bytes.Equal(first, draw("eight", "identifiers")) {
		t.Error("another purpose or seed draws the same")
	}
}
