package onetouch_test

import (
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func isReached(reached <-chan struct{}) bool {
	select {
	case <-reached:
		return true
	default:
		return false
	}
}

func TestManualClockStandsStillUntilItIsMoved(t *testing.T) {
	t.Parallel()
	bogota := time.FixedZone("Bogotá", -5*3600)
	clock := onetouch.NewManualClock(noon().In(bogota))
	if got := clock.Now(); got != noon() {
		t.Errorf("the clock shows %s, want %s in UTC", got, noon())
	}
	clock.Advance(time.Hour)
	if got := clock.Now(); got != noon().Add(time.Hour) {
		t.Errorf("an hour later the clock shows %s", got)
	}
}

func TestManualClockWakes(t *testing.T) {
	t.Parallel()
	clock := onetouch.NewManualClock(noon())
	at := func(d time.Duration) <-chan struct{} {
		reached, _ := clock.At(noon().Add(d))
		return reached
	}
	if !isReached(at(-time.Second)) || !isReached(at(0)) {
		t.Error("a time that has come is not reached at once")
	}
	minute, hour := at(time.Minute), at(time.Hour)
	never, stopNever := clock.At(time.Time{})
	given, giveUp := clock.At(noon().Add(time.Minute))
	giveUp()
	giveUp()
	clock.Advance(time.Minute - 1)
	if isReached(minute) {
		t.Error("a minute is reached before it is over")
	}
	clock.Advance(1)
	if !isReached(minute) || isReached(hour) {
		t.Errorf("after a minute: the minute is reached: %t, the hour: %t", isReached(minute), isReached(hour))
	}
	clock.Advance(1000 * time.Hour)
	if !isReached(hour) || isReached(never) || isReached(given) {
		t.Errorf("long after: hour %t, never %t, given up %t", isReached(hour), isReached(never), isReached(given))
	}
	stopNever()
}

func TestManualClockIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	clock := onetouch.NewManualClock(noon())
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			reached, stop := clock.At(noon().Add(time.Duration(i+1) * time.Second))
			defer stop()
			clock.Advance(time.Second)
			<-reached // all eight together move it far enough
		})
	}
	all.Wait()
	if got := clock.Now(); got != noon().Add(8*time.Second) {
		t.Errorf("the clock shows %s", got)
	}
}

func TestSystemClock(t *testing.T) {
	t.Parallel()
	var clock onetouch.SystemClock
	before := time.Now().Add(-time.Microsecond)
	now := clock.Now()
	if now.Before(before) || now.After(time.Now()) || now.Location() != time.UTC || now.Nanosecond()%1000 != 0 {
		t.Errorf("the clock shows %s, want the machine's time in UTC and whole microseconds", now)
	}
	never, stopNever := clock.At(time.Time{})
	late, stopLate := clock.At(now.Add(time.Hour))
	past, stopPast := clock.At(now.Add(-time.Hour))
	soon, stopSoon := clock.At(now.Add(time.Millisecond))
	<-past
	<-soon
	if isReached(never) || isReached(late) {
		t.Errorf("never is reached: %t, an hour later: %t", isReached(never), isReached(late))
	}
	for _, stop := range []func(){stopNever, stopLate, stopPast, stopSoon} {
		stop()
		stop()
	}
}

func TestSignalsWakeThoseWhoWait(t *testing.T) {
	t.Parallel()
	var signals onetouch.Signals
	signals.Wake(onetouch.TopicEvents) // nobody waits
	signals.WakeAll()
	events, again := signals.Changed(onetouch.TopicEvents), signals.Changed(onetouch.TopicEvents)
	device := signals.Changed(onetouch.TopicDevice("a"))
	signals.Wake(onetouch.TopicExpiry, onetouch.TopicDevice("b"))
	if isReached(events) || isReached(device) {
		t.Error("woken by another topic")
	}
	signals.Wake(onetouch.TopicEvents, onetouch.TopicEvents)
	if !isReached(events) || !isReached(again) || isReached(device) {
		t.Errorf("woken are: events %t and %t, device %t", isReached(events), isReached(again), isReached(device))
	}
	next := signals.Changed(onetouch.TopicEvents)
	if isReached(next) {
		t.Error("who comes after the signal is woken by it")
	}
	signals.WakeAll()
	if !isReached(next) || !isReached(device) {
		t.Error("not everybody was woken")
	}
}
