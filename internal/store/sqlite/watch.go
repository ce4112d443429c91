package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"
)

// Watch implements [engine.Engine].
func (db *Database) Watch(ctx context.Context, interval time.Duration, begun func(), changed func(topics []string)) {
	if db.location.inMemory() { // nobody else can see it
		begun()
		select {
		case <-ctx.Done():
		case <-db.closed:
		}
		return
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	file := lookAt(db.location.path)
	seen, known := db.foreignVersion(ctx)
	log := lookAt(db.location.logPath()) // which is there once SQLite has looked into the file
	if known {
		begun()
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-db.closed:
			return
		case <-ticker.C:
		}
		db.lookForFiles(ctx, file, log)
		version, ok := db.foreignVersion(ctx)
		if !ok {
			continue
		}
		switch {
		case !known:
			begun()
		case version != seen:
			changed(nil)
		}
		seen, known = version, true
	}
}

// place is a path with the file that was there.
type place struct {
	path string
	file os.FileInfo // nil: none was
}

func lookAt(path string) place {
	there, _ := os.Stat(path)
	return place{path, there}
}

// lost reports whether another file is there by now, or none.
func (p place) lost() bool {
	there, err := os.Stat(p.path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && p.file != nil && !os.SameFile(p.file, there)
}

// lookForFiles has changes refused while the file that was opened, or its log, is not where it was: they would be acknowledged,
// and nobody would find them after a restart.
func (db *Database) lookForFiles(ctx context.Context, file, log place) {
	moved := ""
	switch {
	case file.lost():
		moved = file.path
	case log.lost():
		moved = log.path
	}
	if moved == *db.moved.Load() || db.turn.Take(ctx, false) != nil {
		return
	}
	defer db.turn.Pass()
	if moved == log.path {
		db.moveLog()
	}
	db.moved.Store(&moved)
}

// moveLog moves all changes from a log that nobody will find into the file. What is left then, because somebody reads what was
// before, is moved when the database is closed.
func (db *Database) moveLog() {
	const tries = 20 // of a tenth of a second each
	for range tries {
		busy, err := db.writer.number("PRAGMA wal_checkpoint(FULL)")
		db.writer.broken = nil
		if err != nil || busy == 0 {
			return
		}
	}
}

// foreignVersion changes with every commit by a connection other than the writing one.
func (db *Database) foreignVersion(ctx context.Context) (int64, bool) {
	if err := db.turn.Take(ctx, false); err != nil {
		return 0, false
	}
	defer db.turn.Pass()
	version, err := db.writer.number("PRAGMA data_version")
	db.writer.broken = nil
	return version, err == nil
}
