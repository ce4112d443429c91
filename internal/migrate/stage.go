package migrate

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// stage is a server for one flow through one API: in memory, without a network, with a clock that is moved by hand.
type stage struct {
	server *server.Server
	clock  *onetouch.ManualClock
	http   *http.Client
	// control is of the server's operator.
	control *controlapi.Client
	inbox   *inbox
	path    string // under which the inbox gets what this server sends
	close   func()
}

// appName is what the user of a flow is shown as who asks.
const appName = "Migration check"

func openStage(ctx context.Context, box *inbox, path string, settings onetouch.ApplicationSettings) (*stage, error) {
	clock := onetouch.NewManualClock(time.Now().Truncate(time.Second)) // Verify tells times to the second
	settings.Name = appName
	token := rand.Text()
	s, err := server.Open(ctx, server.Options{
		Database: ":memory:", ControlToken: token, Version: "check", Clock: clock, Application: settings,
	})
	if err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	client, hangUp := s.Within()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(running)
	}()
	control := controlapi.NewClient(server.InProcessURL, token, client)
	return &stage{server: s, clock: clock, http: client, control: control, inbox: box, path: path, close: func() {
		hangUp()
		cancel()
		<-done
		_ = s.Close() // nothing in it outlives the check
	}}, nil
}

// settle waits until nothing is due any more, and returns what was sent.
func (s *stage) settle(ctx context.Context) ([]letter, error) {
	if err := s.server.Settle(ctx, 0); err != nil {
		return nil, err
	}
	return s.inbox.take(s.path), ctx.Err()
}

// part is one API, as a backend and a phone use it.
type part interface {
	// enter brings a user, with a phone and a place for what is told of answers, as far as the flow had them.
	enter(context.Context, *Flow) error
	ask(context.Context, Ask) error
	// poll asks how the request stands.
	poll(context.Context) (standing, error)
	// phone is the user's phone, and uuid the request as it knows it.
	phone() (phone phone, uuid string)
	// read reads what the backend was sent of an answer.
	read(context.Context, letter) (told, error)
	// refusal is an error of ask as a report tells it; no when the error is none of the API's.
	refusal(error) (refusal, bool)
}

// phone is a simulated phone. Its user sees a question, and says yes or no.
type phone interface {
	ApprovalRequest(ctx context.Context, uuid string) (*device.ApprovalRequest, error)
	Answer(ctx context.Context, request *device.ApprovalRequest, status approval.Status, reason string) error
}

// standing is what a poll says.
type standing struct {
	status   approval.Status
	created  time.Time
	expires  time.Time // zero: never
	answered time.Time // zero: not yet
	byPhone  bool      // it names the user's phone as who answered
	hidden   details.List
}

// told is what a callback or webhook says.
type told struct {
	status   approval.Status
	message  string
	shown    details.List
	hidden   details.List
	byPhone  bool
	timed    bool // it says when, or leads to where that stands
	question bool // it is about this very request
}

// refusal is why a question was not taken.
type refusal struct {
	kind refusalKind
	says string // such as "400, 60004: …"
}

type refusalKind string

const (
	badQuestion refusalKind = "the question is not valid"
	badKey      refusalKind = "the credentials are wrong"
	noUser      refusalKind = "the user is unknown"
	noPhone     refusalKind = "the user has no device"
	failure     refusalKind = "the service failed"
)

// outcome is all that a flow showed through one API.
type outcome struct {
	refused  *refusal
	first    standing
	screen   *device.ApprovalRequest // what the phone showed; nil: there is no phone
	early    approval.Status         // a second before its time was over; of a flow that expired
	noScreen string                  // why the phone was not shown the question
	tooLate  bool                    // the phone's answer was refused, because the time was over
	noAnswer string                  // why it was refused otherwise
	last     standing
	letters  int
	told     *told
	badPost  string // why what was sent cannot be trusted, or read
}

// end is how the flow ended.
func (o outcome) end() End {
	if o.refused != nil {
		return Refused
	}
	return End(o.last.status)
}

// perform makes the flow through one API.
func perform(ctx context.Context, s *stage, p part, f *Flow) (outcome, error) {
	var o outcome
	if err := p.enter(ctx, f); err != nil {
		return o, err
	}
	asked := f.Ask
	if f.anything {
		asked = Ask{Question: approval.Question{Message: appName}}
	}
	if err := p.ask(ctx, asked); err != nil {
		refused, is := p.refusal(err)
		if !is {
			return o, err
		}
		o.refused = &refused
		return o, nil
	}
	var err error
	if o.first, err = p.poll(ctx); err != nil {
		return o, err
	}
	phone, uuid := p.phone()
	if phone != nil {
		if o.screen, err = phone.ApprovalRequest(ctx, uuid); err != nil {
			if o.noScreen = refusedBy(err); o.noScreen == "" {
				return o, err
			}
		}
	}
	if err := o.play(ctx, s, p, f); err != nil {
		return o, err
	}
	o.last, err = p.poll(ctx)
	return o, err
}

// refusedBy is how a server refused what a phone wanted; "" when the error is of another kind.
func refusedBy(err error) string {
	var refused *device.Error
	if !errors.As(err, &refused) {
		return ""
	}
	return oneLine(refused.Message)
}

// play lets the time go by, and the phone answer as it did.
func (o *outcome) play(ctx context.Context, s *stage, p part, f *Flow) error {
	phone, _ := p.phone()
	switch {
	case f.End.answered() && o.screen != nil:
		s.clock.Advance(f.After)
		return o.answer(ctx, s, p, phone, f)
	case f.End == End(approval.Expired):
		life := f.After
		if seconds := f.lasts(); seconds > 0 {
			life = time.Duration(seconds) * time.Second
		}
		s.clock.Advance(life - time.Second)
		before, err := p.poll(ctx)
		o.early = before.status
		s.clock.Advance(time.Second)
		return err
	default:
		s.clock.Advance(f.After)
		return nil
	}
}

func (o *outcome) answer(ctx context.Context, s *stage, p part, phone phone, f *Flow) error {
	request := *o.screen
	err := phone.Answer(ctx, &request, approval.Status(f.End), f.Reason)
	if o.tooLate = errors.Is(err, device.ErrExpired); o.tooLate {
		return nil
	}
	if o.noAnswer = refusedBy(err); o.noAnswer != "" {
		return nil
	}
	if err != nil {
		return err
	}
	letters, err := s.settle(ctx)
	if err != nil {
		return err
	}
	o.letters = len(letters)
	if len(letters) == 0 {
		return nil
	}
	heard, wrong := p.read(ctx, letters[len(letters)-1])
	if wrong != nil {
		o.badPost = oneLine(wrong.Error())
	} else {
		o.told = &heard
	}
	return nil
}
