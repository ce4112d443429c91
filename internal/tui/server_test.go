package tui_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/tui"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// server is what the control API tells, without the server behind it.
type server struct {
	mu         sync.Mutex
	clock      *onetouch.ManualClock
	app        controlapi.Application
	users      []controlapi.User
	devices    []controlapi.Device
	requests   map[string]controlapi.ApprovalRequest
	deliveries map[string][]controlapi.Delivery
	sent       []controlapi.Delivery // all, newest first
	messages   []controlapi.Message  // newest first
	faults     []controlapi.Fault
	heard      []controlapi.Call // oldest first
	down       error             // what every call fails with; nil while the server works
	calls      map[string]int
	// followed is what happens while the calls are followed for the first time.
	followed func(ctx context.Context, hear func(controlapi.Call) error) error
	streams  chan chan controlapi.Event // each Follow offers its stream here
}

const (
	adaID   = 1000
	graceID = 1001
	pixelID = 12
	ipadID  = 13
)

var start = time.Date(2026, 3, 14, 14, 3, 20, 0, time.UTC)

func newServer() *server {
	app := controlapi.Application{
		ID: "582380eb7e1caa03317ec08c", Name: "Acme Bank", CallbackURL: "http://127.0.0.1:3000/callback", CallbackMethod: "POST",
	}
	return &server{
		clock: onetouch.NewManualClock(start),
		app:   app,
		users: []controlapi.User{
			{AuthyID: adaID, AppID: app.ID, Email: "ada@example.com", CountryCode: 1, PhoneNumber: "202-555-0158", Confirmed: true,
				CreatedAt: start.Add(-time.Hour)},
			{AuthyID: graceID, AppID: app.ID, Email: "grace.hopper@navy.example.com", CountryCode: 57, PhoneNumber: "310-555-0199",
				CreatedAt: start.Add(-24 * time.Hour)},
		},
		devices: []controlapi.Device{
			{ID: pixelID, AuthyID: adaID, Name: "Ada's Pixel", UUID: uuid(12), Platform: "android", Push: "sse", KeyID: "Jx2dGq",
				RegisteredAt: start.Add(-time.Hour)},
			{ID: ipadID, AuthyID: adaID, Name: "Ada's iPad", UUID: uuid(13), Platform: "ios", Push: "none", KeyID: "m8KvZr",
				RegisteredAt: start.Add(-48 * time.Hour)},
		},
		requests: map[string]controlapi.ApprovalRequest{}, deliveries: map[string][]controlapi.Delivery{},
		calls: map[string]int{}, streams: make(chan chan controlapi.Event, 8),
	}
}

func (s *server) called(name string) error {
	s.calls[name]++
	return s.down
}

func (s *server) Server(context.Context) (controlapi.Server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return controlapi.Server{Now: s.clock.Now(), Applications: []controlapi.Application{s.app}}, s.called("server")
}

func (s *server) Users(context.Context, string) ([]controlapi.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.users, s.called("users")
}

func (s *server) Devices(context.Context, int64) ([]controlapi.Device, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.devices, s.called("devices")
}

func (s *server) ApprovalRequests(
	_ context.Context, q controlapi.ApprovalRequestQuery,
) (page []controlapi.ApprovalRequest, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.called("list"); err != nil {
		return nil, err
	}
	for _, r := range s.requests {
		if slices.Contains(q.Statuses, string(r.Status)) {
			page = append(page, r)
		}
	}
	slices.SortFunc(page, func(a, b controlapi.ApprovalRequest) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.UUID, b.UUID))
	})
	if q.Before != "" {
		at := slices.IndexFunc(page, func(r controlapi.ApprovalRequest) bool { return r.UUID == q.Before })
		page = page[at+1:]
	}
	return page[:min(len(page), q.Limit)], nil
}

func (s *server) ApprovalRequest(_ context.Context, uuid string) (controlapi.ApprovalRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.called("show"); err != nil {
		return controlapi.ApprovalRequest{}, err
	}
	r, known := s.requests[uuid]
	if !known {
		return r, &onetouch.Error{Code: onetouch.CodeApprovalRequestNotFound, Message: "Approval request not found: " + uuid}
	}
	return r, nil
}

func (s *server) Deliveries(_ context.Context, uuid string, _ onetouch.DeliveryKind) ([]controlapi.Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deliveries[uuid], s.called("deliveries")
}

func (s *server) FindDeliveries(context.Context, controlapi.DeliveryQuery) ([]controlapi.Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent), s.called("find deliveries")
}

func (s *server) Delivery(_ context.Context, id int64) (controlapi.Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.sent, func(d controlapi.Delivery) bool { return d.ID == id })
	d := s.sent[at]
	d.Attempts = slices.Clone(d.Attempts)
	for i := range d.Attempts {
		d.Attempts[i].Request = &controlapi.Sent{
			Method: d.Method, URL: d.URL, Same: true, Body: `{"uuid":"` + d.RequestUUID + `","status":"approved"}`,
			Headers: []controlapi.Header{{Name: "X-Authy-Signature-Nonce", Value: "1427849783"}},
		}
	}
	return d, s.called("delivery")
}

func (s *server) Replay(_ context.Context, id int64, _ controlapi.Replay) (controlapi.Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	again := controlapi.Delivery{
		ID: int64(len(s.sent) + 1), Kind: onetouch.DeliveryReplay, State: onetouch.DeliveryPending, CreatedAt: s.clock.Now(),
		Method: s.app.CallbackMethod, URL: s.app.CallbackURL,
	}
	if err := s.called(fmt.Sprintf("replay %d", id)); err != nil {
		return controlapi.Delivery{}, err
	}
	s.sent = slices.Insert(s.sent, 0, again)
	return again, nil
}

func (s *server) Calls(_ context.Context, q controlapi.CallQuery) ([]controlapi.Call, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	newer := slices.DeleteFunc(slices.Clone(s.heard), func(c controlapi.Call) bool {
		return c.ID <= q.After || q.API != "" && c.API != q.API
	})
	return newer, s.called("calls")
}

// FollowCalls hands over what the test has come meanwhile, and ends then, as at a server that stops.
func (s *server) FollowCalls(
	ctx context.Context, _ controlapi.CallQuery, _ func(), hear func(controlapi.Call) error,
) error {
	s.mu.Lock()
	s.calls["follow calls"]++
	meanwhile := s.followed
	s.followed = nil
	s.mu.Unlock()
	if meanwhile != nil {
		if err := meanwhile(ctx, hear); err != nil {
			return err
		}
	}
	return errStopping
}

func (s *server) AdvanceClock(_ context.Context, by time.Duration) (controlapi.Clock, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return controlapi.Clock{Now: s.clock.Now().Add(by)}, s.called(fmt.Sprintf("advance %s", by))
}

func (s *server) SetClock(_ context.Context, to time.Time) (controlapi.Clock, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return controlapi.Clock{Now: to}, s.called("set " + to.Format(time.RFC3339))
}

func (s *server) AddFault(_ context.Context, n controlapi.Fault) (controlapi.Fault, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n.ID = int64(len(s.faults) + 1)
	if err := s.called("add fault"); err != nil {
		return n, err
	}
	s.faults = append(s.faults, n)
	return n, nil
}

func (s *server) Evidence(_ context.Context, uuid string) (*evidence.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &evidence.Record{JWS: "signed." + uuid[:8]}, s.called("evidence")
}

func (s *server) Messages(context.Context, controlapi.MessageQuery) ([]controlapi.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages), s.called("messages")
}

func (s *server) Follow(ctx context.Context, _ int64, ready func(), hear func(controlapi.Event) error) error {
	s.mu.Lock()
	err := s.called("follow")
	s.mu.Unlock()
	if err != nil {
		return err
	}
	stream := make(chan controlapi.Event)
	ready()
	s.streams <- stream
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case event, open := <-stream:
			if !open {
				return fmt.Errorf("%w: the event stream ended", controlapi.ErrUnreachable)
			}
			if err := hear(event); err != nil {
				return err
			}
		}
	}
}

// uuid is a UUID that tells the requests of a test apart.
func uuid(n int) string { return fmt.Sprintf("%08d-4b6f-4c1e-9f0a-5d2c7e8b9a01", n) }

// ask adds a pending request of Ada's that waits two minutes.
func (s *server) ask(n int, message string, change ...func(*controlapi.ApprovalRequest)) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	expires := s.clock.Now().Add(2 * time.Minute)
	r := controlapi.ApprovalRequest{
		UUID: uuid(n), Status: onetouch.StatusPending, AuthyID: adaID, AppID: s.app.ID, AppName: s.app.Name,
		CreatedAt: s.clock.Now(), ExpiresAt: &expires,
		Question: onetouch.Question{Message: message, Details: details.List{}, HiddenDetails: details.List{}},
	}
	for _, c := range change {
		c(&r)
	}
	s.requests[r.UUID] = r
	return r.UUID
}

// decide ends a request, as the server does.
func (s *server) decide(uuid string, status onetouch.Status, deviceID int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.requests[uuid]
	now := s.clock.Now()
	r.Status, r.ProcessedAt = status, &now
	if deviceID != 0 {
		r.DeviceID = &deviceID
	}
	s.requests[uuid] = r
}

func (s *server) status(uuid string) onetouch.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[uuid].Status
}

func (s *server) count(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[name]
}

// attempt is a try of the callback that was answered with a status code, or not at all.
func (s *server) attempt(number, code int, problem string) controlapi.Attempt {
	return controlapi.Attempt{
		Number: number, StartedAt: s.clock.Now().Add(time.Duration(number-3) * time.Second), DurationMS: 11.6,
		StatusCode: code, Error: problem,
	}
}

// deliver sets the callback of a request.
func (s *server) deliver(uuid string, state onetouch.DeliveryState, attempts ...controlapi.Attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := controlapi.Delivery{
		ID: 1, Kind: onetouch.DeliveryCallback, RequestUUID: uuid, Method: s.app.CallbackMethod, URL: s.app.CallbackURL,
		State: state, Attempts: attempts,
	}
	if len(attempts) > 0 {
		d.LastError = attempts[len(attempts)-1].Error
	}
	if state == onetouch.DeliveryPending {
		next := s.clock.Now().Add(3 * time.Second)
		d.NextAttemptAt, d.Owed = &next, true
	}
	s.deliveries[uuid] = []controlapi.Delivery{d}
}

// fakePhone is a device whose answers the fake server takes.
type fakePhone struct {
	server *server
	id     int64
	user   int64
	name   string
	fails  error // what its answers fail with
	gave   []string
	rules  []string
	auto   string
	during func(context.Context) // what happens while an answer is on its way
}

func (p *fakePhone) ID() int64      { return p.id }
func (p *fakePhone) AuthyID() int64 { return p.user }
func (p *fakePhone) Name() string   { return p.name }

func (p *fakePhone) Policy() (when []string, auto string) { return p.rules, p.auto }

// Code changes every half minute, as the codes of phones do.
func (p *fakePhone) Code(context.Context) (code string, left, period time.Duration, err error) {
	period = 30 * time.Second
	now := p.server.clock.Now()
	begun := now.Truncate(period)
	return fmt.Sprintf("%07d", begun.Unix()%10_000_000), begun.Add(period).Sub(now), period, p.fails
}

func (p *fakePhone) Answer(ctx context.Context, r controlapi.ApprovalRequest, status onetouch.Status, reason string) error {
	p.gave = append(p.gave, strings.TrimSpace(fmt.Sprintf("%s %s %s", status, r.UUID, reason)))
	if p.during != nil {
		p.during(ctx)
	}
	if p.fails != nil {
		return p.fails
	}
	if p.server.status(r.UUID) != onetouch.StatusPending {
		return tui.ErrTooLate
	}
	p.server.decide(r.UUID, status, p.id)
	return nil
}

var (
	errStorage  = errors.New("the database is full")
	errStopping = fmt.Errorf("%w: the stream of calls ended", controlapi.ErrUnreachable)
)
