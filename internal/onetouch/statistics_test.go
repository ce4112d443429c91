package onetouch_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

func (w *world) statistics(app onetouch.Application) onetouch.Statistics {
	w.Helper()
	statistics, err := w.Statistics(w.Context(), app.ID)
	if err != nil {
		w.Fatal(err)
	}
	return statistics
}

// What happened is counted in the month in which it happened, and of its own application only.
func TestStatistics(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.bystander(onetouch.ApplicationSettings{Name: "Second"})
	ada, bob := w.addUser("202-555-0158"), w.addUser("202-555-0159")
	p := w.register(ada)
	w.mustAnswer(p, w.ask(ada, question()), evidence.Approved)
	w.mustAnswer(p, w.ask(ada, question()), evidence.Denied)
	w.mustVerify(bob, w.sendToken(bob, onetouch.ChannelSMS))
	_, _ = w.verify(bob, "0")
	w.sendToken(bob, onetouch.ChannelEmail)
	for range 5 {
		if err := w.CountAPICall(w.app); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.Advance(28 * 24 * time.Hour) // 1 April
	w.mustStartVerification("202-555-0158")
	w.sendToken(bob, onetouch.ChannelCall)
	if err := w.CountAPICall(w.app); err != nil {
		t.Fatal(err)
	}
	if err := w.RemoveUser(t.Context(), w.app.ID, bob.AuthyID); err != nil {
		t.Fatal(err)
	}
	got := w.statistics(w.app)
	months := make([]onetouch.MonthStatistics, 12)
	for i := range months {
		first := time.Date(2025, time.Month(5+i), 1, 0, 0, 0, 0, time.UTC)
		months[i].Year, months[i].Month = first.Year(), first.Month()
	}
	months[10] = onetouch.MonthStatistics{Year: 2026, Month: time.March, APICalls: 5, Auths: 2, SMS: 1, Users: 2}
	months[11] = onetouch.MonthStatistics{Year: 2026, Month: time.April, APICalls: 1, Calls: 1, SMS: 1}
	w.same("statistics", got, onetouch.Statistics{TotalUsers: 1, Months: months})
	for _, month := range w.statistics(other).Months {
		if month != (onetouch.MonthStatistics{Year: month.Year, Month: month.Month}) {
			t.Errorf("the other application has %+v", month)
		}
	}
}

// apiCalls is how many are written down, whoever asks: a service that knows nothing reads them.
func (w *world) apiCalls() int {
	w.Helper()
	fresh := *w
	fresh.Service = onetouch.NewService(w.store, onetouch.Options{Clock: w.clock})
	months := fresh.statistics(w.app).Months
	return months[len(months)-1].APICalls
}

func TestAPICallsAreWrittenDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.RunStatistics(ctx) }()
	var backends sync.WaitGroup
	for range 8 {
		backends.Go(func() {
			for range 50 {
				_ = w.CountAPICall(w.app)
			}
		})
	}
	backends.Wait()
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got := w.apiCalls(); got != 400 {
		t.Errorf("%d calls are written down, want 400", got)
	}
	if err := w.FlushAPICalls(t.Context()); err != nil || w.apiCalls() != 400 {
		t.Errorf("they were written twice (%v)", err)
	}
}

// Within a second there is one writing, however many calls come.
func TestAPICallsAreWrittenOnceASecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	waits := make(chan struct{})
	w.Service = onetouch.NewService(w.store, onetouch.Options{Clock: &observedClock{ManualClock: w.clock, waits: waits, over: ctx.Done()}})
	ended := make(chan error, 1)
	go func() { ended <- w.RunStatistics(ctx) }()
	for second := 1; second <= 3; second++ {
		_ = w.CountAPICall(w.app)
		<-waits // what was counted is written, and the second begins
		if got := w.apiCalls(); got != 2*second-1 {
			t.Errorf("in second %d there are %d calls", second, got)
		}
		_ = w.CountAPICall(w.app)
		if second == 3 {
			break
		}
		w.clock.Advance(time.Second)
		<-waits // the one that came meanwhile
		if got := w.apiCalls(); got != 2*second {
			t.Errorf("after second %d there are %d calls", second, got)
		}
		w.clock.Advance(time.Second)
	}
	cancel()
	if err := <-ended; err != nil || w.apiCalls() != 6 {
		t.Errorf("at the end there are %d calls, %v", w.apiCalls(), err)
	}
}

// observedClock tells when somebody waits for it.
type observedClock struct {
	*onetouch.ManualClock
	waits chan struct{}
	over  <-chan struct{} // nobody listens any more
}

func (c *observedClock) At(t time.Time) (<-chan struct{}, func()) {
	reached, stop := c.ManualClock.At(t)
	select {
	case c.waits <- struct{}{}:
	case <-c.over:
	}
	return reached, stop
}

func TestAPICallsSurviveAFailureOfTheStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_ = w.CountAPICall(w.app)
	w.store.failAfter(0)
	if err := w.RunStatistics(t.Context()); !errors.Is(err, errDisk) {
		t.Errorf("the loop ended with %v, want the store's error", err)
	}
	if _, err := w.Statistics(t.Context(), w.app.ID); !errors.Is(err, errDisk) {
		t.Errorf("statistics: %v", err)
	}
	_ = w.CountAPICall(w.app)
	w.store.repair()
	if months := w.statistics(w.app).Months; months[11].APICalls != 2 {
		t.Errorf("%d calls after the store was repaired, want 2", months[11].APICalls)
	}
}
