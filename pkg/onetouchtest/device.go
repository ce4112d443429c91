package onetouchtest

import (
	"context"
	"errors"
	"sync"

	"github.com/onetouchkit/onetouch/internal/phone"
	"github.com/onetouchkit/onetouch/internal/policy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// Device is a user's phone. It has a key pair of its own, and what it answers is signed and checked as that of any other.
type Device struct {
	*device.Device // for everything beyond an answer

	server *Server
	heard  chan struct{} // holds one when there may be something new

	mu    sync.Mutex
	queue []string // UUIDs of requests that NextRequest has not returned
	seen  map[string]bool
}

// NewDevice registers a phone for the user, and has it listen to the server.
//
// The rules say how it answers by itself; docs/policies.md describes them. The first whose condition is true counts, and the
// last one may be an action alone, for every other request:
//
//	user.NewDevice("approve")
//	user.NewDevice(`number(details["Amount"]) > 10000 = deny after 2s`, "approve")
//
// Without rules, or where they say "ask" or nothing, the test answers: see [Device.NextRequest].
func (u *User) NewDevice(rules ...string) *Device {
	s := u.server
	s.t.Helper()
	own, err := parse(rules)
	if err != nil {
		s.t.Fatalf("onetouchtest: NewDevice: %v", err)
	}
	token, err := s.service().StartRegistration(s.life, s.app.ID, u.AuthyID)
	if err != nil {
		s.t.Fatalf("onetouchtest: NewDevice for user %d: %v", u.AuthyID, err)
	}
	registered, err := device.Register(s.life, device.Registration{Server: s.URL, HTTPClient: s.http, Token: token})
	if err != nil {
		s.t.Fatalf("onetouchtest: NewDevice for user %d: %v", u.AuthyID, err)
	}
	return s.play(registered, own)
}

// play has a phone listen.
func (s *Server) play(registered *device.Device, own *policy.Policy) *Device {
	d := &Device{Device: registered, server: s, heard: make(chan struct{}, 1), seen: map[string]bool{}}
	d.listen(own)
	return d
}

// parse reads rules, of which the last may be an action alone.
func parse(rules []string) (*policy.Policy, error) {
	if len(rules) > 0 {
		last := len(rules) - 1
		if _, err := policy.Parse(nil, rules[last]); err == nil {
			return policy.Parse(rules[:last], rules[last])
		}
	}
	return policy.Parse(rules, "")
}

// listen lets the phone react until the test ends or the device is removed.
func (d *Device) listen(own *policy.Policy) {
	s := d.server
	reacting := &phone.Phone{
		Device: d.Device, Policy: own, Clock: s.server.Service().Clock(),
		Pushes: func(ctx context.Context, hear func(context.Context, device.Push) error) error {
			return d.Pushes(ctx, func(ctx context.Context, push device.Push) error {
				err := hear(ctx, push)
				d.hears(push.ApprovalRequestUUID) // the rules have decided, by the clock as it is before the test moves it
				return err
			})
		},
		Report: func(_ context.Context, outcome phone.Outcome) error {
			if outcome.Err != nil && !outcome.TooLate() {
				s.t.Errorf("onetouchtest: device %d: %v", d.ID(), outcome.Err)
			}
			return nil
		},
		Warn: func(err error) { s.t.Errorf("onetouchtest: device %d: %v", d.ID(), err) },
	}
	s.phones.Go(func() {
		err := reacting.Run(s.life)
		if s.life.Err() == nil && !errors.Is(err, device.ErrRemoved) {
			s.t.Errorf("onetouchtest: device %d reacts no more: %v", d.ID(), err)
		}
	})
}

// hears keeps a request for NextRequest; a push may come twice.
func (d *Device) hears(uuid string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.seen[uuid] {
		return
	}
	d.seen[uuid] = true
	d.queue = append(d.queue, uuid)
	select {
	case d.heard <- struct{}{}:
	default: // somebody is told already
	}
}

func (d *Device) take() (uuid string, is bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.queue) == 0 {
		return "", false
	}
	uuid, d.queue = d.queue[0], d.queue[1:]
	return uuid, true
}

// NextRequest waits until a push tells the phone of an approval request, and returns it as it is shown: each once, in the
// order in which they came. A phone with rules has answered it by then, or begun to wait as long as they say. Of requests
// from before the phone was registered there is no push: see [Device.Request].
func (d *Device) NextRequest() *device.ApprovalRequest {
	d.server.t.Helper()
	ctx, cancel := d.server.patient()
	defer cancel()
	for {
		if uuid, is := d.take(); is {
			return d.Request(uuid)
		}
		select {
		case <-ctx.Done():
			d.server.t.Fatalf("onetouchtest: waiting for an approval request on device %d: %v", d.ID(), errPatience)
		case <-d.heard:
		}
	}
}

// Request returns an approval request of the phone's user, as it stands.
func (d *Device) Request(uuid string) *device.ApprovalRequest {
	d.server.t.Helper()
	request, err := d.ApprovalRequest(d.server.life, uuid)
	if err != nil {
		d.server.t.Fatalf("onetouchtest: device %d fetches approval request %s: %v", d.ID(), uuid, err)
	}
	return request
}

// Approve has the user say yes.
func (d *Device) Approve(request *device.ApprovalRequest) {
	d.server.t.Helper()
	if err := d.Device.Approve(d.server.life, request); err != nil {
		d.server.t.Fatalf("onetouchtest: device %d approves approval request %s: %v", d.ID(), request.UUID, err)
	}
}

// Deny has the user say no, with a reason or ""; a factor gives none.
func (d *Device) Deny(request *device.ApprovalRequest, reason string) {
	d.server.t.Helper()
	if err := d.Device.Deny(d.server.life, request, reason); err != nil {
		d.server.t.Fatalf("onetouchtest: device %d denies approval request %s: %v", d.ID(), request.UUID, err)
	}
}

// Code is the one-time code that the phone shows now, by the server's clock. The server takes it once. A factor shows none.
func (d *Device) Code() string {
	d.server.t.Helper()
	code, err := d.CurrentCode(d.server.life)
	if err != nil {
		d.server.t.Fatalf("onetouchtest: the code of device %d: %v", d.ID(), err)
	}
	return code.Code
}
