package cli

import "github.com/spf13/cobra"

// NewCmdDB returns the commands about databases.
func NewCmdDB(f *Factory) *cobra.Command {
	group := newGroup("db", "Move a database from SQLite to PostgreSQL and back, and bring its schema up to date",
		NewCmdDBMigrate(f), NewCmdDBCopy(f))
	group.Long = "Move a database from SQLite to PostgreSQL and back, and bring its schema up to date.\n\n" +
		"A database is named as for 'onetouch serve --db': the path of a file, or postgres://user@host/database.\n" +
		"A password belongs into PGPASSWORD or ~/.pgpass, as the command line can be seen by all users of a machine."
	return group
}
