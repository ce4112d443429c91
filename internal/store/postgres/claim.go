package postgres

import (
	"context"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/engine"
)

var _ engine.Shared = (*Database)(nil)

// beginClaim: a claim that a crash of the database's machine takes back is claimed again.
const beginClaim = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL synchronous_commit = off"

// Claim implements [engine.Shared], beside the changes and as long as a view waits.
func (db *Database) Claim(ctx context.Context, claim func(engine.Connection) error) error {
	for deadline := time.Now().Add(patienceOfViews); ; {
		lost, err := db.tryClaim(ctx, deadline, claim)
		if !lost || ctx.Err() != nil || time.Now().After(deadline) {
			return err
		}
	}
}

func (db *Database) tryClaim(
	ctx context.Context, deadline time.Time, claim func(engine.Connection) error,
) (lost bool, err error) {
	c, err := db.readers.take(ctx, deadline, beginClaim)
	if err != nil {
		return false, err
	}
	defer db.readers.put(c)
	if err = c.claimed(claim); err != nil {
		lost = c.lost && onetouch.CodeOf(err) == onetouch.CodeStorageUnavailable
	}
	return lost, err
}

// claimed claims inside the transaction that has begun.
func (c *connection) claimed(claim func(engine.Connection) error) error {
	kept := false
	defer func() {
		c.broken = nil
		if !kept && c.usable() {
			_ = c.own("ROLLBACK") // a connection that is lost by it is not used again
		}
		c.broken = nil
	}()
	if err := claim(c); err != nil {
		return err
	}
	if c.broken != nil {
		return c.broken
	}
	err := c.own("COMMIT")
	kept = err == nil
	return err
}
