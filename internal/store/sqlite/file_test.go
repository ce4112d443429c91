package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/sqlite"
)

func TestNewDatabaseIsForItsUserOnly(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "made", "on the way")
	path := filepath.Join(folder, "100% of it?#.db") // characters that mean something in a URI
	db := open(t, path)
	addApplication(t, db, "one")
	for name, want := range map[string]os.FileMode{folder: 0o700, filepath.Dir(folder): 0o700, path: 0o600, path + "-wal": 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 {
		t.Errorf("after Close there is %v, want the database alone", left)
	}
}

func TestMemoryIsEachStoresOwn(t *testing.T) {
	t.Parallel()
	one, two := open(t, ":memory:"), open(t, ":memory:")
	addApplication(t, one, "one")
	if got := applications(t, two); got != 0 {
		t.Errorf("the other store has %d applications", got)
	}
	for _, db := range []*opened{one, two} {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestUnusableDatabaseIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		make  func(t *testing.T, folder string) (database string)
		wants string
	}{
		{"newer version", func(t *testing.T, folder string) string {
			path := filepath.Join(folder, "newer.db")
			if err := open(t, path).Close(); err != nil {
				t.Fatal(err)
			}
			execute(t, path, fmt.Sprintf("PRAGMA user_version = %d", sqlite.SchemaVersion+1))
			return path
		}, "newer onetouch"},
		{"another program's", func(t *testing.T, folder string) string {
			path := filepath.Join(folder, "contacts.db")
			execute(t, path, "CREATE TABLE users (name TEXT)")
			return path
		}, "another program"},
		{"another program's empty one", func(t *testing.T, folder string) string {
			path := filepath.Join(folder, "contacts.db")
			execute(t, path, "PRAGMA application_id = 7")
			return path
		}, "another program"},
		{"no database", func(t *testing.T, folder string) string {
			return write(t, filepath.Join(folder, "text.db"), strings.Repeat("Dear diary, ", 1000))
		}, "not an SQLite database"},
		{"cut short", func(t *testing.T, folder string) string {
			path := filepath.Join(folder, "cut.db")
			if err := open(t, path).Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(path, 5000); err != nil {
				t.Fatal(err)
			}
			return path
		}, "damaged"},
		{"a folder", func(_ *testing.T, folder string) string { return folder }, "is a folder"},
		{"no file", func(*testing.T, string) string { return os.DevNull }, "not a file"},
		{"under a file", func(t *testing.T, folder string) string {
			return filepath.Join(write(t, filepath.Join(folder, "file"), "text"), "server.db")
		}, "not a directory"},
		{"link to nowhere", func(t *testing.T, folder string) string {
			path := filepath.Join(folder, "link.db")
			if err := os.Symlink(filepath.Join(folder, "gone", "server.db"), path); err != nil {
				t.Fatal(err)
			}
			return path
		}, "cannot be opened"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			database := test.make(t, folder)
			before := contents(t, folder)
			db, err := openDatabase(t.Context(), database)
			if err == nil {
				t.Fatal(errors.Join(errors.New("it was opened"), db.Close()))
			}
			expectRefusal(t, err, onetouch.CodeStorageUnavailable, test.wants)
			if after := contents(t, folder); !bytes.Equal(before, after) {
				t.Error("the folder was changed")
			}
		})
	}
}

func TestDamageThatIsFoundLaterIsExplained(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.db")
	db := open(t, path)
	addApplication(t, db, "one")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for i := page; i < len(whole); i++ { // all but the first page, which holds the header and the schema
		whole[i] = 0xa5
	}
	write(t, path, string(whole))
	db, err = openDatabase(t.Context(), path)
	if err == nil {
		err = db.View(t.Context(), func(r onetouch.Reader) error {
			_, err := r.Applications()
			return err
		})
		err = errors.Join(err, db.Close())
	}
	expectRefusal(t, err, onetouch.CodeStorageUnavailable, "damaged")
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), "server.db"))
	t.Cleanup(func() { closeDB(t, db) })
	addApplication(t, db, "first")
	pages, err := db.engine.Pages()
	if err != nil {
		t.Fatal(err)
	}
	if err := db.engine.LimitPages(int(pages)); err != nil {
		t.Fatal(err)
	}
	large := newApplication("large")
	large.Callback.URL = strings.Repeat("x", 20_000)
	err = db.Update(t.Context(), func(tx onetouch.Transaction) error { return tx.InsertApplication(&large) })
	expectRefusal(t, err, onetouch.CodeStorageFull, "is full")
	if got := applications(t, db); got != 1 {
		t.Errorf("%d applications after a change that failed, want 1", got)
	}
	addApplication(t, db, "small") // what still fits is still taken
	if err := db.engine.LimitPages(1 << 20); err != nil {
		t.Fatal(err)
	}
	if err := db.Update(t.Context(), func(tx onetouch.Transaction) error { return tx.InsertApplication(&large) }); err != nil {
		t.Errorf("after space was made: %v", err)
	}
}

// The large one fails, whatever batch it falls into, and takes none of the others with it.
func TestFullDiskInACrowd(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), "server.db"))
	t.Cleanup(func() { closeDB(t, db) })
	pages, err := db.engine.Pages()
	if err != nil {
		t.Fatal(err)
	}
	if err := db.engine.LimitPages(int(pages) + 3); err != nil {
		t.Fatal(err)
	}
	var crowd sync.WaitGroup
	for i := range 12 {
		crowd.Go(func() {
			app := newApplication(fmt.Sprint(i))
			if i%4 == 3 {
				app.Callback.URL = strings.Repeat("x", 100_000)
			}
			err := db.Update(context.Background(), func(tx onetouch.Transaction) error { return tx.InsertApplication(&app) })
			if i%4 == 3 {
				expectRefusal(t, err, onetouch.CodeStorageFull, "is full")
			} else if err != nil {
				t.Errorf("change %d: %v", i, err)
			}
		})
	}
	crowd.Wait()
	if got := applications(t, db); got != 9 {
		t.Errorf("%d applications are kept, want 9", got)
	}
}

func TestManyOpenANewDatabaseAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.db")
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			db, err := openDatabase(context.Background(), path)
			if err != nil {
				t.Errorf("opening: %v", err)
				return
			}
			defer closeDB(t, db)
			app := newApplication(fmt.Sprint(i))
			err = db.Update(context.Background(), func(tx onetouch.Transaction) error { return tx.InsertApplication(&app) })
			if err != nil {
				t.Errorf("writing: %v", err)
			}
		})
	}
	all.Wait()
	db := open(t, path)
	defer closeDB(t, db)
	if got := applications(t, db); got != 6 {
		t.Errorf("%d applications, want 6", got)
	}
}

func TestOpenEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	db, err := openDatabase(ctx, filepath.Join(t.TempDir(), "server.db"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v, want context.Canceled", db, err)
	}
}

func newApplication(name string) onetouch.Application {
	return onetouch.Application{ID: name, Name: name, APIKey: name}
}

func addApplication(t testing.TB, db *opened, name string) {
	t.Helper()
	app := newApplication(name)
	if err := db.Update(t.Context(), func(tx onetouch.Transaction) error { return tx.InsertApplication(&app) }); err != nil {
		t.Fatal(err)
	}
}

func applications(t testing.TB, db *opened) (n int) {
	t.Helper()
	err := db.View(t.Context(), func(r onetouch.Reader) error {
		all, err := r.Applications()
		n = len(all)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func closeDB(t testing.TB, db *opened) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
}

// expectRefusal checks an error that a user is shown: one line, of the code, that says what the test wants.
func expectRefusal(t testing.TB, err error, code onetouch.Code, says string) {
	t.Helper()
	if onetouch.CodeOf(err) != code || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %q of code %q, want one line of code %q that says %q", err, onetouch.CodeOf(err), code, says)
	}
}

// execute runs SQL without the store.
func execute(t testing.TB, path, statement string) {
	t.Helper()
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = raw.ExecContext(t.Context(), statement)
	if err := errors.Join(err, raw.Close()); err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// contents is every file of the folder with its bytes.
func contents(t testing.TB, folder string) []byte {
	t.Helper()
	var all bytes.Buffer
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		fmt.Fprintln(&all, entry.Name(), entry.Type())
		if entry.Type().IsRegular() {
			content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			all.Write(content)
		}
	}
	return all.Bytes()
}
