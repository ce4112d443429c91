// Command generate writes schema.sql: the schema of a new database, as it is after all migrations. A new database gets it at
// once, where it would wait for each migration. `go generate ./...` runs it; a test finds out when that was forgotten.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"strings"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver that is called sqlite
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: generate MIGRATIONS FILE")
	}
	text, err := schema(context.Background(), os.DirFS(os.Args[1]))
	if err == nil {
		err = os.WriteFile(os.Args[2], []byte(text), 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// schema makes a database with some migrations, and returns what makes it at once.
func schema(ctx context.Context, migrations fs.FS) (text string, err error) {
	db, err := open()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, migrations, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return "", err
	}
	if _, err := provider.Up(ctx); err != nil {
		return "", err
	}
	return dump(ctx, db)
}

// open opens a database in memory.
func open() (*sql.DB, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // each connection would have a database of its own
	return db, nil
}

// opening says what the file is.
const opening = `-- Written by go generate ./internal/store/sqlite: write another migration, and do not change this file.
-- It is what all migrations together make of a new database.
`

// dump returns statements that make a database which has no rows but those of migrations.
func dump(ctx context.Context, db *sql.DB) (string, error) {
	text := strings.Builder{}
	text.WriteString(opening)
	for _, query := range []string{
		// Tables and indexes; those of SQLite itself come by themselves.
		`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY rowid`,
		`SELECT format('INSERT INTO sqlite_sequence (name, seq) VALUES (%Q, %d)', name, seq) FROM sqlite_sequence
			WHERE name <> 'goose_db_version' ORDER BY name`,
		`SELECT format('INSERT INTO delivery_numbers (id, last) VALUES (%d, %d)', id, last) FROM delivery_numbers`,
		`SELECT format('INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, %d)', version_id, is_applied)
			FROM goose_db_version ORDER BY id`,
		`SELECT format('PRAGMA application_id = %d', application_id) FROM pragma_application_id`,
		`SELECT format('PRAGMA user_version = %d', user_version) FROM pragma_user_version`,
	} {
		statements, err := list(ctx, db, query)
		if err != nil {
			return "", err
		}
		for _, statement := range statements {
			text.WriteString("\n" + statement + ";\n")
		}
	}
	return text.String(), onlyThoseRows(ctx, db)
}

// onlyThoseRows makes sure that no migration has written rows that dump does not know of.
func onlyThoseRows(ctx context.Context, db *sql.DB) error {
	tables, err := list(ctx, db, `SELECT name FROM sqlite_schema WHERE type = 'table'
		AND name NOT IN ('sqlite_sequence', 'delivery_numbers', 'goose_db_version')`)
	for _, table := range tables {
		var rows int
		if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM "`+table+`"`).Scan(&rows); err != nil {
			return err
		}
		if rows > 0 {
			return fmt.Errorf("the migrations write %d rows of %s: have dump write them, too", rows, table)
		}
	}
	return err
}

func list(ctx context.Context, db *sql.DB, query string) (texts []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Err(), rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}
