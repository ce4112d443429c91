package onetouch

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"
)

// Lives of an access token of the Verify API. Source: the documentation of Twilio's access tokens.
const (
	DefaultAccessTokenLife = time.Minute
	shortestAccessToken    = time.Minute
	longestAccessToken     = 5 * time.Minute
)

// NewAccessToken is what lets one device become a factor of one user.
type NewAccessToken struct {
	Identity     string
	FriendlyName string        // what the device is to be called; the device may say otherwise
	Life         time.Duration // ordinarily [DefaultAccessTokenLife]
}

// CreateAccessToken returns a token with which one device can become a factor of the identity: the registration token of the
// Verify API. A user who is not there yet is added. It is kept as a digest only.
func (s *Service) CreateAccessToken(
	ctx context.Context, appID string, n NewAccessToken,
) (token string, r Registration, err error) {
	if err := validIdentity(n.Identity); err != nil {
		return "", r, err
	}
	if n.Life < shortestAccessToken || n.Life > longestAccessToken {
		return "", r, InvalidParameter("Ttl", fmt.Sprintf("must be from %d to %d seconds",
			int(shortestAccessToken.Seconds()), int(longestAccessToken.Seconds())))
	}
	if err := validLine("FactorFriendlyName", n.FriendlyName, 0, maxFriendlyName); err != nil {
		return "", r, err
	}
	token = s.secret()
	r = Registration{
		TokenDigest: SecretDigest(token), AppID: appID, SID: "YK" + hex.EncodeToString(s.bytes(16)), DeviceName: n.FriendlyName,
	}
	err = s.change(ctx, func(c *change) error {
		user, _, err := s.entity(c, appID, n.Identity)
		if err == nil && user.Suspended() {
			err = errUserSuspended
		}
		if err != nil {
			return err
		}
		r.AuthyID, r.CreatedAt, r.ExpiresAt = user.AuthyID, c.now, c.now.Add(n.Life)
		if err := c.InsertRegistration(r); err != nil {
			return err
		}
		return c.happened(Event{Type: EventRegistrationStart, AppID: appID, AuthyID: user.AuthyID})
	})
	return token, r, err
}

// AccessToken is what is kept of an access token, and for whom it is.
func (s *Service) AccessToken(ctx context.Context, appID, sid string) (Registration, User, error) {
	unknown := refuse(CodeRegistrationNotFound, "Access token not found")
	var user User
	r, err := view(ctx, s, func(r Reader) (Registration, error) {
		registration, err := r.RegistrationBySID(sid)
		if err == nil && registration.AppID != appID {
			err = unknown
		}
		if err == nil {
			user, err = r.User(appID, registration.AuthyID)
		}
		return registration, err
	})
	return r, user, orRefuse(err, unknown)
}

// CheckAccessToken refuses what is no access token that makes a device a factor of the identity now.
func (s *Service) CheckAccessToken(ctx context.Context, token, appID, identity string) error {
	_, err := glance(ctx, s, func(r Reader) (Registration, error) {
		return usableAccessToken(r, token, appID, identity, s.clock.Now())
	})
	return err
}

// usableAccessToken is the access token with which a device comes, for the identity that it wants to be a factor of.
func usableAccessToken(r Reader, token, appID, identity string, now time.Time) (Registration, error) {
	refused := func(reason string) (Registration, error) {
		return Registration{}, refuse(CodeCredentialsInvalid, "Authenticate: the access token %s", reason)
	}
	registration, err := r.Registration(SecretDigest(token))
	if err != nil {
		return Registration{}, orRefuse(err, refuse(CodeCredentialsInvalid, "Authenticate: the access token is unknown"))
	}
	user, err := r.User(registration.AppID, registration.AuthyID)
	switch {
	case err != nil:
		return Registration{}, err
	case registration.SID == "":
		return refused("is none: it is a registration token of the Authy API")
	case registration.AppID != appID || user.Identity != identity:
		return refused("is for another entity")
	case !registration.UsedAt.IsZero():
		return refused("was used before")
	case !now.Before(registration.ExpiresAt):
		return refused("expired at " + registration.ExpiresAt.Format(time.RFC3339))
	default:
		return registration, nil
	}
}
