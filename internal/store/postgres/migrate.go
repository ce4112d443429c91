package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

//go:embed migrations
var migrations embed.FS

// SchemaVersion is the version of the schema that this program brings every database to: that of SQLite's too, whose
// migrations have the same numbers.
const SchemaVersion = 10

// versions is the table of the migrations that were made, by which a database is known as ours.
const versions = "onetouch_schema"

// version reads the version of the schema; 0 is a new database. It fails when the database cannot be used.
func (l *location) version(ctx context.Context, conn *pgconn.PgConn) (int64, error) {
	row, err := values(ctx, conn, `SELECT (SELECT COUNT(*) FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
		AND c.relkind IN ('r', 'p', 'v', 'm', 'f')), to_regclass(quote_ident(current_schema()) || '.`+versions+`') IS NOT NULL`)
	if err != nil {
		return 0, err
	}
	switch {
	case row[1] != "t" && row[0] != "0":
		return 0, engine.Unavailable(nil, "Database %s cannot be used: its schema %s belongs to another program. Choose another "+
			"database, or another schema (?search_path=NAME).", l.name(), l.schema)
	case row[1] != "t":
		return 0, nil
	}
	row, err = values(ctx, conn, "SELECT COALESCE(MAX(version_id), 0) FROM "+versions+" WHERE is_applied")
	if err != nil {
		return 0, err
	}
	version, err := strconv.ParseInt(row[0], 10, 64)
	if err == nil && version > SchemaVersion {
		err = engine.Unavailable(nil, "Database %s cannot be used: it was written by a newer onetouch (its schema is version %d, "+
			"this one knows up to %d). Update onetouch, or choose another database.", l.name(), version, SchemaVersion)
	}
	return version, err
}

// Schema reads the version of a database's schema; 0 is a new one. It changes nothing.
func Schema(ctx context.Context, url string) (version int64, err error) {
	place, err := locate(url)
	if err != nil {
		return 0, err
	}
	conn, err := place.connect(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	if err := place.identify(ctx, conn); err != nil {
		return 0, err
	}
	version, err = place.version(ctx, conn)
	return version, place.explain(err)
}

// bringUpToDate migrates the database if need be, while no other process does.
func (l *location) bringUpToDate(ctx context.Context, conn *pgconn.PgConn) (err error) {
	if version, err := l.version(ctx, conn); err != nil || version == SchemaVersion {
		return err
	}
	lock := l.lock("migrations")
	if _, err := values(ctx, conn, fmt.Sprintf("SELECT pg_advisory_lock(%d)", lock)); err != nil {
		return err
	}
	defer func() {
		_, unlocked := values(context.WithoutCancel(ctx), conn, fmt.Sprintf("SELECT pg_advisory_unlock(%d)", lock))
		err = errors.Join(err, unlocked)
	}()
	if version, err := l.version(ctx, conn); err != nil || version == SchemaVersion { // another process was faster
		return err
	}
	return l.migrate(ctx)
}

func (l *location) migrate(ctx context.Context) (err error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	config, err := pgx.ParseConfig("")
	if err != nil {
		return fmt.Errorf("preparing the schema of %s: %w", l.name(), withoutText(err))
	}
	config.Config = *l.config.Copy()
	pool := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, pool.Close()) }()
	store, err := database.NewStore(goose.DialectPostgres, versions)
	if err != nil {
		return fmt.Errorf("preparing the schema of %s: %w", l.name(), err)
	}
	provider, err := goose.NewProvider("", pool, files, goose.WithDisableGlobalRegistry(true), goose.WithStore(store))
	if err != nil {
		return fmt.Errorf("preparing the schema of %s: %w", l.name(), err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bringing the schema of %s up to date: %w", l.name(), err)
	}
	return nil
}
