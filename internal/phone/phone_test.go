package phone_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phone"
	"github.com/onetouchkit/onetouch/internal/policy"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/device"
)

func TestAnswersByPolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.addUser(1)
	p := w.run(w.newDevice(user), "approve", []string{
		`details["Amount"] > 10000 = deny`, `message == "Which?" = ignore`, `message == "You?" = ask`,
	})
	ignored, asked := w.ask(user, "Which?"), w.ask(user, "You?")
	p.answers(w.ask(user, "Send?", "Amount", "$12,400"), approval.Denied)
	p.answers(w.ask(user, "Log in?"), approval.Approved)
	p.answers(w.ask(user, "\x1b[31m\u202eمرحبا 😀\r\n?", "To\x00", "\x1b]0;x\a", "Amount", "5"), approval.Approved)
	w.stands(ignored, onetouch.StatusPending)
	w.stands(asked, onetouch.StatusPending)
}

func TestAnswersWhatWaited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.addUser(1)
	d := w.newDevice(user)
	const count = 200
	var uuids []string
	for range count {
		uuids = append(uuids, w.ask(user, "Log in?"))
	}
	p := w.run(d, "approve", nil)
	for _, uuid := range uuids {
		p.answers(uuid, approval.Approved)
	}
}

func TestDelayHoldsUpNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.addUser(1)
	p := w.run(w.newDevice(user), "approve", []string{`message == "Slow?" = deny after 10s`})
	started := w.clock.Now()
	slow := w.ask(user, "Slow?")
	if until := receive(t, "delay", w.clock.waiting); until.Sub(started) != 10*time.Second {
		t.Errorf("it waits until %s", until)
	}
	p.answers(w.ask(user, "Fast?"), approval.Approved)
	w.stands(slow, onetouch.StatusPending)
	w.clock.Advance(10 * time.Second)
	p.answers(slow, approval.Denied)
}

func TestDelayedTooLate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		meanwhile func(w *world, other *device.Device, uuid string)
		want      error
		status    approval.Status
	}{
		{"answered by another phone", func(w *world, other *device.Device, uuid string) {
			request, err := other.ApprovalRequest(w.t.Context(), uuid)
			if err == nil {
				err = other.Deny(w.t.Context(), request, "")
			}
			if err != nil {
				w.t.Fatal(err)
			}
			w.clock.Advance(10 * time.Second)
		}, device.ErrNotPending, approval.Denied},
		{"expired", func(w *world, _ *device.Device, _ string) {
			w.clock.Advance(5 * time.Second) // no need to wait for the rest of the delay
		}, device.ErrExpired, approval.Expired},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			user := w.addUser(1)
			d, other := w.newDevice(user), w.newDevice(user)
			p := w.run(d, "approve after 10s", nil)
			uuid := w.askFor(5*time.Second, user, "Log in?")
			receive(t, "delay", w.clock.waiting)
			test.meanwhile(w, other, uuid)
			outcome := p.ends(uuid)
			if !outcome.TooLate() || !errors.Is(outcome.Err, test.want) || outcome.Request.Status != test.status {
				t.Errorf("it ended as %s with %v", outcome.Request.Status, outcome.Err)
			}
		})
	}
}

func TestStopAnswersNothingThatWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.addUser(1)
	p := w.run(w.newDevice(user), "approve after 10s", nil)
	uuid := w.ask(user, "Log in?")
	receive(t, "delay", w.clock.waiting)
	p.stop()
	if err := receive(t, "end", p.ended); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
	w.clock.Advance(time.Minute)
	w.stands(uuid, onetouch.StatusPending)
}

func TestRemovedWhileItWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.addUser(1)
	d := w.newDevice(user)
	p := w.run(d, "approve after 10s", nil)
	uuid := w.ask(user, "Log in?")
	receive(t, "delay", w.clock.waiting)
	if err := w.service.RemoveDevice(t.Context(), w.app.ID, d.ID()); err != nil {
		t.Fatal(err)
	}
	if err := receive(t, "end", p.ended); !errors.Is(err, device.ErrRemoved) {
		t.Errorf("it ended with %v", err)
	}
	w.clock.Advance(time.Minute)
	w.stands(uuid, onetouch.StatusPending)
}

// Two phones of one user both want to answer: one does, the other says at most that it was too late.
func TestPhonesRace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.addUser(1)
	phones := []*runningPhone{w.run(w.newDevice(user), "approve", nil), w.run(w.newDevice(user), "deny", nil)}
	const count = 50
	for range count {
		w.ask(user, "Log in?")
	}
	answered := map[string]bool{}
	for len(answered) < count {
		var outcome phone.Outcome
		select {
		case outcome = <-phones[0].outcomes:
		case outcome = <-phones[1].outcomes:
		case <-time.After(patience):
			t.Fatalf("only %d requests were answered", len(answered))
		}
		uuid := outcome.Request.UUID
		switch {
		case outcome.TooLate():
		case outcome.Err != nil:
			t.Error(outcome.Err)
		case answered[uuid]:
			t.Errorf("request %s was answered twice", uuid)
		default:
			answered[uuid] = true
		}
	}
}

func TestPersonIsAskedInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.addUser(1)
	asked, answers := make(chan string), make(chan policy.Action)
	person := phone.NewPerson(func(
		ctx context.Context, _ *device.Device, request *device.ApprovalRequest,
	) (policy.Action, error) {
		select {
		case asked <- request.Message:
			return <-answers, nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	})
	p := w.run(w.newDevice(user), "", []string{`message == "Log in?" = approve`}, func(p *phone.Phone) { p.Person = person })
	first, second, third := w.ask(user, "1"), w.ask(user, "2"), w.ask(user, "3")
	p.answers(w.ask(user, "Log in?"), approval.Approved) // while the person thinks
	for _, question := range []struct {
		message string
		answer  policy.Action
	}{{"1", policy.Deny}, {"2", policy.Ignore}, {"3", policy.Approve}} {
		if got := receive(t, "question", asked); got != question.message {
			t.Fatalf("asked %q, want %q", got, question.message)
		}
		answers <- question.answer
	}
	p.answers(first, approval.Denied)
	p.answers(third, approval.Approved)
	w.stands(second, onetouch.StatusPending)
}

func TestWarnsOnceForEachRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.addUser(1)
	p := w.run(w.newDevice(user), "approve", []string{`details["Amount"] > 10 = deny`, `details["Fee"] > 10 = deny`})
	first := w.ask(user, "Send?", "Amount", "many")
	w.ask(user, "Send?", "Amount", "very many", "Fee", "some")
	p.answers(w.ask(user, "Log in?"), approval.Approved)
	for _, want := range []string{
		"approval request " + first + `: --when 1 could not be decided: "many" is not a number`,
		`: --when 2 could not be decided: "some" is not a number`,
	} {
		if got := receive(t, "warning", p.warnings); !strings.HasSuffix(got.Error(), want) {
			t.Errorf("warned %q, want %q", got, want)
		}
	}
	if len(p.warnings) > 0 {
		t.Errorf("warned again: %v", <-p.warnings)
	}
	w.stands(first, onetouch.StatusPending)
}

func TestPushThatComesTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.addUser(1)
	d := w.newDevice(user)
	uuid := w.ask(user, "Log in?")
	p := w.run(d, "approve after 10s", nil, func(p *phone.Phone) {
		p.Pushes = func(ctx context.Context, hear func(context.Context, device.Push) error) error {
			for _, heard := range []string{uuid, uuid, "unknown", uuid} {
				if err := hear(ctx, device.Push{ApprovalRequestUUID: heard}); err != nil {
					return err
				}
			}
			<-ctx.Done()
			return ctx.Err()
		}
	})
	receive(t, "delay", w.clock.waiting)
	w.clock.Advance(10 * time.Second)
	p.answers(uuid, approval.Approved)
	if len(w.clock.waiting) > 0 {
		t.Error("it waited twice")
	}
}

// interrupted is a network that loses some answers of calls to a path.
type interrupted struct {
	next   http.RoundTripper
	suffix string
	after  bool // the server gets the call, and its answer is lost
	left   atomic.Int64
}

func (i *interrupted) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, i.suffix) || i.left.Add(-1) < 0 {
		return i.next.RoundTrip(r)
	}
	if i.after {
		response, err := i.next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		_ = response.Body.Close()
	}
	return nil, io.ErrUnexpectedEOF
}

func TestServerThatIsAwayForAMoment(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]struct {
		response bool // of what is lost: the answer, or the request as it is fetched
		after    bool
	}{
		"fetching": {}, "answering": {response: true}, "after the answer": {response: true, after: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			user := w.addUser(1)
			credentials := w.newDevice(user).Credentials()
			uuid := w.ask(user, "Log in?")
			network := &interrupted{next: w.client.Transport, suffix: uuid, after: lost.after}
			if lost.response {
				network.suffix += "/response"
			}
			network.left.Store(1)
			d, err := device.Open(credentials, server.InProcessURL, &http.Client{Transport: network})
			if err != nil {
				t.Fatal(err)
			}
			w.run(d, "approve", nil).answers(uuid, approval.Approved)
			w.stands(uuid, onetouch.StatusApproved)
		})
	}
}

// Whoever cannot write down what a phone did wants it to end.
func TestReportThatFails(t *testing.T) {
	t.Parallel()
	for _, auto := range []string{"approve", "approve after 1s"} {
		t.Run(auto, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			user := w.addUser(1)
			full := errors.New("disk full")
			p := w.run(w.newDevice(user), auto, nil, func(p *phone.Phone) {
				p.Report = func(context.Context, phone.Outcome) error { return full }
			})
			w.ask(user, "Log in?")
			if slices.Contains(strings.Fields(auto), "after") {
				receive(t, "delay", w.clock.waiting)
				w.clock.Advance(time.Second)
			}
			if err := receive(t, "end", p.ended); !errors.Is(err, full) {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}
