package main

import (
	"os"
	"testing"
)

// The schema that is checked in is what the migrations make today, and makes the same of a new database.
func TestNothingHasDrifted(t *testing.T) {
	t.Parallel()
	kept, err := os.ReadFile("../schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	migrated, err := schema(t.Context(), os.DirFS("../migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if migrated != string(kept) {
		t.Error("schema.sql is not what the migrations make: run go generate ./internal/store/sqlite")
	}
	db, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), string(kept)); err != nil {
		t.Fatal(err)
	}
	if made, err := dump(t.Context(), db); err != nil || made != string(kept) {
		t.Errorf("schema.sql makes something else: %v\n%s", err, made)
	}
}
