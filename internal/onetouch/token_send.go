package onetouch

import (
	"context"
	"encoding/binary"
	"fmt"
)

// NewToken is what a backend asks to be sent to a user.
type NewToken struct {
	Channel       Channel // sms, call or email
	Force         bool    // send it also to a user who has the app
	Action        string  // what the code is for; a check that names another action refuses it
	ActionMessage string  // tells the user what it is for
	Locale        string  // language of the text; one that is not spoken here is English
}

// maxAction is the longest action and action message that authy-client sends, in characters.
const maxAction = 255

func (n NewToken) validate() error {
	if n.Channel != ChannelSMS && n.Channel != ChannelCall && n.Channel != ChannelEmail {
		return InvalidParameter("channel", "must be sms, call or email")
	}
	for _, text := range []struct{ name, value string }{
		{"action", n.Action}, {"action_message", n.ActionMessage}, {"locale", n.Locale},
	} {
		if err := validText(text.name, text.value, 0, maxAction); err != nil {
			return err
		}
	}
	return nil
}

// SentToken is what became of a code that was to be sent.
type SentToken struct {
	User    User
	Ignored bool    // nothing was sent: the user has the app
	Device  Device  // the app, when ignored
	Message Message // what was sent; zero when ignored
}

// SendToken sends a one-time password to the user. By text or call it goes only to users without the app, unless forced.
func (s *Service) SendToken(ctx context.Context, app Application, authyID int64, n NewToken) (SentToken, error) {
	if err := n.validate(); err != nil {
		return SentToken{}, err
	}
	code := s.digits(app.TokenDigits)
	var sent SentToken
	err := s.changeOrRefuse(ctx, func(c *change) (*Error, error) {
		user, err := usableUser(c, app.ID, authyID)
		if err != nil {
			return nil, err
		}
		if err := app.channelIsOn(n.Channel); err != nil {
			return nil, err
		}
		sent = SentToken{User: user}
		if sent.Device, sent.Ignored, err = c.hasApp(user, n); err != nil || sent.Ignored {
			return nil, err
		}
		if err := user.reachable(n.Channel); err != nil {
			return nil, err
		}
		refusal, err := c.mayTell(app, n.Channel, MessageCount{AppID: app.ID, AuthyID: authyID})
		if err != nil {
			return nil, err
		}
		if refusal != nil {
			return refusal, c.happened(Event{
				Type: EventTooManyTokens, AppID: app.ID, AuthyID: authyID, Note: refusal.Message,
			})
		}
		sent.Message, err = c.sendToken(app, user, n, code)
		return nil, err
	})
	if err != nil {
		return SentToken{}, err
	}
	return sent, nil
}

// channelIsOn refuses what is switched off. Source of the words: go-authy's tests on an account without texts and calls.
func (a Application) channelIsOn(channel Channel) error {
	switch {
	case channel == ChannelSMS && !a.SMSEnabled:
		return refuse(CodeSMSDisabled, "SMS is not enabled")
	case channel == ChannelCall && !a.CallsEnabled:
		return refuse(CodeCallsDisabled, "Phone calls are not enabled on this account")
	default:
		return nil
	}
}

// hasApp reports whether a text or call is not needed, because the user has a device; the newest is returned.
func (c *change) hasApp(user User, n NewToken) (Device, bool, error) {
	if n.Force || n.Channel == ChannelEmail {
		return Device{}, false, nil
	}
	devices, err := c.Devices(DeviceFilter{AppID: user.AppID, AuthyID: user.AuthyID})
	if err != nil || len(devices) == 0 {
		return Device{}, false, err
	}
	err = c.happened(Event{Type: EventTokenIgnored, AppID: user.AppID, AuthyID: user.AuthyID, Note: string(n.Channel)})
	return devices[len(devices)-1], true, err
}

func (c *change) sendToken(app Application, user User, n NewToken, code string) (Message, error) {
	password := OneTimePassword{
		AppID: app.ID, AuthyID: user.AuthyID, Channel: n.Channel, Action: n.Action, Code: code,
		CreatedAt: c.now, ExpiresAt: c.now.Add(OneTimePasswordLife),
	}
	if err := c.InsertOneTimePassword(&password); err != nil {
		return Message{}, err
	}
	purpose := n.ActionMessage
	if purpose == "" {
		purpose = n.Action
	}
	told := code
	if n.Channel == ChannelCall {
		told = spoken(code)
	}
	message := user.message(n.Channel, phrasesOf(n.Locale).tokenText(app.Name, told, purpose))
	message.Code, message.Locale = code, n.Locale
	message, err := c.tell(message)
	if err != nil {
		return Message{}, err
	}
	return message, c.happened(Event{
		Type: EventTokenSent, AppID: app.ID, AuthyID: user.AuthyID, Note: string(n.Channel),
	})
}

// digits is a random code.
func (s *Service) digits(n int) string {
	number := binary.BigEndian.Uint64(s.bytes(8)) // of so many numbers, each code has as good as the same share
	text := fmt.Sprintf("%0*d", n, number)
	return text[len(text)-n:]
}
