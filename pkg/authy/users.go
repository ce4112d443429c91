package authy

import (
	"context"
	"fmt"
	"time"
)

// NewUser is what the service has to know of a user.
type NewUser struct {
	Email       string
	Cellphone   string // without the country code; any punctuation
	CountryCode string // digits; "" is 1
	// NoInstallLink keeps the service from texting the user where to get the app.
	NoInstallLink bool
}

// CreateUser adds a user to the application and returns their Authy ID. The same phone number gives the same Authy
// ID.
//
// It fails with [ErrUserNotValid] when the e-mail address or the phone number is wrong.
func (c *Client) CreateUser(ctx context.Context, n NewUser) (authyID int64, err error) {
	var parameters form
	parameters.add("user[email]", n.Email)
	parameters.add("user[cellphone]", n.Cellphone)
	parameters.addIfGiven("user[country_code]", n.CountryCode)
	if n.NoInstallLink {
		parameters.add("send_install_link_via_sms", "false")
	}
	var created createdUser
	err = c.ask(ctx, "POST", "/protected/json/users/new", parameters, &created)
	return int64(created.User.ID), err
}

type createdUser struct {
	User struct {
		ID number `json:"id"`
	} `json:"user"`
}

func (u *createdUser) whole() bool { return u.User.ID > 0 }

// UserStatus is what the service says of a user.
type UserStatus struct {
	AuthyID         int64
	Confirmed       bool // has used a valid code
	Registered      bool // has the app
	CountryCode     int
	PhoneNumber     string // the last four digits: XXX-XXX-1118
	Email           string
	Devices         []string // kinds, such as android or ipad
	HasHardToken    bool
	AccountDisabled bool
	DetailedDevices []DetailedDevice
}

// DetailedDevice is one device of a user's status.
type DetailedDevice struct {
	ID                 int64 // 0 when the service does not say
	DeviceType         string
	OSType             string
	RegistrationMethod string
	LastSyncAt         time.Time // zero when the service does not say
	CreatedAt          time.Time
}

// UserStatus returns what the service knows of a user. It fails with [ErrUserNotFound] when the application has no
// such user.
func (c *Client) UserStatus(ctx context.Context, authyID int64) (UserStatus, error) {
	var answer userStatus
	err := c.ask(ctx, "GET", fmt.Sprintf("/protected/json/users/%d/status", authyID), nil, &answer)
	if err != nil {
		return UserStatus{}, err
	}
	return answer.Status.status(), nil
}

type userStatus struct {
	Status wireStatus `json:"status"`
}

func (s *userStatus) whole() bool { return s.Status.AuthyID > 0 }

type wireStatus struct {
	AuthyID         number       `json:"authy_id"`
	Confirmed       bool         `json:"confirmed"`
	Registered      bool         `json:"registered"`
	CountryCode     number       `json:"country_code"`
	PhoneNumber     string       `json:"phone_number"`
	Email           string       `json:"email"`
	Devices         []string     `json:"devices"`
	HasHardToken    bool         `json:"has_hard_token"`
	AccountDisabled bool         `json:"account_disabled"`
	DetailedDevices []wireDevice `json:"detailed_devices"`
}

func (s wireStatus) status() UserStatus {
	status := UserStatus{
		AuthyID: int64(s.AuthyID), Confirmed: s.Confirmed, Registered: s.Registered, CountryCode: int(s.CountryCode),
		PhoneNumber: s.PhoneNumber, Email: s.Email, Devices: s.Devices, HasHardToken: s.HasHardToken,
		AccountDisabled: s.AccountDisabled,
	}
	for _, d := range s.DetailedDevices {
		status.DetailedDevices = append(status.DetailedDevices, DetailedDevice{
			ID: int64(d.DeviceID), DeviceType: d.DeviceType, OSType: d.OSType, RegistrationMethod: d.RegistrationMethod,
			LastSyncAt: d.LastSyncDate.epoch(), CreatedAt: d.CreationDate.epoch(),
		})
	}
	return status
}

// UpdateUser changes a user's e-mail address. It fails with [ErrUserNotFound] when the application has no such user, and
// with [ErrEmailInvalid].
func (c *Client) UpdateUser(ctx context.Context, authyID int64, email string) error {
	var parameters form
	parameters.add("email", email)
	return c.ask(ctx, "POST", fmt.Sprintf("/protected/json/users/%d/update", authyID), parameters, &done{})
}

// DeleteUser takes a user out of the application; their devices can answer no more. It fails with [ErrUserNotFound]
// when the application has no such user.
func (c *Client) DeleteUser(ctx context.Context, authyID int64) error {
	return c.ask(ctx, "POST", fmt.Sprintf("/protected/json/users/%d/delete", authyID), nil, &done{})
}
