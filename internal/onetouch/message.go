package onetouch

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// Message is something that would leave the building. All go to the inbox instead, where a developer reads them. Each is a
// [Delivery]: a push is one anyway, and the others are of kind [DeliveryMessage] so that all have one order.
type Message struct {
	ID               int64 // that of the delivery; grows with time
	AppID            string
	AuthyID          int64 // 0: to a phone number that is verified, which need not be a user's
	Channel          Channel
	To               string // +12025550158, or an e-mail address in lower case; of a push, the UUID of its device
	Body             string // what the user reads or hears
	Code             string // the one-time password or verification code in it; empty without one
	Locale           string // that was asked for
	VerificationUUID string // of the phone verification that sent it
	DeviceID         int64  // of a push
	RequestUUID      string // that a push is about
	CreatedAt        time.Time
}

// Channel is a way to reach a person.
type Channel string

// Ways to reach a person.
const (
	ChannelSMS   Channel = "sms"
	ChannelCall  Channel = "call"
	ChannelEmail Channel = "email"
	ChannelPush  Channel = "push"
)

// Channels lists every channel.
func Channels() []Channel { return []Channel{ChannelSMS, ChannelCall, ChannelEmail, ChannelPush} }

// MessageFilter chooses messages, newest first. Zero fields choose all.
type MessageFilter struct {
	AppID   string
	AuthyID int64
	Channel Channel
	// To is a phone number in any spelling, or an e-mail address; pushes go to neither. A number of at most ten digits
	// without "+" is in country 1.
	To    string
	Since time.Time // sent at or after
	After int64     // numbered above
	Limit int
}

// Messages lists the inbox, newest first.
func (s *Service) Messages(ctx context.Context, f MessageFilter) ([]Message, error) {
	if f.To != "" {
		recipient, ok := parseRecipient(f.To)
		if !ok {
			return nil, InvalidParameter("to", "must be a phone number, such as +12025550158, or an e-mail address")
		}
		f.To = recipient
	}
	return view(ctx, s, func(r Reader) ([]Message, error) { return r.Messages(f) })
}

// parseRecipient is the one spelling in which recipients are kept.
func parseRecipient(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "@") {
		return strings.ToLower(text), true
	}
	digits := withoutPunctuation(text)
	if digits == "" || !onlyDigits(digits) {
		return "", false
	}
	const longestWithoutCountry = 10
	switch {
	case strings.HasPrefix(text, "+"), len(digits) > longestWithoutCountry && !strings.HasPrefix(digits, "00"):
		return "+" + digits, true
	case strings.HasPrefix(digits, "00"):
		return "+" + digits[2:], true
	default:
		return "+1" + digits, true
	}
}

// message is one to the user.
func (u User) message(channel Channel, body string) Message {
	m := Message{AppID: u.AppID, AuthyID: u.AuthyID, Channel: channel, To: u.PhoneNumber().String(), Body: body}
	if channel == ChannelEmail {
		m.To = strings.ToLower(u.Email)
	}
	return m
}

// tell sends a text, call or e-mail: to the inbox, and into the counts.
func (c *change) tell(m Message) (Message, error) {
	d := Delivery{AppID: m.AppID, Kind: DeliveryMessage, State: DeliverySent, CreatedAt: c.now, FinishedAt: c.now}
	if err := c.InsertDelivery(&d); err != nil {
		return Message{}, err
	}
	m.ID, m.CreatedAt = d.ID, c.now
	if err := c.InsertMessage(m); err != nil {
		return Message{}, err
	}
	switch m.Channel {
	case ChannelSMS:
		return m, c.count(m.AppID, countSMS)
	case ChannelCall:
		return m, c.count(m.AppID, countCalls)
	default:
		return m, nil
	}
}

// mayTell refuses a message that one of the limits leaves no room for; earlier is how many texts, calls and e-mails the
// recipient got within the hour.
func (c *change) mayTell(app Application, channel Channel, earlier MessageCount) (*Error, error) {
	if limit := app.TokensPerHour; limit > 0 {
		earlier.Since = c.now.Add(-limitWindow)
		number, err := c.CountMessages(earlier)
		if err != nil {
			return nil, err
		}
		if reached(limit, number) {
			opens, err := c.roomForOneMore(earlier, limit)
			// Source of the words: recorded by several clients
			return refuse(CodeTooManyTokens, "DoS protection: User has requested too many tokens in the last hour.").
				until(c.now, opens), err
		}
	}
	return c.withinCounts(app, channel)
}

// roomForOneMore is when so many of the codes are older than an hour that the limit leaves room again: just after the
// oldest of the newest that fill it.
func (c *change) roomForOneMore(earlier MessageCount, limit int) (time.Time, error) {
	var codes []Message
	for _, channel := range []Channel{ChannelSMS, ChannelCall, ChannelEmail} {
		messages, err := c.Messages(MessageFilter{
			AppID: earlier.AppID, AuthyID: earlier.AuthyID, To: earlier.To, Channel: channel, Since: earlier.Since,
		})
		if err != nil {
			return time.Time{}, err
		}
		codes = append(codes, slices.DeleteFunc(messages, func(m Message) bool { return m.Code == "" })...)
	}
	if len(codes) < limit {
		return c.now, nil
	}
	slices.SortFunc(codes, func(a, b Message) int { return cmp.Compare(b.ID, a.ID) })
	return codes[limit-1].CreatedAt.Add(limitWindow + time.Microsecond), nil // one that is just an hour old still counts
}

// MessageCount chooses the codes that one recipient got by text, call or e-mail: by Authy ID, or by phone number when that is
// 0. Messages without a code, such as the link to the app, do not count.
type MessageCount struct {
	AppID   string
	AuthyID int64
	To      string
	Since   time.Time
}

// withinCounts refuses a message beyond the limits of the application's day or month.
func (c *change) withinCounts(app Application, channel Channel) (*Error, error) {
	for _, rule := range []struct {
		channel Channel
		limit   int
		what    countable
		period  period
		ends    time.Time
		refusal *Error
	}{
		{
			ChannelSMS, app.SMSPerDay, countSMS, dayOf(c.now), endOfDay(c.now),
			refuse(CodeSMSDailyLimit, "Daily SMS limit of the application is reached"),
		},
		{
			ChannelSMS, app.SMSPerMonth, countSMS, monthOf(c.now), endOfMonth(c.now),
			refuse(CodeSMSMonthlyLimit, "Monthly SMS limit of the application is reached"),
		},
		{
			ChannelCall, app.CallsPerDay, countCalls, dayOf(c.now), endOfDay(c.now),
			refuse(CodeCallsDailyLimit, "Daily limit of calls of the application is reached"),
		},
		{
			ChannelCall, app.CallsPerMonth, countCalls, monthOf(c.now), endOfMonth(c.now),
			refuse(CodeCallsMonthlyLimit, "Monthly limit of calls of the application is reached"),
		},
	} {
		if rule.channel != channel || rule.limit == 0 {
			continue
		}
		number, err := c.Count(app.ID, string(rule.what), int(rule.period))
		if err != nil {
			return nil, err
		}
		if reached(rule.limit, number) {
			return rule.refusal.until(c.now, rule.ends), nil
		}
	}
	return nil, nil
}
