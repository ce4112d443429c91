package tui_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/tui"
)

// feed runs the feed over the fake server. Its messages wait until the test takes them.
type feed struct {
	t        *testing.T
	server   *server
	clock    watchedClock
	messages chan tea.Msg
}

func follow(t *testing.T) *feed {
	t.Helper()
	f := &feed{t: t, server: newServer(), messages: make(chan tea.Msg, 100)}
	f.clock = watchedClock{f.server.clock, make(chan time.Time, 100)}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		tui.Follow(ctx, f.server, f.clock, func(msg tea.Msg) { f.messages <- msg })
	})
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return f
}

func (f *feed) next() tea.Msg {
	f.t.Helper()
	select {
	case msg := <-f.messages:
		return msg
	case <-f.t.Context().Done():
	case <-time.After(10 * time.Second):
	}
	f.t.Fatal("the feed says nothing")
	return nil
}

func (f *feed) connected() (stream chan controlapi.Event) {
	f.t.Helper()
	if msg := f.next(); !tui.IsConnected(msg) {
		f.t.Fatalf("the feed says %#v, want that it is connected", msg)
	}
	return <-f.server.streams
}

// gone returns how long the feed waits before it looks again.
func (f *feed) gone(because string) time.Duration {
	f.t.Helper()
	retryAt, is, err := tui.Disconnection(f.next())
	if !is || err == nil || !strings.Contains(err.Error(), because) {
		f.t.Fatalf("the feed says %v, want that the server is gone: %s", err, because)
	}
	return retryAt.Sub(f.server.clock.Now())
}

func (f *feed) setDown(err error) {
	f.server.mu.Lock()
	defer f.server.mu.Unlock()
	f.server.down = err
}

func TestFeedTellsEachEvent(t *testing.T) {
	t.Parallel()
	f := follow(t)
	stream := f.connected()
	want := []onetouch.EventType{onetouch.EventRequestCreated, onetouch.EventPushSent, onetouch.EventUserAdded}
	for _, event := range want {
		stream <- controlapi.Event{Type: event, RequestUUID: "u"}
	}
	var got []onetouch.EventType
	for len(got) < len(want) {
		events := tui.Events(f.next())
		if len(events) == 0 {
			t.Fatal("a message tells of no event")
		}
		for _, event := range events {
			got = append(got, event.Type)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the screen is told of %v, want %v", got, want)
	}
}

func TestFeedLooksForTheServerLessAndLessOften(t *testing.T) {
	t.Parallel()
	f := follow(t)
	stream := f.connected()
	f.setDown(errors.New("connection refused"))
	close(stream)
	wait := f.gone("the event stream ended")
	if wait != tui.FirstRetry {
		t.Errorf("it looks again after %s, want %s", wait, tui.FirstRetry)
	}
	for range 8 {
		f.server.clock.Advance(wait)
		next := f.gone("connection refused")
		if want := min(2*wait, tui.LongestWait); next != want {
			t.Errorf("after %s it waits %s, want %s", wait, next, want)
		}
		wait = next
	}
	f.setDown(nil)
	f.server.clock.Advance(wait)
	close(f.connected())
	if wait := f.gone("ended"); wait != tui.FirstRetry {
		t.Errorf("after it was back it waits %s, want %s", wait, tui.FirstRetry)
	}
}

func TestFeedReadsTheClockAndMissesAServerThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	f := follow(t)
	f.connected()
	<-f.clock.asked
	f.server.clock.Advance(tui.ClockReading)
	if msg := f.next(); !tui.IsServerRead(msg) {
		t.Fatalf("the feed says %#v, want how the server is now", msg)
	}
	f.setDown(errors.New("the server hangs"))
	<-f.clock.asked
	f.server.clock.Advance(tui.ClockReading)
	f.gone("the server hangs")
}

// watchedClock tells who waits on it, so that a test does not move it too early.
type watchedClock struct {
	*onetouch.ManualClock
	asked chan time.Time
}

func (c watchedClock) At(t time.Time) (<-chan struct{}, func()) {
	reached, stop := c.ManualClock.At(t)
	c.asked <- t
	return reached, stop
}
