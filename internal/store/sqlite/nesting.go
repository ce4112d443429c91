package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
)

// nestingConnector makes connections on which a transaction of database/sql is a savepoint. goose begins a transaction for
// each of its steps; so all of them happen inside the one that [location.migrateAlone] holds: no other process comes
// between, and a migration that fails leaves nothing.
type nestingConnector struct{ driver.Connector }

// Connect implements driver.Connector.
func (n nestingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := n.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(driverConn)
	if !ok {
		return nil, fmt.Errorf("the database driver's connection %T lacks what is needed of it", conn)
	}
	return &nestingConn{full}, nil
}

// driverConn is all that a connection of the driver can do and database/sql asks for.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	IsReadOnly(schema string) (bool, error)
}

type nestingConn struct{ driverConn }

// BeginTx implements driver.ConnBeginTx.
func (c *nestingConn) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	_, err := c.ExecContext(ctx, "SAVEPOINT nested", nil)
	return savepoint{c}, err
}

type savepoint struct{ conn *nestingConn }

// Commit implements driver.Tx.
func (s savepoint) Commit() error {
	_, err := s.conn.ExecContext(context.Background(), "RELEASE SAVEPOINT nested", nil)
	return err
}

// Rollback implements driver.Tx.
func (s savepoint) Rollback() error {
	_, err := s.conn.ExecContext(context.Background(), "ROLLBACK TO SAVEPOINT nested; RELEASE SAVEPOINT nested", nil)
	return err
}
