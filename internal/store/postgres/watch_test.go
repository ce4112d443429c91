//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store"
	server "github.com/onetouchkit/onetouch/internal/testneeds/postgres"
)

// announce makes a change that says what it is about.
func announce(t *testing.T, db *store.DB, topics ...onetouch.Topic) {
	t.Helper()
	err := db.Update(t.Context(), func(tx onetouch.Transaction) error {
		tx.Announce(topics)
		return tx.InsertEvent(&onetouch.Event{Type: onetouch.EventUserAdded})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Other processes are told what a change is about, if it is about something.
func TestChangesTellWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	url := server.Database(t)
	ours, others := open(t, url), open(t, url)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	begun, heard := make(chan struct{}), make(chan []string)
	var watching sync.WaitGroup
	watching.Go(func() {
		ours.Watch(ctx, time.Second, func() { close(begun) }, func(topics []string) {
			select {
			case heard <- topics:
			case <-ctx.Done():
			}
		})
	})
	defer watching.Wait()
	defer cancel()
	next := func() string {
		select {
		case topics := <-heard:
			if topics == nil {
				return "anything"
			}
			slices.Sort(topics)
			return strings.Join(topics, " ")
		case <-ctx.Done():
			t.Fatal("nothing was heard")
			return ""
		}
	}
	<-begun
	announce(t, others, "device:1", "it's", "device:1")
	if got := next(); got != "device:1 it's" {
		t.Errorf("heard of %q", got)
	}
	announce(t, others) // about nothing that is waited for
	note(t, others)
	if got := next(); got != "anything" {
		t.Errorf("of a change that did not say what it is about was heard: %q", got)
	}
	var many []onetouch.Topic
	for i := range 1000 {
		many = append(many, onetouch.Topic(fmt.Sprintf("device:%d", i)))
	}
	announce(t, others, many...)
	if got := next(); got != "anything" {
		t.Errorf("of a change about too much was heard: %q", got)
	}
}
