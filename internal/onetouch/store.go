package onetouch

import (
	"context"
	"time"
)

// Store is the port to what is remembered.
type Store interface {
	// View runs read on one consistent picture of the store; it may be run again, on another one.
	View(ctx context.Context, read func(Reader) error) error
	// Glance is a View that reads a few records only: a store may hold up changes for it, where that makes it cheaper.
	Glance(ctx context.Context, read func(Reader) error) error
	// Claim is a Glance of one who sends what is owed, at whose DueDeliveries it claims what they return. Of several who do, each
	// has what no other has, for as long as it is there; and what keeps an order with something else that is pending is had by
	// none but who has that. [Claimant] 0 is alone.
	Claim(ctx context.Context, claimant Claimant, read func(Reader) error) error
	// Update runs change in one transaction: all of it is durable when Update returns nil, none of it otherwise.
	// Changes run one after another, or behave as if they did; a change may be run again, so it must not touch
	// anything but its transaction.
	Update(ctx context.Context, change func(Transaction) error) error
}

// Claimant is one of those who send what is owed, by a number that its store has given it. 0 is one that is alone: it claims
// nothing.
type Claimant int64

// Lease is the right of a process to send what is owed. It ends with its process, however that ends.
type Lease struct {
	// Claimant is whose claims are kept as long as the lease lasts; 0: one process at a time has a lease, and claims nothing.
	Claimant Claimant
	Held     context.Context // ends with that of the one who took it, with the release, and when the lease is lost
	Release  func()          // leaves what was claimed to others
}

// Reader reads. Single-record methods return [ErrNotFound] when there is no such record; lists are empty then.
type Reader interface {
	Account() (Account, error)

	Application(id string) (Application, error) // deleted ones too, which the two below leave out
	ApplicationByKey(apiKey string) (Application, error)
	Applications() ([]Application, error) // oldest first

	User(appID string, authyID int64) (User, error) // removed users too
	UserByPhone(appID string, countryCode int, cellphone string) (User, error)
	UserByIdentity(appID, identity string) (User, error) // removed users too
	Users(UserFilter) ([]User, error)                    // oldest first
	CountUsers(appID string) (int, error)                // without removed ones
	Activities(ActivityFilter) ([]Activity, error)

	Registration(tokenDigest []byte) (Registration, error)
	RegistrationBySID(sid string) (Registration, error)
	LatestRegistration(appID string, authyID int64) (Registration, error) // of those without a SID

	Device(id int64) (Device, error)          // removed devices too
	DeviceByUUID(uuid string) (Device, error) // removed devices too
	DeviceByAccessToken(tokenDigest []byte) (Device, error)
	Devices(DeviceFilter) ([]Device, error) // oldest first

	// OneTimePasswords are those that were sent to the user and expire after the given time, newest first.
	OneTimePasswords(authyID int64, expireAfter time.Time) ([]OneTimePassword, error)
	// TokenStep is the newest time step of a shared secret whose code was taken; 0 before the first.
	TokenStep(owner string) (int64, error)
	TokenFailures(authyID int64) (TokenFailures, error) // zero when there are none
	Authenticator(authyID int64) (Authenticator, error)
	AuthenticatorByTicket(ticket string) (Authenticator, error)

	// Messages are the inbox, newest first: pushes are told from their deliveries. The filter's To is spelled as in messages.
	Messages(MessageFilter) ([]Message, error)
	// CountMessages counts texts, calls and e-mails that carry a code.
	CountMessages(MessageCount) (int, error)
	PhoneVerification(uuid string) (PhoneVerification, error)
	LatestPhoneVerification(appID string, phone PhoneNumber) (PhoneVerification, error)

	Webhook(id string) (Webhook, error)       // deleted ones too
	Webhooks(appID string) ([]Webhook, error) // without deleted ones, oldest first

	// ClockSetting is how the clock differs from the machine's; zero while it does not.
	ClockSetting() (ClockSetting, error)

	// Count is how often something was counted in a period; 0 when it never was.
	Count(appID, what string, period int) (int, error)

	ApprovalRequest(uuid string) (ApprovalRequest, error)
	ApprovalRequests(ApprovalRequestFilter) ([]ApprovalRequest, error)
	// NextExpiry is the earliest time at which a stored pending request expires; zero when none does.
	NextExpiry() (time.Time, error)
	// DueRequests are stored as pending although their time was over at now.
	DueRequests(now time.Time, limit int) ([]ApprovalRequest, error)

	Delivery(id int64) (Delivery, error)
	Deliveries(DeliveryFilter) ([]Delivery, error)
	Attempts(deliveryID int64) ([]Attempt, error) // oldest first
	DeliveryContent(deliveryID int64) (DeliveryContent, error)
	Replays(deliveryID int64, limit int) ([]Delivery, error) // deliveries that send this one again, newest first
	// Receivers are those that a pending delivery is scheduled for.
	Receivers(now time.Time) ([]Receiver, error)
	// DueDeliveries of one receiver are pending and scheduled at or before now, longest waiting first.
	DueDeliveries(receiver string, now time.Time, limit int) (Due, error)
	// OwedDeliveries counts pending scheduled deliveries above a number: those whose time has come at now, and those after it.
	OwedDeliveries(after int64, now time.Time) (due, later int, err error)
	// StreamPushes are the pushes for the device's event stream whose request is still stored as pending and whose
	// number is above after, oldest first; with unsentOnly those that were never sent.
	StreamPushes(deviceID, after int64, unsentOnly bool, limit int) ([]Push, error)

	Standing(appID string, now time.Time) (Standing, error) // "": of all applications

	Event(sequence int64) (Event, error)
	Events(EventFilter) ([]Event, error)
	LastEvent() (sequence int64, err error) // 0 when there is none

	// History is records of a kind in the order of their numbers, with what decides whether they may go.
	History(HistoryKind, HistoryFilter) ([]Past, error)
}

// Transaction reads and changes. Insert methods set the number the store gives (AuthyID, SerialID, ID, Sequence); a user may
// bring an Authy ID of their own. The numbers of a kind grow in the order in which changes are seen, perhaps with gaps: who
// has read up to one never misses a smaller one.
type Transaction interface {
	Reader

	InsertAccount(Account) error
	InsertApplication(*Application) error
	UpdateApplication(Application) error
	InsertUser(*User) error
	UpdateUser(User) error
	InsertActivity(*Activity) error
	InsertRegistration(Registration) error
	UpdateRegistration(Registration) error
	InsertDevice(*Device) error
	UpdateDevice(Device) error
	InsertOneTimePassword(*OneTimePassword) error
	UpdateOneTimePassword(OneTimePassword) error
	SetTokenStep(owner string, step int64) error
	SetTokenFailures(authyID int64, f TokenFailures) error
	PutAuthenticator(Authenticator) error    // in place of the user's own, if there is one
	DeleteAuthenticator(authyID int64) error // which need not be there
	InsertMessage(Message) error             // its ID is that of a delivery which is there
	InsertPhoneVerification(*PhoneVerification) error
	UpdatePhoneVerification(PhoneVerification) error
	InsertWebhook(Webhook) error
	UpdateWebhook(Webhook) error
	SetClockSetting(ClockSetting) error
	AddCount(appID, what string, period, number int) error
	InsertApprovalRequest(ApprovalRequest) error
	// DecideApprovalRequest writes the status, times and answer of r if the stored request is still pending, and
	// reports whether it was.
	DecideApprovalRequest(r ApprovalRequest) (decided bool, err error)
	// OverruleExpiry is the same for a stored request that was written down as expired.
	OverruleExpiry(r ApprovalRequest) (decided bool, err error)
	InsertDelivery(*Delivery) error
	UpdateDelivery(Delivery) error
	InsertAttempt(Attempt) error
	InsertDeliveryContent(DeliveryContent) error
	InsertEvent(*Event) error

	// Announce has other processes on the same store told what the change is about, which may be nothing that is waited for. One
	// that does not say may be about anything.
	Announce(topics []Topic)

	// RemoveHistory removes records of a kind by their numbers, with all that belongs to them. No number that the world has
	// seen comes again.
	RemoveHistory(kind HistoryKind, numbers []int64) (Removed, error)
	// Clear removes everything but the newest event and, unless it is told otherwise, the applications. The numbers of users
	// and devices begin anew.
	Clear(applications bool) error
}
