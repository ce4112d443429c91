package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

type callbackListOptions struct {
	tools
	state   onetouch.DeliveryState
	kinds   []onetouch.DeliveryKind
	authyID int64
	request string
	limit   int
	follow  bool
	har     string
	version string
}

const defaultCallbackLimit = 50

// callbackKinds are what goes to the callback URL of a backend.
func callbackKinds() []onetouch.DeliveryKind {
	return slices.DeleteFunc(onetouch.DeliveryKinds(), func(k onetouch.DeliveryKind) bool { return !k.Signed() })
}

func deliveryStates() []onetouch.DeliveryState {
	return []onetouch.DeliveryState{onetouch.DeliveryPending, onetouch.DeliverySent, onetouch.DeliveryFailed}
}

// NewCmdCallbackList returns the command that lists callbacks.
func NewCmdCallbackList(f *Factory) *cobra.Command {
	o := &callbackListOptions{tools: f.tools(), limit: defaultCallbackLimit, version: f.Build.Version}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the callbacks of the application, newest first",
		Long: "List the callbacks of the application, newest first, with those that were sent again (replay) and test calls\n" +
			"(ping). A callback is pending until a receiver takes it, and failed once it is given up.\n\n" +
			"A HAR holds the URLs as they were called, with their query: look for secrets in it before you pass it on.",
		Example: "onetouch callback list --state failed --limit 0 --har failed.har",
		Args:    noArguments,
		RunE:    runOn(o, callbackListRun),
	}
	flags := cmd.Flags()
	flags.Var(wordFlag[onetouch.DeliveryState]{&o.state, deliveryStates(), true}, "state",
		"only callbacks in this `STATE`: "+joined(deliveryStates()))
	flags.Var(wordsFlag[onetouch.DeliveryKind]{&o.kinds, callbackKinds()}, "kind",
		"only this `KIND`: "+joined(callbackKinds())+"; several joined by commas")
	flags.Var(idFlag{&o.authyID, anAuthyID}, "user", "only callbacks about requests to the user with this Authy `ID`")
	flags.StringVar(&o.request, "request", "", "only callbacks about the approval request with this `UUID`")
	flags.Var(limitFlag{&o.limit}, "limit", "at most this `NUMBER` of callbacks, 0 for all")
	flags.BoolVarP(&o.follow, "follow", "f", false, "go on, and tell of each attempt as it ends")
	flags.StringVar(&o.har, "har", "", harUsage)
	o.answer = addAnswerFlags(cmd, controlapi.Delivery{}, "the IDs")
	completes(cmd, "state", completeWords(textsOf(deliveryStates())...))
	completes(cmd, "kind", completeWords(textsOf(callbackKinds())...))
	completes(cmd, "user", f.completeFlag(userIDs))
	completes(cmd, "request", f.completeFlag(requestUUIDs))
	return cmd
}

func (o *callbackListOptions) check() error {
	if o.har != "" && o.follow {
		return usageError("--har is for what has been sent: it cannot be used with --follow")
	}
	return nil
}

func callbackListRun(ctx context.Context, o *callbackListOptions, c *Connection) error {
	if o.authyID != 0 {
		if _, err := c.user(ctx, o.authyID); err != nil {
			return err
		}
	}
	if o.request != "" {
		if _, err := c.request(ctx, o.request); err != nil {
			return err
		}
	}
	if o.follow {
		return o.tell(ctx, c)
	}
	found, err := c.Control.FindDeliveries(ctx, o.query(c))
	if err != nil {
		return err
	}
	if o.har != "" {
		if err := o.archive(ctx, c, found); err != nil || o.har == "-" {
			return err
		}
	}
	return showList(ctx, o.display, found, list[controlapi.Delivery]{
		id:      deliveryIDOf,
		none:    "Nothing here. Where do callbacks go? onetouch status",
		columns: columnsOfCallbacks(o.streams, c.Server.Now, found),
	})
}

func (o *callbackListOptions) query(c *Connection) controlapi.DeliveryQuery {
	kinds := o.kinds
	if len(kinds) == 0 {
		kinds = callbackKinds()
	}
	return controlapi.DeliveryQuery{
		AppID: c.Application.ID, AuthyID: o.authyID, RequestUUID: o.request, Kinds: textsOf(kinds), State: string(o.state),
		Limit: o.limit,
	}
}

func deliveryIDOf(d controlapi.Delivery) string { return idText(d.ID) }

// archive writes what was sent and answered to a file. What was sent is told of each by itself.
func (o *callbackListOptions) archive(ctx context.Context, c *Connection, found []controlapi.Delivery) error {
	whole := make([]controlapi.Delivery, len(found))
	for i, d := range found {
		var err error
		if whole[i], err = c.Control.Delivery(ctx, d.ID); err != nil {
			return err
		}
	}
	return writeHAR(o.streams, o.har, o.version, whole...)
}

// narrow is a terminal on which not all columns of callbacks can be read, in characters.
const narrow = 110

// columnsOfCallbacks are all columns for scripts; on a narrow terminal those that can be read, and that say something.
func columnsOfCallbacks(s *output.Streams, now time.Time, found []controlapi.Delivery) []output.ColumnOf[controlapi.Delivery] {
	isNarrow := s.Terminal.Out && s.Terminal.Width < narrow
	attempts, to := "Attempts", func(d controlapi.Delivery) string { return d.Method + " " + redacted(d.URL) }
	if isNarrow {
		attempts, to = "Tries", func(d controlapi.Delivery) string { return strings.TrimPrefix(redacted(d.URL), "http://") }
	}
	columns := []output.ColumnOf[controlapi.Delivery]{
		output.Whole("ID", deliveryIDOf),
		output.Whole("Kind", func(d controlapi.Delivery) string { return string(d.Kind) }),
		output.Whole("State", stateOf).Coloured(stateColour),
		output.Whole(attempts, func(d controlapi.Delivery) string { return fmt.Sprint(len(d.Attempts)) }),
	}
	if !isNarrow {
		columns = append(columns, output.Short("Request", func(d controlapi.Delivery) string { return d.RequestUUID }))
	}
	columns = append(columns, output.Short("To", to))
	if !isNarrow || slices.ContainsFunc(found, func(d controlapi.Delivery) bool { return d.LastError != "" }) {
		columns = append(columns, output.Short("Last error", func(d controlapi.Delivery) string { return d.LastError }))
	}
	return append(columns, ageColumn(s, now, func(d controlapi.Delivery) time.Time { return d.CreatedAt }))
}

// stateOf is a state as a list says it.
func stateOf(d controlapi.Delivery) string { return string(d.State) }

func stateColour(state string) lipgloss.TerminalColor {
	return map[onetouch.DeliveryState]lipgloss.TerminalColor{
		onetouch.DeliveryPending: lipgloss.Color("4"), // blue
		onetouch.DeliverySent:    lipgloss.Color("2"), // green
		onetouch.DeliveryFailed:  lipgloss.Color("1"), // red
	}[onetouch.DeliveryState(state)]
}

// tell gives one answer for each attempt that ends from now on.
func (o *callbackListOptions) tell(ctx context.Context, c *Connection) error {
	query := o.query(c)
	return c.Control.Follow(ctx, controlapi.FromNow, func() { hint(o.streams, "Waiting for callbacks; Ctrl-C ends.") },
		func(event controlapi.Event) error {
			if event.DeliveryID == 0 || event.AppID != query.AppID || !isAttempt(event.Type, query.Kinds) {
				return nil
			}
			d, err := c.Control.Delivery(ctx, event.DeliveryID)
			if err != nil || !o.chooses(d) {
				return err
			}
			if o.authyID != 0 {
				request, err := c.Control.ApprovalRequest(ctx, d.RequestUUID)
				if err != nil || request.AuthyID != o.authyID {
					return ignoreNotFound(err)
				}
			}
			return o.show(ctx, shown{data: d, ids: []string{deliveryIDOf(d)}, people: lineOf(o.streams, d)})
		})
}

func (o *callbackListOptions) chooses(d controlapi.Delivery) bool {
	return (o.state == "" || d.State == o.state) && (o.request == "" || d.RequestUUID == o.request)
}

// isAttempt reports whether an event says what became of a delivery of some kinds.
func isAttempt(event onetouch.EventType, kinds []string) bool {
	for _, kind := range kinds {
		for _, state := range deliveryStates() {
			if event == onetouch.DeliveryKind(kind).Event(state) {
				return true
			}
		}
	}
	return false
}

func ignoreNotFound(err error) error {
	if errors.Is(err, &onetouch.Error{Code: onetouch.CodeApprovalRequestNotFound}) {
		return nil
	}
	return err
}

// lineOf tells of the last attempt of a delivery in one line.
func lineOf(s *output.Streams, d controlapi.Delivery) output.Lines {
	at, outcome := d.CreatedAt, string(d.State)
	if n := len(d.Attempts); n > 0 {
		at, outcome = d.Attempts[n-1].StartedAt, outcomeOf(d.Attempts[n-1])
	}
	return sentence("%s  %s %d  %s  %s %s  %s", moment(s, at), d.Kind, d.ID, d.State, d.Method, output.Sanitise(redacted(d.URL)),
		output.Sanitise(outcome))
}
