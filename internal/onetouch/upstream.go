package onetouch

import (
	"context"
	"time"
)

// Upstream is the port to another service that has the phones. It knows users by their [User.ID]. Requests and devices have
// the same UUIDs there as here. Its errors are refusals as a backend is to see them.
type Upstream interface {
	// AddUser makes sure that the user is there, and RemoveUser that the user is not.
	AddUser(ctx context.Context, userID string) error
	RemoveUser(ctx context.Context, userID string) error
	// StartRegistration makes a token that an app trades for a device.
	StartRegistration(ctx context.Context, userID string) (token string, err error)
	// Devices are those that can answer for the user, oldest first; only UUID, Name, Platform and RegisteredAt of each.
	Devices(ctx context.Context, userID string) ([]Device, error)
	// RemoveDevice makes sure that the device is not there.
	RemoveDevice(ctx context.Context, userID, uuid string) error
	// Check refuses, in the words of the Authy API, a request that it could not take. Nothing is asked for that.
	Check(n NewApprovalRequest) error
	// LongestExpiry is how long a request can wait for its answer.
	LongestExpiry() time.Duration
	// Ask puts a question to a user by one device, and returns the UUID of the request.
	Ask(ctx context.Context, userID, deviceUUID string, r ApprovalRequest) (uuid string, err error)
	// Answer is how a request stands.
	Answer(ctx context.Context, userID, uuid string) (UpstreamAnswer, error)
}

// UpstreamAnswer is how a request stands at another service.
type UpstreamAnswer struct {
	Status     Status
	DeviceUUID string
	At         time.Time // of the answer; zero while there is none
	Reason     string
}
