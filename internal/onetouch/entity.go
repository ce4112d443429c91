package onetouch

import (
	"context"
	"errors"
	"strings"
	"time"
)

// The form of an identity. Source: the documentation of the entities of Twilio's Verify API.
const (
	shortestIdentity = 8
	longestIdentity  = 64
	identityLetters  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
)

func validIdentity(identity string) error {
	if len(identity) < shortestIdentity || len(identity) > longestIdentity || strings.Trim(identity, identityLetters) != "" {
		return InvalidParameter("Identity", "must be 8 to 64 letters, digits and dashes")
	}
	return nil
}

var errEntityNotFound = refuse(CodeUserNotFound, "Entity not found")

// AddEntity adds a user whom the Verify API knows by an identity. The user has no phone number and no e-mail address. One who
// was removed before comes back with the same Authy ID.
func (s *Service) AddEntity(ctx context.Context, appID, identity string) (User, error) {
	if err := validIdentity(identity); err != nil {
		return User{}, err
	}
	var user User
	err := s.change(ctx, func(c *change) (err error) {
		var added bool
		if user, added, err = s.entity(c, appID, identity); err == nil && !added {
			err = refuse(CodeEntityExists, "Entity exists already: %s", identity)
		}
		return err
	})
	return user, err
}

// entity is the user of an identity, who is added if need be.
func (s *Service) entity(c *change, appID, identity string) (user User, added bool, err error) {
	app, err := c.Application(appID)
	if err != nil {
		return User{}, false, err
	}
	user, err = c.UserByIdentity(appID, identity)
	switch {
	case err == nil && !user.Removed():
		return user, false, nil
	case err == nil:
		user.RemovedAt, user.ConfirmedAt = time.Time{}, time.Time{}
		err = c.UpdateUser(user)
	case errors.Is(err, ErrNotFound):
		user = User{ID: s.objectID(), AppID: appID, Identity: identity, CreatedAt: c.now}
		err = c.InsertUser(&user)
	}
	if err != nil {
		return User{}, false, err
	}
	return user, true, c.userAdded(app, user, false)
}

// Entity is the application's user of an identity.
func (s *Service) Entity(ctx context.Context, appID, identity string) (User, error) {
	user, err := remembered(ctx, s, keyEntity{appID, identity}, func(r Reader) (User, error) {
		return r.UserByIdentity(appID, identity)
	})
	if err == nil && user.Removed() {
		err = errEntityNotFound
	}
	return user, orRefuse(err, errEntityNotFound)
}

// HasPhone reports whether texts and calls can reach the user.
func (u User) HasPhone() bool { return u.CountryCode != 0 }

// reachable refuses to send over a channel for which the user has no address.
func (u User) reachable(channel Channel) error {
	var missing string
	switch {
	case channel == ChannelEmail && u.Email == "":
		missing = "e-mail address"
	case channel != ChannelEmail && !u.HasPhone():
		missing = "phone number"
	default:
		return nil
	}
	return refuse(CodePhoneNumberInvalid, "The user has no %s: an entity of the Verify API has none.", missing)
}
