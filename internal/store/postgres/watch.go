package postgres

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Watch implements [engine.Engine]. The database tells of changes at once; interval is how long it waits before it connects
// again. After that something may have been missed, so it counts as a change.
func (db *Database) Watch(ctx context.Context, interval time.Duration, changed func(topics []string)) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-db.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	for again := false; ctx.Err() == nil; again = true {
		db.listen(ctx, again, changed)
		select {
		case <-ctx.Done():
		case <-time.After(interval):
		}
	}
}

// listen listens until the connection is lost.
func (db *Database) listen(ctx context.Context, again bool, changed func(topics []string)) {
	var heard []string // what others have told
	config := db.location.config.Copy()
	config.OnNotification = func(_ *pgconn.PgConn, n *pgconn.Notification) {
		if !strings.HasPrefix(n.Payload, db.writer.origin) {
			heard = append(heard, n.Payload)
		}
	}
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN "+db.location.channel()).ReadAll(); err != nil {
		return
	}
	if again {
		changed(nil)
	}
	for {
		if err := conn.WaitForNotification(ctx); err != nil {
			return
		}
		for _, told := range heard {
			if topics, about := topicsOf(told); about {
				changed(topics)
			}
		}
		heard = heard[:0]
	}
}

// anything stands for the topics of changes that did not say what they are about, or too much.
const anything = "*"

// mostAnnounced is the longest announcement that is made, in bytes; PostgreSQL takes 7999.
const mostAnnounced = 7000

// announcement tells of the changes of a transaction: who has made them, and their topics.
func (w *writer) announcement() string {
	said := strings.Join(append([]string{w.origin}, slices.Collect(maps.Keys(w.topics))...), " ")
	if w.anything || len(said) > mostAnnounced {
		said = w.origin + " " + anything
	}
	return strings.ReplaceAll(said, "'", "''")
}

// topicsOf reads an announcement. about is false when nobody waits for what it tells.
func topicsOf(announcement string) (topics []string, about bool) {
	topics = strings.Fields(announcement)[1:]
	if len(topics) == 1 && topics[0] == anything {
		return nil, true
	}
	return topics, len(topics) > 0
}

// Announce implements [engine.Announcer].
func (c *connection) Announce(topics []string) {
	c.topics, c.announced = append(c.topics, topics...), true
}
