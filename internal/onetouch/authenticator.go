package onetouch

import (
	"context"
	"errors"
	"time"
)

// Authenticator is the secret that a user shares with a generic authenticator app. The app gets it by a QR code.
type Authenticator struct {
	AuthyID   int64
	AppID     string
	Secret    []byte
	Label     string // the account, as the app shows it
	Ticket    string // random; whoever has it may see the QR code, which a browser fetches without a key
	CreatedAt time.Time
}

// Parameters of authenticator apps. Every app knows these; the skew is what RFC 6238 recommends.
const (
	AuthenticatorDigits = 6
	AuthenticatorPeriod = 30 * time.Second
	// AuthenticatorSecretSize is in bytes; RFC 4226 recommends 160 bits.
	AuthenticatorSecretSize = 20
	authenticatorSkew       = 1
	maxLabel                = 200
	// maxURI is how many bytes of text a QR code holds. Source: ISO/IEC 18004, version 40 with the least error correction.
	maxURI = 2953
)

// Provisioning is an authenticator with what is needed to set up the app.
type Provisioning struct {
	Authenticator
	Issuer string // the application, as the app shows it
}

// SecretText is the secret as a user types it in by hand.
func (p Provisioning) SecretText() string { return secretEncoding.EncodeToString(p.Secret) }

// URI is what the QR code says.
func (p Provisioning) URI() string { return p.codes().setup(p.Issuer, p.Label) }

func (a Authenticator) codes() totp {
	return totp{secret: a.Secret, digits: AuthenticatorDigits, period: AuthenticatorPeriod, skew: authenticatorSkew}
}

// ProvisionAuthenticator returns the user's secret for an authenticator app. A user has one, so that what was scanned
// stays good when the page is loaded again; it ends when the user is removed. The label is the e-mail address by default.
func (s *Service) ProvisionAuthenticator(
	ctx context.Context, app Application, authyID int64, label string,
) (Provisioning, error) {
	if err := validLine("label", label, 0, maxLabel); err != nil {
		return Provisioning{}, err
	}
	made := Authenticator{AuthyID: authyID, AppID: app.ID, Secret: s.bytes(AuthenticatorSecretSize), Ticket: s.secret()}
	result := Provisioning{Issuer: app.Name}
	err := s.change(ctx, func(c *change) error {
		user, err := usableUser(c, app.ID, authyID)
		if err != nil {
			return err
		}
		made.Label, made.CreatedAt = label, c.now
		if label == "" {
			made.Label = user.Email
		}
		result.Authenticator = made
		if len(result.URI()) > maxURI {
			return LabelTooLong()
		}
		result.Authenticator, err = c.keepAuthenticator(made)
		return err
	})
	return result, err
}

// LabelTooLong is the refusal of a label that, with the name of the application, is more than a QR code holds.
func LabelTooLong() error {
	return refuse(CodeQRCodeFailed, "QR code could not be generated: the label is too long for it")
}

// keepAuthenticator stores a new authenticator, or the new label of the one that is there.
func (c *change) keepAuthenticator(made Authenticator) (Authenticator, error) {
	known, err := c.Authenticator(made.AuthyID)
	if err == nil {
		known.Label = made.Label
		return known, c.PutAuthenticator(known)
	}
	if !errors.Is(err, ErrNotFound) {
		return Authenticator{}, err
	}
	if err := c.PutAuthenticator(made); err != nil {
		return Authenticator{}, err
	}
	return made, c.happened(Event{Type: EventAuthenticatorCreated, AppID: made.AppID, AuthyID: made.AuthyID})
}

var errAuthenticatorNotFound = refuse(CodeAuthenticatorNotFound, "Authenticator not found.")

// AuthenticatorByTicket returns what a QR code shows to whoever was given its ticket.
func (s *Service) AuthenticatorByTicket(ctx context.Context, ticket string) (Provisioning, error) {
	result, err := view(ctx, s, func(r Reader) (Provisioning, error) {
		authenticator, err := r.AuthenticatorByTicket(ticket)
		if err != nil {
			return Provisioning{}, err
		}
		app, err := r.Application(authenticator.AppID)
		return Provisioning{Authenticator: authenticator, Issuer: app.Name}, err
	})
	return result, orRefuse(err, errAuthenticatorNotFound)
}

func (c *change) authenticatorTokens(user User, t TokenCheck) ([]foundToken, error) {
	authenticator, err := c.Authenticator(user.AuthyID)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	token, ok, err := c.findStep("authenticator:"+authenticator.Ticket, authenticator.codes(), t.Token)
	if err != nil || !ok {
		return nil, err
	}
	token.source = SourceAuthenticator
	return []foundToken{token}, nil
}
