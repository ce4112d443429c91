//go:build unix

package postgres_test

import (
	"errors"
	"io"
	"net"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/onetouchkit/onetouch/internal/store/engine"
	"github.com/onetouchkit/onetouch/internal/store/postgres"
	server "github.com/onetouchkit/onetouch/internal/testneeds/postgres"
)

// pooler passes connections on, and lets as few settings through at their start as PgBouncer does: those that it knows itself.
type pooler struct {
	net.Listener
	database string       // host and port
	starting atomic.Int64 // how many connections are told that the database is starting
	clients  sync.WaitGroup
}

// newPooler returns one, and the URL of a database through it.
func newPooler(t *testing.T, database string) (p *pooler, through string) {
	t.Helper()
	location, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p = &pooler{Listener: listener, database: location.Host}
	location.Host = listener.Addr().String()
	p.clients.Go(func() {
		for {
			client, err := p.Accept()
			if err != nil {
				return
			}
			p.clients.Go(func() {
				defer func() { _ = client.Close() }()
				if err := p.pass(client); err != nil {
					t.Error(err)
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = p.Close()
		p.clients.Wait()
	})
	return p, location.String()
}

func (p *pooler) pass(client net.Conn) error {
	message, err := pgproto3.NewBackend(client, client).ReceiveStartupMessage()
	if err != nil {
		return err
	}
	start, is := message.(*pgproto3.StartupMessage)
	if !is {
		return errors.New("the connection begins with something else")
	}
	for name := range start.Parameters {
		if !slices.Contains([]string{"user", "database", "application_name", "client_encoding"}, name) {
			return errors.New("unsupported startup parameter: " + name)
		}
	}
	if p.starting.Add(-1) >= 0 {
		said := &pgproto3.ErrorResponse{Severity: "FATAL", Code: "57P03", Message: "the database system is starting up"}
		text, err := said.Encode(nil)
		if err == nil {
			_, err = client.Write(text)
		}
		return err
	}
	database, err := net.Dial("tcp", p.database)
	if err != nil {
		return err
	}
	text, err := start.Encode(nil)
	if err == nil {
		_, err = database.Write(text)
	}
	p.clients.Go(func() {
		_, _ = io.Copy(client, database) // until one of them has enough
		_ = client.Close()
	})
	_, _ = io.Copy(database, client)
	return errors.Join(err, database.Close())
}

// Settings of connections come through poolers, also those of the URL.
func TestSettingsComeThroughPoolers(t *testing.T) {
	t.Parallel()
	_, through := newPooler(t, server.Database(t))
	db, err := postgres.Open(t.Context(), through+"&lock_timeout=7777&search_path=public,it's")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	settings := map[string]string{
		"lock_timeout": "7777ms", "search_path": "public,it's", "idle_in_transaction_session_timeout": "10s",
		"tcp_keepalives_idle": "3", "application_name": "onetouch", "client_encoding": "UTF8",
	}
	err = db.View(t.Context(), func(c engine.Connection) error {
		for name, want := range settings {
			rows, err := c.Query("SELECT current_setting(?)", []any{name})
			if err != nil {
				return err
			}
			if rows.Next() {
				if got := rows.Text(0); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			if err := rows.Close(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
