package store

import (
	"context"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// Save writes a copy of the database to a file that is not there yet: one picture, whatever changes meanwhile.
func (db *DB) Save(ctx context.Context, path string) error { return db.engine.Save(ctx, path) }

// Restore puts the contents of a file that Save has written in place of all that is there, and an event that tells of it, in one
// change. The numbers of events go on, so that whoever follows them hears of this one, and those of deliveries, of which some
// may still be on their way. An older file is brought up to date; one of a newer schema, or of another program, is refused.
func (db *DB) Restore(ctx context.Context, path string, e onetouch.Event) error {
	return db.engine.Replace(ctx, path, func(c engine.Connection, replace func() error) error {
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
		return tx.execOne("UPDATE events SET sequence = ? WHERE sequence = ?", last+1, e.Sequence)
	})
}
