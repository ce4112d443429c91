package onetouch

import (
	"fmt"
	"time"
)

// Limits protect users from floods and applications from bills. 0 is no limit.
type Limits struct {
	// TokensPerHour counts texts, calls and e-mails to one user, or to one phone number that is verified.
	TokensPerHour     int `json:"tokens_per_hour"`
	FailuresPerHour   int `json:"failures_per_hour"`    // wrong one-time passwords of one user
	APICallsPerMinute int `json:"api_calls_per_minute"` // of the application, by one server
	SMSPerDay         int `json:"sms_per_day"`          // of the application, as the next three
	SMSPerMonth       int `json:"sms_per_month"`
	CallsPerDay       int `json:"calls_per_day"`
	CallsPerMonth     int `json:"calls_per_month"`
}

// LimitSettings change limits. Nil fields leave what is stored.
type LimitSettings struct {
	TokensPerHour     *int `json:"tokens_per_hour,omitempty"`
	FailuresPerHour   *int `json:"failures_per_hour,omitempty"`
	APICallsPerMinute *int `json:"api_calls_per_minute,omitempty"`
	SMSPerDay         *int `json:"sms_per_day,omitempty"`
	SMSPerMonth       *int `json:"sms_per_month,omitempty"`
	CallsPerDay       *int `json:"calls_per_day,omitempty"`
	CallsPerMonth     *int `json:"calls_per_month,omitempty"`
}

// No source tells the service's own limits: these are far above what a person does.
func defaultLimits() Limits { return Limits{TokensPerHour: 60, FailuresPerHour: 100} }

func (l *Limits) apply(s LimitSettings) {
	set(&l.TokensPerHour, s.TokensPerHour)
	set(&l.FailuresPerHour, s.FailuresPerHour)
	set(&l.APICallsPerMinute, s.APICallsPerMinute)
	set(&l.SMSPerDay, s.SMSPerDay)
	set(&l.SMSPerMonth, s.SMSPerMonth)
	set(&l.CallsPerDay, s.CallsPerDay)
	set(&l.CallsPerMonth, s.CallsPerMonth)
}

func (l Limits) validate() error {
	const most = 1_000_000_000
	for _, limit := range []struct {
		name  string
		value int
	}{
		{"tokens_per_hour", l.TokensPerHour}, {"failures_per_hour", l.FailuresPerHour},
		{"api_calls_per_minute", l.APICallsPerMinute}, {"sms_per_day", l.SMSPerDay}, {"sms_per_month", l.SMSPerMonth},
		{"calls_per_day", l.CallsPerDay}, {"calls_per_month", l.CallsPerMonth},
	} {
		if limit.value < 0 || limit.value > most {
			return InvalidParameter(limit.name, fmt.Sprintf("must be from 0 (no limit) to %d", most))
		}
	}
	return nil
}

const limitWindow = time.Hour

// endOfDay is when the limits of a day begin anew.
func endOfDay(now time.Time) time.Time {
	now = now.UTC()
	return time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, time.UTC)
}

// endOfMonth is when the limits of a month begin anew.
func endOfMonth(now time.Time) time.Time {
	now = now.UTC()
	return time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
}

// reached reports whether a limit leaves no room for one more.
func reached(limit, number int) bool { return limit > 0 && number >= limit }
