package cli

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// addSettingFlags gives cmd a flag for every setting of an application but its name. What is not given is left as it is.
func addSettingFlags(cmd *cobra.Command, s *controlapi.ApplicationSettings) {
	flags := cmd.Flags()
	for _, one := range []struct {
		name  string
		flag  setting
		usage string
	}{
		{"callback-url", optionalText(&s.CallbackURL), "`URL` to report answers to; empty for none"},
		{"callback-method", someText(&s.CallbackMethod), "`METHOD` of callbacks: POST or GET; new applications POST"},
		{"push", someText(&s.Push), "`WHO` pushes to phones: authy or backend; in new applications authy"},
		{"token-digits", someNumber(&s.TokenDigits), "`NUMBER` of digits of the codes that are sent: 6 to 8; in new applications 7"},
		{"tokens-per-hour", someLimit(&s.TokensPerHour), "most texts, calls and e-mails to one user, a `NUMBER`; 0 for no limit, as " +
			"in all limits; in new applications 60"},
		{"failures-per-hour", someLimit(&s.FailuresPerHour), "most wrong codes of one user, a `NUMBER`; in new applications 100"},
		{"api-calls-per-minute", someLimit(&s.APICallsPerMinute), "most calls of the Authy API, a `NUMBER`"},
		{"sms-per-day", someLimit(&s.SMSPerDay), "most texts, a `NUMBER`"},
		{"sms-per-month", someLimit(&s.SMSPerMonth), "most texts, a `NUMBER`"},
		{"calls-per-day", someLimit(&s.CallsPerDay), "most phone calls, a `NUMBER`"},
		{"calls-per-month", someLimit(&s.CallsPerMonth), "most phone calls, a `NUMBER`"},
		{"api-key", someText(&s.APIKey), "API `KEY`, instead of a random one"},
		{"alternative-api-key", optionalText(&s.AlternativeAPIKey), "second API `KEY`; empty for none"},
		{"access-key", someText(&s.AccessKey), "access `KEY` of who manages webhooks, instead of a random one"},
		{"signing-key", someText(&s.SigningKey), "`KEY` that signs calls about webhooks, instead of a random one"},
	} {
		flags.Var(one.flag, one.name, one.usage)
	}
	addSwitches(cmd, s)
	completes(cmd, "callback-method", completeWords("POST", "GET"))
	completes(cmd, "push", completeWords("authy", "backend"))
}

// addSwitches adds the settings that are on or off.
func addSwitches(cmd *cobra.Command, s *controlapi.ApplicationSettings) {
	for _, one := range []struct {
		name, usage string
		value       **bool
	}{
		{"sms-enabled", "send texts; on in new applications", &s.SMSEnabled},
		{"calls-enabled", "make phone calls; on in new applications", &s.CallsEnabled},
		{"custom-codes-enabled", "let the backend choose code and text of a phone verification", &s.CustomCodesEnabled},
		{"verify-unconfirmed", "take any code of a user who never used a valid one, unless the backend forces the check; on " +
			"in new applications", &s.VerifyUnconfirmed},
		{"strict-phone-numbers", "take only numbers that the country's numbering plan has", &s.StrictPhoneNumbers},
		{"require-device", "refuse approval requests to a user without a device (60050)", &s.RequireDevice},
		{"sandbox", "answer as Authy's sandbox did: see 'onetouch serve --profile'", &s.Sandbox},
		{"unknown-requests-pending", "in a sandbox, call approval requests that do not exist pending", &s.UnknownRequestsPending},
		{"suspended", "refuse every call of the Authy API", &s.Suspended},
	} {
		cmd.Flags().Var(onOrOff(one.value), one.name, one.usage)
		cmd.Flags().Lookup(one.name).NoOptDefVal = "true"
	}
}

// aboutSwitches is help for those who look for the other half of a switch.
const aboutSwitches = "A switch is turned on with --NAME and off with --NAME=false."

// setting is a flag whose value counts only when it is given.
type setting struct {
	kind string
	set  func(string) error
}

// String names no default: it is what is stored.
func (setting) String() string { return "" }

// Type is the placeholder in the help text.
func (s setting) Type() string { return s.kind }

// Set takes the flag's text.
func (s setting) Set(text string) error { return s.set(text) }

func someText(value *string) setting {
	return setting{"string", func(text string) error {
		if text == "" {
			return errors.New("it must not be empty")
		}
		*value = text
		return nil
	}}
}

// optionalText can be empty, which is not the same as not given.
func optionalText(value **string) setting {
	return setting{"string", func(text string) error {
		*value = &text
		return nil
	}}
}

func onOrOff(value **bool) setting {
	return setting{"bool", func(text string) error {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("it must be true or false")
		}
		*value = &on
		return nil
	}}
}

func someNumber(value *int) setting {
	return setting{"number", func(text string) error {
		number, err := strconv.Atoi(text)
		if err != nil || number <= 0 {
			return errors.New("it must be a whole number above 0")
		}
		*value = number
		return nil
	}}
}

func someLimit(value **int) setting {
	return setting{"number", func(text string) error {
		number, err := strconv.Atoi(text)
		if err != nil || number < 0 {
			return errors.New("it must be a whole number, or 0 for no limit")
		}
		*value = &number
		return nil
	}}
}
