package onetouch

import (
	"context"
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
