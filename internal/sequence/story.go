package sequence

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

// Story is what is known of an approval request.
type Story struct {
	Request    onetouch.ApprovalRequest
	Deliveries []onetouch.DeliveryRecord // of the request, in any order
	Calls      []traffic.Call            // that were about the request, as far as they are remembered
	Devices    []onetouch.Device         // of the user, also removed ones
	Now        time.Time
}

// maxText is how many columns of one text a diagram shows.
const maxText = 160

// Ranks of what happened at the same time, which a clock that stands still makes everything.
const (
	rankAsked = iota
	rankPush
	rankCall
	rankAnswer
	rankDelivery
	rankReplay
)

// placed is a step with its place among those of the same time.
type placed struct {
	Step

	rank  int
	order int64
}

// teller gathers the steps of a story, and whoever takes part.
type teller struct {
	Story

	steps     []placed
	devices   []Participant
	receivers []Participant
}

const (
	backendID = "backend"
	serviceID = "service"
)

// Of is the diagram of a story.
func Of(s Story) Diagram {
	t := &teller{Story: s}
	t.tellAsking()
	t.tellDeliveries()
	t.tellCalls()
	t.tellEnd()
	r := s.Request
	d := Diagram{
		Title: "Approval request " + r.UUID, Description: short(describe(r)), StartedAt: r.CreatedAt,
		Participants: []Participant{
			{ID: backendID, Kind: Backend, Role: "backend", Name: r.AppName},
			{ID: serviceID, Kind: Service, Role: "service", Name: "onetouch"},
		},
		Steps: t.inOrder(),
	}
	slices.SortStableFunc(t.devices, func(a, b Participant) int { return cmp.Compare(a.ID, b.ID) })
	d.Participants = append(append(d.Participants, t.devices...), t.receivers...)
	return d
}

func describe(r onetouch.ApprovalRequest) string {
	quoted := "“" + r.Message + "”"
	switch r.Status {
	case onetouch.StatusPending:
		return quoted + " waits for an answer."
	case onetouch.StatusExpired:
		return quoted + " expired."
	default:
		return quoted + " was " + string(r.Status) + " by device " + id(r.Answer.DeviceID) + "."
	}
}

func id(n int64) string { return strconv.FormatInt(n, 10) }

// short is a text that a diagram has room for.
func short(text string) string { return ansi.Truncate(text, maxText, "…") }

// tell adds a step.
func (t *teller) tell(rank int, order int64, s Step) {
	s.Text, s.Reply, s.Count = short(s.Text), short(s.Reply), max(s.Count, 1)
	s.OffsetMS = float64(s.At.Sub(t.Request.CreatedAt).Microseconds()) / 1000
	t.steps = append(t.steps, placed{Step: s, rank: rank, order: order})
}

// inOrder are the steps in their order; what was said again and again with the same answer is one.
func (t *teller) inOrder() []Step {
	slices.SortStableFunc(t.steps, func(a, b placed) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.rank, b.rank), cmp.Compare(a.order, b.order))
	})
	steps := []Step{}
	for _, next := range t.steps {
		if len(steps) > 0 && repeats(steps[len(steps)-1], next.Step) {
			steps[len(steps)-1].Count++
			continue
		}
		steps = append(steps, next.Step)
	}
	return steps
}

func repeats(before, next Step) bool {
	again := next.Kind == Polled || next.Kind == Fetched
	return again && before.Kind == next.Kind && before.From == next.From && before.Reply == next.Reply
}

// device is the ID of a device as a participant.
func (t *teller) device(number int64) string {
	participant := "device-" + id(number)
	if slices.ContainsFunc(t.devices, func(p Participant) bool { return p.ID == participant }) {
		return participant
	}
	p := Participant{ID: participant, Kind: Device, Role: "device " + id(number)}
	for _, d := range t.Devices {
		if d.ID == number {
			p.Name = d.Name
		}
	}
	t.devices = append(t.devices, p)
	return participant
}

// nameOf is what a participant that has been told of is called.
func (t *teller) nameOf(participant string) string {
	for _, p := range slices.Concat(t.devices, t.receivers) {
		if p.ID == participant {
			name, _ := p.called()
			return name
		}
	}
	return participant
}

// receiver is the ID of whoever takes callbacks at a host and port.
func (t *teller) receiver(name string, kind onetouch.DeliveryKind) string {
	for _, p := range t.receivers {
		if p.Name == name {
			return p.ID
		}
	}
	role := "callback receiver"
	if kind == onetouch.DeliveryWebhook || kind == onetouch.DeliveryVerifyEvent {
		role = "webhook receiver"
	}
	p := Participant{ID: "receiver-" + strconv.Itoa(len(t.receivers)+1), Kind: Receiver, Role: role, Name: name}
	t.receivers = append(t.receivers, p)
	return p.ID
}

func (t *teller) tellAsking() {
	t.tell(rankAsked, 0, Step{
		At: t.Request.CreatedAt, Kind: Asked, From: backendID, To: serviceID, Text: "asks “" + t.Request.Message + "”",
		Reply: "UUID",
	})
}

// tellEnd tells of the answer, if no call is remembered that gave it, and of expiry.
func (t *teller) tellEnd() {
	r := t.Request
	switch {
	case r.Status == onetouch.StatusPending:
	case r.Status == onetouch.StatusExpired:
		at := r.ExpiresAt
		if at.IsZero() {
			at = r.ProcessedAt
		}
		t.tell(rankAnswer, 0, Step{At: at, Kind: Expired, From: serviceID, Text: "expired", Outcome: Bad})
	case slices.ContainsFunc(t.steps, func(s placed) bool { return s.Kind == Answered && s.Outcome == Good }):
	case t.byCode(): // which the backend had when it asked
		step := Step{At: r.ProcessedAt, From: backendID, To: serviceID}
		codeBrought(&step, true)
		t.tell(rankAnswer, 0, step)
	default:
		t.tell(rankAnswer, 0, Step{
			At: r.ProcessedAt, Kind: Answered, From: t.device(r.Answer.DeviceID), To: serviceID, Text: t.answer(),
			Reply: signatureVerified, Outcome: Good,
		})
	}
}

const signatureVerified = "signature verified"

// byCode reports whether the request is for the code of an authenticator app, which signs nothing.
func (t *teller) byCode() bool {
	return slices.ContainsFunc(t.Devices, func(d onetouch.Device) bool {
		return d.ID == t.Request.DeviceID && d.FactorType == onetouch.FactorTOTP
	})
}

// codeBrought is a backend that hands over a code.
func codeBrought(step *Step, right bool) {
	step.Kind, step.Text, step.Reply, step.Outcome = Answered, "hands over a code", "wrong, or used before", Bad
	if right {
		step.Reply, step.Outcome = "right", Good
	}
}

// answer is what the device that decided has said.
func (t *teller) answer() string {
	said := map[onetouch.Status]string{onetouch.StatusApproved: "approves", onetouch.StatusDenied: "denies"}[t.Request.Status]
	if reason := t.Request.Answer.Reason; reason != "" {
		said += " “" + reason + "”"
	}
	return said + ", signed"
}

func statusText(status int) string {
	if status == 0 {
		return "no answer"
	}
	if name := http.StatusText(status); name != "" {
		return fmt.Sprintf("%d %s", status, name)
	}
	return strconv.Itoa(status)
}
