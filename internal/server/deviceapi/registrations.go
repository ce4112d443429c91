package deviceapi

import (
	"encoding/base32"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

// registered is the answer to a registration, the only one with secrets in it.
type registered struct {
	DeviceID    int64       `json:"device_id"`
	DeviceUUID  string      `json:"device_uuid"`
	Name        string      `json:"name"`
	Platform    string      `json:"platform"`
	AccessToken string      `json:"access_token"`
	AuthyID     int64       `json:"authy_id"`
	App         application `json:"app"`
	TOTP        totp        `json:"totp"`
}

type application struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type totp struct {
	Secret    string `json:"secret"` // base32 without padding
	Digits    int    `json:"digits"`
	Period    int    `json:"period"` // seconds
	Algorithm string `json:"algorithm"`
}

// register: POST /registrations.
func (a *API) register(c *call) (any, error) {
	body, err := c.readBody()
	if err != nil {
		return nil, err
	}
	n, err := newDevice(body)
	if err != nil {
		return nil, err
	}
	device, err := a.service.CompleteRegistration(c.Context(), n)
	if err != nil {
		return nil, err
	}
	traffic.NotesOf(c.Context()).Device(device.AppID, device.AuthyID, device.ID)
	return registered{
		DeviceID: device.ID, DeviceUUID: device.UUID, Name: device.Name, Platform: device.Platform,
		AccessToken: device.AccessToken, AuthyID: device.AuthyID,
		App: application{ID: device.AppID, Name: device.AppName},
		TOTP: totp{
			Secret: base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(device.TOTPSecret),
			Digits: onetouch.TOTPDigits, Period: int(onetouch.TOTPPeriod.Seconds()), Algorithm: onetouch.TOTPAlgorithm,
		},
	}, nil
}

func newDevice(body object) (n onetouch.NewDevice, err error) {
	if err = body.texts(member{"registration_token", &n.RegistrationToken}, member{"proof", &n.Proof}); err != nil {
		return n, err
	}
	device, err := body.object("device")
	if err != nil {
		return n, err
	}
	err = device.texts(member{"name", &n.Name}, member{"platform", &n.Platform}, member{"app_version", &n.AppVersion})
	if err != nil {
		return n, err
	}
	push, err := body.object("push")
	if err != nil {
		return n, err
	}
	n.PublicKey = body.raw("public_key")
	n.Push, err = pushTarget(push)
	return n, err
}

func pushTarget(push object) (target onetouch.PushTarget, err error) {
	var kind string
	err = push.texts(member{"type", &kind}, member{"token", &target.Token}, member{"url", &target.URL})
	target.Type = onetouch.PushType(kind)
	return target, err
}
