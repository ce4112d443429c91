package onetouch

import (
	"context"
	"errors"
	"net/mail"
	"time"
)

// User is a person as one application knows them. The Authy ID names them in every call of the backend.
type User struct {
	AuthyID     int64
	ID          string // 24 hexadecimal digits; user_id of approval requests
	AppID       string
	Identity    string // what the Verify API calls the user; that of a user whom Authy's API has added is ID
	Email       string
	CountryCode int
	Cellphone   string // digits only, without the country code
	CreatedAt   time.Time
	ConfirmedAt time.Time // when they first used a valid code or registered a device; zero before
	SuspendedAt time.Time // when the application banned them; zero unless it did
	RemovedAt   time.Time // zero while the user is in the application
}

// Removed reports whether the application has removed the user.
func (u User) Removed() bool { return !u.RemovedAt.IsZero() }

// Confirmed reports whether the user has ever used a valid code or registered a device.
func (u User) Confirmed() bool { return !u.ConfirmedAt.IsZero() }

// Suspended reports whether the application has banned the user.
func (u User) Suspended() bool { return !u.SuspendedAt.IsZero() }

// NewUser is what a backend says when it adds a user. The values are as the backend wrote them.
type NewUser struct {
	Email       string
	Cellphone   string // digits and punctuation
	CountryCode string // digits, with or without "+"; "" is 1
	// SendInstallLink texts the user where to get the app.
	SendInstallLink bool
}

const maxEmail = 254

// user checks what the backend wrote. Every wrong field is named, in the words of the recorded answer (60027).
func (n NewUser) user(valid func(PhoneNumber) bool) (User, error) {
	wrong := map[string]string{}
	country, ok := parseCountryCode(n.CountryCode)
	if !ok {
		wrong["country_code"] = "is invalid"
	}
	number, ok := newPhoneNumber(country, n.Cellphone)
	if !ok || len(wrong) == 0 && !valid(number) {
		wrong["cellphone"] = "is invalid"
	}
	if !validEmail(n.Email) {
		wrong["email"] = "is invalid"
	}
	if len(wrong) > 0 {
		return User{}, userNotValid(wrong)
	}
	return User{Email: n.Email, CountryCode: country, Cellphone: number.National}, nil
}

func userNotValid(wrong map[string]string) *Error {
	return &Error{Code: CodeUserNotValid, Message: "User was not valid", Fields: wrong}
}

// UserNotValid is the refusal of a user of whom one field cannot even be read.
func UserNotValid(field string) error { return userNotValid(map[string]string{field: "is invalid"}) }

// EmailInvalid is the refusal of the new e-mail address of a user.
func EmailInvalid() error {
	return &Error{Code: CodeEmailInvalid, Message: "Email is invalid", Fields: map[string]string{"email": "is invalid"}}
}

// PhoneNumber is the user's, for texts and calls.
func (u User) PhoneNumber() PhoneNumber {
	return PhoneNumber{CountryCode: u.CountryCode, National: u.Cellphone}
}

func validEmail(text string) bool {
	if validLine("email", text, 1, maxEmail) != nil || len(text) > maxEmail {
		return false
	}
	address, err := mail.ParseAddress(text)
	return err == nil && address.Address == text
}

// UserStatus is a user with what the status call reports of them.
type UserStatus struct {
	User
	Devices []Device // those that are registered now, oldest first
}

// UserFilter chooses users. Zero fields choose all.
type UserFilter struct {
	AppID       string
	AuthyID     int64
	WithRemoved bool
	After       int64 // Authy ID: only those above it
	Before      int64 // Authy ID: only those below it
	NewestFirst bool
	Limit       int
}

var (
	errUserNotFound  = refuse(CodeUserNotFound, "User not found.")
	errUserSuspended = refuse(CodeUserSuspended, "User has been suspended.") // Source: recorded, with HTTP status 503.
)

// AddUser adds a user to the application. The same phone number is the same user: it gives the same Authy ID, also after
// the user was removed in between. Of several e-mail addresses the first is kept.
func (s *Service) AddUser(ctx context.Context, appID string, n NewUser) (User, error) {
	var user User
	err := s.change(ctx, func(c *change) error {
		app, err := c.Application(appID)
		if err != nil {
			return err
		}
		if user, err = n.user(s.numberRule(app)); err != nil {
			return err
		}
		known, err := c.UserByPhone(appID, user.CountryCode, user.Cellphone)
		switch {
		case err == nil && !known.Removed():
			user = known
			return nil
		case err == nil:
			known.Email, known.RemovedAt, known.ConfirmedAt = user.Email, time.Time{}, time.Time{}
			user = known
			err = c.UpdateUser(user)
		case errors.Is(err, ErrNotFound):
			user.ID, user.AppID, user.CreatedAt = s.objectID(), appID, c.now
			user.Identity = user.ID
			err = c.InsertUser(&user)
		}
		if err != nil {
			return err
		}
		return c.userAdded(app, user, n.SendInstallLink)
	})
	return user, err
}

func (c *change) userAdded(app Application, user User, sendInstallLink bool) error {
	if err := c.count(app.ID, countUsers); err != nil {
		return err
	}
	if err := c.happened(Event{Type: EventUserAdded, AppID: app.ID, AuthyID: user.AuthyID}); err != nil {
		return err
	}
	if !sendInstallLink || !app.SMSEnabled {
		return nil
	}
	_, err := c.tell(user.message(ChannelSMS, installText(app.Name)))
	return err
}

// UpdateUser changes the e-mail address of a user.
func (s *Service) UpdateUser(ctx context.Context, appID string, authyID int64, email string) (User, error) {
	if email == "" {
		return User{}, InvalidParameter("email", "Parameter is required")
	}
	if !validEmail(email) {
		return User{}, EmailInvalid()
	}
	var user User
	err := s.change(ctx, func(c *change) (err error) {
		if user, err = activeUser(c, appID, authyID); err != nil || user.Email == email {
			return err
		}
		user.Email = email
		if err := c.UpdateUser(user); err != nil {
			return err
		}
		return c.happened(Event{Type: EventUserUpdated, AppID: appID, AuthyID: authyID})
	})
	return user, err
}

// activeUser is the application's user, unless removed.
func activeUser(r Reader, appID string, authyID int64) (User, error) {
	user, err := r.User(appID, authyID)
	if err != nil {
		return User{}, orRefuse(err, errUserNotFound)
	}
	if user.Removed() {
		return User{}, errUserNotFound
	}
	return user, nil
}

// usableUser is the application's user, unless removed or banned.
func usableUser(r Reader, appID string, authyID int64) (User, error) {
	user, err := activeUser(r, appID, authyID)
	if err == nil && user.Suspended() {
		err = errUserSuspended
	}
	return user, err
}

// UserStatus returns a user with their registered devices.
func (s *Service) UserStatus(ctx context.Context, appID string, authyID int64) (UserStatus, error) {
	return view(ctx, s, func(r Reader) (UserStatus, error) {
		user, err := activeUser(r, appID, authyID)
		if err != nil {
			return UserStatus{}, err
		}
		devices, err := r.Devices(DeviceFilter{AppID: appID, AuthyID: authyID})
		return UserStatus{User: user, Devices: devices}, err
	})
}

// Users lists users, oldest first.
func (s *Service) Users(ctx context.Context, f UserFilter) ([]User, error) {
	return view(ctx, s, func(r Reader) ([]User, error) { return r.Users(f) })
}

// RemoveUser takes the user out of the application. All their devices lose their right to answer at once.
func (s *Service) RemoveUser(ctx context.Context, appID string, authyID int64) error {
	return s.change(ctx, func(c *change) error {
		user, err := activeUser(c, appID, authyID)
		if err != nil {
			return err
		}
		return c.removeUser(user)
	})
}

func (c *change) removeUser(user User) error {
	devices, err := c.Devices(DeviceFilter{AppID: user.AppID, AuthyID: user.AuthyID, WithUnverified: true, WithTOTP: true})
	if err != nil {
		return err
	}
	for _, device := range devices {
		if err := c.removeDevice(device); err != nil {
			return err
		}
	}
	if err := c.DeleteAuthenticator(user.AuthyID); err != nil {
		return err
	}
	user.RemovedAt = c.now
	if err := c.UpdateUser(user); err != nil {
		return err
	}
	return c.happened(Event{Type: EventUserRemoved, AppID: user.AppID, AuthyID: user.AuthyID})
}
