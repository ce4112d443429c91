package phone

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
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
	// Registered lists the UUIDs of the devices that the server knows. Of others the store may hold files too.
	Registered func(context.Context) ([]string, error)
	Clock      onetouch.Clock // of delays; nil: the machine's
	// Report is told of each request that a phone has answered or was too late for, and Warn of what goes wrong. Both may be
	// called by several phones at once; nil: nobody is told.
	Report func(Outcome)
	Warn   func(error)
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
	return &Host{options: o, phones: map[string]*hosted{}}
}

// Refresh reads the store, and returns the UUIDs of the phones that run now: those with a policy. One whose policy is
// another than before starts again with it; one that has none any more stops. Phones run until [Host.Close], whatever
// becomes of ctx.
func (h *Host) Refresh(ctx context.Context) ([]string, error) {
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
		if credentials, still := wanted[uuid]; !still || !running.has(credentials.Policy) {
			running.stop()
			delete(h.phones, uuid)
		}
	}
	var uuids []string
	for uuid, credentials := range wanted {
		if h.phones[uuid] == nil {
			if h.phones[uuid] = h.start(ctx, credentials); h.phones[uuid] == nil {
				delete(h.phones, uuid)
				continue
			}
		}
		uuids = append(uuids, uuid)
	}
	slices.Sort(uuids)
	return uuids, nil
}

// wanted are the devices with a policy that the server knows, by UUID.
func (h *Host) wanted(ctx context.Context) (map[string]device.Credentials, error) {
	registered, err := h.options.Registered(ctx)
	if err != nil {
		return nil, err
	}
	kept, err := h.options.Devices.List()
	if err != nil {
		h.options.Warn(fmt.Errorf("one device cannot be used: %w", err)) // the others can
	}
	wanted := map[string]device.Credentials{}
	for _, one := range kept {
		if !one.Policy.IsZero() && slices.Contains(registered, one.DeviceUUID) {
			wanted[one.DeviceUUID] = one
		}
	}
	return wanted, nil
}

// start lets a phone run; nil when it cannot.
func (h *Host) start(ctx context.Context, credentials device.Credentials) *hosted {
	own, err := PolicyOf(credentials)
	if err != nil {
		h.options.Warn(err)
		return nil
	}
	opened, err := device.Open(credentials, h.options.Server, h.options.HTTP)
	if err != nil {
		h.options.Warn(err)
		return nil
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	running := &hosted{policy: credentials.Policy, cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(running.ended)
		err := h.phone(opened, own).Run(ctx)
		if ctx.Err() == nil && !errors.Is(err, device.ErrRemoved) {
			h.options.Warn(fmt.Errorf("device %d answers no more: %w", opened.ID(), err))
		}
	}()
	return running
}

func (h *Host) phone(d *device.Device, own *policy.Policy) *Phone {
	return &Phone{
		Device: d, Policy: own, Clock: h.options.Clock,
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
		return p.policy.Auto == other.Auto && slices.Equal(p.policy.When, other.When)
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
