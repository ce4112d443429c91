package authy

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// wireDevice has the members of both kinds of devices: those of a user's status and the one that answered a request.
type wireDevice struct {
	ID                    number `json:"id"`
	DeviceID              number `json:"device_id"`
	DeviceType            string `json:"device_type"`
	OSType                string `json:"os_type"`
	RegistrationMethod    string `json:"registration_method"`
	RegistrationDate      number `json:"registration_date"`
	CreationDate          number `json:"creation_date"`
	LastSyncDate          number `json:"last_sync_date"`
	LastAccountRecoveryAt number `json:"last_account_recovery_at"`
	IP                    string `json:"ip"`
	City                  string `json:"city"`
	Region                string `json:"region"`
	Country               string `json:"country"`
}

// Device is the device that answered an approval request. What the service does not know is empty.
type Device struct {
	ID                    int64
	OSType                string // such as android or ios
	RegistrationMethod    string
	RegisteredAt          time.Time
	LastSyncAt            time.Time
	LastAccountRecoveryAt time.Time
	IP                    string
	City                  string
	Region                string
	Country               string
}

func (d *wireDevice) device() *Device {
	if d == nil {
		return nil
	}
	return &Device{
		ID: int64(d.ID), OSType: d.OSType, RegistrationMethod: d.RegistrationMethod,
		RegisteredAt: d.RegistrationDate.epoch(), LastSyncAt: d.LastSyncDate.epoch(),
		LastAccountRecoveryAt: d.LastAccountRecoveryAt.epoch(), IP: d.IP, City: d.City, Region: d.Region, Country: d.Country,
	}
}

// StartRegistration returns a token with which one app can register as the user's device, once and for a few minutes.
// It fails with [ErrUserNotFound] when the application has no such user.
func (c *Client) StartRegistration(ctx context.Context, authyID int64) (registrationToken string, err error) {
	var parameters form
	parameters.add("authy_id", strconv.FormatInt(authyID, 10))
	var started startedRegistration
	err = c.ask(ctx, "POST", "/protected/json/sdk/registrations", parameters, &started)
	return started.Token, err
}

type startedRegistration struct {
	Token string `json:"registration_token"`
}

func (s *startedRegistration) whole() bool { return s.Token != "" }

// RegistrationState says what became of a registration.
type RegistrationState string

// States of a registration.
const (
	RegistrationPending   RegistrationState = "pending"
	RegistrationCompleted RegistrationState = "completed"
	RegistrationExpired   RegistrationState = "expired"
)

// RegistrationStatus is what became of the newest registration of a user.
type RegistrationStatus struct {
	State     RegistrationState
	CreatedAt time.Time
	ExpiresAt time.Time
}

// RegistrationStatus returns what became of the newest registration of a user. It fails with [ErrUserNotFound] when the
// application has no such user, and with [ErrRegistrationNotFound] when none was started.
//
// What Authy's own service answers is not on record: this is for the OneTouch server on a developer's machine.
func (c *Client) RegistrationStatus(ctx context.Context, authyID int64) (RegistrationStatus, error) {
	var parameters form
	parameters.add("custom_user_id", strconv.FormatInt(authyID, 10))
	var answer registrationStatus
	err := c.ask(ctx, "GET", "/protected/json/registrations/status", parameters, &answer)
	return RegistrationStatus{
		State: answer.Registration.Status, CreatedAt: answer.Registration.CreatedAt.Time,
		ExpiresAt: answer.Registration.ExpiresAt.Time,
	}, err
}

type registrationStatus struct {
	Registration struct {
		Status    RegistrationState `json:"status"`
		CreatedAt moment            `json:"created_at"`
		ExpiresAt moment            `json:"expires_at"`
	} `json:"registration"`
}

func (s *registrationStatus) whole() bool { return s.Registration.Status != "" }

// DeleteDevice takes a device from its user; it can answer no more. It fails with [ErrDeviceNotFound] when the
// application has no such device.
func (c *Client) DeleteDevice(ctx context.Context, deviceID int64) error {
	return c.ask(ctx, "DELETE", fmt.Sprintf("/protected/json/sdk/devices/%d", deviceID), nil, &done{})
}
