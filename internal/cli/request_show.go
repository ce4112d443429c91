package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// shownRequest is an approval request with what was sent because of it.
type shownRequest struct {
	controlapi.ApprovalRequest
	Deliveries []controlapi.Delivery `json:"deliveries"` // pushes, callbacks and webhooks, newest first
}

type requestShowOptions struct {
	tools
	uuid    string
	diagram diagramForm
}

// NewCmdRequestShow returns the command that shows one approval request.
func NewCmdRequestShow(f *Factory) *cobra.Command {
	o := &requestShowOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:               "show UUID",
		Short:             "Show a request, its answer, and what became of pushes, callback and webhooks",
		Long:              aboutRequestShow,
		Example:           "onetouch request show $R --diagram\nonetouch request show $R --diagram=svg > story.svg",
		Args:              takeUUID(&o.uuid),
		ValidArgsFunction: f.completeFirst(requestUUIDs),
		RunE:              runOn(o, requestShowRun),
	}
	addDiagramFlag(cmd, &o.diagram)
	o.answer = addAnswerFlags(cmd, shownRequest{}, "the UUID")
	return cmd
}

func requestShowRun(ctx context.Context, o *requestShowOptions, c *Connection) error {
	request, err := c.request(ctx, o.uuid)
	if err != nil {
		return err
	}
	if o.diagram != "" {
		return showDiagram(ctx, o, c)
	}
	deliveries, err := c.Control.Deliveries(ctx, request.UUID, "")
	if err != nil {
		return err
	}
	found := shownRequest{ApprovalRequest: request, Deliveries: deliveries}
	return o.show(ctx, shown{data: found, ids: []string{request.UUID}, people: recordOfRequest(o.streams, found)})
}

func recordOfRequest(s *output.Streams, r shownRequest) *output.Record {
	record := &output.Record{}
	record.Add("UUID", r.UUID)
	record.AddColoured("Status", string(r.Status), statusColour(string(r.Status)))
	record.Add("Message", r.Message)
	for _, detail := range r.Details {
		record.Add("Detail", detail.Name+": "+detail.Value)
	}
	for _, detail := range r.HiddenDetails {
		record.Add("Hidden detail", detail.Name+": "+detail.Value)
	}
	for _, logo := range r.Logos {
		record.Add("Logo", logo.Resolution+": "+logo.URL)
	}
	record.Add("Application", r.AppName)
	record.Add("User", idText(r.AuthyID))
	if r.AskedDeviceID != nil {
		record.Add("Asked", "device "+idText(*r.AskedDeviceID)+" alone, by a challenge")
	}
	record.Add("Created", moment(s, r.CreatedAt))
	record.Add("Expires", momentOr(s, r.ExpiresAt, "never"))
	record.Add("Processed", momentOr(s, r.ProcessedAt, ""))
	if r.DeviceID != nil {
		record.Add("Device", idText(*r.DeviceID))
	}
	record.Add("Reason", r.Reason)
	for _, delivery := range r.Deliveries {
		record.Add(titleOf(delivery), deliveryText(s, delivery))
	}
	return record
}

func titleOf(d controlapi.Delivery) string {
	kind := string(d.Kind)
	return strings.ToUpper(kind[:1]) + kind[1:]
}

// deliveryText says what became of a push, callback or webhook.
func deliveryText(s *output.Streams, d controlapi.Delivery) string {
	where := "the stream of device " + idText(orZero(d.DeviceID))
	switch {
	case d.Method == onetouch.SentByBackend:
		where = "by the backend, to device " + idText(orZero(d.DeviceID))
	case d.URL != "":
		where = d.Method + " " + redacted(d.URL)
	}
	if d.Event != "" {
		where = string(d.Event) + " to " + where
	}
	state := map[onetouch.DeliveryState]string{onetouch.DeliveryFailed: "given up"}[d.State]
	switch {
	case d.Obsolete != "":
		state = "not needed any more"
	case state == "":
		state = string(d.State)
	}
	text := fmt.Sprintf("%s: %s", state, where)
	switch attempts := len(d.Attempts); {
	case attempts > 1:
		text += fmt.Sprintf(", %d attempts", attempts)
	case d.LastError != "":
		text += ", 1 attempt"
	}
	if d.LastError != "" {
		text += ", the last failed: " + d.LastError
	}
	if d.NextAttemptAt != nil && d.LastError != "" {
		text += ", next at " + moment(s, *d.NextAttemptAt)
	}
	return text
}

func orZero(id *int64) int64 {
	if id == nil {
		return 0
	}
	return *id
}
