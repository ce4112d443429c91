package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phone"
	"github.com/onetouchkit/onetouch/internal/policy"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// autoAnswers answers for users whose phones have no policy of their own, and gives a phone to users who have none.
type autoAnswers struct {
	action  string // approve or deny
	service *onetouch.Service
	client  *http.Client // of the server
	devices *device.Store
	refresh func(context.Context) ([]string, error) // of the phones that the server runs
	logger  *slog.Logger

	running sync.WaitGroup
	phones  map[userOfApp]*autoPhone // only the loop reads it

	moved chan struct{} // has a value when judged or others has changed

	mu     sync.Mutex
	judged int64           // the event up to which it has looked who is to answer
	others map[string]bool // UUIDs of requests that are somebody else's to answer
}

// userOfApp is a user of one application.
type userOfApp struct {
	appID   string
	authyID int64
}

// autoPhone is a phone that was made for a user without one.
type autoPhone struct {
	since  int64 // the event after which the service pushes to it
	deaf   bool  // the service never does
	unsent chan string
	ended  chan struct{} // is closed when it answers no more
}

// start answers until stop is called.
func (a *autoAnswers) start(ctx context.Context) (stop func()) {
	a.phones, a.others, a.moved = map[userOfApp]*autoPhone{}, map[string]bool{}, make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(ctx)
	a.running.Go(func() {
		if err := a.watch(ctx); err != nil && ctx.Err() == nil {
			a.logger.Warn("nobody answers by --auto any more", "error", err)
		}
	})
	return func() {
		cancel()
		a.running.Wait()
	}
}

// watch looks at every request once it is there.
func (a *autoAnswers) watch(ctx context.Context) error {
	for after := int64(0); ; {
		changed := a.service.Changed(onetouch.TopicEvents)
		last, err := a.service.LastEvent(ctx)
		if err != nil {
			return err
		}
		created, err := a.service.Events(ctx, onetouch.EventFilter{
			After: after, Types: []onetouch.EventType{onetouch.EventRequestCreated},
		})
		if err != nil {
			return err
		}
		for _, event := range created {
			ours, err := a.take(ctx, event)
			if err != nil && ctx.Err() == nil {
				a.logger.Warn("a request is not answered by --auto", "request", event.RequestUUID, "error", err)
			}
			a.judge(event, ours && err == nil)
			last = max(last, event.Sequence)
		}
		after = last
		a.judge(onetouch.Event{Sequence: last}, true)
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}

// judge remembers up to which event it is known who answers.
func (a *autoAnswers) judge(event onetouch.Event, ours bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.judged = max(a.judged, event.Sequence)
	if !ours {
		a.others[event.RequestUUID] = true
	}
	offer(a.moved, struct{}{})
}

// pending reports whether a request still waits for an answer by --auto.
func (a *autoAnswers) pending(ctx context.Context) (bool, error) {
	last, err := a.service.LastEvent(ctx)
	if err != nil {
		return false, err
	}
	requests, err := a.service.ApprovalRequests(ctx, onetouch.ApprovalRequestFilter{
		Statuses: []onetouch.Status{onetouch.StatusPending},
	})
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.judged < last || slices.ContainsFunc(requests, func(r onetouch.ApprovalRequest) bool {
		return !a.others[r.UUID]
	}), err
}

// take has a request answered, unless somebody else is to do that: of a challenge for one factor, a user's app may be asked
// that shows codes, which no phone here does.
func (a *autoAnswers) take(ctx context.Context, event onetouch.Event) (ours bool, err error) {
	request, err := a.service.AnyApprovalRequest(ctx, event.RequestUUID)
	if err != nil {
		return false, err
	}
	if byCode, err := a.service.IsForCode(ctx, request); byCode || err != nil {
		return false, err
	}
	user := userOfApp{event.AppID, event.AuthyID}
	own := a.phones[user]
	if own == nil || own.gone() {
		if own, ours, err = a.find(ctx, event); own == nil || err != nil {
			return ours, err
		}
		a.phones[user] = own
	}
	return true, own.hear(ctx, event)
}

// find finds who answers for the user of a request: phones that the server runs (ours, without a phone), a phone that is run
// here, or somebody else.
func (a *autoAnswers) find(ctx context.Context, event onetouch.Event) (own *autoPhone, ours bool, err error) {
	app, err := a.service.Application(ctx, event.AppID)
	if err != nil {
		return nil, false, err
	}
	silent := silentApps{app.ID: app.PushSender == onetouch.PushByBackend}
	registered, err := a.service.Devices(ctx, onetouch.DeviceFilter{AppID: event.AppID, AuthyID: event.AuthyID})
	switch {
	case err != nil:
		return nil, false, err
	case len(registered) == 0:
		own, err = a.give(ctx, event, silent[app.ID])
		return own, true, err
	}
	for _, one := range registered {
		kept, err := a.devices.Load(one.ID)
		deaf := silent.deaf(app.ID, one.API.String())
		switch {
		case errors.Is(err, device.ErrNotFound): // it is the product's own
			continue
		case err != nil:
			return nil, false, err
		case kept.Policy.IsZero() && deaf:
			own, err := a.play(ctx, kept, event, deaf)
			return own, true, err
		case kept.Policy.IsZero():
			err = a.devices.Update(one.ID, func(c *device.Credentials) { c.Policy = device.Policy{Auto: a.action} })
			if err != nil {
				return nil, false, err
			}
			ours = true
		case len(kept.Policy.When) == 0 && kept.Policy.Auto == a.action && !deaf:
			ours = true
		}
	}
	if ours {
		_, err = a.refresh(ctx)
	}
	return nil, ours, err
}

// give registers a phone for a user who has none.
func (a *autoAnswers) give(ctx context.Context, event onetouch.Event, deaf bool) (*autoPhone, error) {
	token, err := a.service.StartRegistration(ctx, event.AppID, event.AuthyID)
	if err != nil {
		return nil, err
	}
	registered, err := device.Register(ctx, device.Registration{
		Server: server.InProcessURL, HTTPClient: a.client, Token: token, Name: "Phone by --auto", Platform: "android",
	})
	if err != nil {
		return nil, err
	}
	credentials := registered.Credentials()
	if err := a.devices.Save(credentials); err != nil {
		return nil, fmt.Errorf("keeping the key of a phone: %w", err)
	}
	return a.play(ctx, credentials, event, deaf)
}

// play has a phone answer.
func (a *autoAnswers) play(
	ctx context.Context, credentials device.Credentials, event onetouch.Event, deaf bool,
) (own *autoPhone, err error) {
	own = &autoPhone{deaf: deaf, unsent: make(chan string), ended: make(chan struct{})}
	if own.since, err = a.service.LastEvent(ctx); err != nil {
		return nil, err
	}
	opened, err := device.Open(credentials, server.InProcessURL, a.client)
	if err != nil {
		return nil, err
	}
	decision, err := policy.Parse(nil, a.action)
	if err != nil {
		return nil, err
	}
	running := &phone.Phone{
		Device: opened, Policy: decision, Clock: a.service.Clock(), Pushes: own.pushes(opened),
		Report: func(_ context.Context, outcome phone.Outcome) error {
			if outcome.Err != nil && !outcome.TooLate() { // the next request may be another matter
				a.logger.Warn("a request is not answered by --auto", "request", outcome.Request.UUID, "error", outcome.Err)
			}
			return nil
		},
	}
	a.running.Go(func() {
		defer close(own.ended)
		if err := running.Run(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, device.ErrRemoved) {
			a.logger.Warn("a phone by --auto answers no more", "user", event.AuthyID, "error", err)
		}
	})
	return own, nil
}

func (p *autoPhone) gone() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// hear tells the phone of a request that the service has not pushed to it: it was not there yet, or the backend pushes.
func (p *autoPhone) hear(ctx context.Context, event onetouch.Event) error {
	if event.Sequence > p.since && !p.deaf {
		return nil
	}
	select {
	case p.unsent <- event.RequestUUID:
		return nil
	case <-p.ended:
		return device.ErrRemoved
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pushes are those of the service, and what it has not pushed.
func (p *autoPhone) pushes(d *device.Device) phone.Source {
	return func(ctx context.Context, hear func(context.Context, device.Push) error) error {
		ctx, cancel := context.WithCancel(ctx)
		var listening sync.WaitGroup
		defer listening.Wait()
		defer cancel()
		heard, failed := make(chan device.Push), make(chan error, 1)
		listening.Go(func() {
			failed <- d.Pushes(ctx, func(ctx context.Context, push device.Push) error {
				select {
				case heard <- push:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		})
		for {
			var push device.Push
			select {
			case push = <-heard:
			case uuid := <-p.unsent:
				push.ApprovalRequestUUID = uuid
			case err := <-failed:
				return err
			}
			if err := hear(ctx, push); err != nil {
				return err
			}
		}
	}
}
