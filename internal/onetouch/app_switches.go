package onetouch

// Switches are what an application does in one way or another. Their JSON is what a store keeps, where a switch that is
// missing is off, and what the operator sees: a new switch is a field here, one in [ApplicationSettings] with a line in its
// apply, and a row in the table of the commands.
type Switches struct {
	// TokenDigits is how long one-time passwords are that are sent: 6 to 8.
	TokenDigits int `json:"token_digits"`
	// VerifyUnconfirmed takes any one-time password of a user who never confirmed, unless the backend forces the check.
	// The service did so, lest users are locked out before they have the app.
	VerifyUnconfirmed bool `json:"verify_unconfirmed"`
	// StrictPhoneNumbers takes only numbers that the country's numbering plan has. The service looked at digits and length.
	StrictPhoneNumbers bool `json:"strict_phone_numbers"`
	SMSEnabled         bool `json:"sms_enabled"`
	CallsEnabled       bool `json:"calls_enabled"`
	// CustomCodesEnabled lets the backend choose code and text of a phone verification. The service wanted to be asked.
	CustomCodesEnabled bool `json:"custom_codes_enabled"`
	// Sandbox makes the application that of the sandbox which was shut down in 2021; see sandbox.go.
	Sandbox bool `json:"sandbox"`
	// UnknownRequestsPending answers the status of an approval request that does not exist with "pending", in a sandbox.
	UnknownRequestsPending bool `json:"unknown_requests_pending"`
	Suspended              bool `json:"suspended"` // refuses every call
	DeliverySwitches
	CallbackForm
}

const (
	defaultTokenDigits = 7 // Source: recorded tokens.
	minTokenDigits     = 6
	maxTokenDigits     = 8
)

func defaultSwitches() Switches {
	return Switches{TokenDigits: defaultTokenDigits, VerifyUnconfirmed: true, SMSEnabled: true, CallsEnabled: true}
}

func (s Switches) validate() error {
	if s.TokenDigits < minTokenDigits || s.TokenDigits > maxTokenDigits {
		return InvalidParameter("token_digits", "must be from 6 to 8")
	}
	if err := s.DeliverySwitches.validate(); err != nil {
		return err
	}
	return s.CallbackForm.validate()
}
