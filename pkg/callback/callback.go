package callback

import (
	"fmt"
	"strconv"
	"time"
)

// Status is how an approval request was answered.
type Status string

// The two answers. An approval request that expires is not reported.
const (
	Approved Status = "approved"
	Denied   Status = "denied"
)

// Callback reports the answer to an approval request. Every field is read from what was signed.
type Callback struct {
	AuthyID    int64  // whose answer it is
	DeviceUUID string // of the device that answered: a UUID or, in payloads of 2017 to 2019, a number
	UUID       string // of the approval request
	Status     Status
	Message    string // as the user was asked
	Reason     string // given by the user; mostly empty
	// Details were shown to the user, HiddenDetails not. Both are empty, not nil, when there were none.
	Details       map[string]string
	HiddenDetails map[string]string
	SignedAt      time.Time // by the device's clock; zero when the payload does not say
	AppID         string    // 24 hexadecimal digits; empty in the oldest payloads
	Signature     string    // the device's own signature, in base64; the callback is signed by [SignatureHeader]
	Nonce         string    // of this attempt to deliver; another attempt has another one
	// Raw is the JSON body of a POST, or the query string of a GET, as it was received.
	Raw []byte

	values   *parameters
	signedBy string // the content of [SignatureHeader]
}

// Approved reports whether the user said yes. Anything else is a no.
func (c *Callback) Approved() bool { return c.Status == Approved }

// Value returns any value of the payload, as text, by the names that lead to it: Value("device", "os_type"). Items of a
// list are numbered from "0".
func (c *Callback) Value(path ...string) (text string, given bool) {
	if c.values == nil {
		return "", false
	}
	return c.values.get(path...)
}

// action is the callback_action of all callbacks on record.
const action = "approval_request_status"

// newCallback reads a verified payload.
func newCallback(p *parameters) (*Callback, error) {
	c := &Callback{values: p}
	if got := c.text("callback_action"); got != action {
		return nil, fmt.Errorf("%w: callback_action is %q: must be %s", ErrMalformed, got, action)
	}
	id := c.text("authy_id")
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%w: authy_id is %q: must be a whole number", ErrMalformed, id)
	}
	c.AuthyID = number
	if c.Status = Status(c.text("status")); c.Status != Approved && c.Status != Denied {
		return nil, fmt.Errorf("%w: status is %q: must be approved or denied", ErrMalformed, c.Status)
	}
	if c.UUID = c.text("uuid"); c.UUID == "" {
		return nil, fmt.Errorf("%w: uuid is missing", ErrMalformed)
	}
	c.DeviceUUID, c.Signature = c.text("device_uuid"), c.text("signature")
	c.AppID = c.text("approval_request", "app_id")
	c.Message, c.Reason = c.transaction("message"), c.transaction("reason")
	c.Details = p.under("approval_request", "transaction", "details")
	c.HiddenDetails = p.under("approval_request", "transaction", "hidden_details")
	if seconds, err := strconv.ParseInt(c.transaction("device_signing_time"), 10, 64); err == nil && seconds > 0 {
		c.SignedAt = time.Unix(seconds, 0).UTC()
	}
	return c, nil
}

func (c *Callback) text(path ...string) string {
	text, _ := c.values.get(path...)
	return text
}

func (c *Callback) transaction(name string) string {
	return c.text("approval_request", "transaction", name)
}
