package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// setting is something of an application that can be chosen: its flag, and its line when the application is shown. Without
// a title it has none.
type setting struct {
	name, usage string
	flag        func(*onetouch.ApplicationSettings) settingFlag
	title       string
	text        func(controlapi.Application) string
}

// settingsOfApp are all but the name, in the order in which they are shown. They are a new setting's only place here.
func settingsOfApp() []setting {
	return slices.Concat([]setting{
		{"api-key", "API `KEY`, instead of a random one",
			func(s *onetouch.ApplicationSettings) settingFlag { return someText(&s.APIKey) },
			"API key", func(a controlapi.Application) string { return a.APIKey }},
		{"alternative-api-key", "second API `KEY`; empty for none",
			func(s *onetouch.ApplicationSettings) settingFlag { return optionalText(&s.AlternativeAPIKey) },
			"Second API key", func(a controlapi.Application) string { return a.AlternativeAPIKey }},
		{"access-key", "access `KEY` of who manages webhooks, instead of a random one",
			func(s *onetouch.ApplicationSettings) settingFlag { return someText(&s.AccessKey) },
			"Access key", func(a controlapi.Application) string { return a.AccessKey }},
		{"signing-key", "`KEY` that signs calls about webhooks, instead of a random one",
			func(s *onetouch.ApplicationSettings) settingFlag { return someText(&s.SigningKey) },
			"Signing key", func(a controlapi.Application) string { return a.SigningKey }},
		{"callback-url", "`URL` to report answers to; empty for none",
			func(s *onetouch.ApplicationSettings) settingFlag { return optionalText(&s.CallbackURL) },
			"Callbacks", func(a controlapi.Application) string { return callbackText(a.CallbackMethod, a.CallbackURL) }},
		{"callback-method", "`METHOD` of callbacks: POST or GET; new applications POST",
			func(s *onetouch.ApplicationSettings) settingFlag { return someText(&s.CallbackMethod) }, "", nil},
		{"push", "`WHO` pushes to phones: authy or backend; in new applications authy",
			func(s *onetouch.ApplicationSettings) settingFlag { return someText(&s.PushSender) },
			"Pushes", func(a controlapi.Application) string { return "sent by " + a.Push }},
		{"token-digits", "`NUMBER` of digits of the codes that are sent: 6 to 8; in new applications 7",
			func(s *onetouch.ApplicationSettings) settingFlag { return someNumber(&s.TokenDigits) },
			"Token digits", func(a controlapi.Application) string { return fmt.Sprint(a.TokenDigits) }},
	}, deliveryOfApp(), switchesOfApp(), limitsOfApp())
}

// deliveryOfApp are the settings of how callbacks, webhooks and pushes are sent.
func deliveryOfApp() []setting {
	return []setting{
		{"callback-generation", "`YEAR` since which callbacks have their form: 2015, 2017 or 2019; in new applications 2019",
			func(s *onetouch.ApplicationSettings) settingFlag { return someText(&s.CallbackGeneration) },
			"Form of callbacks", func(a controlapi.Application) string {
				return "of " + cmp.Or(a.CallbackGeneration, onetouch.Callback2019)
			}},
		{"callback-device-uuid", "`TYPE` of device_uuid in callbacks: string or number; in new applications string",
			func(s *onetouch.ApplicationSettings) settingFlag { return someText(&s.CallbackDeviceUUID) },
			"device_uuid", func(a controlapi.Application) string {
				return "a " + cmp.Or(a.CallbackDeviceUUID, onetouch.DeviceUUIDString)
			}},
		{"callback-order", "`NAMES` that parameters are sorted by before they are signed: escaped, or decoded as authy-java does; " +
			"in new applications escaped",
			func(s *onetouch.ApplicationSettings) settingFlag { return someText(&s.CallbackOrder) },
			"Signed by", func(a controlapi.Application) string {
				return cmp.Or(a.CallbackOrder, onetouch.OrderEscaped) + " names"
			}},
		{"delivery-timeout", "how long one attempt to send a callback, webhook or push may take, a `DURATION`; empty for 10s",
			func(s *onetouch.ApplicationSettings) settingFlag { return optionalText(&s.DeliveryTimeout) },
			"Attempts may take", func(a controlapi.Application) string { return cmp.Or(a.DeliveryTimeout, "10s") }},
		{"delivery-retries", "`WAITS` before further attempts, such as 1s,5s,30s; none for one attempt; empty for 1s doubled up " +
			"to 5m, 15 attempts in all",
			func(s *onetouch.ApplicationSettings) settingFlag { return optionalText(&s.DeliveryRetries) },
			"Further attempts after", func(a controlapi.Application) string {
				return cmp.Or(a.DeliveryRetries, "1s, doubled up to 5m, 15 attempts in all")
			}},
		{"delivery-concurrency", "attempts at once at one receiver, a `NUMBER` from 1 to 64; 0 for 8",
			func(s *onetouch.ApplicationSettings) settingFlag {
				return wholeNumber(&s.DeliveryConcurrency, "from 1 to 64, or 0 for 8")
			},
			"Attempts at once", func(a controlapi.Application) string { return strconv.Itoa(cmp.Or(a.DeliveryConcurrency, 8)) }},
	}
}

func switchesOfApp() []setting {
	on := func(
		name, usage string, flag func(*onetouch.ApplicationSettings) **bool,
		title string, value func(controlapi.Application) bool,
	) setting {
		return setting{name, usage, func(s *onetouch.ApplicationSettings) settingFlag { return onOrOff(flag(s)) },
			title, func(a controlapi.Application) string { return onOff(value(a)) }}
	}
	return []setting{
		on("sms-enabled", "send texts; on in new applications",
			func(s *onetouch.ApplicationSettings) **bool { return &s.SMSEnabled },
			"Texts", func(a controlapi.Application) bool { return a.SMSEnabled }),
		on("calls-enabled", "make phone calls; on in new applications",
			func(s *onetouch.ApplicationSettings) **bool { return &s.CallsEnabled },
			"Calls", func(a controlapi.Application) bool { return a.CallsEnabled }),
		on("custom-codes-enabled", "let the backend choose code and text of a phone verification",
			func(s *onetouch.ApplicationSettings) **bool { return &s.CustomCodesEnabled },
			"Custom codes", func(a controlapi.Application) bool { return a.CustomCodesEnabled }),
		on("verify-unconfirmed", "take any code of a user who never used a valid one, unless the backend forces the check; "+
			"on in new applications",
			func(s *onetouch.ApplicationSettings) **bool { return &s.VerifyUnconfirmed },
			"Unconfirmed users are valid", func(a controlapi.Application) bool { return a.VerifyUnconfirmed }),
		on("strict-phone-numbers", "take only numbers that the country's numbering plan has",
			func(s *onetouch.ApplicationSettings) **bool { return &s.StrictPhoneNumbers },
			"Strict phone numbers", func(a controlapi.Application) bool { return a.StrictPhoneNumbers }),
		on("require-device", "refuse approval requests to a user without a device (60050)",
			func(s *onetouch.ApplicationSettings) **bool { return &s.RequireDevice },
			"Requests need a device", func(a controlapi.Application) bool { return a.RequireDevice }),
		on("sandbox", "answer as Authy's sandbox did: see 'onetouch serve --profile'",
			func(s *onetouch.ApplicationSettings) **bool { return &s.Sandbox },
			"Sandbox", func(a controlapi.Application) bool { return a.Sandbox }),
		on("unknown-requests-pending", "in a sandbox, call approval requests that do not exist pending",
			func(s *onetouch.ApplicationSettings) **bool { return &s.UnknownRequestsPending },
			"Unknown requests are pending", func(a controlapi.Application) bool { return a.UnknownRequestsPending }),
		on("suspended", "refuse every call of the Authy API",
			func(s *onetouch.ApplicationSettings) **bool { return &s.Suspended },
			"Suspended", func(a controlapi.Application) bool { return a.Suspended }),
	}
}

func limitsOfApp() []setting {
	most := func(
		name, usage string, flag func(*onetouch.ApplicationSettings) **int,
		title string, value func(controlapi.Application) int,
	) setting {
		return setting{name, usage, func(s *onetouch.ApplicationSettings) settingFlag { return someLimit(flag(s)) },
			title, func(a controlapi.Application) string { return limitText(value(a)) }}
	}
	return []setting{
		most("tokens-per-hour", "most texts, calls and e-mails to one user, a `NUMBER`; 0 for no limit, as in all limits; in "+
			"new applications 60",
			func(s *onetouch.ApplicationSettings) **int { return &s.TokensPerHour },
			"Codes to a user per hour", func(a controlapi.Application) int { return a.TokensPerHour }),
		most("failures-per-hour", "most wrong codes of one user, a `NUMBER`; in new applications 100",
			func(s *onetouch.ApplicationSettings) **int { return &s.FailuresPerHour },
			"Wrong codes of a user per hour", func(a controlapi.Application) int { return a.FailuresPerHour }),
		most("api-calls-per-minute", "most calls of its backend, a `NUMBER`",
			func(s *onetouch.ApplicationSettings) **int { return &s.APICallsPerMinute },
			"API calls per minute", func(a controlapi.Application) int { return a.APICallsPerMinute }),
		most("sms-per-day", "most texts, a `NUMBER`",
			func(s *onetouch.ApplicationSettings) **int { return &s.SMSPerDay },
			"Texts per day", func(a controlapi.Application) int { return a.SMSPerDay }),
		most("sms-per-month", "most texts, a `NUMBER`",
			func(s *onetouch.ApplicationSettings) **int { return &s.SMSPerMonth },
			"Texts per month", func(a controlapi.Application) int { return a.SMSPerMonth }),
		most("calls-per-day", "most phone calls, a `NUMBER`",
			func(s *onetouch.ApplicationSettings) **int { return &s.CallsPerDay },
			"Calls per day", func(a controlapi.Application) int { return a.CallsPerDay }),
		most("calls-per-month", "most phone calls, a `NUMBER`",
			func(s *onetouch.ApplicationSettings) **int { return &s.CallsPerMonth },
			"Calls per month", func(a controlapi.Application) int { return a.CallsPerMonth }),
	}
}

// addSettingFlags gives cmd a flag for every setting of an application but its name. What is not given is left as it is.
func addSettingFlags(cmd *cobra.Command, s *onetouch.ApplicationSettings) {
	for _, one := range settingsOfApp() {
		flag := one.flag(s)
		cmd.Flags().Var(flag, one.name, one.usage)
		if flag.kind == "bool" {
			cmd.Flags().Lookup(one.name).NoOptDefVal = "true"
		}
	}
	completes(cmd, "callback-method", completeWords(onetouch.CallbackMethods()...))
	completes(cmd, "callback-generation", completeWords(onetouch.CallbackGenerations()...))
	completes(cmd, "callback-device-uuid", completeWords(onetouch.DeviceUUIDString, onetouch.DeviceUUIDNumber))
	completes(cmd, "callback-order", completeWords(onetouch.OrderEscaped, onetouch.OrderDecoded))
	completes(cmd, "push", completeWords(textsOf(onetouch.PushSenders())...))
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func limitText(most int) string {
	if most == 0 {
		return "no limit"
	}
	return strconv.Itoa(most)
}

// aboutSwitches is help for those who look for the other half of a switch.
const aboutSwitches = "A switch is turned on with --NAME and off with --NAME=false."

// settingFlag is a flag whose value counts only when it is given.
type settingFlag struct {
	kind string
	set  func(string) error
}

// String names no default: it is what is stored.
func (settingFlag) String() string { return "" }

// Type is the placeholder in the help text.
func (f settingFlag) Type() string { return f.kind }

// Set takes the flag's text.
func (f settingFlag) Set(text string) error { return f.set(text) }

func someText[T ~string](value *T) settingFlag {
	return settingFlag{"string", func(text string) error {
		if text == "" {
			return errors.New("it must not be empty")
		}
		*value = T(text)
		return nil
	}}
}

// optionalText can be empty, which is not the same as not given.
func optionalText(value **string) settingFlag {
	return settingFlag{"string", func(text string) error {
		*value = &text
		return nil
	}}
}

func onOrOff(value **bool) settingFlag {
	return settingFlag{"bool", func(text string) error {
		on, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("it must be true or false")
		}
		*value = &on
		return nil
	}}
}

func someNumber(value *int) settingFlag {
	return settingFlag{"number", func(text string) error {
		number, err := strconv.Atoi(text)
		if err != nil || number <= 0 {
			return errors.New("it must be a whole number above 0")
		}
		*value = number
		return nil
	}}
}

func someLimit(value **int) settingFlag { return wholeNumber(value, "or 0 for no limit") }

// wholeNumber reads a number; what says which ones there are beside.
func wholeNumber(value **int, what string) settingFlag {
	return settingFlag{"number", func(text string) error {
		number, err := strconv.Atoi(text)
		if err != nil || number < 0 {
			return errors.New("it must be a whole number, " + what)
		}
		*value = &number
		return nil
	}}
}
