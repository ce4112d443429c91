package onetouch

import (
	"context"
	"sync"
	"time"
)

// countable is what is counted, by application and time.
type countable string

const (
	countAPICalls countable = "api_calls"
	countAuths    countable = "auths"
	countCalls    countable = "calls"
	countSMS      countable = "sms"
	countUsers    countable = "users"
)

// period is a day (20260304) or a month (202603) in UTC.
type period int

func monthOf(t time.Time) period { return period(t.Year()*100 + int(t.Month())) }

func dayOf(t time.Time) period { return monthOf(t)*100 + period(t.Day()) }

// count counts one more in this month, and on this day where a limit may ask for it.
func (c *change) count(appID string, what countable) error {
	if what == countSMS || what == countCalls {
		if err := c.AddCount(appID, string(what), int(dayOf(c.now)), 1); err != nil {
			return err
		}
	}
	return c.AddCount(appID, string(what), int(monthOf(c.now)), 1)
}

// Statistics are the counts of an application.
type Statistics struct {
	TotalUsers int // that are in the application now
	Months     []MonthStatistics
}

// MonthStatistics counts what happened in one month.
type MonthStatistics struct {
	Year     int
	Month    time.Month
	APICalls int // of the Authy API
	Auths    int // valid one-time passwords and approved requests
	Calls    int
	SMS      int
	Users    int // that were added
}

// statisticsMonths is how many months are told of. Source: recorded answers.
const statisticsMonths = 12

// Statistics counts the last twelve months, the oldest first and this month last.
func (s *Service) Statistics(ctx context.Context, appID string) (Statistics, error) {
	if err := s.FlushAPICalls(ctx); err != nil {
		return Statistics{}, err
	}
	return view(ctx, s, func(r Reader) (Statistics, error) {
		var result Statistics
		var err error
		if result.TotalUsers, err = r.CountUsers(appID); err != nil {
			return Statistics{}, err
		}
		now := s.clock.Now()
		for ago := statisticsMonths - 1; ago >= 0; ago-- {
			first := time.Date(now.Year(), now.Month()-time.Month(ago), 1, 0, 0, 0, 0, time.UTC)
			month, err := readMonth(r, appID, first)
			if err != nil {
				return Statistics{}, err
			}
			result.Months = append(result.Months, month)
		}
		return result, nil
	})
}

func readMonth(r Reader, appID string, first time.Time) (MonthStatistics, error) {
	month := MonthStatistics{Year: first.Year(), Month: first.Month()}
	for what, number := range map[countable]*int{
		countAPICalls: &month.APICalls, countAuths: &month.Auths, countCalls: &month.Calls, countSMS: &month.SMS,
		countUsers: &month.Users,
	} {
		var err error
		if *number, err = r.Count(appID, string(what), int(monthOf(first))); err != nil {
			return MonthStatistics{}, err
		}
	}
	return month, nil
}

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
	if s.apiCalls.add(app.ID, now) > app.Limits.APICallsPerMinute && app.Limits.APICallsPerMinute > 0 {
		return refuse(CodeTooManyAPICalls, "DoS protection: Application has made too many API calls in the last minute.").
			until(now, now.Truncate(time.Minute).Add(time.Minute))
	}
	return nil
}

// add returns how many calls the application has made in this minute.
func (a *apiCalls) add(appID string, now time.Time) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unsaved[apiCallsOf{appID, monthOf(now)}]++
	if minute := now.Unix() / 60; minute != a.minute {
		a.minute = minute
		clear(a.thisMinute)
	}
	a.thisMinute[appID]++
	a.tell()
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
		reached, stop := s.clock.At(s.clock.Now().Add(flushInterval))
		select {
		case <-ctx.Done():
		case <-reached:
		}
		stop()
	}
}
