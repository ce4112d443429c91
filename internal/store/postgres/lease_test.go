//go:build unix

package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	server "github.com/onetouchkit/onetouch/internal/testneeds/postgres"
)

// goneClaimant is the number of one that has a row, as if it was renewed just now, and no lock.
const goneClaimant = 4711

var insertGone = fmt.Sprintf("INSERT INTO delivery_claimants VALUES (%d, %d)", goneClaimant, int64(1)<<60)

// Who is gone may have been claiming something, which others then have passed over: they are told, whatever it had.
func TestOthersAreToldOfAClaimantThatIsGone(t *testing.T) {
	t.Parallel()
	url := server.Database(t)
	db := open(t, url)
	lease, err := db.Lease(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lease.Release)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	told := false
	db.Watch(ctx, time.Millisecond, func() { say(t, url, insertGone) }, func(topics []string) {
		told = told || slices.Contains(topics, string(onetouch.TopicDue))
		cancel()
	})
	if !told {
		t.Error("nobody was told")
	}
}
