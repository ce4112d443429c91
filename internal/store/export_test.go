package store

import (
	"errors"
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

// MaxBatch is how many changes share a commit at most.
const MaxBatch = maxBatch

// LosePatience makes the store give up at once when another process keeps the database locked.
func (db *DB) LosePatience() { db.engine.patience = -time.Second }

// Waiting is how many changes wait for their turn.
func (db *DB) Waiting() int {
	db.turn.mu.Lock()
	defer db.turn.mu.Unlock()
	return len(db.turn.waiting)
}

// BatchSize is how many changes share the transaction of the one that asks.
func (db *DB) BatchSize() int { return db.batch.size }

// EndTransaction does what a database may do when a statement fails. Only a change may call it.
func (db *DB) EndTransaction() error {
	if _, err := db.writer.exec("ROLLBACK"); err != nil {
		return err
	}
	return db.writer.fail("a statement", errors.New("the disk is on fire"))
}

// DeferForeignKeys lets a violation be found by the commit. Only a change may call it.
func (db *DB) DeferForeignKeys() error {
	_, err := db.writer.exec("PRAGMA defer_foreign_keys = ON")
	return err
}

// Migrations are the names of the files.
func Migrations() ([]string, error) { return fs.Glob(migrations, "migrations/sqlite/*.sql") }
