package onetouch

import (
	"context"
	"fmt"
)

// Answer takes a device's signed answer. Of several answers to one request the first wins and the others are refused. The
// backend is owed a callback, if the application has a callback URL.
func (s *Service) Answer(ctx context.Context, device Device, uuid, jws string) (RequestRecord, error) {
	if device.API != APIAuthy {
		return RequestRecord{}, refuse(CodeTokenMalformed, "A factor of the Verify API answers a challenge through that API.")
	}
	record, err := s.checkAnswer(ctx, device, uuid, jws)
	if err != nil {
		return RequestRecord{}, err
	}
	return s.commitAnswer(ctx, record, device)
}

// commitAnswer writes down the answer that the record's request has, if it is the first.
func (s *Service) commitAnswer(ctx context.Context, record RequestRecord, device Device) (RequestRecord, error) {
	err := s.change(ctx, func(c *change) error { return c.decide(record.Application, device, record.Request) })
	if CodeOf(err) == CodeApprovalRequestExpired {
		err = s.whyOver(ctx, record.Request.UUID, err)
	}
	if err != nil {
		return RequestRecord{}, err
	}
	s.recent.put(record.Request)
	record.Device = device
	return record, nil
}

// checkAnswer returns the request with the answer in it. Everything it looks at is fixed once the request exists, so it
// needs no transaction, and no look at the store if the request is remembered; only being the first does. What is wrong
// with an answer is said of the request as it stands.
func (s *Service) checkAnswer(ctx context.Context, device Device, uuid, jws string) (RequestRecord, error) {
	if asked, known := s.recent.get(uuid); known && asked.isFor(device) {
		record, err := s.record(ctx, asked.At(s.clock.Now()))
		if err == nil {
			record, err = s.withAnswer(ctx, record, device, jws)
		}
		if err == nil {
			return record, nil
		}
	}
	record, err := s.DeviceApprovalRequest(ctx, device, uuid)
	if err != nil {
		return RequestRecord{}, err
	}
	return s.withAnswer(ctx, record, device, jws)
}

func (s *Service) withAnswer(ctx context.Context, record RequestRecord, device Device, jws string) (RequestRecord, error) {
	key, err := s.publicKey(ctx, device)
	if err != nil {
		return RequestRecord{}, err
	}
	record.Request, err = record.Request.answer(device, key, jws, s.clock.Now())
	if err == nil && record.User.Suspended() {
		err = errUserSuspended
	}
	return record, err
}

func (c *change) decide(app Application, device Device, answered ApprovalRequest) error {
	if _, err := activeDevice(c, device.AppID, device.ID); err != nil {
		return asItsDevice(err)
	}
	if err := c.decideFirst(answered); err != nil {
		return err
	}
	return c.decided(app, device, answered)
}

// decided tells of an answer that was written just now.
func (c *change) decided(app Application, device Device, answered ApprovalRequest) error {
	if err := c.oweCallback(app, answered); err != nil {
		return err
	}
	if answered.Status == StatusApproved {
		if err := c.count(app.ID, countAuths); err != nil {
			return err
		}
	}
	return c.happened(Event{
		Type: EventRequestResponded, AppID: answered.AppID, AuthyID: answered.AuthyID,
		DeviceID: device.ID, RequestUUID: answered.UUID, Note: string(answered.Status),
	})
}

// decideFirst writes the answer if no other came before it and the request's time is not over.
func (c *change) decideFirst(answered ApprovalRequest) error {
	unanswered := answered
	unanswered.Status = StatusPending
	if err := unanswered.At(c.now).notPending(); err != nil {
		return err
	}
	decided, err := c.DecideApprovalRequest(answered)
	if err != nil || decided {
		return err
	}
	stored, err := c.ApprovalRequest(answered.UUID)
	if err != nil {
		return orRefuse(err, requestNotFound(answered.UUID))
	}
	err = stored.At(c.now).notPending()
	if err == nil {
		err = fmt.Errorf("approval request %s takes no answer although it is pending", answered.UUID)
	}
	return err
}

// whyOver is what an answer is told that came too late: another one may have come in time.
func (s *Service) whyOver(ctx context.Context, uuid string, late error) error {
	request, err := s.findRequest(ctx, uuid)
	if err == nil {
		err = request.notPending()
	}
	if err == nil {
		return late
	}
	return err
}

func (c *change) oweCallback(app Application, request ApprovalRequest) error {
	if app.Callback.URL == "" {
		return nil
	}
	return c.owe(Delivery{
		AppID: app.ID, Kind: DeliveryCallback, RequestUUID: request.UUID,
		Method: app.Callback.Method, URL: app.Callback.URL,
	}, Device{})
}
