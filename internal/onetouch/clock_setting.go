package onetouch

import (
	"context"
	"fmt"
	"time"
)

// errFixedClock says that the clock was given to the service by a program that moves it itself.
var errFixedClock = InvalidRequest("the clock of this server is moved by the program that started it")

// Years that a clock can show. The protocol tells time as seconds since 1970, and a running clock is ahead of the machine's
// by a [time.Duration], which holds 292 years: beyond, the clock would go back when it is resumed.
const firstClockYear, lastClockYear = 1971, 2199

// ValidClockTime refuses a time that a clock cannot show. The error is one of the parameter that led to it.
func ValidClockTime(parameter string, t time.Time) error {
	if year := t.UTC().Year(); year >= firstClockYear && year <= lastClockYear {
		return nil
	}
	return InvalidParameter(parameter, fmt.Sprintf("leads to the year %d: a clock shows the years from %d to %d",
		t.UTC().Year(), firstClockYear, lastClockYear))
}

// ClockSetting is how the service's clock differs from the machine's.
func (s *Service) ClockSetting() ClockSetting {
	if clock, is := s.clock.(*SteeredClock); is {
		return clock.Setting()
	}
	return ClockSetting{}
}

// FreezeClock has the clock stand still.
func (s *Service) FreezeClock(ctx context.Context) error {
	return s.steer(ctx, func(now time.Time, _ ClockSetting) (ClockSetting, string, error) {
		return ClockSetting{FrozenAt: now}, "frozen", nil
	})
}

// ResumeClock has the clock run on from what it shows.
func (s *Service) ResumeClock(ctx context.Context) error {
	return s.steer(ctx, func(now time.Time, setting ClockSetting) (ClockSetting, string, error) {
		if setting.FrozenAt.IsZero() {
			return setting, "", nil
		}
		return ClockSetting{Ahead: now.Sub(SystemClock{}.Now())}, "runs", nil
	})
}

// AdvanceClock moves the clock forward. Whether it runs stays as it is.
func (s *Service) AdvanceClock(ctx context.Context, by time.Duration) error {
	if by <= 0 {
		return InvalidParameter("duration", "must be more than nothing: a clock never goes back")
	}
	return s.steer(ctx, func(now time.Time, setting ClockSetting) (ClockSetting, string, error) {
		to := now.Add(by)
		return setting.to(to), "advanced by " + by.String(), ValidClockTime("duration", to)
	})
}

// SetClock moves the clock to a time. Whether it runs stays as it is.
func (s *Service) SetClock(ctx context.Context, to time.Time) error {
	to = to.UTC().Truncate(time.Microsecond)
	return s.steer(ctx, func(now time.Time, setting ClockSetting) (ClockSetting, string, error) {
		if to.Before(now) {
			return setting, "", wentBack("time", to, now)
		}
		return setting.to(to), "set", ValidClockTime("time", to)
	})
}

// StartClock has the clock stand still at a time from the beginning. Only where nothing has happened yet it may be one that
// is past.
func (s *Service) StartClock(ctx context.Context, at time.Time) error {
	at = at.UTC().Truncate(time.Microsecond)
	last, err := s.LastEvent(ctx)
	if err != nil {
		return err
	}
	return s.steer(ctx, func(now time.Time, setting ClockSetting) (ClockSetting, string, error) {
		next := ClockSetting{FrozenAt: at}
		switch {
		case setting == next:
			return setting, "", nil
		case last > 0 && at.Before(now):
			return setting, "", wentBack("clock", at, now)
		}
		return next, "frozen", ValidClockTime("clock", at)
	})
}

func wentBack(parameter string, to, now time.Time) error {
	return InvalidParameter(parameter, fmt.Sprintf("is %s, which is before what the clock shows, %s: a clock never goes back",
		to.Format(time.RFC3339), now.Format(time.RFC3339)))
}

// to is the setting of a clock that shows t now, and runs if it did.
func (s ClockSetting) to(t time.Time) ClockSetting {
	if !s.FrozenAt.IsZero() {
		return ClockSetting{FrozenAt: t}
	}
	return ClockSetting{Ahead: t.Sub(SystemClock{}.Now())}
}

// steer changes the setting in the store, and then the clock. A note of "" means that nothing is changed.
func (s *Service) steer(
	ctx context.Context, decide func(now time.Time, setting ClockSetting) (next ClockSetting, note string, err error),
) error {
	if _, is := s.clock.(*SteeredClock); !is {
		return errFixedClock
	}
	err := s.change(ctx, func(c *change) (err error) {
		c.followed = true
		setting, err := c.ClockSetting() // another process may have changed it just now
		if err != nil {
			return err
		}
		next, note, err := decide(setting.at(SystemClock{}.Now()), setting)
		if err != nil || note == "" {
			return err
		}
		if err := c.SetClockSetting(next); err != nil {
			return err
		}
		shown := next.at(SystemClock{}.Now()).Format(time.RFC3339)
		return c.happened(Event{Type: EventClockChanged, Note: note + ", shows " + shown})
	})
	if err != nil {
		return err
	}
	return s.Follow(ctx)
}
