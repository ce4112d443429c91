package sqlite

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	modernc "modernc.org/sqlite"
	"zombiezen.com/go/sqlite"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// location is where a database is, and how it is opened there.
type location struct {
	path     string        // absolute; empty in memory
	private  string        // name of a database in memory, which nobody can guess
	patience time.Duration // with another process that keeps the database locked
}

// busyStep is how long SQLite itself waits for another process, in milliseconds. It cannot be called off, and waits longer
// and longer between two looks; so it is short, and begun again until patience ends.
const (
	busyStep = 100
	patience = 10 * time.Second
)

// pageSize is that of new files, in bytes. A change writes each page that it touches as a whole, and most of ours touch ten
// pages for a row or two; SQLite's own 4096 take noticeably longer. Older files keep theirs.
const pageSize = 2048

// checkpointPages is how many pages of changes gather at most before they are flushed and moved into the database: 8 MB, 16 MB in
// older files. SQLite's own 1000 would wait for the disk four times as often.
const checkpointPages = 4000

// locate makes the file if it is not there. An empty path is in memory.
func locate(path string) (location, error) {
	if path == "" {
		return location{private: "/" + rand.Text(), patience: patience}, nil
	}
	l := location{path: path, patience: patience}
	return l, l.ensureFile()
}

func (l location) inMemory() bool { return l.path == "" }

func (l location) name() string {
	if l.inMemory() {
		return ":memory:"
	}
	return l.path
}

// ensureFile makes an empty file, for its user only, where there is none. An existing file is looked at but not opened:
// closing it again would drop the locks that this process may hold on it (POSIX).
func (l location) ensureFile() error {
	info, err := os.Stat(l.path)
	switch {
	case err == nil && info.IsDir():
		return engine.Unavailable(nil, "Database %s cannot be used: it is a folder. Give the path of a file in it.", l.path)
	case err == nil && !info.Mode().IsRegular():
		return engine.Unavailable(nil, "Database %s cannot be used: it is not a file.", l.path)
	case err == nil:
		return l.checkLog(info.Size())
	case !errors.Is(err, fs.ErrNotExist):
		return l.notCreated(err)
	}
	if err := l.checkLog(-1); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return l.notCreated(err)
	}
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil // another process was faster
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return l.notCreated(err)
	}
	return nil
}

// uri names the database for both drivers. In memory it has a name of its own, by which they share it.
func (l location) uri() string {
	settings := url.Values{"mode": {"rw"}} // never create: the file might be gone, and ours was private
	path := filepath.ToSlash(l.path)
	if l.inMemory() {
		settings, path = url.Values{"mode": {"memory"}, "cache": {"shared"}}, l.private
	}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: settings.Encode()}).String()
}

// pool returns a pool of one connection for goose, which wants database/sql; it opens none yet.
func (l location) pool() (*sql.DB, error) {
	connector, err := modernc.NewConnector(l.uri() +
		fmt.Sprintf("&_pragma=busy_timeout(%d)&_pragma=synchronous(NORMAL)", busyStep))
	if err != nil {
		return nil, fmt.Errorf("opening the database %s: %w", l.name(), err)
	}
	pool := sql.OpenDB(nestingConnector{connector})
	pool.SetMaxOpenConns(1)
	return pool, nil
}

// connect opens a connection. Settings read the schema, so another process may be in the way for a moment.
func (l location) connect() (*connection, error) {
	deadline := time.Now().Add(l.patience)
	for {
		c, err := l.tryConnect()
		if !isBusy(err) || time.Now().After(deadline) {
			return c, err
		}
	}
}

func (l location) tryConnect() (*connection, error) {
	conn, err := sqlite.OpenConn(l.uri(), sqlite.OpenReadWrite|sqlite.OpenURI)
	if err != nil {
		return nil, l.explain(err)
	}
	conn.SetBusyTimeout(busyStep * time.Millisecond)
	c := &connection{conn: conn, statements: map[string]*statement{}, explain: l.explain}
	for _, setting := range []string{
		"foreign_keys = 1", "synchronous = NORMAL", fmt.Sprintf("wal_autocheckpoint = %d", checkpointPages),
	} {
		if err := c.exec("PRAGMA " + setting); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	if err := c.forget(); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}
