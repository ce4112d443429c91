package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

//go:embed migrations
var migrations embed.FS

// newSchema makes of a new database what the migrations would.
//
//go:generate go run ./generate migrations schema.sql
//go:embed schema.sql
var newSchema string

// schemaVersion is that of the newest migration. Each migration also writes it into the file's header, where one query
// finds it: a database that is new or up to date, which is nearly every one, opens without goose.
const schemaVersion = 10

// applicationID marks a file as ours in SQLite's header: "OTCH".
const applicationID = 'O'<<24 | 'T'<<16 | 'C'<<8 | 'H'

// header is what a file says of itself.
type header struct {
	application, version int64
	tables               int64
	readOnly             bool
}

func (l location) readHeader(ctx context.Context, pool *sql.DB) (h header, err error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return h, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	err = conn.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT COUNT(*) FROM sqlite_schema)`).
		Scan(&h.application, &h.version, &h.tables)
	if err != nil {
		return h, err
	}
	err = conn.Raw(func(driver any) (err error) {
		h.readOnly, err = driver.(interface{ IsReadOnly(string) (bool, error) }).IsReadOnly("main")
		return err
	})
	return h, err
}

// check says why the file cannot be used, if it cannot.
func (l location) check(h header) error {
	isOurs := h.application == applicationID
	switch {
	case !isOurs && (h.application != 0 || h.version != 0 || h.tables != 0):
		return engine.Unavailable(nil, "Database %s cannot be used: it belongs to another program. Choose another file.", l.name())
	case h.version > schemaVersion:
		return engine.Unavailable(nil, "Database %s cannot be used: it was written by a newer onetouch (its schema is version %d, "+
			"this one knows up to %d). Update onetouch, or choose another file.", l.name(), h.version, schemaVersion)
	case h.readOnly && l.isOnReadOnly():
		return engine.Unavailable(nil, "Database %s cannot be used: %s.", l.name(), onReadOnly)
	case h.readOnly:
		return engine.Unavailable(nil, "Database %s cannot be used: it may not be written. Make the file and its folder writable.",
			l.name())
	default:
		return nil
	}
}

// firstConnection opens the database, once it is up to date.
func (l location) firstConnection(ctx context.Context) (c *connection, err error) {
	pool, err := l.pool()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }() // not earlier: a database in memory would end with it
	if err := l.bringUpToDate(ctx, pool); err != nil {
		return nil, err
	}
	return l.connect()
}

// bringUpToDate migrates the file if need be. The pool has one connection.
func (l location) bringUpToDate(ctx context.Context, pool *sql.DB) error {
	deadline := time.Now().Add(l.patience)
	for {
		err := l.tryBringUpToDate(ctx, pool)
		if !isBusy(err) || ctx.Err() != nil || time.Now().After(deadline) {
			return l.explain(err)
		}
	}
}

func (l location) tryBringUpToDate(ctx context.Context, pool *sql.DB) error {
	h, err := l.readHeader(ctx, pool)
	if err != nil {
		return err
	}
	if err := l.check(h); err != nil || h.version == schemaVersion {
		return err
	}
	return l.migrateAlone(ctx, pool, h == header{})
}

// migrateAlone migrates inside a transaction, so that no other process does at the same time.
func (l location) migrateAlone(ctx context.Context, pool *sql.DB, isNew bool) (err error) {
	begin := "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE"
	if isNew {
		// The switch to WAL writes the first page. There is nothing yet that a journal could bring back, and its file
		// would make the start wait for the disk three times instead of once.
		begin = fmt.Sprintf("PRAGMA page_size = %d; PRAGMA journal_mode = MEMORY; ", pageSize) + begin
	}
	if _, err := pool.ExecContext(ctx, begin); err != nil {
		return err
	}
	end := "ROLLBACK"
	defer func() {
		_, ended := pool.ExecContext(context.WithoutCancel(ctx), end)
		err = errors.Join(err, ended)
	}()
	h, err := l.readHeader(ctx, pool)
	if err != nil {
		return err
	}
	if err := l.check(h); err != nil || h.version == schemaVersion { // another process may have been faster
		return err
	}
	if err := l.makeSchema(ctx, pool, h); err != nil {
		return err
	}
	end = "COMMIT"
	return nil
}

func (l location) makeSchema(ctx context.Context, pool *sql.DB, h header) error {
	if h == (header{}) {
		if _, err := pool.ExecContext(ctx, newSchema); err != nil {
			return fmt.Errorf("making the schema of %s: %w", l.name(), err)
		}
		return nil
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return l.migrate(ctx, pool, files)
}

func (l location) migrate(ctx context.Context, pool *sql.DB, files fs.FS) error {
	provider, err := goose.NewProvider(goose.DialectSQLite3, pool, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("preparing the schema of %s: %w", l.name(), err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bringing the schema of %s up to date: %w", l.name(), err)
	}
	return nil
}
