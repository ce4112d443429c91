package policy

import (
	"math"
	"time"

	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// Request is what an expression can look at.
type Request struct {
	Message       string
	Details       details.List
	HiddenDetails details.List
	App           string // its name
	User          int64  // Authy ID
	DeviceID      int64
	DeviceName    string
	Platform      string        // of the device
	ExpiresIn     time.Duration // negative: it expires never
}

// RequestOf is an approval request as a device sees it at a time.
func RequestOf(d *device.Device, r *device.ApprovalRequest, now time.Time) Request {
	request := Request{
		Message: r.Message, Details: r.Details, HiddenDetails: r.HiddenDetails, App: r.AppName, User: r.AuthyID,
		DeviceID: d.ID(), DeviceName: d.Name(), Platform: d.Platform(), ExpiresIn: -1,
	}
	if !r.ExpirationTimestamp.IsZero() {
		request.ExpiresIn = max(0, r.ExpirationTimestamp.Sub(now))
	}
	return request
}

// Names of an expression, as backends and phones know them.
const (
	nameMessage       = "message"
	nameDetails       = "details"
	nameHiddenDetails = "hidden_details"
	nameApp           = "app"
	nameUser          = "user"
	nameDeviceID      = "device_id"
	nameDeviceName    = "device_name"
	namePlatform      = "platform"
	nameExpiresIn     = "expires_in"
)

// environment gives the names their values. A request that never expires does so in the largest number of seconds there is.
func (r Request) environment() map[string]any {
	expiresIn := math.MaxInt
	if r.ExpiresIn >= 0 {
		expiresIn = int(r.ExpiresIn / time.Second)
	}
	return map[string]any{
		nameMessage: r.Message, nameDetails: byName(r.Details), nameHiddenDetails: byName(r.HiddenDetails),
		nameApp: r.App, nameUser: int(r.User), nameDeviceID: int(r.DeviceID), nameDeviceName: r.DeviceName,
		namePlatform: r.Platform, nameExpiresIn: expiresIn,
	}
}

func byName(list details.List) map[string]string {
	values := make(map[string]string, len(list))
	for _, detail := range list {
		values[detail.Name] = detail.Value
	}
	return values
}

// names are those of the environment, in the order in which to list them for people.
func names() []string {
	return []string{
		nameMessage, nameDetails, nameHiddenDetails, nameApp, nameUser, nameDeviceID, nameDeviceName, namePlatform,
		nameExpiresIn,
	}
}
