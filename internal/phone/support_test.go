package phone_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phone"
	"github.com/onetouchkit/onetouch/internal/policy"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(watchesFolder); folder != "" {
		watchSeven(folder)
		return
	}
	goleak.VerifyTestMain(m)
}

// patience bounds every wait; it ends one that hangs and asserts nothing.
const patience = time.Minute

// world is a server in this process, with a clock that is moved by hand.
type world struct {
	t       testing.TB
	clock   *clock
	service *onetouch.Service
	app     onetouch.Application
	client  *http.Client
	deaf    bool // whether the backend pushes by itself
}

// clock tells who waits for it.
type clock struct {
	*onetouch.ManualClock
	waiting chan time.Time
}

func (c *clock) At(t time.Time) (<-chan struct{}, func()) {
	reached, stop := c.ManualClock.At(t)
	c.waiting <- t
	return reached, stop
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{
		ManualClock: onetouch.NewManualClock(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)), waiting: make(chan time.Time, 1000),
	}}
	s, err := server.Open(t.Context(), server.Options{Database: ":memory:", Clock: w.clock.ManualClock})
	if err != nil {
		t.Fatal(err)
	}
	client, hangUp := s.Within()
	t.Cleanup(func() {
		hangUp()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w.service, w.app, w.client = s.Service(), s.Application(), client
	return w
}

func (w *world) addUser(n int) onetouch.User {
	w.t.Helper()
	user, err := w.service.AddUser(w.t.Context(), w.app.ID, onetouch.NewUser{
		Email: fmt.Sprintf("user%d@example.com", n), Cellphone: fmt.Sprintf("202-555-%04d", 100+n),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return user
}

func (w *world) newDevice(user onetouch.User) *device.Device {
	w.t.Helper()
	token, err := w.service.StartRegistration(w.t.Context(), w.app.ID, user.AuthyID)
	if err != nil {
		w.t.Fatal(err)
	}
	d, err := device.Register(w.t.Context(), device.Registration{
		Server: server.InProcessURL, HTTPClient: w.client, Token: token,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// ask creates an approval request with details given as names and values.
func (w *world) ask(user onetouch.User, message string, namesAndValues ...string) (uuid string) {
	w.t.Helper()
	return w.askFor(0, user, message, namesAndValues...)
}

// askFor is ask for an answer within a time; 0 for ever.
func (w *world) askFor(within time.Duration, user onetouch.User, message string, namesAndValues ...string) (uuid string) {
	w.t.Helper()
	var list details.List
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		list.Set(namesAndValues[i], namesAndValues[i+1])
	}
	seconds := int64(within / time.Second)
	request, err := w.service.CreateApprovalRequest(w.t.Context(), w.app, user.AuthyID, onetouch.NewApprovalRequest{
		Message: message, Details: list, SecondsToExpire: &seconds,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return request.UUID
}

// stands checks the status of a request.
func (w *world) stands(uuid string, want onetouch.Status) {
	w.t.Helper()
	request, err := w.service.AnyApprovalRequest(w.t.Context(), uuid)
	if err != nil {
		w.t.Fatal(err)
	}
	if request.Status != want {
		w.t.Errorf("request %q is %s, want %s", request.Message, request.Status, want)
	}
}

// phone is a phone under test.
type runningPhone struct {
	t        testing.TB
	outcomes chan phone.Outcome
	warnings chan error
	ended    chan error
	stop     context.CancelFunc
}

// run lets a device react, by a policy with the given final action and rules, until the test ends.
func (w *world) run(d *device.Device, auto string, when []string, change ...func(*phone.Phone)) *runningPhone {
	w.t.Helper()
	p, err := policy.Parse(when, auto)
	if err != nil {
		w.t.Fatal(err)
	}
	r := &runningPhone{
		t: w.t, outcomes: make(chan phone.Outcome, 1000), warnings: make(chan error, 1000), ended: make(chan error, 1),
	}
	running := &phone.Phone{
		Device: d, Policy: p, Clock: w.clock,
		Pushes: func(ctx context.Context, hear func(context.Context, device.Push) error) error {
			return d.Pushes(ctx, hear)
		},
		Report: func(_ context.Context, o phone.Outcome) error {
			r.outcomes <- o
			return nil
		},
		Warn: func(err error) { r.warnings <- err },
	}
	for _, c := range change {
		c(running)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	r.stop = cancel
	var work sync.WaitGroup
	work.Go(func() { r.ended <- running.Run(ctx) })
	w.t.Cleanup(func() {
		cancel()
		work.Wait()
	})
	return r
}

func receive[T any](t testing.TB, what string, values <-chan T) T {
	t.Helper()
	select {
	case value := <-values:
		return value
	case <-time.After(patience):
		t.Fatalf("there is no %s", what)
		panic("not reached")
	}
}

// ends waits for the next outcome, which is of the given request.
func (r *runningPhone) ends(uuid string) phone.Outcome {
	r.t.Helper()
	outcome := receive(r.t, "outcome", r.outcomes)
	if outcome.Request.UUID != uuid {
		r.t.Fatalf("the outcome is of %q", outcome.Request.Message)
	}
	return outcome
}

// answers waits for the next outcome, which is an answer to the given request.
func (r *runningPhone) answers(uuid string, want approval.Status) {
	r.t.Helper()
	if outcome := r.ends(uuid); outcome.Err != nil || outcome.Request.Status != want {
		r.t.Fatalf("request %q is %s (%v), want %s", outcome.Request.Message, outcome.Request.Status, outcome.Err, want)
	}
}
