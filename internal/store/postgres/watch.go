package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Watch implements [engine.Engine]. The database tells of changes at once; interval is how long it waits before it connects
// again. After that something may have been missed, so it counts as a change.
func (db *Database) Watch(ctx context.Context, interval time.Duration, begun func(), changed func(topics []string)) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-db.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	for ctx.Err() == nil {
		if db.listen(ctx, begun, changed) {
			begun = func() { changed(nil) }
		}
		select {
		case <-ctx.Done():
		case <-time.After(interval):
		}
	}
}

// listen listens until the connection is lost, and reports whether there was one.
func (db *Database) listen(ctx context.Context, begun func(), changed func(topics []string)) (listened bool) {
	var heard []string // what others have told
	config := db.location.config.Copy()
	config.OnNotification = func(_ *pgconn.PgConn, n *pgconn.Notification) {
		if !strings.HasPrefix(n.Payload, db.writer.origin) {
			heard = append(heard, n.Payload)
		}
	}
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+db.location.channel()).ReadAll(); err != nil {
		return false
	}
	begun()
	for {
		if err := conn.WaitForNotification(ctx); err != nil {
			return true
		}
		for _, told := range heard {
			changed(topicsOf(told))
		}
		heard = heard[:0]
	}
}

// anything stands for the topics of changes that did not say what they are about, or too much.
const anything = "*"

// mostAnnounced is the longest announcement that is made, in bytes; PostgreSQL takes 7999.
const mostAnnounced = 7000

// announcement is the statement that tells of the changes of a transaction: who has made them, and their topics. It is empty when
// nobody waits for what they are about.
func (w *writer) announcement() string {
	if len(w.topics) == 0 && !w.anything {
		return ""
	}
	said := strings.Join(append([]string{w.origin}, slices.Collect(maps.Keys(w.topics))...), " ")
	if w.anything || len(said) > mostAnnounced {
		said = w.origin + " " + anything
	}
	return fmt.Sprintf("NOTIFY %s, '%s'; ", w.location.channel(), strings.ReplaceAll(said, "'", "''"))
}

// topicsOf reads an announcement; nil is anything.
func topicsOf(announcement string) []string {
	topics := strings.Fields(announcement)[1:]
	if len(topics) == 1 && topics[0] == anything {
		return nil
	}
	return topics
}

// Announce implements [engine.Announcer].
func (c *connection) Announce(topics []string) {
	c.topics, c.announced = append(c.topics, topics...), true
}
