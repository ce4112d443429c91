package onetouch

import "context"

// SentByBackend is the [Delivery.Method] of a push that the backend has sent by itself: its device has told of it.
const SentByBackend = "BACKEND"

// PushReceived writes down that a push of the backend's own has reached a device, so that the inbox holds pushes whoever
// sends them. It counts once for each request and device, however often it is told; the request is notified by it.
func (s *Service) PushReceived(ctx context.Context, device Device, requestUUID string) error {
	record, err := s.DeviceApprovalRequest(ctx, device, requestUUID)
	if err != nil {
		return err
	}
	err = s.change(ctx, func(c *change) error { return c.pushReceived(device, record.Request) })
	if err == nil {
		s.recent.notified(requestUUID)
	}
	return err
}

func (c *change) pushReceived(device Device, request ApprovalRequest) error {
	device, err := activeDevice(c, device.AppID, device.ID)
	if err != nil {
		return asItsDevice(err)
	}
	pushes, err := c.Deliveries(DeliveryFilter{RequestUUID: request.UUID, Kinds: []DeliveryKind{DeliveryPush}})
	if err != nil {
		return err
	}
	for _, push := range pushes {
		if push.DeviceID == device.ID && push.Method == SentByBackend {
			return nil
		}
	}
	push := Delivery{
		AppID: request.AppID, Kind: DeliveryPush, RequestUUID: request.UUID, DeviceID: device.ID, Method: SentByBackend,
		URL: device.Push.URL, State: DeliverySent, CreatedAt: c.now, FinishedAt: c.now,
	}
	if err := c.InsertDelivery(&push); err != nil {
		return err
	}
	return c.happened(Event{
		Type: EventPushReceived, AppID: request.AppID, AuthyID: request.AuthyID, DeviceID: device.ID,
		RequestUUID: request.UUID, DeliveryID: push.ID,
	})
}
