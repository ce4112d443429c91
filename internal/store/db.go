package store

import (
	"context"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// DB is a database that holds what the domain remembers. It is safe for concurrent use.
type DB struct {
	engine      engine.Engine
	connections sync.Pool // of *connection: what queries need beside the engine's, from one transaction to the next
}

var _ onetouch.Store = (*DB)(nil)

// Open opens the database at a location as [ParseLocation] reads it. A new file is made readable for its user only, as is its
// folder if that is missing; an older schema is brought up to date. What is wrong with a database is said by an
// [onetouch.Error] of code [onetouch.CodeStorageUnavailable] or [onetouch.CodeStorageFull], and it is left as it was.
func Open(ctx context.Context, database string) (*DB, error) {
	location, err := ParseLocation(database)
	if err != nil {
		return nil, err
	}
	e, err := openEngine(ctx, location)
	if err != nil {
		return nil, err
	}
	return New(e), nil
}

// New is the store on an engine, which is closed with it.
func New(e engine.Engine) *DB {
	return &DB{engine: e, connections: sync.Pool{New: func() any { return &connection{} }}}
}

// Close waits for views and changes that run, and closes the database. Whatever comes later fails.
func (db *DB) Close() error { return db.engine.Close() }

// View implements [onetouch.Store].
func (db *DB) View(ctx context.Context, read func(onetouch.Reader) error) error {
	return db.engine.View(ctx, func(c engine.Connection) error { return db.read(c, read) })
}

// Glance implements [onetouch.Store].
func (db *DB) Glance(ctx context.Context, read func(onetouch.Reader) error) error {
	return db.engine.Glance(ctx, func(c engine.Connection) error { return db.read(c, read) })
}

func (db *DB) read(c engine.Connection, read func(onetouch.Reader) error) error {
	own := db.equip(c)
	defer db.release(own)
	return read(reader{own})
}

// Update implements [onetouch.Store].
func (db *DB) Update(ctx context.Context, change func(onetouch.Transaction) error) error {
	return db.engine.Update(ctx, func(c engine.Connection) error {
		own := db.equip(c)
		defer db.release(own)
		return change(transaction{reader{own}})
	})
}

func (db *DB) equip(c engine.Connection) *connection {
	own, _ := db.connections.Get().(*connection)
	own.Connection = c
	return own
}

func (db *DB) release(own *connection) {
	clear(own.args)
	*own = connection{args: own.args[:0]}
	db.connections.Put(own)
}

// Watch calls changed whenever another process has changed the database, with what that was about (nil: anything), until ctx
// ends or the database is closed; interval is how often it looks, where it has to. Changes by this DB do not count: who made
// them knows. It calls begun once no change is missed any more: whoever has read before that has to look again.
func (db *DB) Watch(ctx context.Context, interval time.Duration, begun func(), changed func(topics []string)) {
	db.engine.Watch(ctx, interval, begun, changed)
}

// reader implements [onetouch.Reader]; its methods stand in the file of their noun.
type reader struct{ *connection }

// transaction implements [onetouch.Transaction].
type transaction struct{ reader }

var _ onetouch.Transaction = transaction{}

// Announce implements [onetouch.Transaction], where other processes are told of changes at all.
func (t transaction) Announce(topics []onetouch.Topic) {
	announcer, is := t.Connection.(engine.Announcer)
	if !is {
		return
	}
	texts := make([]string, len(topics))
	for i, topic := range topics {
		texts[i] = string(topic)
	}
	announcer.Announce(texts)
}
