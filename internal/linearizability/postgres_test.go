//go:build unix

package linearizability_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/testneeds/postgres"
)

// TestLivesOfRequestsOnPostgreSQL: so it is on the other engine.
func TestLivesOfRequestsOnPostgreSQL(t *testing.T) {
	t.Parallel()
	for name, forgets := range map[string]bool{"kept": false, "forgotten": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkLives(t, postgres.Database(t), forgets)
		})
	}
}
