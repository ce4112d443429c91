//go:build unix

package server_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/internal/testneeds/postgres"
)

// A server tells the others on its database what a change is about, so that they do not wake everybody who waits at them.
func TestReplicasAreToldWhatChanged(t *testing.T) {
	t.Parallel()
	database := postgres.Database(t)
	s, err := server.Open(t.Context(), server.Options{Database: database, Application: onetouch.ApplicationSettings{Name: "Acme"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	others, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = others.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	begun, heard := make(chan struct{}), make(chan []string, 1)
	var watching sync.WaitGroup
	watching.Go(func() {
		others.Watch(ctx, time.Second, func() { close(begun) }, func(topics []string) { heard <- topics })
	})
	defer watching.Wait()
	defer cancel()
	<-begun
	_, err = s.Service().AddUser(ctx, s.Application().ID, onetouch.NewUser{Email: "ada@example.com", Cellphone: "2025550158"})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case topics := <-heard:
		if !slices.Contains(topics, string(onetouch.TopicEvents)) {
			t.Errorf("the others are told of %q, want the events (nil is anything)", topics)
		}
	case <-ctx.Done():
		t.Fatal("nothing was heard")
	}
}
