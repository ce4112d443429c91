package onetouch

import (
	"context"
	"fmt"
	"time"
)

// RequestRecord is an approval request with those who take part in it.
type RequestRecord struct {
	Application Application
	User        User
	Request     ApprovalRequest
	Device      Device // the one that answered; zero before
}

func requestNotFound(uuid string) *Error {
	return refuse(CodeApprovalRequestNotFound, "Approval request not found: %s", uuid)
}

// CreateApprovalRequest asks a user of the application. Each of the user's devices is owed a push, unless the backend
// pushes by itself.
func (s *Service) CreateApprovalRequest(
	ctx context.Context, app Application, authyID int64, n NewApprovalRequest,
) (ApprovalRequest, error) {
	if err := n.validate(); err != nil {
		return ApprovalRequest{}, err
	}
	request := n.request(s.clock.Now())
	request.UUID, request.ID, request.Challenge = s.uuid(), s.objectID(), s.secret()
	request.AppID, request.AppName, request.AuthyID = app.ID, app.Name, authyID
	err := s.change(ctx, func(c *change) error {
		devices, err := c.askable(app, authyID)
		if err != nil {
			return err
		}
		if err := c.InsertApprovalRequest(request); err != nil {
			return err
		}
		if app.PushSender == PushByAuthy {
			if err := c.owePushes(request, devices); err != nil {
				return err
			}
		}
		return c.happened(Event{
			Type: EventRequestCreated, AppID: app.ID, AuthyID: authyID, RequestUUID: request.UUID,
		})
	})
	if err != nil {
		return request, err
	}
	s.recent.put(request)
	if s.expiresSoonest(request.ExpiresAt) {
		s.signals.Wake(TopicExpiry)
	}
	return request, nil
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
			push.Method, push.URL = "POST", device.Push.URL
		}
		if err := c.owe(push, device); err != nil {
			return err
		}
	}
	return nil
}

// ApprovalRequest returns a request of the application as it stands now.
func (s *Service) ApprovalRequest(ctx context.Context, appID, uuid string) (RequestRecord, error) {
	record, err := s.requestRecord(ctx, appID, uuid)
	if CodeOf(err) == CodeApprovalRequestNotFound {
		return s.unknownRequest(ctx, appID, uuid)
	}
	return record, err
}

func (s *Service) requestRecord(ctx context.Context, appID, uuid string) (RequestRecord, error) {
	request, known := s.recent.get(uuid)
	if !known || !request.settled() {
		var err error
		request, err = glance(ctx, s, func(r Reader) (ApprovalRequest, error) { return r.ApprovalRequest(uuid) })
		if err != nil {
			return RequestRecord{}, orRefuse(err, requestNotFound(uuid))
		}
	}
	if request.AppID != appID {
		return RequestRecord{}, requestNotFound(uuid)
	}
	return s.record(ctx, request.At(s.clock.Now()))
}

// ApprovalRequests lists requests, newest first, as they stand now.
func (s *Service) ApprovalRequests(ctx context.Context, f ApprovalRequestFilter) ([]ApprovalRequest, error) {
	f.Now = s.clock.Now()
	requests, err := view(ctx, s, func(r Reader) ([]ApprovalRequest, error) { return r.ApprovalRequests(f) })
	for i := range requests {
		requests[i] = requests[i].At(f.Now)
	}
	return requests, err
}

// DeviceApprovalRequest returns one of the requests put to the device's user.
func (s *Service) DeviceApprovalRequest(ctx context.Context, device Device, uuid string) (RequestRecord, error) {
	record, err := s.requestRecord(ctx, device.AppID, uuid)
	if err != nil {
		return RequestRecord{}, err
	}
	if record.Request.AuthyID != device.AuthyID {
		return RequestRecord{}, requestNotFound(uuid)
	}
	return record, nil
}

// DeviceApprovalRequests lists the requests put to the device's user, newest first, as they stand now. The filter's own
// application and user do not count. A Before that is no request of the user is refused.
func (s *Service) DeviceApprovalRequests(
	ctx context.Context, device Device, f ApprovalRequestFilter,
) ([]RequestRecord, error) {
	f.AppID, f.AuthyID, f.Now = device.AppID, device.AuthyID, s.clock.Now()
	return view(ctx, s, func(r Reader) ([]RequestRecord, error) {
		if err := validCursor(r, f); err != nil {
			return nil, err
		}
		requests, err := r.ApprovalRequests(f)
		if err != nil || len(requests) == 0 {
			return nil, err
		}
		return readRecords(r, f, requests)
	})
}

func validCursor(r Reader, f ApprovalRequestFilter) error {
	if f.Before == "" {
		return nil
	}
	unknown := InvalidParameter("cursor", "is not one that this list has given")
	request, err := r.ApprovalRequest(f.Before)
	if err == nil && (request.AppID != f.AppID || request.AuthyID != f.AuthyID) {
		return unknown
	}
	return orRefuse(err, unknown)
}

// readRecords completes requests of one user. The devices that answered them are the user's own, removed ones included.
func readRecords(r Reader, f ApprovalRequestFilter, requests []ApprovalRequest) ([]RequestRecord, error) {
	app, err := r.Application(f.AppID)
	if err != nil {
		return nil, err
	}
	user, err := r.User(f.AppID, f.AuthyID)
	if err != nil {
		return nil, err
	}
	devices, err := r.Devices(DeviceFilter{AppID: f.AppID, AuthyID: f.AuthyID, WithRemoved: true})
	if err != nil {
		return nil, err
	}
	answerer := map[int64]Device{}
	for _, device := range devices {
		answerer[device.ID] = device
	}
	records := make([]RequestRecord, len(requests))
	for i, request := range requests {
		records[i] = RequestRecord{
			Application: app, User: user, Request: request.At(f.Now), Device: answerer[request.Answer.DeviceID],
		}
	}
	return records, nil
}

// Answer takes a device's signed answer. Of several answers to one request the first wins and the others are refused. The
// backend is owed a callback, if the application has a callback URL.
func (s *Service) Answer(ctx context.Context, device Device, uuid, jws string) (RequestRecord, error) {
	record, err := s.checkAnswer(ctx, device, uuid, jws)
	if err != nil {
		return RequestRecord{}, err
	}
	err = s.change(ctx, func(c *change) error { return c.decide(record.Application, device, record.Request) })
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
	if asked, known := s.recent.get(uuid); known && asked.AppID == device.AppID && asked.AuthyID == device.AuthyID {
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

func (c *change) oweCallback(app Application, request ApprovalRequest) error {
	if app.Callback.URL == "" {
		return nil
	}
	return c.owe(Delivery{
		AppID: app.ID, Kind: DeliveryCallback, RequestUUID: request.UUID,
		Method: app.Callback.Method, URL: app.Callback.URL,
	}, Device{})
}

// ExpireDue writes down which pending requests have expired, and returns when the next one does (zero: none does).
func (s *Service) ExpireDue(ctx context.Context) (next time.Time, err error) {
	const batch = 200
	for {
		now := s.clock.Now()
		due, err := view(ctx, s, func(r Reader) ([]ApprovalRequest, error) { return r.DueRequests(now, batch) })
		if err != nil {
			return time.Time{}, err
		}
		if len(due) == 0 {
			break
		}
		if err := s.change(ctx, func(c *change) error { return c.expire(due) }); err != nil {
			return time.Time{}, err
		}
	}
	return view(ctx, s, Reader.NextExpiry)
}

func (c *change) expire(due []ApprovalRequest) error {
	for _, request := range due {
		request = request.At(c.now)
		if request.Status != StatusExpired { // the machine's clock was put back since it was found due
			continue
		}
		decided, err := c.DecideApprovalRequest(request)
		if err != nil {
			return err
		}
		if !decided {
			continue
		}
		err = c.happened(Event{
			Type: EventRequestExpired, AppID: request.AppID, AuthyID: request.AuthyID, RequestUUID: request.UUID,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// expiresSoonest reports whether a request that was just committed expires before RunExpiry would look again.
func (s *Service) expiresSoonest(at time.Time) bool {
	next := s.nextExpiry.Load()
	return !at.IsZero() && (next == 0 || at.UnixNano() < next)
}

// RunExpiry expires requests as their time comes, until ctx ends. It returns early only with the store's error.
func (s *Service) RunExpiry(ctx context.Context) error {
	for ctx.Err() == nil {
		created := s.Changed(TopicExpiry)
		s.nextExpiry.Store(0) // until the next expiry is known every new request wakes this loop
		next, err := s.ExpireDue(ctx)
		if err != nil {
			return err
		}
		if !next.IsZero() {
			s.nextExpiry.Store(next.UnixNano())
		}
		reached, stop := s.clock.At(next)
		select {
		case <-ctx.Done():
		case <-created:
		case <-reached:
		}
		stop()
	}
	return nil
}

// AnyApprovalRequest returns a request of whatever application, as it stands now. It is for the operator only.
func (s *Service) AnyApprovalRequest(ctx context.Context, uuid string) (ApprovalRequest, error) {
	request, err := view(ctx, s, func(r Reader) (ApprovalRequest, error) { return r.ApprovalRequest(uuid) })
	return request.At(s.clock.Now()), orRefuse(err, requestNotFound(uuid))
}
