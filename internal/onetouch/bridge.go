package onetouch

import (
	"context"
	"slices"
	"time"
)

// Bridge is the part of the service that has to do with phones, for backends whose phones another service has. What it
// learns there is written down here, so that status, callbacks and everything else are told as ever.
//
// The other service is asked before anything is written, so that a failure there leaves nothing behind here. What cannot be
// taken back there is done again by the same call once more: users and devices are only made sure of.
type Bridge struct {
	service  *Service
	upstream Upstream
}

// NewBridge returns the bridge between a service and another.
func NewBridge(service *Service, upstream Upstream) *Bridge { return &Bridge{service, upstream} }

// AddUser is [Service.AddUser], with the user at the other service too. The Authy ID is given here, so the user is kept here
// first: when the other service fails, the same call again makes up for it, with the same Authy ID.
func (b *Bridge) AddUser(ctx context.Context, appID string, n NewUser) (User, error) {
	n.SendInstallLink = false // to the app of before
	user, err := b.service.AddUser(ctx, appID, n)
	if err != nil {
		return User{}, err
	}
	return user, b.upstream.AddUser(ctx, user.ID)
}

// user is a user of the application; a banned one only if that is allowed.
func (b *Bridge) user(
	ctx context.Context, appID string, authyID int64, find func(Reader, string, int64) (User, error),
) (User, error) {
	return view(ctx, b.service, func(r Reader) (User, error) { return find(r, appID, authyID) })
}

// RemoveUser is [Service.RemoveUser] at both services.
func (b *Bridge) RemoveUser(ctx context.Context, appID string, authyID int64) error {
	user, err := b.user(ctx, appID, authyID, activeUser)
	if err != nil {
		return err
	}
	if err := b.upstream.RemoveUser(ctx, user.ID); err != nil {
		return err
	}
	return b.service.RemoveUser(ctx, appID, authyID)
}

// UserStatus is [Service.UserStatus], with the devices that the other service has.
func (b *Bridge) UserStatus(ctx context.Context, appID string, authyID int64) (UserStatus, error) {
	user, err := b.user(ctx, appID, authyID, activeUser)
	if err != nil {
		return UserStatus{}, err
	}
	if _, err := b.devices(ctx, user); err != nil {
		return UserStatus{}, err
	}
	return b.service.UserStatus(ctx, appID, authyID)
}

// StartRegistration returns a token of the other service for a device of the user.
func (b *Bridge) StartRegistration(ctx context.Context, appID string, authyID int64) (token string, err error) {
	user, err := b.user(ctx, appID, authyID, usableUser)
	if err != nil {
		return "", err
	}
	if token, err = b.upstream.StartRegistration(ctx, user.ID); err != nil {
		return "", err
	}
	return token, b.service.change(ctx, func(c *change) error {
		return c.happened(Event{Type: EventRegistrationStart, AppID: appID, AuthyID: authyID})
	})
}

// RemoveDevice is [Service.RemoveDevice] at both services.
func (b *Bridge) RemoveDevice(ctx context.Context, appID string, id int64) error {
	device, err := view(ctx, b.service, func(r Reader) (Device, error) { return activeDevice(r, appID, id) })
	if err != nil {
		return err
	}
	user, err := b.user(ctx, appID, device.AuthyID, activeUser)
	if err != nil {
		return err
	}
	if err := b.upstream.RemoveDevice(ctx, user.ID, device.UUID); err != nil {
		return err
	}
	return b.service.RemoveDevice(ctx, appID, id)
}

// CreateApprovalRequest asks by the device that was registered last: a question of the other service is for one device. A
// request without a time to expire has the longest that is possible there.
func (b *Bridge) CreateApprovalRequest(
	ctx context.Context, app Application, authyID int64, n NewApprovalRequest,
) (ApprovalRequest, error) {
	if n.SecondsToExpire == nil {
		longest := int64(b.upstream.LongestExpiry() / time.Second)
		n.SecondsToExpire = &longest
	}
	if err := n.validate(); err != nil {
		return ApprovalRequest{}, err
	}
	if err := b.upstream.Check(n); err != nil {
		return ApprovalRequest{}, err
	}
	user, err := b.user(ctx, app.ID, authyID, usableUser)
	if err != nil {
		return ApprovalRequest{}, err
	}
	devices, err := b.devices(ctx, user)
	if err != nil {
		return ApprovalRequest{}, err
	}
	if len(devices) == 0 {
		return ApprovalRequest{}, refuse(CodeUserWithoutDevice, "OneTouch unregistered user: the user has no verified push factor.")
	}
	request := n.request(b.service.clock.Now())
	request.AppID, request.AppName, request.AuthyID = app.ID, app.Name, authyID
	request.ID, request.Challenge = b.service.objectID(), b.service.secret()
	if request.UUID, err = b.upstream.Ask(ctx, user.ID, devices[len(devices)-1].UUID, request); err != nil {
		return ApprovalRequest{}, err
	}
	return b.service.createRequest(ctx, request, func(*change) ([]Device, error) { return nil, nil }) // the other service pushes
}

// ApprovalRequest is [Service.ApprovalRequest], with the answer that the other service may have.
func (b *Bridge) ApprovalRequest(ctx context.Context, appID, uuid string) (RequestRecord, error) {
	record, err := b.service.requestRecord(ctx, appID, uuid)
	if err != nil {
		return record, err
	}
	if err := b.settle(ctx, record); err != nil {
		return RequestRecord{}, err
	}
	return b.service.requestRecord(ctx, appID, uuid)
}

// Heard is told that the other service has news of a request. Being told twice changes nothing.
func (b *Bridge) Heard(ctx context.Context, uuid string) error {
	request, err := b.service.findRequest(ctx, uuid)
	if err != nil {
		return err
	}
	record, err := b.service.record(ctx, request)
	if err != nil {
		return err
	}
	return b.settle(ctx, record)
}

// settle writes down the answer that a request has got at the other service, and makes the callback owed, once. The other
// service knows what came in time: it is asked of a request that has expired here, too.
func (b *Bridge) settle(ctx context.Context, record RequestRecord) error {
	request := record.Request
	if request.Status.Answered() {
		return nil
	}
	answer, err := b.upstream.Answer(ctx, record.User.ID, request.UUID)
	if err != nil || !answer.Status.Answered() {
		return err
	}
	device, err := b.answerer(ctx, record.User, answer.DeviceUUID)
	if err != nil {
		return err
	}
	request.Status, request.ProcessedAt, request.UpdatedAt = answer.Status, answer.At, answer.At
	request.Answer = Answer{DeviceID: device.ID, Reason: answer.Reason, SignedAt: answer.At}
	return b.service.change(ctx, func(c *change) error {
		decided, err := c.DecideApprovalRequest(request)
		if err == nil && !decided {
			decided, err = c.OverruleExpiry(request)
		}
		if err != nil || !decided { // somebody was told of it before
			return err
		}
		return c.decided(record.Application, device, request)
	})
}

// answerer is the device that has answered, which may be gone by now.
func (b *Bridge) answerer(ctx context.Context, user User, uuid string) (Device, error) {
	known, err := b.service.Devices(ctx, DeviceFilter{AppID: user.AppID, AuthyID: user.AuthyID, WithRemoved: true})
	if err != nil {
		return Device{}, err
	}
	if i := slices.IndexFunc(known, func(d Device) bool { return d.UUID == uuid }); i >= 0 {
		return known[i], nil
	}
	device := Device{UUID: uuid, RegisteredAt: b.service.clock.Now()}
	err = b.service.change(ctx, func(c *change) error { return c.insertForeign(b.service, user, &device) })
	return device, err
}

// devices are those that the other service has of a user, oldest first, and from now on the user's here too.
func (b *Bridge) devices(ctx context.Context, user User) ([]Device, error) {
	there, err := b.upstream.Devices(ctx, user.ID)
	if err != nil {
		return nil, err
	}
	filter := DeviceFilter{AppID: user.AppID, AuthyID: user.AuthyID}
	here, err := b.service.Devices(ctx, filter)
	if err != nil || sameDevices(here, there) {
		return here, err
	}
	err = b.service.change(ctx, func(c *change) error {
		if here, err = c.Devices(filter); err != nil {
			return err
		}
		return c.follow(b.service, user, here, there)
	})
	if err != nil {
		return nil, err
	}
	return b.service.Devices(ctx, filter)
}

func sameDevices(here, there []Device) bool {
	same := func(a, b Device) bool { return a.UUID == b.UUID && a.Name == b.Name }
	return slices.EqualFunc(here, there, same)
}

// follow makes the user's devices here those that are there.
func (c *change) follow(s *Service, user User, here, there []Device) error {
	for _, device := range here {
		if !slices.ContainsFunc(there, func(d Device) bool { return d.UUID == device.UUID }) {
			if err := c.removeDevice(device); err != nil {
				return err
			}
		}
	}
	for _, device := range there {
		i := slices.IndexFunc(here, func(d Device) bool { return d.UUID == device.UUID })
		if i < 0 {
			if err := c.insertForeign(s, user, &device); err != nil {
				return err
			}
			continue
		}
		if here[i].Name != device.Name {
			here[i].Name = device.Name
			if err := c.UpdateDevice(here[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// insertForeign writes down a device of another service. It has no key here, and no token lets it in.
func (c *change) insertForeign(s *Service, user User, device *Device) error {
	device.AppID, device.AuthyID, device.Push = user.AppID, user.AuthyID, PushTarget{Type: PushNone}
	device.API, device.VerifiedAt, device.UpdatedAt = APIVerify, c.now, c.now
	device.PublicKey, device.TOTPSecret, device.AccessTokenDigest = []byte{}, []byte{}, SecretDigest(s.secret())
	if device.Name == "" {
		device.Name = defaultDevice
	}
	if device.Platform == "" {
		device.Platform = Platforms()[0]
	}
	if err := c.InsertDevice(device); err != nil {
		return err
	}
	if !user.Confirmed() {
		user.ConfirmedAt = c.now
		if err := c.UpdateUser(user); err != nil {
			return err
		}
	}
	return c.happened(Event{Type: EventDeviceRegistered, AppID: user.AppID, AuthyID: user.AuthyID, DeviceID: device.ID})
}
