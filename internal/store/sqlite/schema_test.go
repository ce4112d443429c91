package sqlite_test

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/onetouchkit/onetouch/internal/store/sqlite"
)

func TestSchema(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "server.db")
	db, err := openDatabase(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if version, err := sqlite.Schema(path); err != nil || version != sqlite.SchemaVersion {
		t.Errorf("version %d, %v, want %d", version, err, sqlite.SchemaVersion)
	}
	foreign, newer := append([]byte{}, before...), append([]byte{}, before...)
	binary.BigEndian.PutUint32(foreign[68:], 1)
	binary.BigEndian.PutUint32(newer[60:], 1000)
	for name, test := range map[string]struct {
		content []byte
		version int64
		want    error
	}{
		"foreign": {foreign, 0, sqlite.ErrForeignDatabase},
		"newer":   {newer, 1000, nil},
		"text":    {[]byte("addr: 127.0.0.1\n"), 0, sqlite.ErrNoDatabase},
		"short":   {before[:50], 0, sqlite.ErrNoDatabase},
		"empty":   {nil, 0, nil},
	} {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, test.content, 0o600); err != nil {
			t.Fatal(err)
		}
		if version, err := sqlite.Schema(file); version != test.version || !errors.Is(err, test.want) {
			t.Errorf("%s: version %d, %v, want %d, %v", name, version, err, test.version, test.want)
		}
	}
	if _, err := sqlite.Schema(filepath.Join(folder, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
