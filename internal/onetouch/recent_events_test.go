package onetouch_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Whoever follows the log gets what the store would say.
func TestFollowedEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	start, err := w.LastEvent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.FollowedEvents(t.Context(), onetouch.EventFilter{After: start}); err != nil { // from here on they are known
		t.Fatal(err)
	}
	ada := w.addUser("202-555-0158")
	p, first, second := w.register(ada), w.ask(ada, question()), w.ask(ada, question())
	w.mustAnswer(p, first, evidence.Approved)
	w.bystander(onetouch.ApplicationSettings{Name: "Other Bank"})
	for _, f := range []onetouch.EventFilter{
		{}, {Limit: 3}, {AppID: w.app.ID}, {AppID: "nobody"}, {AuthyID: ada.AuthyID}, {AuthyID: ada.AuthyID, Limit: 2},
		{RequestUUID: first.UUID}, {RequestUUID: second.UUID},
		{Types: []onetouch.EventType{onetouch.EventRequestCreated, onetouch.EventUserAdded}, Limit: 2},
		{Types: []onetouch.EventType{"nothing"}},
	} {
		for after := range start + 12 {
			f.After = after
			want, err := w.Events(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			got, seen, err := w.FollowedEvents(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%+v: -store +followed:\n%s", f, diff)
			}
			if f.Limit > 0 {
				continue
			}
			f.After = seen
			if missed, err := w.Events(t.Context(), f); err != nil || len(missed) > 0 {
				t.Errorf("%+v has seen %v, error %v", f, missed, err)
			}
		}
	}
}

// What was known of a store counts no more once that has other contents, in whichever process that was done.
func TestFollowedEventsAfterReset(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	there := onetouch.NewService(w.store, onetouch.Options{Clock: w.clock})
	if err := there.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*onetouch.Service{w.Service, there} {
		if _, _, err := s.FollowedEvents(t.Context(), onetouch.EventFilter{}); err != nil {
			t.Fatal(err)
		}
	}
	w.addUser("202-555-0158")
	if err := w.Reset(t.Context(), false, onetouch.ApplicationSettings{}); err != nil {
		t.Fatal(err)
	}
	w.addUser("202-555-0159")
	if err := there.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	want, err := w.Events(t.Context(), onetouch.EventFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*onetouch.Service{"here": w.Service, "there": there} {
		got, _, err := s.FollowedEvents(t.Context(), onetouch.EventFilter{})
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: error %v; -store +followed:\n%s", name, err, diff)
		}
	}
}

// countedViews counts the readings of a store.
type countedViews struct {
	onetouch.Store

	number atomic.Int64
}

func (c *countedViews) View(ctx context.Context, read func(onetouch.Reader) error) error {
	c.number.Add(1)
	return c.Store.View(ctx, read)
}

// follower is one of many who follow the log.
type follower struct{ after, heard int64 }

// follow returns once so many events were heard.
func (f *follower) follow(ctx context.Context, s *onetouch.Service, until int64) error {
	for f.heard < until {
		changed := s.EventsChanged()
		events, seen, err := s.FollowedEvents(ctx, onetouch.EventFilter{After: f.after, Limit: 500})
		if err != nil {
			return err
		}
		f.after, f.heard = seen, f.heard+int64(len(events))
		if f.heard >= until {
			return nil
		}
		select {
		case <-changed:
		case <-time.After(time.Minute):
			return fmt.Errorf("after %d of %d events nothing came", f.heard, until)
		}
	}
	return nil
}

// Each event is read once for all who follow, or a little more often: never once for each.
func TestManyFollowTheLog(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	counted := &countedViews{Store: db}
	s := onetouch.NewService(counted, onetouch.Options{})
	app, err := s.EnsureApplication(t.Context(), onetouch.ApplicationSettings{Name: "Acme Bank"})
	if err != nil {
		t.Fatal(err)
	}
	start, err := s.LastEvent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const followers, events = 100, 50
	counted.number.Store(0)
	var all sync.WaitGroup
	for range followers {
		all.Go(func() {
			f := &follower{after: start}
			if err := f.follow(t.Context(), s, events); err != nil {
				t.Error(err)
			}
		})
	}
	for i := range events {
		_, err := s.AddUser(t.Context(), app.ID, onetouch.NewUser{Email: "a@b.co", Cellphone: fmt.Sprintf("202-555-%04d", i)})
		if err != nil {
			t.Fatal(err)
		}
	}
	all.Wait()
	if views := counted.number.Load(); views > 4*events {
		t.Errorf("%d events took %d readings for %d followers", events, views, followers)
	}
}
