package store_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/internal/store/storetest"
)

func TestContractOnFile(t *testing.T) {
	t.Parallel()
	onFile := func(t testing.TB, name string) storetest.Store { return open(t, name) }
	storetest.Run(t, onFile)
	storetest.RunLasting(t, onFile)
}

func TestContractInMemory(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB, _ string) storetest.Store { return open(t, ":memory:") })
}

func open(t testing.TB, database string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	return db
}
