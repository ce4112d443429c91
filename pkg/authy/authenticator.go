package authy

import (
	"context"
	"fmt"
	"strconv"
)

// NewAuthenticator says how an authenticator app shows the user's entry. The zero value is fine.
type NewAuthenticator struct {
	Label  string // the user's account, such as their e-mail address
	QRSize int    // of the picture, in pixels; 0 is 300
}

// Authenticator lets a user add the application to any authenticator app. Printing it does not show its secret.
type Authenticator struct {
	Issuer string
	Label  string
	QRCode string // URL of a PNG that the app can scan; whoever has it has the secret
	URI    string // what the picture says: otpauth://totp/…; "" when the service does not say
	Secret string // for those who type it in, in base32; "" when the service does not say
}

// Format prints the authenticator without its secret, whatever the verb.
func (a Authenticator) Format(out fmt.State, _ rune) {
	_, _ = fmt.Fprintf(out, "authy.Authenticator(%s %s)", a.Issuer, a.Label)
}

// CreateAuthenticator makes the secret of an authenticator app for a user; one that was made before is valid no more. It
// fails with [ErrUserNotFound] when the application has no such user.
func (c *Client) CreateAuthenticator(ctx context.Context, authyID int64, n NewAuthenticator) (Authenticator, error) {
	var parameters form
	parameters.addIfGiven("label", n.Label)
	if n.QRSize != 0 {
		parameters.add("qr_size", strconv.Itoa(n.QRSize))
	}
	var answer authenticator
	err := c.ask(ctx, "POST", fmt.Sprintf("/protected/json/users/%d/secret", authyID), parameters, &answer)
	return Authenticator(answer), err
}

type authenticator struct {
	Issuer string `json:"issuer"`
	Label  string `json:"label"`
	QRCode string `json:"qr_code"`
	URI    string `json:"uri"`
	Secret string `json:"secret"`
}

func (a *authenticator) whole() bool { return a.QRCode != "" }
