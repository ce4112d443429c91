package sequence

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

// tellCalls tells of the calls that were about the request.
func (t *teller) tellCalls() {
	for _, c := range t.Calls {
		step := Step{At: c.At, From: backendID, To: serviceID, Reply: statusText(c.Status)}
		if c.API == traffic.Device && c.DeviceID != 0 {
			step.From = t.device(c.DeviceID)
		}
		switch {
		case c.API == traffic.Callbacks || c.API == traffic.Pushes:
			t.tell(rankCall, c.ID, Step{
				At: c.At, Kind: Faulted, From: serviceID, Text: "a fault struck the " + string(c.API) + ": " + c.Fault, Outcome: Bad,
			})
			continue
		case c.API == traffic.Authy && c.Method == http.MethodGet && strings.HasSuffix(c.Route, "/approval_requests/{uuid}"):
			step.Kind, step.Text = Polled, "asks how it stands"
			if status := statusIn(c); status != "" {
				step.Reply = status
			}
		case c.API == traffic.Device && c.DeviceID == 0:
			continue // somebody whom the service does not know
		case c.API == traffic.Device && c.Method == http.MethodGet:
			step.Kind, step.Text = Fetched, "fetches the details"
		case c.API == traffic.Device && strings.HasSuffix(c.Route, "/response"):
			t.answered(c, &step)
		default:
			continue
		}
		if c.Status >= http.StatusBadRequest && step.Kind != Answered {
			step.Reply, step.Outcome = refusal(c), Bad
		}
		if c.Fault != "" {
			step.Reply, step.Outcome = strings.TrimPrefix(step.Reply+", by a fault: "+c.Fault, ", "), Bad
		}
		t.tell(rankCall, c.ID, step)
	}
}

func (t *teller) answered(c traffic.Call, step *Step) {
	step.Kind = Answered
	if c.Status == http.StatusOK {
		step.Text, step.Reply, step.Outcome = t.answer(), signatureVerified, Good
		return
	}
	step.Text, step.Reply, step.Outcome = "answers", refusal(c), Bad
}

// refusal is what a call was refused with, as the device API and the Authy API say it.
func refusal(c traffic.Call) string {
	var body struct {
		Message string `json:"message"`
	}
	text := "refused: " + statusText(c.Status)
	if c.Status == 0 {
		return statusText(0)
	}
	if json.Unmarshal([]byte(c.Response.Body), &body) == nil && body.Message != "" {
		text += ", " + body.Message
	}
	return text
}

// statusIn is the status that the answer to a poll says, "" when that cannot be seen.
func statusIn(c traffic.Call) string {
	var body struct {
		Request struct {
			Status string `json:"status"`
		} `json:"approval_request"`
	}
	if json.Unmarshal([]byte(c.Response.Body), &body) != nil {
		return ""
	}
	return body.Request.Status
}
