package sequence

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

// tellCalls tells of the calls that were about the request.
func (t *teller) tellCalls() {
	for _, c := range t.Calls {
		var step Step
		var told bool
		switch c.API {
		case traffic.Callbacks, traffic.Pushes:
			t.tell(rankCall, c.ID, Step{
				At: c.At, Kind: Faulted, From: serviceID, Text: "a fault struck the " + string(c.API) + ": " + c.Fault, Outcome: Bad,
			})
		case traffic.Authy:
			step, told = polled(c)
		case traffic.Device:
			step, told = t.fromDevice(c)
		case traffic.Verify:
			step, told = t.overVerify(c)
		}
		if told {
			t.tell(rankCall, c.ID, afterMishaps(c, step))
		}
	}
}

// polled is a backend's look at the request.
func polled(c traffic.Call) (step Step, told bool) {
	step = Step{
		At: c.At, From: backendID, To: serviceID, Kind: Polled, Text: "asks how it stands",
		Reply: cmp.Or(statusIn(c), statusText(c.Status)),
	}
	return step, c.Method == http.MethodGet && ofOne(c)
}

// challengeRoute is how the route of one challenge of the Verify API ends.
const challengeRoute = "/Challenges/{sid}"

// ofOne reports whether a call names the request itself, and nothing beside it.
func ofOne(c traffic.Call) bool {
	return strings.HasSuffix(c.Route, "/approval_requests/{uuid}") || strings.HasSuffix(c.Route, challengeRoute)
}

// overVerify is what a device or a backend does over the Verify API. There a backend can hand over what a device has signed.
func (t *teller) overVerify(c traffic.Call) (step Step, told bool) {
	switch {
	case c.DeviceID != 0:
		return t.fromDevice(c)
	case c.Method == http.MethodPost && ofOne(c):
		step = Step{At: c.At, From: backendID, To: serviceID}
		t.answered(c, &step)
		return step, true
	}
	return polled(c)
}

// fromDevice is what a device does. Who has no access token is somebody whom the service does not know.
func (t *teller) fromDevice(c traffic.Call) (step Step, told bool) {
	if c.DeviceID == 0 {
		return Step{}, false
	}
	step = Step{At: c.At, From: t.device(c.DeviceID), To: serviceID, Reply: statusText(c.Status)}
	switch {
	case c.Method == http.MethodGet:
		step.Kind, step.Text = Fetched, "fetches the details"
	case strings.HasSuffix(c.Route, "/response"), c.Method == http.MethodPost && ofOne(c):
		t.answered(c, &step)
	default:
		return Step{}, false
	}
	return step, true
}

// afterMishaps says of a step that it was refused, or that a fault struck it.
func afterMishaps(c traffic.Call, step Step) Step {
	if c.Status >= http.StatusBadRequest && step.Kind != Answered {
		step.Reply, step.Outcome = refusal(c), Bad
	}
	if c.Fault != "" {
		step.Reply, step.Outcome = strings.TrimPrefix(step.Reply+", by a fault: "+c.Fault, ", "), Bad
	}
	return step
}

func (t *teller) answered(c traffic.Call, step *Step) {
	step.Kind = Answered
	if c.Status == http.StatusOK && t.byCode() {
		codeBrought(step, statusIn(c) == string(onetouch.StatusApproved))
		return
	}
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
		Status string `json:"status"` // of a challenge
	}
	if json.Unmarshal([]byte(c.Response.Body), &body) != nil {
		return ""
	}
	return cmp.Or(body.Request.Status, body.Status)
}
