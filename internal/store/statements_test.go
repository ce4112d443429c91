package store_test

import (
	"context"
	"regexp"
	"testing"

	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/internal/store/engine"
	"github.com/onetouchkit/onetouch/internal/store/sqlite"
	"github.com/onetouchkit/onetouch/internal/store/storetest"
)

// Every statement that the contract brings about says only what the engines have in common.
func TestContractInMemory(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB, _ string) storetest.Store {
		db, err := sqlite.Open(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		return store.New(strict{db, t})
	})
}

func TestForeign(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"SELECT a FROM b WHERE c = ? AND +d = ? LIMIT ?":     "",
		"SELECT a FROM b LIMIT +?":                           "+?",
		"SELECT a FROM b WHERE c = ?1":                       "?1",
		"SELECT a FROM b WHERE c = $1":                       "$1",
		"SELECT a FROM b WHERE c = @c":                       "@c",
		"SELECT ifnull(a, 0) FROM b":                         "ifnull(",
		"SELECT rowid FROM b":                                "rowid",
		"INSERT OR IGNORE INTO a (b) VALUES (?)":             "INSERT OR",
		"INSERT INTO a (b) VALUES (?) RETURNING c":           "RETURNING",
		"SELECT name FROM sqlite_sequence":                   "sqlite_",
		"SELECT a FROM b INDEXED BY c":                       "INDEXED BY",
		"SELECT a FROM b WHERE c = json_extract(d, '$.e') ;": "json_",
	} {
		if got := foreign(query); got != want {
			t.Errorf("%s: found %q, want %q", query, got, want)
		}
	}
}

// foreign is what a statement says that some engine does not know.
func foreign(query string) string {
	return regexp.MustCompile(`(?i)\+\?|[?$]\d|[@:][a-z]\w*|\b(rowid|pragma|returning|glob|total|indexed by|insert or|sqlite_|json_)|` +
		`\b(ifnull|iif|printf|strftime|datetime|unixepoch|randomblob|hex|instr|group_concat|last_insert_rowid|changes)\(`).
		FindString(query)
}

// strict is an engine that fails the test at a statement that other engines do not know.
type strict struct {
	engine.Engine
	t testing.TB
}

func (s strict) View(ctx context.Context, read func(engine.Connection) error) error {
	return s.Engine.View(ctx, s.checked(read))
}

func (s strict) Glance(ctx context.Context, read func(engine.Connection) error) error {
	return s.Engine.Glance(ctx, s.checked(read))
}

func (s strict) Update(ctx context.Context, change func(engine.Connection) error) error {
	return s.Engine.Update(ctx, s.checked(change))
}

func (s strict) checked(do func(engine.Connection) error) func(engine.Connection) error {
	return func(c engine.Connection) error { return do(strictConnection{c, s.t}) }
}

type strictConnection struct {
	engine.Connection
	t testing.TB
}

func (c strictConnection) check(query string) {
	if found := foreign(query); found != "" {
		c.t.Errorf("a statement says %q, which not every engine knows: %s", found, query)
	}
}

func (c strictConnection) Query(query string, args []any) (engine.Rows, error) {
	c.check(query)
	return c.Connection.Query(query, args)
}

func (c strictConnection) Exec(query string, args []any) (int, error) {
	c.check(query)
	return c.Connection.Exec(query, args)
}

func (c strictConnection) Insert(key, query string, args []any) (int64, error) {
	c.check(query)
	return c.Connection.Insert(key, query, args)
}
