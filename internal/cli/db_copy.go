package cli

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/store"
)

// shownCopied is how many rows a table of a copied database has.
type shownCopied struct {
	Table string `json:"table"`
	Rows  int    `json:"rows"`
}

type dbCopyOptions struct {
	display
	from, to string
	replace  bool
}

// NewCmdDBCopy returns the command that copies a database to another.
func NewCmdDBCopy(f *Factory) *cobra.Command {
	o := &dbCopyOptions{display: f.display()}
	cmd := &cobra.Command{
		Use:   "copy FROM TO",
		Short: "Copy everything from a database to an empty one, of either engine",
		Long: "Copy everything from a database to an empty one, of either engine. The copy is one picture and one change: it is\n" +
			"there whole, with as many rows of everything as were read, or not at all. Servers may go on working on the first; stop\n" +
			"those on the other. The keys of phones that are simulated here stay where they are, in the folder of the first.",
		Example: "onetouch db copy server.db postgres://onetouch@db.example/onetouch",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usageError("name the database to copy from and the one to copy to")
			}
			o.from, o.to = args[0], args[1]
			return noArguments(nil, args[2:])
		},
		RunE: runWith(o, dbCopyRun),
	}
	cmd.Flags().BoolVar(&o.replace, "replace", false, "remove first what the other database has")
	o.answer = addAnswerFlags(cmd, shownCopied{}, "the tables")
	return cmd
}

func dbCopyRun(ctx context.Context, o *dbCopyOptions) error {
	counts, err := store.Copy(ctx, o.from, o.to, o.replace, func(c store.Copied) {
		hint(o.streams, "%s: %d rows", c.Table, c.Rows)
	})
	if err != nil {
		return err
	}
	var tables []shownCopied
	answer := shown{}
	for _, count := range counts {
		tables = append(tables, shownCopied{Table: count.Table, Rows: count.Rows})
		answer.ids = append(answer.ids, count.Table)
	}
	answer.data, answer.people = tables, output.TableOf(tables,
		output.Whole("Table", func(c shownCopied) string { return c.Table }),
		output.Whole("Rows", func(c shownCopied) string { return strconv.Itoa(c.Rows) }),
	)
	return o.show(ctx, answer)
}
