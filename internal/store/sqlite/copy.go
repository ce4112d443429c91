package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// Save implements [engine.File].
func (db *Database) Save(ctx context.Context, path string) error {
	if db.readers == nil {
		if err := db.turn.Take(ctx, false); err != nil {
			return err
		}
		defer db.turn.Pass()
		return db.writer.save(path)
	}
	c, err := db.readers.take(ctx)
	if err != nil {
		return err
	}
	defer db.readers.Put(c)
	return c.save(path)
}

func (c *connection) save(path string) error {
	_, err := c.Exec("VACUUM INTO ?", []any{path})
	c.broken = nil
	return err
}

// Replace implements [engine.File]. The file is first brought up to date, so that its tables are those of the database.
func (db *Database) Replace(
	ctx context.Context, path string, change func(c engine.Connection, replace func() error) error,
) error {
	saved, err := Open(ctx, path)
	if err != nil {
		return err
	}
	if err := saved.Close(); err != nil {
		return err
	}
	if err := db.turn.Take(ctx, false); err != nil {
		return err
	}
	defer db.turn.Pass()
	c := db.writer
	defer func() { c.broken = nil }()
	if _, err := c.Exec("ATTACH ? AS saved", []any{path}); err != nil {
		return err
	}
	defer func() {
		c.broken = nil
		_ = c.forget() // a statement that looks into it would keep it
		_ = c.exec("DETACH saved")
	}()
	w := changing{c, db.gone, db.committed}
	if err := w.Begin(ctx, time.Now().Add(db.location.patience)); err != nil {
		return err
	}
	if err := change(c, c.copySaved); err != nil {
		c.rollback()
		return err
	}
	return w.Commit()
}

// copySaved replaces the rows of all tables by those of the file that is attached as saved.
func (c *connection) copySaved() error {
	tables, err := c.tables()
	if err != nil {
		return err
	}
	statements := []string{"PRAGMA defer_foreign_keys = 1"}
	for _, table := range tables {
		statements = append(statements, fmt.Sprintf("DELETE FROM main.%q", table))
	}
	for _, table := range tables {
		statements = append(statements, fmt.Sprintf("INSERT INTO main.%q SELECT * FROM saved.%q", table, table))
	}
	statements = append(statements, "DELETE FROM main.sqlite_sequence",
		"INSERT INTO main.sqlite_sequence SELECT * FROM saved.sqlite_sequence")
	for _, statement := range statements {
		if err := c.exec(statement); err != nil {
			return err
		}
	}
	return nil
}

// tables are those of the schema, without SQLite's own and that of the migrations.
func (c *connection) tables() (names []string, err error) {
	rows, err := c.Query(`SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
		AND name <> 'goose_db_version' ORDER BY name`, nil)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		names = append(names, rows.Text(0))
	}
	return names, rows.Close()
}
