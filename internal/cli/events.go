package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type eventsOptions struct {
	tools
	types   []onetouch.EventType
	authyID int64
	request string
	after   int64
	limit   int
	follow  bool
	until   eventEnd
	timeout time.Duration

	given func(flag string) bool
}

const defaultEventLimit = 50

// NewCmdEvents returns the command about what has happened.
func NewCmdEvents(f *Factory) *cobra.Command {
	o := &eventsOptions{tools: f.tools(), limit: defaultEventLimit}
	cmd := &cobra.Command{
		Use:   "events",
		Short: "List what has happened, or follow what happens",
		Long: "List what has happened to the application, the last events, oldest first. --follow tells what happens from now\n" +
			"on, with --request everything about that request from its beginning, with --after all that came after an event.\n" +
			"--until ends that with success once such an event is there: a type, or a jq expression that is true of the\n" +
			"event's JSON. When the time of --timeout is over the exit code is 124.\n\n" +
			"Types are matched whole, and * is any text: 'callback_*'. They are:\n\n" + aboutEventTypes(),
		Example: "onetouch events --follow --type 'callback_*'\n" +
			"onetouch events --request $R --until one_touch_request_responded --timeout 30s\n" +
			"N=$(onetouch events --limit 1 -q); ./log-in.sh\n" +
			"onetouch events --after ${N:-0} --until '.type == \"callback_sent\" and .authy_id == 1000' --timeout 10s",
		Args: noArguments,
		RunE: runOn(o, eventsRun),
	}
	flags := cmd.Flags()
	flags.Var(eventTypesFlag{&o.types}, "type", "only events of this `TYPE`, such as callback_sent; several joined by commas")
	addUserFlag(f, cmd, &o.authyID, "only events about the user with this Authy `ID`")
	flags.StringVar(&o.request, "request", "", "only events about the approval request with this `UUID`")
	flags.Var(sequenceFlag{&o.after, "an event"}, "after", "only events that came after the one with this `NUMBER`")
	flags.Var(limitFlag{&o.limit}, "limit", "at most this `NUMBER` of events, the last, 0 for all")
	flags.BoolVarP(&o.follow, "follow", "f", false, "go on, and tell of each event as it comes")
	flags.Var(&o.until, "until", "follow until an event of this `TYPE`, or one that this jq expression is true of")
	flags.Var(timeoutFlag(&o.timeout), "timeout", "follow no longer than this `DURATION`, such as 30s (default for ever)")
	o.answer = addAnswerFlags(cmd, controlapi.Event{}, "the numbers")
	o.given = flags.Changed
	completes(cmd, "type", completeEventTypes)
	completes(cmd, "until", completeEventTypes)
	completes(cmd, "after", f.completeFlag(eventNumbers))
	completes(cmd, "request", f.completeFlag(requestUUIDs))
	return cmd
}

func (o *eventsOptions) check() error {
	following := o.follow || o.until.given()
	switch {
	case following && o.given("limit"):
		return usageError("--limit cannot be combined with --follow or --until: say where to begin with --after")
	case !following && o.timeout > 0:
		return usageError("--timeout is of use with --follow or --until only")
	case o.given("request") && strings.TrimSpace(o.request) == "":
		return usageError("--request is empty: say the UUID of an approval request, or leave it out")
	}
	return nil
}

func eventsRun(ctx context.Context, o *eventsOptions, c *Connection) error {
	if o.request != "" {
		if _, err := c.request(ctx, o.request); err != nil {
			return err
		}
	}
	query := controlapi.EventQuery{
		After: o.after, AppID: c.Application.ID, AuthyID: o.authyID, RequestUUID: o.request, Types: o.types, Latest: o.limit,
	}
	if o.follow || o.until.given() {
		return o.tell(ctx, c, query)
	}
	events, err := c.Control.Events(ctx, query)
	if err != nil {
		return err
	}
	return showList(ctx, o.display, events, list[controlapi.Event]{
		id: idOfEvent, columns: columnsOfEvents(o.streams, c.Server.Now),
		none: "Nothing here. See the whole story: onetouch demo",
	})
}

func idOfEvent(e controlapi.Event) string { return idText(e.Sequence) }

func columnsOfEvents(s *output.Streams, now time.Time) []output.ColumnOf[controlapi.Event] {
	return []output.ColumnOf[controlapi.Event]{
		output.Whole("Number", idOfEvent),
		output.Whole("Event", func(e controlapi.Event) string { return string(e.Type) }),
		output.Whole("User", func(e controlapi.Event) string { return idText(e.AuthyID) }),
		output.Short("About", aboutEvent),
		output.Short("Note", func(e controlapi.Event) string { return e.Note }),
		ageColumn(s, now, func(e controlapi.Event) time.Time { return e.At }),
	}
}

// aboutEvent is what an event is about, beside a user.
func aboutEvent(e controlapi.Event) string {
	var parts []string
	for _, part := range []struct{ name, id string }{
		{"device", idText(e.DeviceID)}, {"request", e.RequestUUID}, {"delivery", idText(e.DeliveryID)},
		{"verification", e.VerificationUUID},
	} {
		if part.id != "" {
			parts = append(parts, part.name+" "+part.id)
		}
	}
	return strings.Join(parts, ", ")
}

// tell gives one answer for each event, as it comes.
func (o *eventsOptions) tell(ctx context.Context, c *Connection, query controlapi.EventQuery) error {
	query.Latest = 0
	if o.request == "" && !o.given("after") {
		query.After = controlapi.FromNow
	}
	if o.until.given() {
		query.Types = nil // the one that ends it may be of another type
	}
	following, cancel := within(ctx, o.timeout)
	defer cancel()
	err := c.Control.FollowEvents(following, query,
		func() { hint(o.streams, "Waiting for events; Ctrl-C ends.") },
		func(event controlapi.Event) error { return o.tellOf(following, event) })
	switch {
	case errors.Is(err, errSeen):
		return nil
	case !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil:
		return err
	case o.until.given():
		return failedWith(ExitTimedOut, "no such event (%s) came within %s", o.until.text, o.timeout)
	default:
		return &exitError{code: ExitTimedOut}
	}
}

func (o *eventsOptions) tellOf(ctx context.Context, event controlapi.Event) error {
	last, err := o.until.is(ctx, event)
	if err != nil {
		return err
	}
	if last || len(o.types) == 0 || isOneOf(event.Type, o.types) {
		err = o.show(ctx, shown{data: event, ids: []string{idOfEvent(event)}, people: lineOfEvent(o.streams, event)})
	}
	if err == nil && last {
		err = errSeen
	}
	return err
}

// lineOfEvent tells of an event in one line.
func lineOfEvent(s *output.Streams, e controlapi.Event) output.Lines {
	parts := []string{moment(s, e.At), string(e.Type)}
	if e.AuthyID != 0 {
		parts = append(parts, "user "+idText(e.AuthyID))
	}
	for _, part := range []string{aboutEvent(e), e.Note} {
		if part != "" {
			parts = append(parts, output.Sanitise(part))
		}
	}
	return sentence("%s", strings.Join(parts, "  "))
}

// aboutEventTypes says what each type means, in two columns.
func aboutEventTypes() string {
	width := 0
	for _, one := range onetouch.EventTypes() {
		width = max(width, len(one))
	}
	var lines []string
	for _, one := range onetouch.EventTypes() {
		lines = append(lines, fmt.Sprintf("    %-*s  %s", width, one, one.Meaning()))
	}
	return strings.Join(lines, "\n")
}
