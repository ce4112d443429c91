package sqlite_test

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/internal/store/engine"
	"github.com/onetouchkit/onetouch/internal/store/sqlite"
	"github.com/onetouchkit/onetouch/internal/store/storetest"
)

// No statement that the contract brings about walks through a whole table that grows, but those that are listed with a reason.
func TestStatementsDoNotScan(t *testing.T) { //nolint:tparallel // the statements are looked at once all were said
	t.Parallel()
	said := &statements{}
	t.Run("contract", func(t *testing.T) {
		storetest.Run(t, func(t testing.TB, _ string) storetest.Store {
			db, err := sqlite.Open(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			return store.New(listening{db, said})
		})
	})
	db := open(t, filepath.Join(t.TempDir(), "plans.db"))
	t.Cleanup(func() { closeDB(t, db) })
	for statement := range said.texts {
		plan, err := db.engine.PlanOf(statement)
		if err != nil {
			t.Errorf("%s: %v", statement, err)
		}
		for _, step := range plan {
			table := scanned(statement, step)
			sorts := strings.Contains(strings.Join(plan, "\n"), "TEMP B-TREE FOR ORDER BY")
			if table != "" && (sorts || !mayScan(statement)) {
				t.Errorf("%s\n  walks through all of %s:\n    %s", statement, table, strings.Join(plan, "\n    "))
			}
		}
	}
	if len(said.texts) < 100 {
		t.Errorf("the contract said only %d statements", len(said.texts))
	}
}

// scanned is the table that a step of a plan walks through; "" when it is none that grows.
func scanned(statement, step string) string {
	const logFromSomewhere = "SEARCH e USING INTEGER PRIMARY KEY (rowid>?)" // its beginning, perhaps
	ofIndex := regexp.MustCompile(`e\.request_number IS NULL|e\.type NOT IN `)
	if step == logFromSomewhere && ofIndex.MatchString(statement) { // a condition by which there is an index
		return "events"
	}
	match := regexp.MustCompile(`^SCAN (\w+)`).FindStringSubmatch(step)
	if len(match) < 2 || match[1] == "CONSTANT" {
		return ""
	}
	named := regexp.MustCompile(`(?:FROM|JOIN|INTO|UPDATE) (\w+) ` + match[1] + `\b`).FindStringSubmatch(statement)
	table := match[1]
	if named != nil {
		table = named[1]
	}
	switch table {
	case "page", "receivers", "numbers", "applications", "accounts", "clock", "delivery_numbers":
		return ""
	default:
		return table
	}
}

// mayScan reports whether a statement has a reason to walk through a table: one of those below, and no other.
func mayScan(statement string) bool {
	for _, pattern := range []string{
		// The store is emptied, of which an index for the webhooks of an application would save nothing.
		`^DELETE FROM \w+$`, `^DELETE FROM events WHERE sequence < `,
		// A copy has everything.
		`^SELECT [^*]+ FROM \w+$`, `^SELECT delivery_id, nonce, .* FROM delivery_contents ORDER BY delivery_id$`,
		// A page in the table's own order ends at its limit: all are wanted, or nearly all.
		`^SELECT [^()]* FROM (users|devices|activities|messages m)( WHERE (removed_at = 0|verified_at > 0|m.channel = \?))* ?(AND (verified_at > 0|factor_type = '') )*` +
			`ORDER BY (m\.)?\w+( DESC)? LIMIT \?$`,
		// Users and devices are counted along an index of them.
		`^SELECT\s+\(SELECT COUNT\(\*\) FROM users WHERE removed_at = 0\),\s+\(SELECT COUNT\(\*\) FROM devices WHERE removed_at = 0 `,
		// Nearly all deliveries are pushes and callbacks that were sent.
		`FROM deliveries d LEFT JOIN approval_requests r ON r.number = d.request_number( WHERE d.state = \?)?( (WHERE|AND) d.kind IN ` +
			`\([^()]*\))? ORDER BY d.id DESC LIMIT \?$`,
		`FROM deliveries d WHERE d.kind = 'push' ORDER BY d.id DESC LIMIT \?\) AS page`,
		// The walk from the newest ends at the first that is older than a time, which others begin with.
		`SELECT o.id FROM (messages|deliveries) o WHERE (o.\w+ = ('push'|\?) AND )*o.created_at < \? ORDER BY o.id DESC LIMIT 1`,
	} {
		if regexp.MustCompile("(?s)" + pattern).MatchString(statement) {
			return true
		}
	}
	return false
}

// statements are the texts of all that was said.
type statements struct {
	mu    sync.Mutex
	texts map[string]bool
}

func (s *statements) add(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.texts == nil {
		s.texts = map[string]bool{}
	}
	s.texts[text] = true
}

// listening is an engine whose statements are remembered.
type listening struct {
	engine.Engine
	said *statements
}

func (l listening) View(ctx context.Context, read func(engine.Connection) error) error {
	return l.Engine.View(ctx, l.hear(read))
}

func (l listening) Glance(ctx context.Context, read func(engine.Connection) error) error {
	return l.Engine.Glance(ctx, l.hear(read))
}

func (l listening) Update(ctx context.Context, change func(engine.Connection) error) error {
	return l.Engine.Update(ctx, l.hear(change))
}

func (l listening) hear(do func(engine.Connection) error) func(engine.Connection) error {
	return func(c engine.Connection) error { return do(heard{c, l.said}) }
}

type heard struct {
	engine.Connection
	said *statements
}

func (h heard) Query(query string, args []any) (engine.Rows, error) {
	h.said.add(query)
	return h.Connection.Query(query, args)
}

func (h heard) Exec(query string, args []any) (int, error) {
	h.said.add(query)
	return h.Connection.Exec(query, args)
}

func (h heard) Insert(key, query string, args []any) (int64, error) {
	h.said.add(query)
	return h.Connection.Insert(key, query, args)
}
