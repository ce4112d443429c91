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
func NewCmdInboxList(f *Factory, runF func(context.Context, *inboxListOptions) error) *cobra.Command {
	o := &inboxListOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the messages to users of the application, newest first",
		Args:    noArguments,
		RunE:    runWith(o, inboxListRun, runF),
	}
	addChoiceFlags(f, cmd, &o.messageChoice)
	cmd.Flags().DurationVar(&o.since, "since", 0, "only messages of the last `DURATION`, such as 10m (default all)")
	cmd.Flags().IntVar(&o.limit, "limit", defaultMessageLimit, "at most this `NUMBER` of messages, 0 for all")
	o.answer = addAnswerFlags(cmd, controlapi.Message{}, "the message IDs")
	return cmd
}

func inboxListRun(ctx context.Context, o *inboxListOptions) error {
	if err := o.validate(); err != nil {
		return err
	}
	if o.limit < 0 {
		return usageError("--limit %d is below 0", o.limit)
	}
	c, err := o.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	if err := o.check(ctx, c); err != nil {
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
	var ids []string
	for _, message := range messages {
		ids = append(ids, idText(message.ID))
	}
	return o.answer.write(ctx, o.streams, messages, func() error {
		if len(messages) == 0 {
			hint(o.streams, "Nothing here. Send something: onetouch token sms --user ID")
		}
		return tableOfMessages(o.streams, messages, c.Server.Now).Write(o.streams)
	}, ids...)
}

func tableOfMessages(s *output.Streams, messages []controlapi.Message, now time.Time) *output.Table {
	table := output.NewTable(
		output.Column{Title: "ID", Whole: true},
		output.Column{Title: "Channel", Whole: true},
		output.Column{Title: "To", Whole: true},
		output.Column{Title: "Code", Whole: true},
		output.Column{Title: "Text"},
		output.Column{Title: "Age", Whole: true},
	)
	for _, message := range messages {
		table.AddRow(idText(message.ID), string(message.Channel), recipient(message), message.Code, message.Body,
			age(s, now, message.CreatedAt))
	}
	return table
}

// recipient is who got a message, in a narrow column.
func recipient(m controlapi.Message) string {
	if m.DeviceID != nil {
		return fmt.Sprintf("device %d", *m.DeviceID)
	}
	return m.To
}
