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

// feed follows what happens on the server and tells the screen. It never gives up: when the server goes
// it looks for it again, soon at first and then less often.
type feed struct {
	control control
	clock   onetouch.Clock
	send    func(tea.Msg)
	place   func() (title, url string) // where the server is now; nil: where it always was
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
	heard := newGathered[controlapi.Event]()
	var helpers sync.WaitGroup
	helpers.Go(func() { passEvents(ctx, heard, f.send) })
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
	read := connected{server: server, readAt: f.clock.Now()}
	if f.place != nil {
		read.placed = true
		read.title, read.url = f.place()
	}
	return read, err
}

func (f *feed) watchClock(ctx context.Context) error {
	for f.sleep(ctx, f.clock.Now().Add(clockInterval)) {
		read, err := f.describe(ctx)
		if err != nil {
			return err
		}
		f.send(serverRead{server: read.server, readAt: read.readAt})
	}
	return nil
}

// gathered is what comes while the screen is busy, collected so that a burst of thousands is drawn a few times only.
type gathered[T any] struct {
	ready chan struct{} // holds a token while there is something to take

	mu  sync.Mutex
	all []T
}

func newGathered[T any]() *gathered[T] { return &gathered[T]{ready: make(chan struct{}, 1)} }

func (g *gathered[T]) add(some ...T) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all = append(g.all, some...)
	select {
	case g.ready <- struct{}{}:
	default:
	}
}

func (g *gathered[T]) take() []T {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.all
	g.all = nil
	return all
}

// passEvents tells of events as they come until ctx ends.
func passEvents(ctx context.Context, heard *gathered[controlapi.Event], send func(tea.Msg)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-heard.ready:
			if events := heard.take(); len(events) > 0 { // an earlier message may have told of them all
				send(happened{events})
			}
		}
	}
}
