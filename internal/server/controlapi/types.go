// Package controlapi is what the server tells its own operator: the developer's terminal. It lists everything, of every
// application, which neither a backend nor a device may do. Its caller proves itself with a token that only the workspace's
// own files hold.
//
// The JSON names below are also the fields of the commands' --json flag, so they stay.
package controlapi

import (
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Server describes the running server.
type Server struct {
	Version      string        `json:"version"`
	PID          int           `json:"pid"`
	StartedAt    time.Time     `json:"started_at"`
	Now          time.Time     `json:"now"` // by the server's clock
	Database     string        `json:"database"`
	Applications []Application `json:"applications"` // oldest first
	PhonePage    PhonePage     `json:"phone_page"`
	Upstream     string        `json:"upstream"` // the service that has the phones, for people; "": this one
}

// PhonePage is where the page is that makes the browsers of phones devices.
type PhonePage struct {
	URLs        []string `json:"urls"`        // base URLs, the best first; empty when the server has no page
	TrustURL    string   `json:"trust_url"`   // explains how to trust the server; "": nothing has to be
	Fingerprint string   `json:"fingerprint"` // of the certificate authority to trust
}

// User is a user of an application.
type User struct {
	AuthyID     int64     `json:"authy_id"`
	AppID       string    `json:"app_id"`
	Identity    string    `json:"identity"` // by which the Verify API knows the user as an entity
	Email       string    `json:"email"`
	CountryCode int       `json:"country_code"`
	PhoneNumber string    `json:"phone_number"`
	Confirmed   bool      `json:"confirmed"` // has used a valid code, or registered a device
	Suspended   bool      `json:"suspended"` // banned by the application
	CreatedAt   time.Time `json:"created_at"`
}

// Device is a registered device.
type Device struct {
	ID           int64     `json:"id"`
	UUID         string    `json:"uuid"`
	API          string    `json:"api"` // through which it has come, and answers: authy or verify
	AuthyID      int64     `json:"authy_id"`
	AppID        string    `json:"app_id"`
	Name         string    `json:"name"`
	Platform     string    `json:"platform"`
	Push         string    `json:"push"`       // sse, webhook or none: the backend pushes by itself
	PushToken    string    `json:"push_token"` // by which the backend addresses the device
	PushURL      string    `json:"push_url"`   // of a webhook, or of the device's push endpoint
	KeyID        string    `json:"key_id"`
	RegisteredAt time.Time `json:"registered_at"`
}

// ApprovalRequest is an approval request as it stands.
type ApprovalRequest struct {
	UUID   string          `json:"uuid"`
	Status onetouch.Status `json:"status"`
	onetouch.Question
	AuthyID     int64      `json:"authy_id"`
	AppID       string     `json:"app_id"`
	AppName     string     `json:"app_name"`
	CreatedAt   time.Time  `json:"created_at"`
	ExpiresAt   *time.Time `json:"expires_at"`   // null: never
	ProcessedAt *time.Time `json:"processed_at"` // null while pending
	Notified    bool       `json:"notified"`
	DeviceID    *int64     `json:"device_id"` // the one that answered
	// AskedDeviceID is the only device that is asked, by a challenge of the Verify API; null: each of the user's is.
	AskedDeviceID *int64 `json:"asked_device_id"`
	Reason        string `json:"reason"`
	// ClientWarnings say which published clients will refuse the callback, because of which detail.
	ClientWarnings []onetouch.ClientWarning `json:"client_warnings"`
}

// Event is one thing that happened.
type Event struct {
	Sequence    int64              `json:"sequence"`
	At          time.Time          `json:"at"`
	Type        onetouch.EventType `json:"type"`
	AppID       string             `json:"app_id"`
	AuthyID     int64              `json:"authy_id,omitempty"`
	DeviceID    int64              `json:"device_id,omitempty"`
	RequestUUID string             `json:"request_uuid,omitempty"`
	DeliveryID  int64              `json:"delivery_id,omitempty"`
	// VerificationUUID is the phone verification it is about.
	VerificationUUID string `json:"verification_uuid,omitempty"`
	Note             string `json:"note,omitempty"`
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func numberOrNull(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}

func userOf(u onetouch.User) User {
	return User{
		AuthyID: u.AuthyID, AppID: u.AppID, Identity: u.Identity, Email: u.Email, CountryCode: u.CountryCode,
		PhoneNumber: u.Cellphone, Confirmed: u.Confirmed(), Suspended: u.Suspended(), CreatedAt: u.CreatedAt,
	}
}

func deviceOf(d onetouch.Device) Device {
	return Device{
		ID: d.ID, UUID: d.UUID, API: d.API.String(), AuthyID: d.AuthyID, AppID: d.AppID, Name: d.Name, Platform: d.Platform,
		Push: string(d.Push.Type), PushToken: d.Push.Token, PushURL: d.Push.URL, KeyID: d.KeyID, RegisteredAt: d.RegisteredAt,
	}
}

func requestOf(r onetouch.ApprovalRequest, form onetouch.CallbackForm) ApprovalRequest {
	return ApprovalRequest{
		UUID: r.UUID, Status: r.Status, Question: r.Question, AuthyID: r.AuthyID, AppID: r.AppID, AppName: r.AppName,
		CreatedAt: r.CreatedAt, ExpiresAt: orNull(r.ExpiresAt), ProcessedAt: orNull(r.ProcessedAt), Notified: r.Notified,
		DeviceID: numberOrNull(r.Answer.DeviceID), AskedDeviceID: numberOrNull(r.DeviceID), Reason: r.Answer.Reason,
		ClientWarnings: append([]onetouch.ClientWarning{}, form.ClientWarnings(r.Details, r.HiddenDetails)...),
	}
}

func eventOf(e onetouch.Event) Event {
	return Event{
		Sequence: e.Sequence, At: e.At, Type: e.Type, AppID: e.AppID, AuthyID: e.AuthyID, DeviceID: e.DeviceID,
		RequestUUID: e.RequestUUID, DeliveryID: e.DeliveryID, VerificationUUID: e.VerificationUUID, Note: e.Note,
	}
}
