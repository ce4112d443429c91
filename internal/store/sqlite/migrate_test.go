package sqlite_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"github.com/onetouchkit/onetouch/internal/store/sqlite"
)

// The version in the header, which decides whether goose is asked at all, has to be the one that goose has reached.
func TestSchemaVersionIsThatOfTheNewestMigration(t *testing.T) {
	t.Parallel()
	files, err := sqlite.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "server.db")
	closeDB(t, open(t, path))
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	var header, reached int
	err = errors.Join(
		raw.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&header),
		raw.QueryRowContext(t.Context(), "SELECT MAX(version_id) FROM goose_db_version").Scan(&reached),
		raw.Close(),
	)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != sqlite.SchemaVersion || header != sqlite.SchemaVersion || reached != sqlite.SchemaVersion {
		t.Errorf("%d migrations, header says %d, goose %d, the program %d: must be the same",
			len(files), header, reached, sqlite.SchemaVersion)
	}
}
