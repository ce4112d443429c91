package controlapi

import (
	"context"
	"net/http"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Clock is the server's clock, beside the machine's.
type Clock struct {
	Now     time.Time `json:"now"`
	Machine time.Time `json:"machine"`
	Frozen  bool      `json:"frozen"`
	AheadMS int64     `json:"ahead_ms"` // of the machine's; negative: behind
}

// clockMove is the body of a call that moves the clock.
type clockMove struct {
	Duration string     `json:"duration,omitempty"` // how far to move it, such as 10m
	Time     *time.Time `json:"time,omitempty"`     // the time to show
}

func (a *API) clock(*http.Request) (any, error) {
	now, machine := a.service.Clock().Now(), onetouch.SystemClock{}.Now()
	return Clock{
		Now: now, Machine: machine, Frozen: !a.service.ClockSetting().FrozenAt.IsZero(), AheadMS: now.Sub(machine).Milliseconds(),
	}, nil
}

func (a *API) freezeClock(r *http.Request) (any, error) {
	if err := a.service.FreezeClock(r.Context()); err != nil {
		return nil, err
	}
	return a.clock(r)
}

func (a *API) resumeClock(r *http.Request) (any, error) {
	if err := a.service.ResumeClock(r.Context()); err != nil {
		return nil, err
	}
	return a.clock(r)
}

func (a *API) advanceClock(r *http.Request) (any, error) {
	move, err := body[clockMove](r)
	if err != nil {
		return nil, err
	}
	by, err := time.ParseDuration(move.Duration)
	if err != nil {
		return nil, onetouch.InvalidParameter("duration", "must be a duration, such as 10m")
	}
	if err := a.service.AdvanceClock(r.Context(), by); err != nil {
		return nil, err
	}
	return a.clock(r)
}

func (a *API) setClock(r *http.Request) (any, error) {
	move, err := body[clockMove](r)
	if err != nil {
		return nil, err
	}
	if move.Time == nil {
		return nil, onetouch.InvalidParameter("time", "must be a time, such as 2026-11-25T12:00:00Z")
	}
	if err := a.service.SetClock(r.Context(), *move.Time); err != nil {
		return nil, err
	}
	return a.clock(r)
}

// Clock is what the server's clock shows.
func (c *Client) Clock(ctx context.Context) (Clock, error) { return read[Clock](ctx, c, "/clock", nil) }

// FreezeClock has the server's clock stand still.
func (c *Client) FreezeClock(ctx context.Context) (Clock, error) {
	return write[Clock](ctx, c, http.MethodPost, "/clock/freeze", clockMove{})
}

// ResumeClock has the server's clock run on from what it shows.
func (c *Client) ResumeClock(ctx context.Context) (Clock, error) {
	return write[Clock](ctx, c, http.MethodPost, "/clock/resume", clockMove{})
}

// AdvanceClock moves the server's clock forward.
func (c *Client) AdvanceClock(ctx context.Context, by time.Duration) (Clock, error) {
	return write[Clock](ctx, c, http.MethodPost, "/clock/advance", clockMove{Duration: by.String()})
}

// SetClock moves the server's clock to a time, which must not be before what it shows.
func (c *Client) SetClock(ctx context.Context, to time.Time) (Clock, error) {
	return write[Clock](ctx, c, http.MethodPost, "/clock/set", clockMove{Time: &to})
}
