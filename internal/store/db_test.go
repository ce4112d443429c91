package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store"
)

// A first look; the contract of every engine stands in storetest.
func TestReopeningKeepsWhatWasWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "server.db")
	ctx := context.Background()
	var made onetouch.Application
	for round := range 2 {
		db, err := store.Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		app, err := onetouch.NewService(db, onetouch.Options{}).EnsureApplication(ctx, onetouch.ApplicationSettings{})
		if err != nil {
			t.Fatal(err)
		}
		if round == 1 && app.ID != made.ID {
			t.Errorf("the application is %s after reopening, was %s", app.ID, made.ID)
		}
		made = app
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
