package postgres

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// IsURL reports whether a URL is that of a database of this engine.
func IsURL(text string) bool {
	return strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://")
}

// location is where a database is, and how it is reached.
type location struct {
	config   *pgconn.Config
	schema   string        // in which the tables are
	patience time.Duration // of a change with a database that is restarting, and with others that write to it
}

// oldest is the oldest PostgreSQL that can be used, as it numbers itself: it says what became of a transaction.
const oldest = 130000

const (
	connectTimeout = 5 * time.Second
	patience       = 10 * time.Second
)

func locate(text string) (*location, error) {
	config, err := pgconn.ParseConfig(text)
	if err != nil {
		// The error may tell of the URL, which may hold a password.
		return nil, engine.Unavailable(nil, "The URL of the database cannot be read: it must be such as "+
			"postgres://user@host:5432/database.")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	config.DialFunc = dialer().DialContext
	settings := map[string]string{
		"lock_timeout": strconv.Itoa(int(patience.Milliseconds())),
		// A process that stands still, or whose machine is gone, does not hold others up for long.
		"idle_in_transaction_session_timeout": "10000",
		"tcp_keepalives_idle":                 strconv.Itoa(silentBefore),
		"tcp_keepalives_interval":             strconv.Itoa(silentBetween),
		"tcp_keepalives_count":                strconv.Itoa(silentQuestion),
	}
	startup := map[string]string{"application_name": "onetouch", "client_encoding": "UTF8"}
	for name, value := range config.RuntimeParams {
		if _, known := startup[name]; known || name == "options" {
			startup[name] = value
		} else {
			settings[name] = value
		}
	}
	config.RuntimeParams, config.AfterConnect = startup, set(settings, config.ConnectTimeout)
	return &location{config: config, patience: patience}, nil
}

// set returns what makes the settings of a connection, within the time that a connection may take. With the start of a
// connection poolers, such as PgBouncer, let few settings through.
func set(settings map[string]string, within time.Duration) func(context.Context, *pgconn.PgConn) error {
	return func(ctx context.Context, conn *pgconn.PgConn) error {
		ctx, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		var calls []string
		for _, name := range slices.Sorted(maps.Keys(settings)) {
			value, err := conn.EscapeString(settings[name])
			if err != nil {
				return err
			}
			calls = append(calls, fmt.Sprintf("set_config('%s', '%s', false)", strings.ReplaceAll(name, "'", "''"), value))
		}
		return conn.Exec(ctx, "SELECT "+strings.Join(calls, ", ")).Close()
	}
}

// name is how users are told of the database: without who they are to it, and how they prove that.
func (l *location) name() string {
	host := l.config.Host
	if !strings.HasPrefix(host, "/") {
		host = net.JoinHostPort(host, strconv.Itoa(int(l.config.Port)))
	}
	return fmt.Sprintf("%s at %s", l.config.Database, host)
}

// connect opens a connection.
func (l *location) connect(ctx context.Context) (*pgconn.PgConn, error) {
	conn, err := pgconn.ConnectConfig(ctx, l.config)
	return conn, l.connecting(ctx, err)
}

// firstConnect is connect, and waits for a database that is starting.
func (l *location) firstConnect(ctx context.Context) (*pgconn.PgConn, error) {
	for deadline := time.Now().Add(l.patience); ; {
		conn, err := pgconn.ConnectConfig(ctx, l.config)
		if codeOf(err) != codeStarting || time.Now().After(deadline) {
			return conn, l.connecting(ctx, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(reconnectPause):
		}
	}
}

// connecting explains why there is no connection.
func (l *location) connecting(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return l.explain(err)
}

// identify checks that the database can be used, and finds the schema.
func (l *location) identify(ctx context.Context, conn *pgconn.PgConn) error {
	row, err := values(ctx, conn, `SELECT current_setting('server_version_num'), current_setting('server_encoding'),
		COALESCE(current_schema(), '')`)
	if err != nil {
		return l.explain(err)
	}
	version, _ := strconv.Atoi(row[0])
	switch {
	case version < oldest:
		return engine.Unavailable(nil, "Database %s cannot be used: it is PostgreSQL %d, and must be %d or later.", l.name(),
			version/10000, oldest/10000)
	case row[1] != "UTF8":
		return engine.Unavailable(nil, "Database %s cannot be used: its encoding is %s, and must be UTF8. Create one: "+
			"createdb --encoding=UTF8 --template=template0 NAME", l.name(), row[1])
	case row[2] == "":
		return engine.Unavailable(nil, "Database %s cannot be used: its search_path names no schema that is there.", l.name())
	}
	l.schema = row[2]
	return nil
}

// lock is the number of an advisory lock of this schema.
func (l *location) lock(purpose string) int64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte("onetouch\x00" + l.schema + "\x00" + purpose)) // never fails
	return int64(hash.Sum64())
}

// channel is where changes of this schema are announced.
func (l *location) channel() string {
	return "onetouch_" + strconv.FormatUint(uint64(l.lock("changes")), 16)
}

// values runs a statement of the engine's own, and returns its first row as text.
func values(ctx context.Context, conn *pgconn.PgConn, statement string) ([]string, error) {
	results, err := conn.Exec(ctx, statement).ReadAll()
	if err != nil {
		return nil, err
	}
	for _, result := range results {
		if len(result.Rows) == 0 {
			continue
		}
		texts := make([]string, len(result.Rows[0]))
		for i, value := range result.Rows[0] {
			texts[i] = string(value)
		}
		return texts, nil
	}
	return nil, errors.New("the database answered with nothing")
}
