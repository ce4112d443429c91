package sqlite

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
)

// goose commits each of its steps. A migration that fails must take back those before it too.
func TestFailedMigrationLeavesNothing(t *testing.T) {
	t.Parallel()
	place, err := locate("")
	if err != nil {
		t.Fatal(err)
	}
	pool, err := place.pool()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	files := fstest.MapFS{
		"00001_good.sql": {Data: []byte("-- +goose Up\nCREATE TABLE good (id INTEGER PRIMARY KEY);\nPRAGMA user_version = 1;\n")},
		"00002_bad.sql":  {Data: []byte("-- +goose Up\nCREATE TABLE half (id INTEGER PRIMARY KEY);\nCREATE TABEL bad (id);\n")},
	}
	ctx := context.Background()
	if _, err := pool.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	if err := place.migrate(ctx, pool, files); err == nil || !strings.Contains(err.Error(), "version:2") {
		t.Errorf("got %v, want an error that names the migration", err)
	}
	if _, err := pool.ExecContext(ctx, "ROLLBACK"); err != nil {
		t.Fatalf("the transaction around the migrations is gone: %v", err)
	}
	if got, err := place.readHeader(ctx, pool); err != nil || got != (header{}) {
		t.Errorf("got %+v, %v, want nothing", got, err)
	}
}
