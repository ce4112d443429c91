package deviceapi

import (
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

type pushAnswer struct {
	Push push `json:"push"`
}

type push struct {
	Type  onetouch.PushType `json:"type"`
	Token string            `json:"token"`
	URL   string            `json:"url"`
}

// setPush: PUT /push.
func (a *API) setPush(c *call) (any, error) {
	body, err := c.readBody()
	if err != nil {
		return nil, err
	}
	body.name = "push." // as in a registration
	target, err := pushTarget(body)
	if err != nil {
		return nil, err
	}
	if target.Type == "" {
		return nil, required("push.type")
	}
	device, err := a.service.SetPush(c.Context(), c.device, target)
	if err != nil {
		return nil, err
	}
	return pushAnswer{push{Type: device.Push.Type, Token: device.Push.Token, URL: device.Push.URL}}, nil
}

// pushReceived: POST /pushes/received.
func (a *API) pushReceived(c *call) (any, error) {
	body, err := c.readBody()
	if err != nil {
		return nil, err
	}
	uuid, err := body.text("approval_request_uuid")
	if err != nil {
		return nil, err
	}
	if uuid == "" {
		return nil, required("approval_request_uuid")
	}
	return struct{}{}, a.service.PushReceived(c.Context(), c.device, uuid)
}

type nameAnswer struct {
	Name string `json:"name"`
}

// rename: PUT /device.
func (a *API) rename(c *call) (any, error) {
	body, err := c.readBody()
	if err != nil {
		return nil, err
	}
	name, err := body.text("name")
	if err != nil {
		return nil, err
	}
	device, err := a.service.RenameDevice(c.Context(), c.device, name)
	return nameAnswer{device.Name}, err
}

// unregister: DELETE /device.
func (a *API) unregister(c *call) (any, error) {
	return struct{}{}, a.service.UnregisterDevice(c.Context(), c.device)
}

type timeAnswer struct {
	Time int64 `json:"time"`
}

// time: GET /time. It is the clock that judges iat and expiry.
func (a *API) time(*call) (any, error) {
	return timeAnswer{a.service.Clock().Now().Unix()}, nil
}

// deviceAnswer is what a device cannot know when it has registered through the Verify API.
type deviceAnswer struct {
	DeviceID   int64       `json:"device_id"`
	DeviceUUID string      `json:"device_uuid"`
	Name       string      `json:"name"`
	Platform   string      `json:"platform"`
	AuthyID    int64       `json:"authy_id"`
	App        application `json:"app"`
}

// itself: GET /device.
func (a *API) itself(c *call) (any, error) {
	app, err := a.service.Application(c.Context(), c.device.AppID)
	return deviceAnswer{
		DeviceID: c.device.ID, DeviceUUID: c.device.UUID, Name: c.device.Name, Platform: c.device.Platform,
		AuthyID: c.device.AuthyID, App: application{ID: app.ID, Name: app.Name},
	}, err
}
