package onetouch

import (
	"crypto/subtle"
	"strconv"
)

// softTokenSkew is how many steps a device's clock may be off: half a minute.
const softTokenSkew = 3

// foundToken says what a one-time password is, and uses it up.
type foundToken struct {
	source TokenSource // "" when it is none that is good
	reused bool        // it was good once
	device Device
	use    func() error
}

// findToken looks at every secret of the user, so that the time it takes tells nothing about the code.
func (c *change) findToken(app Application, user User, t TokenCheck) (foundToken, error) {
	var result foundToken
	if app.Sandbox && t.Token == sandboxToken {
		return foundToken{source: SourceSandbox, use: func() error { return nil }}, nil
	}
	for _, find := range []func(User, TokenCheck) ([]foundToken, error){
		c.sentTokens, c.softTokens, c.authenticatorTokens, c.factorTokens,
	} {
		found, err := find(user, t)
		if err != nil {
			return foundToken{}, err
		}
		for _, token := range found {
			switch {
			case token.reused:
				result.reused = true
			case result.source == "":
				result.source, result.device, result.use = token.source, token.device, token.use
			}
		}
	}
	return result, nil
}

func (c *change) sentTokens(user User, t TokenCheck) ([]foundToken, error) {
	sent, err := c.OneTimePasswords(user.AuthyID, c.now)
	if err != nil {
		return nil, err
	}
	var found []foundToken
	for _, password := range sent {
		same := subtle.ConstantTimeCompare([]byte(password.Code), []byte(t.Token)) == 1
		otherAction := t.Action != "" && password.Action != "" && t.Action != password.Action
		if !same || otherAction {
			continue
		}
		found = append(found, foundToken{
			source: TokenSource(password.Channel), reused: !password.UsedAt.IsZero(),
			use: func() error {
				password.UsedAt = c.now
				return c.UpdateOneTimePassword(password)
			},
		})
	}
	return found, nil
}

func (c *change) softTokens(user User, t TokenCheck) ([]foundToken, error) {
	devices, err := c.Devices(DeviceFilter{AppID: user.AppID, AuthyID: user.AuthyID})
	if err != nil {
		return nil, err
	}
	var found []foundToken
	for _, device := range devices {
		secret := totp{secret: device.TOTPSecret, digits: TOTPDigits, period: TOTPPeriod, skew: softTokenSkew}
		token, ok, err := c.findStep("device:"+strconv.FormatInt(device.ID, 10), secret, t.Token)
		if err != nil {
			return nil, err
		}
		if ok {
			token.source, token.device = SourceDevice, device
			found = append(found, token)
		}
	}
	return found, nil
}

// findStep looks for the code among those of a secret. One that is not newer than the newest that was taken is reused.
func (c *change) findStep(owner string, secret totp, code string) (foundToken, bool, error) {
	step, ok := secret.find(code, c.now)
	if !ok {
		return foundToken{}, false, nil
	}
	newest, err := c.TokenStep(owner)
	if err != nil {
		return foundToken{}, false, err
	}
	return foundToken{reused: step <= newest, use: func() error { return c.SetTokenStep(owner, step) }}, true, nil
}
