package onetouch

import (
	"context"
	"slices"
)

// CreateApprovalRequest asks a user of the application. Each of the user's devices is owed a push, unless the backend
// pushes by itself: then only factors of the Verify API, which no backend can push to.
func (s *Service) CreateApprovalRequest(
	ctx context.Context, app Application, authyID int64, n NewApprovalRequest,
) (ApprovalRequest, error) {
	if err := n.validate(); err != nil {
		return ApprovalRequest{}, err
	}
	request := n.request(s.clock.Now())
	request.UUID, request.ID, request.Challenge = s.uuid(), s.objectID(), s.secret()
	request.AppID, request.AppName, request.AuthyID = app.ID, app.Name, authyID
	return s.createRequest(ctx, request, func(c *change) ([]Device, error) {
		devices, err := c.askable(app, authyID)
		if app.PushSender != PushByAuthy {
			devices = slices.DeleteFunc(devices, func(d Device) bool { return d.API != APIVerify })
		}
		return devices, err
	})
}

// createRequest writes a request, and makes a push owed to the devices that asked says.
func (s *Service) createRequest(
	ctx context.Context, request ApprovalRequest, asked func(*change) ([]Device, error),
) (ApprovalRequest, error) {
	err := s.change(ctx, func(c *change) error {
		devices, err := asked(c)
		if err != nil {
			return err
		}
		return c.insertRequest(request, devices)
	})
	if err != nil {
		return request, err
	}
	s.created(request)
	return request, nil
}

func (c *change) insertRequest(request ApprovalRequest, devices []Device) error {
	if err := c.InsertApprovalRequest(request); err != nil {
		return err
	}
	c.expires(request)
	if err := c.owePushes(request, devices); err != nil {
		return err
	}
	return c.happened(Event{
		Type: EventRequestCreated, AppID: request.AppID, AuthyID: request.AuthyID, RequestUUID: request.UUID,
	})
}

// created is called of a request that was committed just now.
func (s *Service) created(request ApprovalRequest) {
	s.recent.put(request)
	if s.expiresSoonest(request.ExpiresAt) {
		s.signals.Wake(TopicExpiry)
	}
}

// askable returns the devices that could answer for the user.
func (c *change) askable(app Application, authyID int64) ([]Device, error) {
	if _, err := usableUser(c, app.ID, authyID); err != nil {
		return nil, err
	}
	devices, err := c.Devices(DeviceFilter{AppID: app.ID, AuthyID: authyID})
	if err == nil && len(devices) == 0 && app.RequireDevice {
		err = refuse(CodeUserWithoutDevice, "OneTouch unregistered user: the user has no registered device.")
	}
	return devices, err
}

func (c *change) owePushes(request ApprovalRequest, devices []Device) error {
	for _, device := range devices {
		if device.Push.Type == PushNone {
			continue
		}
		push := Delivery{
			AppID: request.AppID, Kind: DeliveryPush, RequestUUID: request.UUID, DeviceID: device.ID,
		}
		if device.Push.Type == PushWebhook {
			push.Method, push.URL = MethodPost, device.Push.URL
		}
		if err := c.owe(push, device); err != nil {
			return err
		}
	}
	return nil
}
