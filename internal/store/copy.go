package store

import (
	"context"
	"errors"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/engine"
	"github.com/onetouchkit/onetouch/internal/store/sqlite"
)

// Save writes a copy of the database to a file that is not there yet: one picture, whatever changes meanwhile. The file is
// one of SQLite, whichever engine the database has.
func (db *DB) Save(ctx context.Context, path string) (err error) {
	if file, is := db.engine.(engine.File); is {
		return file.Save(ctx, path)
	}
	saved, err := sqlite.Create(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, saved.Close()) }()
	return db.engine.View(ctx, func(from engine.Connection) error {
		return saved.Update(ctx, func(to engine.Connection) error {
			if err := emptyAll(to); err != nil {
				return err
			}
			return copyRows(from, to, func(Copied) {})
		})
	})
}

// Restore puts the contents of a file that Save has written in place of all that is there, and an event that tells of it, in one
// change. The numbers of events go on, so that whoever follows them hears of this one, and those of deliveries, of which some
// may still be on their way. An older file is brought up to date; one of a newer schema, or of another program, is refused.
func (db *DB) Restore(ctx context.Context, path string, e onetouch.Event) error {
	return db.replace(ctx, path, func(c engine.Connection, replace func() error) error {
		own := db.equip(c)
		defer db.release(own)
		tx := transaction{reader{own}}
		last, err := tx.LastEvent()
		if err != nil {
			return err
		}
		lastDelivery, err := one(own, scalar, "SELECT "+lastDeliveryNumber)
		if err != nil {
			return err
		}
		if err := replace(); err != nil {
			return err
		}
		if err := tx.keepDeliveryNumbers(lastDelivery); err != nil {
			return err
		}
		if err := tx.InsertEvent(&e); err != nil || e.Sequence > last {
			return err
		}
		if err := tx.execOne("UPDATE events SET sequence = ? WHERE sequence = ?", last+1, e.Sequence); err != nil {
			return err
		}
		return c.Continue()
	})
}

// replace runs a change, which can replace all rows by those of a file.
func (db *DB) replace(
	ctx context.Context, path string, change func(c engine.Connection, replace func() error) error,
) (err error) {
	if file, is := db.engine.(engine.File); is {
		return file.Replace(ctx, path, change)
	}
	saved, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, saved.Close()) }()
	return db.engine.Update(ctx, func(to engine.Connection) error {
		return change(to, func() error {
			if err := emptyAll(to); err != nil {
				return err
			}
			return saved.View(ctx, func(from engine.Connection) error { return copyRows(from, to, func(Copied) {}) })
		})
	})
}
