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
// and nobody would find them after a restart. What a log has that is gone is moved into the file at once.
func (db *Database) lookForFiles(ctx context.Context, file, log place) {
	moved := ""
	switch {
	case file.lost():
		moved = file.path
	case log.lost():
		moved = log.path
	}
	before := *db.moved.Swap(&moved)
	if moved == log.path && before != moved {
		db.moveLog(ctx)
	}
}

// moveLog moves all changes from the log into the file. What fails is tried again when the database is closed.
func (db *Database) moveLog(ctx context.Context) {
	if db.turn.Take(ctx, false) != nil {
		return
	}
	defer db.turn.Pass()
	_, _ = db.writer.number("PRAGMA wal_checkpoint(FULL)")
	db.writer.broken = nil
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
