package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

type faultClearOptions struct {
	tools
	id int64
}

// NewCmdFaultClear returns the command that ends faults.
func NewCmdFaultClear(f *Factory) *cobra.Command {
	o := &faultClearOptions{tools: f.faultTools()}
	cmd := &cobra.Command{
		Use:               "clear [ID]",
		Aliases:           []string{"delete", "rm"},
		Short:             "End one fault, or all",
		Args:              takeOptionalID(&o.id, "the ID of a fault"),
		ValidArgsFunction: f.completeFirst(faultIDs),
		RunE:              runOn(o, faultClearRun),
	}
	o.answer = addAnswerFlags(cmd, controlapi.Cleared{}, "how many were ended")
	return cmd
}

func faultClearRun(ctx context.Context, o *faultClearOptions, c *Connection) error {
	cleared, err := c.clearFaults(ctx, o.id)
	if err != nil {
		return err
	}
	answer := shown{
		data: controlapi.Cleared{Cleared: cleared}, ids: []string{fmt.Sprint(cleared)},
		people: sentence("%d faults were ended.", cleared),
	}
	if cleared == 1 {
		answer.people = sentence("1 fault was ended.")
	}
	return o.show(ctx, answer)
}

// clearFaults ends one fault, or all when id is 0.
func (c *Connection) clearFaults(ctx context.Context, id int64) (int, error) {
	if id == 0 {
		return c.Control.ClearFaults(ctx)
	}
	err := c.Control.RemoveFault(ctx, id)
	if errors.Is(err, &onetouch.Error{Code: problem.CodeFaultNotFound}) {
		return 0, failedWith(ExitNotFound, "there is no fault %d: 'onetouch fault list' shows those there are", id)
	}
	return 1, err
}

func faultIDs(ctx context.Context, c *Connection) ([]string, error) {
	faults, err := c.Control.Faults(ctx)
	var values []string
	for _, one := range faults {
		values = append(values, idText(one.ID)+"\t"+sentenceOf(one))
	}
	return values, err
}
