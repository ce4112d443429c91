//go:build unix

package postgres_test

import (
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/internal/store/storetest"
	server "github.com/onetouchkit/onetouch/internal/testneeds/postgres"
)

func TestContract(t *testing.T) {
	t.Parallel()
	databases := named{urls: map[string]string{}}
	storetest.Run(t, databases.open)
	storetest.RunLasting(t, databases.open)
}

// named are databases by the names that the contract gives them.
type named struct {
	mu   sync.Mutex
	urls map[string]string
}

func (n *named) open(t testing.TB, name string) storetest.Store {
	t.Helper()
	db, err := store.Open(t.Context(), n.url(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func (n *named) url(t testing.TB, name string) string {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.urls[name] == "" {
		n.urls[name] = server.Database(t)
	}
	return n.urls[name]
}
