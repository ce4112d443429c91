package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	modernc "modernc.org/sqlite"
	"zombiezen.com/go/sqlite"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// sqliteEngine is everything that is SQLite's own; the statements in the other files are for any SQL database.
type sqliteEngine struct {
	path     string        // absolute; empty in memory
	private  string        // name of a database in memory, which nobody can guess
	patience time.Duration // with another process that keeps the database locked
}

// memory is the name of a database in memory.
const memory = ":memory:"

// busyStep is how long SQLite itself waits for another process, in milliseconds. It cannot be called off, and waits longer
// and longer between two looks; so it is short, and begun again until patience ends.
const (
	busyStep = 100
	patience = 10 * time.Second
)

// pageSize is that of new files, in bytes. A change writes each page that it touches as a whole, and most of ours touch ten
// pages for a row or two; SQLite's own 4096 take noticeably longer. Older files keep theirs.
const pageSize = 2048

// checkpointPages is how many pages of changes gather before they are flushed and moved into the database: 8 MB, 16 MB in
// older files. SQLite's own 1000 would wait for the disk four times as often.
const checkpointPages = 4000

func newSQLite(database string) (sqliteEngine, error) {
	if database == memory {
		return sqliteEngine{private: "/" + rand.Text(), patience: patience}, nil
	}
	if scheme, _, found := strings.Cut(database, "://"); found || database == "" {
		return sqliteEngine{}, unavailable(nil, "Database %q cannot be used: it must be the path of a file, or %s.", scheme, memory)
	}
	path, err := filepath.Abs(database)
	if err != nil {
		return sqliteEngine{}, fmt.Errorf("finding the database %s: %w", database, err)
	}
	e := sqliteEngine{path: path, patience: patience}
	return e, e.ensureFile()
}

func (e sqliteEngine) inMemory() bool { return e.path == "" }

func (e sqliteEngine) name() string {
	if e.inMemory() {
		return memory
	}
	return e.path
}

// ensureFile makes an empty file, for its user only, where there is none. An existing file is looked at but not opened:
// closing it again would drop the locks that this process may hold on it (POSIX).
func (e sqliteEngine) ensureFile() error {
	info, err := os.Stat(e.path)
	switch {
	case err == nil && info.IsDir():
		return unavailable(nil, "Database %s cannot be used: it is a folder. Give the path of a file in it.", e.path)
	case err == nil && !info.Mode().IsRegular():
		return unavailable(nil, "Database %s cannot be used: it is not a file.", e.path)
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return e.notCreated(err)
	}
	if err := os.MkdirAll(filepath.Dir(e.path), 0o700); err != nil {
		return e.notCreated(err)
	}
	file, err := os.OpenFile(e.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil // another process was faster
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return e.notCreated(err)
	}
	return nil
}

func (e sqliteEngine) notCreated(err error) error {
	var reason syscall.Errno
	if !errors.As(err, &reason) {
		return fmt.Errorf("creating the database %s: %w", e.path, err)
	}
	if reason == syscall.ENOSPC || reason == syscall.EDQUOT {
		return e.full(err)
	}
	return unavailable(err, "Database %s cannot be created: %s. Choose another place, or make its folder writable.", e.path, reason)
}

// uri names the database for both drivers. In memory it has a name of its own, by which they share it.
func (e sqliteEngine) uri() string {
	settings := url.Values{"mode": {"rw"}} // never create: the file might be gone, and ours was private
	path := filepath.ToSlash(e.path)
	if e.inMemory() {
		settings, path = url.Values{"mode": {"memory"}, "cache": {"shared"}}, e.private
	}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: settings.Encode()}).String()
}

// pool returns a pool of one connection for goose, which wants database/sql; it opens none yet.
func (e sqliteEngine) pool() (*sql.DB, error) {
	connector, err := modernc.NewConnector(e.uri() +
		fmt.Sprintf("&_pragma=busy_timeout(%d)&_pragma=synchronous(NORMAL)", busyStep))
	if err != nil {
		return nil, fmt.Errorf("opening the database %s: %w", e.name(), err)
	}
	pool := sql.OpenDB(nestingConnector{connector})
	pool.SetMaxOpenConns(1)
	return pool, nil
}

// connect opens a connection. Settings read the schema, so another process may be in the way for a moment.
func (e sqliteEngine) connect() (*connection, error) {
	deadline := time.Now().Add(e.patience)
	for {
		c, err := e.tryConnect()
		if !isBusy(err) || time.Now().After(deadline) {
			return c, err
		}
	}
}

func (e sqliteEngine) tryConnect() (*connection, error) {
	conn, err := sqlite.OpenConn(e.uri(), sqlite.OpenReadWrite|sqlite.OpenURI)
	if err != nil {
		return nil, e.explain(err)
	}
	conn.SetBusyTimeout(busyStep * time.Millisecond)
	c := &connection{conn: conn, statements: map[string]*sqlite.Stmt{}, explain: e.explain}
	for _, setting := range []string{
		"foreign_keys = 1", "synchronous = NORMAL", fmt.Sprintf("wal_autocheckpoint = %d", checkpointPages),
	} {
		if _, err := c.exec("PRAGMA " + setting); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	if err := c.forget(); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// begin opens a transaction that may write. It waits for other processes to end theirs.
func (e sqliteEngine) begin(ctx context.Context, c *connection) error {
	var deadline time.Time
	for {
		_, err := c.exec("BEGIN IMMEDIATE")
		c.broken = nil
		if err == nil || !isBusy(err) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if deadline.IsZero() {
			deadline = time.Now().Add(e.patience)
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}

func (e sqliteEngine) foreignVersion(c *connection) (int64, error) {
	return one(c, scalar, "PRAGMA data_version")
}

func resultCode(err error) sqlite.ResultCode {
	var migrating *modernc.Error
	if errors.As(err, &migrating) {
		return sqlite.ResultCode(migrating.Code()).ToPrimary()
	}
	return sqlite.ErrCode(err).ToPrimary()
}

func isBusy(err error) bool {
	code := resultCode(err)
	return code == sqlite.ResultBusy || code == sqlite.ResultLocked
}

// explain turns a failure that lies outside the program into a refusal that says what is wrong and what to do.
func (e sqliteEngine) explain(err error) error {
	code := resultCode(err)
	if code == sqlite.ResultFull {
		return e.full(err)
	}
	reasons := map[sqlite.ResultCode]string{
		sqlite.ResultBusy:     "another process keeps it locked. Wait for that process, or stop it",
		sqlite.ResultLocked:   "another process keeps it locked. Wait for that process, or stop it",
		sqlite.ResultReadOnly: "it may not be written. Make the file and its folder writable",
		sqlite.ResultPerm:     "access to it is denied. Make the file and its folder writable",
		sqlite.ResultCantOpen: "it, or a file beside it, cannot be opened. Make the file and its folder writable",
		sqlite.ResultIOErr:    "reading or writing it failed. Check the disk and its free space",
		sqlite.ResultNotADB:   "it is not an SQLite database. Move it away, or choose another file",
		sqlite.ResultCorrupt:  "it is damaged. Restore a copy, or move it away to start anew",
	}
	if reason, ok := reasons[code]; ok {
		return unavailable(err, "Database %s cannot be used: %s.", e.name(), reason)
	}
	return err
}

func (e sqliteEngine) full(err error) error {
	return &onetouch.Error{Code: onetouch.CodeStorageFull, Err: err, Message: fmt.Sprintf(
		"Database %s is full: there is no space left for it. Free some space and try again.", e.name())}
}

func unavailable(cause error, format string, args ...any) error {
	return &onetouch.Error{Code: onetouch.CodeStorageUnavailable, Message: fmt.Sprintf(format, args...), Err: cause}
}
