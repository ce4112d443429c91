package onetouch

import (
	"context"
	"sync"
	"time"
)

// apiCalls counts the calls of backends in memory: writing each would make it a change of the store.
type apiCalls struct {
	mu      sync.Mutex
	unsaved map[apiCallsOf]int
	// minute is the one that thisMinute counts, for the limit.
	minute     int64
	thisMinute map[string]int
	counted    chan struct{} // holds a word while something is unsaved
}

type apiCallsOf struct {
	appID string
	month period
}

func newAPICalls() *apiCalls {
	return &apiCalls{unsaved: map[apiCallsOf]int{}, thisMinute: map[string]int{}, counted: make(chan struct{}, 1)}
}

// CountAPICall counts a call of the application's backend. It refuses one that is over the application's limit, which it
// counts too.
func (s *Service) CountAPICall(app Application) error {
	now := s.clock.Now()
	return tooManyCalls(app, s.apiCalls.add(app.ID, now, true), now)
}

// LimitAPICall counts a call of another API than Authy's for the limit, which both share, and not for the statistics.
func (s *Service) LimitAPICall(app Application) error {
	now := s.clock.Now()
	return tooManyCalls(app, s.apiCalls.add(app.ID, now, false), now)
}

func tooManyCalls(app Application, thisMinute int, now time.Time) error {
	if thisMinute > app.APICallsPerMinute && app.APICallsPerMinute > 0 {
		return refuse(CodeTooManyAPICalls, "DoS protection: Application has made too many API calls in the last minute.").
			until(now, now.Truncate(time.Minute).Add(time.Minute))
	}
	return nil
}

// add returns how many calls the application has made in this minute.
func (a *apiCalls) add(appID string, now time.Time, save bool) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if save {
		a.unsaved[apiCallsOf{appID, monthOf(now)}]++
		defer a.tell()
	}
	if minute := now.Unix() / 60; minute != a.minute {
		a.minute = minute
		clear(a.thisMinute)
	}
	a.thisMinute[appID]++
	return a.thisMinute[appID]
}

func (a *apiCalls) tell() {
	select {
	case a.counted <- struct{}{}:
	default: // it is known already
	}
}

func (a *apiCalls) take() map[apiCallsOf]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	taken := a.unsaved
	a.unsaved = map[apiCallsOf]int{}
	return taken
}

// forget forgets all calls.
func (a *apiCalls) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.unsaved)
	clear(a.thisMinute)
}

// giveBack returns what could not be saved.
func (a *apiCalls) giveBack(taken map[apiCallsOf]int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for of, number := range taken {
		a.unsaved[of] += number
	}
	a.tell()
}

// FlushAPICalls writes down the calls that were counted in memory.
func (s *Service) FlushAPICalls(ctx context.Context) error {
	taken := s.apiCalls.take()
	if len(taken) == 0 {
		return nil
	}
	err := s.change(ctx, func(c *change) error {
		for of, number := range taken {
			if err := c.AddCount(of.appID, string(countAPICalls), int(of.month), number); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.apiCalls.giveBack(taken)
	}
	return err
}

const flushInterval = time.Second

// RunStatistics writes down the calls that were counted, at most once a second and, when ctx ends, a last time. It returns
// early only with the store's error.
func (s *Service) RunStatistics(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return s.FlushAPICalls(context.WithoutCancel(ctx))
		case <-s.apiCalls.counted:
		}
		if err := s.FlushAPICalls(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		machine := s.machineClock() // how often something is written does not follow a clock that is frozen or moved
		reached, stop := machine.At(machine.Now().Add(flushInterval))
		select {
		case <-ctx.Done():
		case <-reached:
		}
		stop()
	}
}
