package device

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Device is a registered device. It is safe for concurrent use. Printing or logging it shows no secret.
type Device struct {
	// Everything secret is behind a pointer, so that printing a copy of a device shows addresses at most.
	api    *client // of the device API, where every device hears its pushes
	speaks protocol
	key    *evidence.PrivateKey
	clock  *clock

	mu          sync.Mutex
	credentials *Credentials
}

// Open returns the device with the given credentials, at a server such as http://127.0.0.1:8181. A nil client is one that
// waits 30 s for an answer. It makes no call.
func Open(credentials Credentials, server string, httpClient *http.Client) (*Device, error) {
	key, err := credentials.key()
	if err != nil {
		return nil, fmt.Errorf("credentials of device %d: %w", credentials.DeviceID, err)
	}
	api, err := newClient(server, httpClient)
	if err != nil {
		return nil, err
	}
	d := &Device{api: api, key: key, clock: &clock{}, credentials: &credentials}
	if credentials.API == Verify {
		f := openFactor(credentials, api, key, d.clock)
		d.api, d.speaks = f.api, f
	} else {
		api.authorise = bearer(credentials.AccessToken)
		d.speaks = &authyDevice{id: credentials.DeviceID, api: api, key: key, clock: d.clock}
	}
	return d, nil
}

// Credentials are what the device has to keep, as they are now.
func (d *Device) Credentials() Credentials {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := *d.credentials
	c.PrivateKey = slices.Clone(c.PrivateKey)
	return c
}

// ID is the device's number: the SDK's getDeviceId.
func (d *Device) ID() int64 { return d.credentials.DeviceID }

// API is what the device speaks.
func (d *Device) API() API { return d.credentials.API }

// UUID is the device's UUID, which answered approval requests carry.
func (d *Device) UUID() string { return d.credentials.DeviceUUID }

// AuthyID is the user that the device answers for.
func (d *Device) AuthyID() int64 { return d.credentials.AuthyID }

// AppID is the application that the user belongs to.
func (d *Device) AppID() string { return d.credentials.AppID }

// AppName is the application's name when the device registered.
func (d *Device) AppName() string { return d.credentials.AppName }

// Platform is what the device runs on, such as android.
func (d *Device) Platform() string { return d.credentials.Platform }

// Name is the device's name.
func (d *Device) Name() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.credentials.Name
}

// PublicKey verifies what the device signs.
func (d *Device) PublicKey() *evidence.PublicKey { return d.key.Public() }

// String names the device.
func (d *Device) String() string {
	return fmt.Sprintf("device %d (%s) of user %d", d.ID(), d.Name(), d.AuthyID())
}

// Format is [Device.String] for every verb, %#v included.
func (d *Device) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(d.String())) }

// LogValue names the device.
func (d *Device) LogValue() slog.Value { return slog.StringValue(d.String()) }

// Rename gives the device another name, of 1 to 100 characters; of the Verify API's, 1 to 64.
func (d *Device) Rename(ctx context.Context, name string) error {
	if err := checkText("name", name); err != nil {
		return err
	}
	renamed, err := d.speaks.rename(ctx, name)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.credentials.Name = renamed
	return nil
}

// Registered reports whether the server still knows the device: the SDK's isDeviceRegistered, asked of the server. Whether
// it is known here is up to the [Store].
func (d *Device) Registered(ctx context.Context) (bool, error) {
	_, err := d.ServerTime(ctx)
	if errors.Is(err, ErrAccessToken) {
		return false, nil
	}
	return err == nil, err
}

// PushReceived tells the server of a push that has come from the backend itself, so that the inbox shows it beside the
// service's own. A [PushEndpoint] does so by itself. It counts once for each approval request; one of another user is
// [ErrNotFound]. A factor is [ErrNoCounterpart]: its service pushes, never the backend.
func (d *Device) PushReceived(ctx context.Context, uuid string) error {
	if err := checkText("approval_request_uuid", uuid); err != nil {
		return err
	}
	return d.speaks.pushReceived(ctx, uuid)
}

// SetPush changes where the device wants its pushes, the push token included: the SDK's setPushToken. Pushes that are on
// their way stay as they are.
func (d *Device) SetPush(ctx context.Context, target PushTarget) error {
	return d.speaks.setPush(ctx, target)
}

// Unregister removes the device from its user. It can do nothing any more. The SDK leaves that to the backend.
func (d *Device) Unregister(ctx context.Context) error { return d.speaks.unregister(ctx) }

// ServerTime is the server's clock, to the second.
func (d *Device) ServerTime(ctx context.Context) (time.Time, error) {
	var answer struct {
		Time int64 `json:"time"`
	}
	if err := d.api.call(ctx, http.MethodGet, "/time", nil, &answer); err != nil {
		return time.Time{}, err
	}
	return time.Unix(answer.Time, 0).UTC(), nil
}

// LearnTime asks for the server's clock, and goes by it from now on: what the device signs carries a time that the server
// takes, and [Device.OneTimeCode] is the code that the server expects. Answers do it by themselves when the server says that
// the clocks differ.
func (d *Device) LearnTime(ctx context.Context) error {
	before := time.Now()
	server, err := d.ServerTime(ctx)
	if err != nil {
		return fmt.Errorf("asking for the server's time: %w", err)
	}
	d.clock.set(server, before.Add(time.Since(before)/2)) // the server read its clock in the middle
	return nil
}
