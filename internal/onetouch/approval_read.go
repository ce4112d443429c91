package onetouch

import "context"

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

// ApprovalRequest returns a request of the application as it stands now: for the application's backend.
func (s *Service) ApprovalRequest(ctx context.Context, appID, uuid string) (RequestRecord, error) {
	record, err := s.requestRecord(ctx, appID, uuid)
	if CodeOf(err) == CodeApprovalRequestNotFound {
		return s.unknownRequest(ctx, appID, uuid)
	}
	return record, err
}

// DeviceApprovalRequest returns one of the requests put to the device's user: for that device.
func (s *Service) DeviceApprovalRequest(ctx context.Context, device Device, uuid string) (RequestRecord, error) {
	record, err := s.requestRecord(ctx, device.AppID, uuid)
	if err != nil {
		return RequestRecord{}, err
	}
	if !record.Request.isFor(device) {
		return RequestRecord{}, requestNotFound(uuid)
	}
	return record, nil
}

// AnyApprovalRequest returns a request of whatever application, as it stands now. It is for the operator only.
func (s *Service) AnyApprovalRequest(ctx context.Context, uuid string) (ApprovalRequest, error) {
	return s.findRequest(ctx, uuid)
}

func (s *Service) requestRecord(ctx context.Context, appID, uuid string) (RequestRecord, error) {
	request, err := s.findRequest(ctx, uuid)
	if err != nil {
		return RequestRecord{}, err
	}
	if request.AppID != appID {
		return RequestRecord{}, requestNotFound(uuid)
	}
	return s.record(ctx, request)
}

// findRequest returns a request of whatever application, as it stands now. Who may see it, its callers say.
func (s *Service) findRequest(ctx context.Context, uuid string) (ApprovalRequest, error) {
	request, settled := s.recent.settled(uuid)
	if !settled {
		var err error
		request, err = glance(ctx, s, func(r Reader) (ApprovalRequest, error) { return r.ApprovalRequest(uuid) })
		if err != nil {
			return ApprovalRequest{}, orRefuse(err, requestNotFound(uuid))
		}
	}
	return s.asItStands(ctx, request)
}

// ApprovalRequests lists requests, newest first, as they stand now.
func (s *Service) ApprovalRequests(ctx context.Context, f ApprovalRequestFilter) ([]ApprovalRequest, error) {
	f.Now = s.clock.Now()
	return listAsItStands(ctx, s, f, func(r Reader) ([]ApprovalRequest, error) { return r.ApprovalRequests(f) },
		func(r *ApprovalRequest) *ApprovalRequest { return r })
}

// DeviceApprovalRequests lists the requests put to the device's user, newest first, as they stand now. The filter's own
// application and user do not count. A Before that is no request of the user is refused.
func (s *Service) DeviceApprovalRequests(
	ctx context.Context, device Device, f ApprovalRequestFilter,
) ([]RequestRecord, error) {
	f.AppID, f.AuthyID, f.AskedDeviceID = device.AppID, device.AuthyID, device.ID
	return s.requestRecords(ctx, f)
}

// requestRecords lists requests of the filter's user, as they stand now.
func (s *Service) requestRecords(ctx context.Context, f ApprovalRequestFilter) ([]RequestRecord, error) {
	f.Now = s.clock.Now()
	return listAsItStands(ctx, s, f, func(r Reader) ([]RequestRecord, error) {
		if err := validCursor(r, f); err != nil {
			return nil, err
		}
		requests, err := r.ApprovalRequests(f)
		if err != nil || len(requests) == 0 {
			return nil, err
		}
		return readRecords(r, f, requests)
	}, func(r *RequestRecord) *ApprovalRequest { return &r.Request })
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
	devices, err := r.Devices(DeviceFilter{AppID: f.AppID, AuthyID: f.AuthyID, WithRemoved: true, WithTOTP: true})
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
			Application: app, User: user, Request: request, Device: answerer[request.Answer.DeviceID],
		}
	}
	return records, nil
}
