package store

import (
	"fmt"
	"io/fs"
	"time"
)

// LimitPages makes the database full at so many pages of 4 KiB, as a full disk would.
func (db *DB) LimitPages(pages int) error {
	_, err := one(db.writer, scalar[int64], fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	return err
}

// Pages is how many pages the database has.
func (db *DB) Pages() (int64, error) { return one(db.writer, scalar[int64], "PRAGMA page_count") }

// SchemaVersion is that of the newest migration.
const SchemaVersion = schemaVersion

// LosePatience makes the store give up at once when another process keeps the database locked.
func (db *DB) LosePatience() { db.engine.patience = -time.Second }

// Migrations are the names of the files.
func Migrations() ([]string, error) { return fs.Glob(migrations, "migrations/sqlite/*.sql") }
