package onetouch

import (
	"context"
	"time"
)

// Store is the port to what is remembered.
type Store interface {
	// View runs read on one consistent picture of the store.
	View(ctx context.Context, read func(Reader) error) error
	// Update runs change in one transaction: all of it is durable when Update returns nil, none of it otherwise.
	// Changes run one after another, or behave as if they did; a change may be run again, so it must not touch
	// anything but its transaction.
	Update(ctx context.Context, change func(Transaction) error) error
}

// Reader reads. Single-record methods return [ErrNotFound] when there is no such record; lists are empty then.
type Reader interface {
	Application(id string) (Application, error)
	ApplicationByKey(apiKey string) (Application, error)
	Applications() ([]Application, error) // oldest first

	User(appID string, authyID int64) (User, error) // removed users too
	UserByPhone(appID string, countryCode int, cellphone string) (User, error)
	Users(UserFilter) ([]User, error) // without removed ones, oldest first

	Registration(tokenDigest []byte) (Registration, error)

	Device(id int64) (Device, error) // removed devices too
	DeviceByAccessToken(tokenDigest []byte) (Device, error)
	Devices(DeviceFilter) ([]Device, error) // oldest first

	ApprovalRequest(uuid string) (ApprovalRequest, error)
	ApprovalRequests(ApprovalRequestFilter) ([]ApprovalRequest, error)
	// NextExpiry is the earliest time at which a stored pending request expires; zero when none does.
	NextExpiry() (time.Time, error)
	// DueRequests are stored as pending although their time was over at now.
	DueRequests(now time.Time, limit int) ([]ApprovalRequest, error)

	Delivery(id int64) (Delivery, error)
	Deliveries(DeliveryFilter) ([]Delivery, error)
	Attempts(deliveryID int64) ([]Attempt, error) // oldest first
	// DueDeliveries are pending and scheduled at or before now, longest waiting first.
	DueDeliveries(now time.Time, limit int) ([]Delivery, error)
	// NextDelivery is the earliest time after which a pending delivery is scheduled; zero when none is.
	NextDelivery(after time.Time) (time.Time, error)
	// PendingDeliveries counts pending scheduled deliveries: those whose time has come at now, and those after it.
	PendingDeliveries(now time.Time) (due, later int, err error)
	// StreamPushes are the pushes for the device's event stream whose request is still stored as pending and whose
	// number is above after, oldest first; with unsentOnly those that were never sent.
	StreamPushes(deviceID, after int64, unsentOnly bool, limit int) ([]Push, error)

	Events(EventFilter) ([]Event, error)
	LastEvent() (sequence int64, err error) // 0 when there is none
}

// Transaction reads and changes. Insert methods set the number the store gives (AuthyID, SerialID, ID, Sequence).
type Transaction interface {
	Reader

	InsertApplication(*Application) error
	UpdateApplication(Application) error
	InsertUser(*User) error
	UpdateUser(User) error
	InsertRegistration(Registration) error
	UpdateRegistration(Registration) error
	InsertDevice(*Device) error
	UpdateDevice(Device) error
	InsertApprovalRequest(ApprovalRequest) error
	// DecideApprovalRequest writes the status, times and answer of r if the stored request is still pending, and
	// reports whether it was.
	DecideApprovalRequest(r ApprovalRequest) (decided bool, err error)
	InsertDelivery(*Delivery) error
	UpdateDelivery(Delivery) error
	InsertAttempt(Attempt) error
	InsertEvent(*Event) error
}
