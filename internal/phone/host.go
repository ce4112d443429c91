package phone

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/policy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// HostOptions say which phones to run, and how.
type HostOptions struct {
	Devices *device.Store // with their keys and policies; it is only read
	Server  string        // see [device.Open]
	HTTP    *http.Client
	// Registered lists the devices that the server knows. Of others the store may hold files too.
	Registered func(context.Context) ([]Registered, error)
	// Watched reports whether somebody else lets a phone answer just now: then the host does not. nil: nobody does.
	Watched func(id int64) bool
	Clock   onetouch.Clock // of delays; nil: the machine's
	// Report is told of each request that a phone has answered or was too late for, and Warn of what goes wrong. Both may be
	// called by several phones at once; nil: nobody is told.
	Report func(Outcome)
	Warn   func(error)
}

// Registered is what a server knows of a device.
type Registered struct {
	UUID string
	Push device.PushTarget
	Deaf bool // the backend of its application pushes by itself, so that the service tells the device nothing
}

// Hosted is a phone that a host runs.
type Hosted struct {
	UUID string
	Deaf bool // see [Registered]
}

// Host runs the phones of a device store that have a policy of their own. It is safe for concurrent use.
type Host struct {
	options HostOptions

	mu     sync.Mutex
	phones map[string]*hosted // by UUID
	closed bool
}

// hosted is a phone that runs.
type hosted struct {
	policy device.Policy
	cancel context.CancelFunc
	ended  chan struct{}
}

// NewHost returns a host that runs nothing yet.
func NewHost(o HostOptions) *Host {
	if o.Report == nil {
		o.Report = func(Outcome) {}
	}
	if o.Warn == nil {
		o.Warn = func(error) {}
	}
	if o.Watched == nil {
		o.Watched = func(int64) bool { return false }
	}
	return &Host{options: o, phones: map[string]*hosted{}}
}

// Refresh reads the store, and returns the phones that run now, by their UUIDs: those with a policy. One whose policy is
// another than before starts again with it; one that has none any more stops. Phones run until [Host.Close], whatever
// becomes of ctx.
func (h *Host) Refresh(ctx context.Context) ([]Hosted, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, nil
	}
	wanted, err := h.wanted(ctx)
	if err != nil {
		return nil, err
	}
	for uuid, running := range h.phones {
		if one, still := wanted[uuid]; !still || !running.has(one.credentials.Policy) {
			running.stop()
			delete(h.phones, uuid)
		}
	}
	var now []Hosted
	for uuid, one := range wanted {
		if h.phones[uuid] == nil {
			if h.phones[uuid] = h.start(ctx, one); h.phones[uuid] == nil {
				delete(h.phones, uuid)
				continue
			}
		}
		now = append(now, Hosted{UUID: uuid, Deaf: one.registered.Deaf})
	}
	slices.SortFunc(now, func(a, b Hosted) int { return strings.Compare(a.UUID, b.UUID) })
	return now, nil
}

// candidate is a phone that a host is to run.
type candidate struct {
	credentials device.Credentials
	registered  Registered
}

// wanted are the devices with a policy that the server knows, by UUID.
func (h *Host) wanted(ctx context.Context) (map[string]candidate, error) {
	registered, err := h.options.Registered(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := h.options.Devices.List()
	if err != nil {
		h.options.Warn(fmt.Errorf("one device cannot be used: %w", err)) // the others can
	}
	wanted := map[string]candidate{}
	for _, one := range kept {
		at := slices.IndexFunc(registered, func(r Registered) bool { return r.UUID == one.DeviceUUID })
		if !one.Policy.IsZero() && at >= 0 {
			wanted[one.DeviceUUID] = candidate{credentials: one, registered: registered[at]}
		}
	}
	return wanted, nil
}

// start lets a phone run; nil when it cannot.
func (h *Host) start(ctx context.Context, c candidate) *hosted {
	own, err := PolicyOf(c.credentials)
	if err != nil {
		h.options.Warn(err)
		return nil
	}
	opened, err := device.Open(c.credentials, h.options.Server, h.options.HTTP)
	if err != nil {
		h.options.Warn(err)
		return nil
	}
	if c.registered.Deaf {
		h.options.Warn(fmt.Errorf("device %d hears nothing: the backend of %s pushes by itself, and not to here: "+
			"'onetouch device watch %d --push-listen 127.0.0.1:0' hears it", opened.ID(), opened.AppName(), opened.ID()))
	}
	h.listenAgain(ctx, opened, c.registered.Push)
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	running := &hosted{policy: c.credentials.Policy, cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(running.ended)
		err := h.phone(opened, own, c.credentials.Policy.Left).Run(ctx)
		if ctx.Err() == nil && !errors.Is(err, device.ErrRemoved) {
			h.options.Warn(fmt.Errorf("device %d answers no more: %w", opened.ID(), err))
		}
	}()
	return running
}

// listenAgain has a phone listen to the service that somebody else has made listen to its backend, unless they still do.
func (h *Host) listenAgain(ctx context.Context, d *device.Device, target device.PushTarget) {
	if target.Type != device.PushNone || h.options.Watched(d.ID()) {
		return
	}
	if err := ListenAgain(ctx, d, target.Token); err != nil {
		h.options.Warn(fmt.Errorf("device %d hears nothing: %w", d.ID(), err))
	}
}

// ListenAgain has a device listen to the service. It keeps its push token, which its backend knows.
func ListenAgain(ctx context.Context, d *device.Device, pushToken string) error {
	return d.SetPush(ctx, device.PushTarget{Type: device.PushStream, Token: pushToken})
}

func (h *Host) phone(d *device.Device, own *policy.Policy, left device.Left) *Phone {
	return &Phone{
		Device: d, Policy: own, Clock: h.options.Clock, Left: left,
		Yields: func() bool { return h.options.Watched(d.ID()) },
		Pushes: func(ctx context.Context, hear func(context.Context, device.Push) error) error {
			return d.Pushes(ctx, hear)
		},
		Report: func(_ context.Context, outcome Outcome) error {
			if outcome.Err != nil && !outcome.TooLate() { // the next request may be another matter
				h.options.Warn(fmt.Errorf("device %d: %w", d.ID(), outcome.Err))
				return nil
			}
			h.options.Report(outcome)
			return nil
		},
		Warn: func(err error) { h.options.Warn(fmt.Errorf("device %d: %w", d.ID(), err)) },
	}
}

// has reports whether the phone runs with the policy.
func (p *hosted) has(other device.Policy) bool {
	select {
	case <-p.ended:
		return false
	default:
		return reflect.DeepEqual(p.policy, other)
	}
}

func (p *hosted) stop() {
	p.cancel()
	<-p.ended
}

// Close stops all phones, for good. What waits for its time is not answered.
func (h *Host) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, running := range h.phones {
		running.cancel()
	}
	for _, running := range h.phones {
		<-running.ended
	}
	clear(h.phones)
}
