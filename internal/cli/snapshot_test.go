package cli

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/snapshot"
	"github.com/onetouchkit/onetouch/internal/store"
)

// databaseOfSchema is the file of a database that says it has that schema.
func databaseOfSchema(t *testing.T, schema uint32) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "server.db")
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const versionAt = 60 // sqlite.org/fileformat.html, 1.3
	binary.BigEndian.PutUint32(content[versionAt:], schema)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWrongContentsOfSnapshots(t *testing.T) {
	t.Parallel()
	noDatabase := filepath.Join(t.TempDir(), "no.db")
	if err := os.WriteFile(noDatabase, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	const newest = 5
	for name, test := range map[string]struct {
		database, device, want string
	}{
		"newer":           {databaseOfSchema(t, 99), "{}", "x.snapshot cannot be restored: it was written by a newer onetouch than this one, 1.0: update onetouch"},
		"broken database": {noDatabase, "{}", "x.snapshot cannot be restored: it is no snapshot: its database is broken"},
		"broken device":   {databaseOfSchema(t, newest), "[]", "x.snapshot cannot be restored: it is no snapshot: the keys of a device are broken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.snapshot")
			file, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := snapshot.Write(file, snapshot.Manifest{}, test.database, [][]byte{[]byte(test.device)}); err != nil {
				t.Fatal(err)
			}
			if err := file.Close(); err != nil {
				t.Fatal(err)
			}
			o := &snapshotRestoreOptions{snapshotOptions: snapshotOptions{path: path, build: Build{Version: "1.0"}}}
			defer func() {
				if err := o.tidy(); err != nil {
					t.Error(err)
				}
			}()
			if err := o.check(); err == nil || !strings.HasSuffix(err.Error(), test.want) {
				t.Errorf("the error is\n%v, want\n%s", err, test.want)
			}
		})
	}
}
