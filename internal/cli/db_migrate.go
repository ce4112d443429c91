package cli

import (
	"context"
	"errors"
	"io/fs"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/store"
)

// shownSchema says what the schema of a database was, and is.
type shownSchema struct {
	Database string `json:"database"`
	From     int64  `json:"from"` // 0: it was new
	To       int64  `json:"to"`
}

type dbMigrateOptions struct {
	display
	factory  *Factory
	database string
}

// NewCmdDBMigrate returns the command that brings a schema up to date.
func NewCmdDBMigrate(f *Factory) *cobra.Command {
	o := &dbMigrateOptions{display: f.display(), factory: f}
	cmd := &cobra.Command{
		Use:   "migrate [DATABASE]",
		Short: "Bring the schema of a database up to date",
		Long: "Bring the schema of a database up to date: the one that is named, or the workspace's. Every command and server does\n" +
			"so by itself when it opens one; of several servers on one database the first does it. An older program cannot use the\n" +
			"database any more.",
		Example: "onetouch db migrate postgres://onetouch@db.example/onetouch",
		Args:    takeOptionalText(&o.database, "the database"),
		RunE:    runWith(o, dbMigrateRun),
	}
	o.answer = addAnswerFlags(cmd, shownSchema{}, "the version of the schema")
	return cmd
}

func dbMigrateRun(ctx context.Context, o *dbMigrateOptions) error {
	database := o.database
	if database == "" {
		settings, workspace, err := o.factory.Workspace(nil)
		if err != nil {
			return err
		}
		if err := workspace.Prepare(); err != nil {
			return err
		}
		database = databaseOf(settings, workspace)
	}
	before, newest, err := store.Schema(ctx, database)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	db, err := store.Open(ctx, database)
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	name := output.Sanitise(store.Shown(database))
	answer := shown{
		data: shownSchema{Database: store.Shown(database), From: before, To: newest}, ids: []string{strconv.FormatInt(newest, 10)},
		people: sentence("The schema of %s is brought from version %d to %d.", name, before, newest),
	}
	switch before {
	case 0:
		answer.people = sentence("Database %s is new, its schema is version %d.", name, newest)
	case newest:
		answer.people = sentence("The schema of %s is up to date, it is version %d.", name, newest)
	}
	return o.show(ctx, answer)
}
