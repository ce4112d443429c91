package sqlite_test

import (
	"context"
	"testing"

	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/internal/store/sqlite"
	"github.com/onetouchkit/onetouch/internal/store/storetest"
)

// The contract in memory is that of the package store, which looks at the statements too.
func TestContractOnFile(t *testing.T) {
	t.Parallel()
	onFile := func(t testing.TB, name string) storetest.Store { return open(t, name) }
	storetest.Run(t, onFile)
	storetest.RunLasting(t, onFile)
}

// opened is a store on SQLite, with its engine at hand.
type opened struct {
	*store.DB
	engine *sqlite.Database
}

func openDatabase(ctx context.Context, database string) (*opened, error) {
	location, err := store.ParseLocation(database)
	if err != nil {
		return nil, err
	}
	engine, err := sqlite.Open(ctx, location.Path)
	if err != nil {
		return nil, err
	}
	return &opened{store.New(engine), engine}, nil
}

func open(t testing.TB, database string) *opened {
	t.Helper()
	db, err := openDatabase(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	return db
}
