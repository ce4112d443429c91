package sequence

import (
	"fmt"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func (t *teller) tellDeliveries() {
	for _, d := range t.Deliveries {
		switch d.Kind {
		case onetouch.DeliveryPush, onetouch.DeliveryCallback, onetouch.DeliveryWebhook, onetouch.DeliveryVerifyEvent,
			onetouch.DeliveryReplay:
			t.tellDelivery(d)
		case onetouch.DeliveryPing, onetouch.DeliveryMessage: // of no request
		}
	}
}

// ofDelivery is what every step of a delivery has in common.
func (t *teller) ofDelivery(d onetouch.DeliveryRecord) (step Step, rank int) {
	switch d.Kind {
	case onetouch.DeliveryPush:
		step, rank = Step{Kind: Pushed, From: serviceID, To: t.device(d.DeviceID), Text: "push"}, rankPush
		if d.Method == onetouch.SentByBackend {
			step.From = backendID
		}
		return step, rank
	case onetouch.DeliveryReplay:
		step, rank = Step{Kind: Replayed, Text: "replay of the callback, signed"}, rankReplay
	case onetouch.DeliveryWebhook, onetouch.DeliveryVerifyEvent:
		step, rank = Step{Kind: Webhooked, Text: "webhook " + string(d.Event)}, rankDelivery
	default:
		step, rank = Step{Kind: CalledBack, Text: "callback, signed: " + string(t.Request.Status)}, rankDelivery
	}
	step.From, step.To = serviceID, t.receiver(d.Receiver(), d.Kind)
	return step, rank
}

func (t *teller) tellDelivery(d onetouch.DeliveryRecord) {
	step, rank := t.ofDelivery(d)
	for _, a := range d.Log {
		try := step
		try.At, try.Reply, try.Outcome = a.StartedAt, replyOf(a), Good
		if !a.Succeeded() {
			try.Outcome = Bad
		}
		if a.Number > 1 {
			try.Text += fmt.Sprintf(", try %d", a.Number)
		}
		t.tell(rank, d.ID, try)
	}
	if len(d.Log) == 0 && d.State == onetouch.DeliverySent { // nothing that was sent by the service
		step.At, step.Outcome = d.FinishedAt, Good
		t.tell(rank, d.ID, step)
	}
	t.tellRest(d, step, rank)
}

func replyOf(a onetouch.Attempt) string {
	took := fmt.Sprintf("%.1f ms", float64(a.Duration.Microseconds())/1000)
	switch {
	case a.StatusCode != 0:
		return statusText(a.StatusCode) + ", " + took
	case a.Error != "":
		return a.Error + ", " + took
	default:
		return "" // an event stream takes without an answer
	}
}

// tellRest says what a delivery waits for, or that it was given up.
func (t *teller) tellRest(d onetouch.DeliveryRecord, step Step, rank int) {
	what, _, _ := strings.Cut(step.Text, ",")
	if d.Kind == onetouch.DeliveryPush {
		what += " to " + t.nameOf(step.To)
	}
	note := Step{Kind: Waiting, From: serviceID, At: t.Now}
	if n := len(d.Log); n > 0 {
		last := d.Log[n-1]
		note.At = last.StartedAt.Add(last.Duration)
	}
	switch {
	case d.State == onetouch.DeliverySent:
		return
	case d.State == onetouch.DeliveryFailed:
		note.Text, note.Outcome = fmt.Sprintf("%s given up after %s", what, tries(len(d.Log))), Bad
	case d.Obsolete != "":
		if end := t.Request.ProcessedAt; !end.IsZero() && len(d.Log) == 0 {
			note.At = end
		}
		note.Text = what + " " + d.Obsolete
	case !d.NextAttemptAt.IsZero() && len(d.Log) > 0:
		note.Text = what + " comes again at " + offset(float64(d.NextAttemptAt.Sub(t.Request.CreatedAt).Microseconds())/1000)
	case d.URL == "" && d.Kind == onetouch.DeliveryPush:
		note.Text = what + " waits for the device to listen"
	default:
		note.Text = what + " waits to be sent"
	}
	t.tell(rank, d.ID, note)
}

func tries(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}
