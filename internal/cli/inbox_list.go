package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type inboxListOptions struct {
	tools
	messageChoice
	limit int
}

const defaultMessageLimit = 50

// NewCmdInboxList returns the command that lists the inbox.
func NewCmdInboxList(f *Factory) *cobra.Command {
	o := &inboxListOptions{tools: f.tools(), limit: defaultMessageLimit}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the messages to users of the application, newest first",
		Args:    noArguments,
		RunE:    runOn(o, inboxListRun),
	}
	addChoiceFlags(f, cmd, &o.messageChoice)
	cmd.Flags().Var(sinceFlag(&o.since), "since", "only messages of the last `DURATION`, such as 10m (default all)")
	cmd.Flags().Var(limitFlag{&o.limit}, "limit", "at most this `NUMBER` of messages, 0 for all")
	o.answer = addAnswerFlags(cmd, controlapi.Message{}, "the message IDs")
	return cmd
}

func (o *inboxListOptions) check() error { return o.validate() }

func inboxListRun(ctx context.Context, o *inboxListOptions, c *Connection) error {
	if err := o.refuseStranger(ctx, c); err != nil {
		return err
	}
	var since time.Time
	if o.since > 0 {
		since = c.Server.Now.Add(-o.since)
	}
	query := o.query(c, since)
	query.Limit = o.limit
	messages, err := c.Control.Messages(ctx, query)
	if err != nil {
		return orWrongFlag(err)
	}
	return showList(ctx, o.display, messages, list[controlapi.Message]{
		id: idOfMessage, columns: columnsOfMessages(o.streams, c.Server.Now),
		none: "Nothing here. Send something: onetouch token sms --user ID",
	})
}

func columnsOfMessages(s *output.Streams, now time.Time) []output.ColumnOf[controlapi.Message] {
	return []output.ColumnOf[controlapi.Message]{
		output.Whole("ID", idOfMessage),
		output.Whole("Channel", func(m controlapi.Message) string { return string(m.Channel) }),
		output.Whole("To", recipient),
		output.Whole("Code", func(m controlapi.Message) string { return m.Code }),
		output.Short("Text", func(m controlapi.Message) string { return m.Body }),
		ageColumn(s, now, func(m controlapi.Message) time.Time { return m.CreatedAt }),
	}
}

func idOfMessage(m controlapi.Message) string { return idText(m.ID) }

// recipient is who got a message, in a narrow column.
func recipient(m controlapi.Message) string {
	if m.DeviceID != nil {
		return fmt.Sprintf("device %d", *m.DeviceID)
	}
	return m.To
}
