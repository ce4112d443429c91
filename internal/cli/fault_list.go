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
func NewCmdFaultList(f *Factory, runF func(context.Context, *faultListOptions) error) *cobra.Command {
	o := &faultListOptions{tools: f.operatorTools()}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the faults in force, in the order of their precedence",
		Args:    noArguments,
		RunE:    runWith(o, faultListRun, runF),
	}
	o.answer = addAnswerFlags(cmd, controlapi.Fault{}, "the IDs")
	return cmd
}

func faultListRun(ctx context.Context, o *faultListOptions) error {
	c, err := o.connectForFaults(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	faults, err := c.Control.Faults(ctx)
	if err != nil {
		return err
	}
	table := output.NewTable(
		output.Column{Title: "ID", Whole: true},
		output.Column{Title: "Match"},
		output.Column{Title: "Error", Whole: true},
		output.Column{Title: "Status", Whole: true},
		output.Column{Title: "Times", Whole: true},
	)
	var ids []string
	for _, fault := range faults {
		times := "always"
		if fault.Times > 0 {
			times = fmt.Sprint(fault.Times)
		}
		ids = append(ids, idText(fault.ID))
		table.AddRow(idText(fault.ID), fault.Match, fault.Error, fmt.Sprint(fault.Status), times)
	}
	return o.answer.write(ctx, o.streams, faults, func() error {
		if len(faults) == 0 {
			hint(o.streams, "No faults. Add one: onetouch fault add --error 60050 --times 1")
		}
		return table.Write(o.streams)
	}, ids...)
}
