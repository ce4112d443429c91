//go:build unix

package sqlite_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// left copies the files of a database that is open to another folder, as they are left by a process that is killed, and returns
// the path there.
func left(t *testing.T, path string) string {
	t.Helper()
	folder := t.TempDir()
	for _, ending := range []string{"", "-wal", "-shm"} {
		content, err := os.ReadFile(path + ending)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, "server.db"+ending), string(content))
	}
	return filepath.Join(folder, "server.db")
}

// young is what is left of a database whose changes are all in its log.
func young(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "server.db")
	db := open(t, path)
	t.Cleanup(func() { closeDB(t, db) })
	addApplication(t, db, "one")
	return left(t, path)
}

// grown is what is left of one that has been closed before.
func grown(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "server.db")
	closeDB(t, open(t, path))
	db := open(t, path)
	t.Cleanup(func() { closeDB(t, db) })
	addApplication(t, db, "one")
	return left(t, path)
}

func remove(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// flip damages a byte of a file.
func flip(t *testing.T, path string, at int) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[at] ^= 0xff
	write(t, path, string(content))
}

// TestLogs: a log that cannot be what it was is refused, before SQLite takes it for none and removes it.
func TestLogs(t *testing.T) {
	t.Parallel()
	const damaged = "server.db-wal is damaged"
	for name, test := range map[string]struct {
		from   func(t *testing.T) string
		change func(t *testing.T, path string)
		wants  string // "": it is opened, and has what was in the log
	}{
		"young, as it was left": {from: young},
		"grown, as it was left": {from: grown},
		"young, without its index": {young, func(t *testing.T, path string) {
			t.Helper()
			remove(t, path+"-shm")
		}, ""},
		"young, with a damaged index": {young, func(t *testing.T, path string) {
			t.Helper()
			write(t, path+"-shm", string(bytes.Repeat([]byte{7}, 1<<15)))
		}, ""},
		"grown, with a log that ends early": {grown, func(t *testing.T, path string) {
			t.Helper()
			log, err := os.OpenFile(path+"-wal", os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			_, err = log.Write(make([]byte, 1000))
			if err := errors.Join(err, log.Close()); err != nil {
				t.Fatal(err)
			}
		}, ""},
		"young, log is removed": {young, func(t *testing.T, path string) {
			t.Helper()
			remove(t, path+"-wal")
		}, "server.db-wal is gone"},
		"grown, log is removed": {grown, func(t *testing.T, path string) {
			t.Helper()
			remove(t, path+"-wal")
		}, "server.db-wal is gone"},
		"young, file is removed": {young, func(t *testing.T, path string) {
			t.Helper()
			remove(t, path)
		}, "it is gone, and its log "},
		"young, file is emptied": {young, func(t *testing.T, path string) {
			t.Helper()
			write(t, path, "")
		}, "it is empty, and its log "},
		"young, log of another program": {young, func(t *testing.T, path string) {
			t.Helper()
			write(t, path+"-wal", string(bytes.Repeat([]byte("Dear diary, "), 1000)))
		}, damaged},
		"grown, log of another program": {grown, func(t *testing.T, path string) {
			t.Helper()
			write(t, path+"-wal", string(bytes.Repeat([]byte("Dear diary, "), 1000)))
		}, damaged},
		"young, first change is damaged": {young, func(t *testing.T, path string) {
			t.Helper()
			flip(t, path+"-wal", 100)
		}, damaged},
		"grown, head is damaged": {grown, func(t *testing.T, path string) {
			t.Helper()
			flip(t, path+"-wal", 20)
		}, damaged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := test.from(t)
			if test.change != nil {
				test.change(t, path)
			}
			before := contents(t, filepath.Dir(path))
			db, err := openDatabase(t.Context(), path)
			if test.wants == "" {
				if err != nil {
					t.Fatal(err)
				}
				if got := applications(t, db); got != 1 {
					t.Errorf("it has %d applications, want 1", got)
				}
				closeDB(t, db)
				return
			}
			if err == nil {
				closeDB(t, db)
				t.Fatal("it was opened")
			}
			expectRefusal(t, err, onetouch.CodeStorageUnavailable, test.wants)
			if after := contents(t, filepath.Dir(path)); !bytes.Equal(before, after) {
				t.Error("the folder was changed")
			}
		})
	}
}

// TestLogIsRemoved: a log that is removed under a database is noticed, and what it had is in the file by then.
func TestLogIsRemoved(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.db")
	db := open(t, path)
	t.Cleanup(func() { closeDB(t, db) })
	stop := watch(t, db)
	remove(t, path+"-wal")
	added := 0
	for err := error(nil); err == nil; added++ {
		app := newApplication(strconv.Itoa(added))
		err = db.Update(t.Context(), func(tx onetouch.Transaction) error { return tx.InsertApplication(&app) })
		if err != nil {
			expectRefusal(t, err, onetouch.CodeStorageUnavailable, "its log "+path+"-wal was moved, removed or replaced")
			break
		}
	}
	stop()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	killed := open(t, write(t, filepath.Join(t.TempDir(), "server.db"), string(content)))
	defer closeDB(t, killed)
	if got := applications(t, killed); got != added {
		t.Errorf("%d changes were acknowledged, the file has %d", added, got)
	}
}

// TestStartingAnew: where nothing is left but the index of a log, which is worth nothing, a new database is made.
func TestStartingAnew(t *testing.T) {
	t.Parallel()
	path := young(t)
	remove(t, path, path+"-wal")
	db := open(t, path)
	if got := applications(t, db); got != 0 {
		t.Errorf("it has %d applications, want none", got)
	}
	closeDB(t, db)
}
