package onetouch

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// participants remembers applications, users and devices. Nearly every call looks one up and hardly any changes one, so
// the store is asked once. What is remembered holds until one of them changes: for a change by this process until it is
// committed, for one by another process on the same database until [Signals.WakeAll] tells of it.
//
// Only reading makes use of it: a change reads within its own transaction, so no rule ever rests on what is remembered.
type participants struct {
	current atomic.Pointer[rememberedParticipants]
}

// rememberedParticipants were all read after changed was taken, so they hold while it is open.
type rememberedParticipants struct {
	changed <-chan struct{}
	mu      sync.RWMutex
	found   map[any]any
}

// mostRemembered bounds the memory that is used.
const mostRemembered = 20_000

// Keys of what is remembered. Secrets are looked up by their digest, which takes the same time whatever they are.
type (
	keyApplication         string // ID
	keyApplicationByAPIKey [32]byte
	keyDevice              int64 // ID
	keyDeviceByAccessToken [32]byte
	keyPublicKey           int64 // ID of the device
	keyAccount             struct{}
	keyDeviceByUUID        string
	keyEntity              struct{ appID, identity string }
	keyUser                struct {
		appID   string
		authyID int64
	}
)

// remembered returns what is remembered under the key or, when nothing is, what read finds.
func remembered[T any](ctx context.Context, s *Service, key any, read func(Reader) (T, error)) (T, error) {
	known := s.participants.get(s.signals)
	if found, ok := known.load(key); ok {
		return found.(T), nil
	}
	found, err := glance(ctx, s, read)
	if err == nil {
		known.store(key, found)
	}
	return found, err
}

func (p *participants) get(signals *Signals) *rememberedParticipants {
	known := p.current.Load()
	if known != nil {
		select {
		case <-known.changed:
		default:
			return known
		}
	}
	fresh := &rememberedParticipants{changed: signals.Changed(TopicParticipants), found: map[any]any{}}
	p.current.Store(fresh)
	return fresh
}

func (k *rememberedParticipants) load(key any) (any, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	found, ok := k.found[key]
	return found, ok
}

func (k *rememberedParticipants) store(key, found any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.found) >= mostRemembered {
		clear(k.found)
	}
	k.found[key] = found
}

func (s *Service) application(ctx context.Context, id string) (Application, error) {
	return remembered(ctx, s, keyApplication(id), func(r Reader) (Application, error) { return r.Application(id) })
}

func (s *Service) user(ctx context.Context, appID string, authyID int64) (User, error) {
	return remembered(ctx, s, keyUser{appID, authyID}, func(r Reader) (User, error) { return r.User(appID, authyID) })
}

func (s *Service) device(ctx context.Context, id int64) (Device, error) {
	return remembered(ctx, s, keyDevice(id), func(r Reader) (Device, error) { return r.Device(id) })
}

// publicKey is the device's key, read from its JWK once.
func (s *Service) publicKey(ctx context.Context, device Device) (*evidence.PublicKey, error) {
	return remembered(ctx, s, keyPublicKey(device.ID), func(Reader) (*evidence.PublicKey, error) {
		key, err := evidence.ParsePublicKey(device.PublicKey)
		if err != nil {
			return nil, fmt.Errorf("public key of device %d: %w", device.ID, err)
		}
		return key, nil
	})
}

// record completes a request with those who take part in it.
func (s *Service) record(ctx context.Context, request ApprovalRequest) (RequestRecord, error) {
	record := RequestRecord{Request: request}
	var err error
	if record.Application, err = s.application(ctx, request.AppID); err != nil {
		return RequestRecord{}, err
	}
	if record.User, err = s.user(ctx, request.AppID, request.AuthyID); err != nil {
		return RequestRecord{}, err
	}
	if request.Answer.DeviceID != 0 {
		record.Device, err = s.device(ctx, request.Answer.DeviceID)
	}
	return record, err
}

// Changes of participants are told in one place, so that none is forgotten.

func (c *change) UpdateApplication(a Application) error {
	c.wake(TopicParticipants)
	return c.Transaction.UpdateApplication(a)
}

func (c *change) UpdateUser(u User) error {
	c.wake(TopicParticipants)
	return c.Transaction.UpdateUser(u)
}

func (c *change) UpdateDevice(d Device) error {
	c.wake(TopicParticipants)
	return c.Transaction.UpdateDevice(d)
}
