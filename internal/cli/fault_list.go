package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type faultListOptions struct{ tools }

// NewCmdFaultList returns the command that lists faults.
func NewCmdFaultList(f *Factory) *cobra.Command {
	o := &faultListOptions{tools: f.faultTools()}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the faults in force, in the order of their precedence",
		Args:    noArguments,
		RunE:    runOn(o, faultListRun),
	}
	o.answer = addAnswerFlags(cmd, controlapi.Fault{}, "the IDs")
	return cmd
}

func faultListRun(ctx context.Context, o *faultListOptions, c *Connection) error {
	faults, err := c.Control.Faults(ctx)
	if err != nil {
		return err
	}
	return showList(ctx, o.display, faults, list[controlapi.Fault]{
		id: idOfFault,
		columns: []output.ColumnOf[controlapi.Fault]{
			output.Whole("ID", idOfFault),
			output.Short("Strikes", subjectOfFault),
			output.Short("Does", func(f controlapi.Fault) string { return f.Does }),
			output.Whole("Probability", func(f controlapi.Fault) string { return fmt.Sprint(f.Probability) }),
			output.Whole("Times", timesOfFault),
		},
		none: "No faults. Add one: onetouch fault add --error 60050 --times 1",
	})
}

func idOfFault(f controlapi.Fault) string { return idText(f.ID) }

// subjectOfFault is what a fault strikes.
func subjectOfFault(f controlapi.Fault) string {
	switch {
	case f.Push != "":
		return "pushes"
	case f.Callback != "":
		return "callbacks"
	default:
		return f.Match
	}
}

func timesOfFault(f controlapi.Fault) string {
	if f.Times == 0 {
		return "always"
	}
	return fmt.Sprint(f.Times)
}
