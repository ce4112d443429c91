package onetouch

import (
	"context"
	"errors"
	"net/mail"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// User is a person as one application knows them. The Authy ID names them in every call of the backend.
type User struct {
	AuthyID     int64
	ID          string // 24 hexadecimal digits; user_id of approval requests
	AppID       string
	Email       string
	CountryCode int
	Cellphone   string // digits only, without the country code
	CreatedAt   time.Time
	RemovedAt   time.Time // zero while the user is in the application
}

// Removed reports whether the application has removed the user.
func (u User) Removed() bool { return !u.RemovedAt.IsZero() }

// NewUser is what a backend says when it adds a user. The values are as the backend wrote them.
type NewUser struct {
	Email       string
	Cellphone   string // digits and punctuation
	CountryCode string // digits, with or without "+"; "" is 1
}

// Numbers are checked for digits and length only: the live service took numbers that numbering plans call invalid
// (192-967-1234, 432-123-1211) and refused letters, blanks, 3001 and 123.
const (
	minCellphoneDigits = 6
	maxPhoneDigits     = 15 // with the country code; ITU-T E.164
	maxCountryDigits   = 3
	maxEmail           = 254
)

// user checks what the backend wrote. Every wrong field is named, in the words of the recorded answer (60027).
func (n NewUser) user() (User, error) {
	wrong := map[string]string{}
	country, ok := parseCountryCode(n.CountryCode)
	if !ok {
		wrong["country_code"] = "is invalid"
	}
	cellphone, ok := parseCellphone(n.Cellphone)
	if !ok || len(cellphone)+len(strconv.Itoa(country)) > maxPhoneDigits {
		wrong["cellphone"] = "is invalid"
	}
	if !validEmail(n.Email) {
		wrong["email"] = "is invalid"
	}
	if len(wrong) > 0 {
		return User{}, &Error{Code: CodeUserNotValid, Message: "User was not valid", Fields: wrong}
	}
	return User{Email: n.Email, CountryCode: country, Cellphone: cellphone}, nil
}

func parseCountryCode(text string) (int, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 1, true
	}
	digits := strings.TrimPrefix(text, "+")
	if len(digits) == 0 || len(digits) > maxCountryDigits || !onlyDigits(digits) {
		return 0, false
	}
	code, err := strconv.Atoi(digits)
	return code, err == nil && code > 0
}

// parseCellphone drops punctuation: "(202) 555-0158" is 2025550158.
func parseCellphone(text string) (string, bool) {
	digits := strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "", "/", "", "+", "").Replace(text)
	return digits, len(digits) >= minCellphoneDigits && len(digits) <= maxPhoneDigits && onlyDigits(digits)
}

func onlyDigits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

func validEmail(text string) bool {
	if len(text) > maxEmail || !utf8.ValidString(text) {
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
	AppID string
	Limit int
}

var errUserNotFound = refuse(CodeUserNotFound, "User not found.")

// AddUser adds a user to the application. The same phone number is the same user: it gives the same Authy ID, also after
// the user was removed in between. Of several e-mail addresses the first is kept.
func (s *Service) AddUser(ctx context.Context, appID string, n NewUser) (User, error) {
	user, err := n.user()
	if err != nil {
		return User{}, err
	}
	err = s.change(ctx, func(c *change) error {
		known, err := c.UserByPhone(appID, user.CountryCode, user.Cellphone)
		switch {
		case err == nil && !known.Removed():
			user = known
			return nil
		case err == nil:
			known.Email, known.RemovedAt = user.Email, time.Time{}
			user = known
			err = c.UpdateUser(user)
		case errors.Is(err, ErrNotFound):
			user.ID, user.AppID, user.CreatedAt = s.objectID(), appID, c.now
			err = c.InsertUser(&user)
		}
		if err != nil {
			return err
		}
		return c.happened(Event{Type: EventUserAdded, AppID: appID, AuthyID: user.AuthyID})
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
		devices, err := c.Devices(DeviceFilter{AppID: appID, AuthyID: authyID})
		if err != nil {
			return err
		}
		for _, device := range devices {
			if err := c.removeDevice(device); err != nil {
				return err
			}
		}
		user.RemovedAt = c.now
		if err := c.UpdateUser(user); err != nil {
			return err
		}
		return c.happened(Event{Type: EventUserRemoved, AppID: appID, AuthyID: authyID})
	})
}
