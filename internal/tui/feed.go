package tui

import (
	"context"
	"fmt"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// feed follows what happens on the server and tells the screen in its own words. It never gives up: when the server goes
// it looks for it again, soon at first and then less often.
type feed struct {
	control control
	clock   onetouch.Clock
	send    func(tea.Msg)
}

const (
	firstRetry  = 250 * time.Millisecond
	longestWait = 4 * time.Second
	// clockInterval is how often the server's clock is read, and how soon a server is missed that still holds its
	// connections but does not answer.
	clockInterval = 5 * time.Second
)

func (f *feed) run(ctx context.Context) {
	wait := firstRetry
	for {
		err := f.follow(ctx, func() { wait = firstRetry })
		if ctx.Err() != nil {
			return
		}
		retryAt := f.clock.Now().Add(wait)
		f.send(disconnected{err: err, retryAt: retryAt})
		if !f.sleep(ctx, retryAt) {
			return
		}
		wait = min(2*wait, longestWait)
	}
}

func (f *feed) sleep(ctx context.Context, until time.Time) (reached bool) {
	done, stop := f.clock.At(until)
	defer stop()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

// follow returns when the server is gone, with what was seen of that.
func (f *feed) follow(ctx context.Context, stands func()) error {
	server, err := f.describe(ctx)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	heard := &changes{ready: make(chan struct{}, 1)}
	var helpers sync.WaitGroup
	helpers.Go(func() { heard.tell(ctx, f.send) })
	helpers.Go(func() {
		if err := f.watchClock(ctx); err != nil {
			end(err)
		}
	})
	defer helpers.Wait()
	defer end(nil)
	err = f.control.Follow(ctx, controlapi.FromNow, func() {
		stands()
		f.send(server)
	}, func(e controlapi.Event) error {
		heard.add(e)
		return nil
	})
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func (f *feed) describe(ctx context.Context) (connected, error) {
	ctx, cancel := context.WithTimeout(ctx, clockInterval)
	defer cancel()
	server, err := f.control.Server(ctx)
	if ctx.Err() == context.DeadlineExceeded {
		err = fmt.Errorf("it did not answer within %s", clockInterval)
	}
	return connected{server: server, readAt: f.clock.Now()}, err
}

func (f *feed) watchClock(ctx context.Context) error {
	for f.sleep(ctx, f.clock.Now().Add(clockInterval)) {
		read, err := f.describe(ctx)
		if err != nil {
			return err
		}
		f.send(serverRead(read))
	}
	return nil
}

// changes collects events while the screen is busy, so that a burst of thousands is drawn a few times only.
type changes struct {
	mu        sync.Mutex
	ready     chan struct{} // holds one token while there is something to tell
	requests  []string
	callbacks []string
	people    bool
}

func (c *changes) add(e controlapi.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e.Type {
	case onetouch.EventRequestCreated, onetouch.EventRequestResponded, onetouch.EventRequestExpired:
		c.requests = append(c.requests, e.RequestUUID)
	case onetouch.EventCallbackSent, onetouch.EventCallbackFailed, onetouch.EventCallbackRetried:
		c.callbacks = append(c.callbacks, e.RequestUUID)
	case onetouch.EventUserAdded, onetouch.EventUserRemoved,
		onetouch.EventDeviceRegistered, onetouch.EventDeviceRemoved:
		c.people = true
	default:
		return
	}
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

func (c *changes) take() (told []tea.Msg) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.people {
		told = append(told, peopleChanged{})
	}
	if len(c.requests) > 0 {
		told = append(told, requestsChanged{c.requests})
	}
	if len(c.callbacks) > 0 {
		told = append(told, callbacksChanged{c.callbacks})
	}
	c.requests, c.callbacks, c.people = nil, nil, false
	return told
}

func (c *changes) tell(ctx context.Context, send func(tea.Msg)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.ready:
		}
		for _, message := range c.take() {
			send(message)
		}
	}
}
