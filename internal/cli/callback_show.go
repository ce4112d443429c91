package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

const aCallbackID = "the ID of the callback"

type callbackShowOptions struct {
	tools
	id      int64
	har     string
	version string
}

// NewCmdCallbackShow returns the command that shows one callback.
func NewCmdCallbackShow(f *Factory) *cobra.Command {
	o := &callbackShowOptions{tools: f.tools(), version: f.Build.Version}
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show a callback with every attempt: what was sent, what was answered, what took its time",
		Long: "Show a callback with every attempt: what was sent, what was answered, and what took its time. Pushes and webhooks\n" +
			"are shown too. What was sent is written anew, and it is said when that may differ from what it was.\n\n" +
			"A HAR holds the URL as it was called, with its query: look for secrets in it before you pass it on.",
		Example:           "onetouch callback show 12 --har callback.har",
		Args:              takeID(&o.id, aCallbackID),
		ValidArgsFunction: f.completeFirst(callbackIDs),
		RunE:              runOn(o, callbackShowRun),
	}
	cmd.Flags().StringVar(&o.har, "har", "", harUsage)
	o.answer = addAnswerFlags(cmd, controlapi.Delivery{}, "the ID")
	return cmd
}

func callbackShowRun(ctx context.Context, o *callbackShowOptions, c *Connection) error {
	d, err := c.delivery(ctx, o.id)
	if err != nil {
		return err
	}
	if o.har != "" {
		if err := writeHAR(o.streams, o.har, o.version, d); err != nil || o.har == "-" {
			return err
		}
	}
	return o.show(ctx, shown{data: d, ids: []string{deliveryIDOf(d)}, people: textOfCallback(o.streams, d)})
}

// delivery returns one delivery of the application.
func (c *Connection) delivery(ctx context.Context, id int64) (controlapi.Delivery, error) {
	d, err := c.Control.Delivery(ctx, id)
	ofAnother := err == nil && c.chosen && d.AppID != c.Application.ID
	if ofAnother || onetouch.CodeOf(err) == onetouch.CodeDeliveryNotFound {
		return controlapi.Delivery{}, failedWith(ExitNotFound,
			"there is no callback %d: 'onetouch callback list' shows those there are", id)
	}
	return d, err
}

func callbackIDs(ctx context.Context, c *Connection) ([]string, error) {
	found, err := c.Control.FindDeliveries(ctx, controlapi.DeliveryQuery{
		AppID: c.Application.ID, Kinds: textsOf(callbackKinds()), Limit: completedEntries,
	})
	var values []string
	for _, d := range found {
		values = append(values, fmt.Sprintf("%d\t%s of %s", d.ID, d.State, d.RequestUUID))
	}
	return values, err
}

// textOfCallback is a delivery for people: the facts, and then attempt by attempt as curl -v would show it.
func textOfCallback(s *output.Streams, d controlapi.Delivery) output.TextFunc {
	return func(s2 *output.Streams) error {
		if err := recordOfCallback(s, d).Write(s2); err != nil {
			return err
		}
		for _, a := range d.Attempts {
			if err := output.Lines(foldedAll(s, linesOfAttempt(s, a))).Write(s2); err != nil {
				return err
			}
		}
		return nil
	}
}

func recordOfCallback(s *output.Streams, d controlapi.Delivery) *output.Record {
	record := &output.Record{}
	record.Add("ID", deliveryIDOf(d))
	record.Add("Kind", string(d.Kind))
	record.AddColoured("State", stateOf(d), stateColour(stateOf(d)))
	record.Add("Not needed", d.Obsolete)
	record.Add("Last error", d.LastError)
	record.Add("Fault", d.Fault)
	record.Add("Request", d.RequestUUID)
	record.Add("Event", string(d.Event))
	record.Add("To", strings.TrimSpace(d.Method+" "+redacted(d.URL)))
	record.Add("Owed", moment(s, d.CreatedAt))
	record.Add("Next attempt", momentOr(s, d.NextAttemptAt, ""))
	record.Add("Ended", momentOr(s, d.FinishedAt, ""))
	return record
}

// outcomeOf is what became of an attempt, in plain words.
func outcomeOf(a controlapi.Attempt) string {
	took := " after " + strconv.FormatFloat(a.DurationMS, 'f', 1, 64) + " ms"
	if a.Error != "" {
		return a.Error + took
	}
	if a.StatusCode == 0 {
		return "sent" + took
	}
	return fmt.Sprintf("answered %d %s", a.StatusCode, http.StatusText(a.StatusCode)) + took
}

func linesOfAttempt(s *output.Streams, a controlapi.Attempt) []string {
	lines := []string{"", fmt.Sprintf("Attempt %d, %s: %s", a.Number, moment(s, a.StartedAt), output.Sanitise(outcomeOf(a)))}
	if phases := phasesText(a.Phases); phases != "" {
		lines = append(lines, "  "+phases)
	}
	if r := a.Request; r != nil {
		if !r.Same {
			lines = append(lines, "  The application or the device has changed since, so what was sent may differ from this:")
		}
		lines = append(lines, "> "+r.Method+" "+output.Sanitise(redacted(r.URL)))
		for _, h := range r.Headers {
			lines = append(lines, "> "+output.Sanitise(h.Name+": "+hidden(h)))
		}
		lines = append(lines, prefixed("> ", r.Body)...)
	}
	if a.StatusCode == 0 {
		return lines
	}
	lines = append(lines, fmt.Sprintf("< %d %s", a.StatusCode, http.StatusText(a.StatusCode)))
	for _, h := range a.ResponseHeaders {
		lines = append(lines, "< "+output.Sanitise(h.Name+": "+h.Value))
	}
	return append(lines, prefixed("< ", a.Response)...)
}

// hidden is the value of a header for people: the password of a URL is for the receiver alone.
func hidden(h controlapi.Header) string {
	if h.Name == "Authorization" {
		return "…"
	}
	return h.Value
}

// prefixed are the lines of a body after an empty one: JSON spread out, what is from outside made harmless.
func prefixed(prefix, body string) []string {
	if body == "" {
		return nil
	}
	var spread bytes.Buffer
	if json.Indent(&spread, []byte(body), "", "  ") == nil {
		body = spread.String()
	}
	lines := []string{strings.TrimSpace(prefix)}
	for line := range strings.Lines(body) {
		indent := len(line) - len(strings.TrimLeft(line, " "))
		lines = append(lines, prefix+strings.Repeat(" ", indent)+output.Sanitise(strings.TrimSpace(line)))
	}
	return lines
}

// foldedAll breaks lines of what was sent and answered that are longer than the terminal is wide. What goes on is indented below
// its beginning, and has the same mark in front.
func foldedAll(s *output.Streams, lines []string) []string {
	const least = 40
	if !s.Terminal.Out {
		return lines
	}
	var all []string
	for _, line := range lines {
		text := strings.TrimLeft(line, "<> ")
		front := strings.Repeat(" ", len(line)-len(text)+2)
		if mark := strings.IndexAny(line, "<>"); mark == 0 {
			front = line[:1] + front[1:]
		}
		all = append(all, folded(line, front, max(s.Terminal.Width, least))...)
	}
	return all
}

// folded breaks a line at a width, wherever that is: JSON has long words. All but the first begin with front.
func folded(line, front string, width int) (lines []string) {
	part := ""
	for _, char := range line {
		if lipgloss.Width(part+string(char)) > width {
			lines, part = append(lines, part), front
		}
		part += string(char)
	}
	return append(lines, part)
}

func phasesText(p controlapi.Phases) string {
	if p == (controlapi.Phases{}) {
		return ""
	}
	var parts []string
	if p.Reused {
		parts = append(parts, "the connection was there")
	}
	for _, phase := range p.Parts() {
		parts = append(parts, phase.Name+" "+strconv.FormatFloat(phase.MS, 'f', 1, 64)+" ms")
	}
	return strings.Join(parts, ", ")
}
