package migrate

import (
	"fmt"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

// Ask is what a backend asks a user.
type Ask struct {
	approval.Question
	SecondsToExpire *int64 // nil: it does not say; 0: never
}

// askOf is what a call asks, as far as it can be read; err says what cannot.
func askOf(given *parameters.Parameters) (a Ask, err error) {
	note := func(wrong error) {
		if err == nil {
			err = wrong
		}
	}
	message, _, wrong := given.String("message")
	note(wrong)
	a.Message = message
	a.Details, _, wrong = given.Details("details")
	note(wrong)
	a.HiddenDetails, _, wrong = given.Details("hidden_details")
	note(wrong)
	logos, _, wrong := given.List("logos")
	note(wrong)
	for _, logo := range logos {
		resolution, _, wrong := logo.String("res")
		note(wrong)
		address, _, wrong := logo.String("url")
		note(wrong)
		a.Logos = append(a.Logos, approval.Logo{Resolution: resolution, URL: address})
	}
	seconds, expires, wrong := given.Integer("seconds_to_expire")
	note(wrong)
	if expires {
		a.SecondsToExpire = &seconds
	}
	return a, err
}

// lasts is how long the Authy API keeps the question, in seconds; 0: for ever.
func (a Ask) lasts() int64 {
	if a.SecondsToExpire == nil {
		return onetouch.DefaultSecondsToExpire
	}
	return *a.SecondsToExpire
}

// How long a question is open whose backend does not say.
func authyDefault() string  { return counted(onetouch.DefaultSecondsToExpire/3600, "hour", "hours") }
func verifyDefault() string { return spell(verify.DefaultExpiry) }

// Names of the rules, as a report has them.
const (
	ruleDefaultExpiry = "default_expiry"
	ruleNever         = "never"
	ruleLongExpiry    = "long_expiry"
	ruleLongMessage   = "long_message"
	ruleManyDetails   = "many_details"
	ruleLongName      = "long_name"
	ruleLongValue     = "long_value"
	ruleLongHidden    = "long_hidden_details"
	ruleLogos         = "logos"
	ruleOneFactor     = "one_factor"
	ruleNoFactor      = "no_factor"
	ruleReason        = "reason"
)

// rule is a difference between the two APIs that is known: a plan says it of the calls that it holds for, and a check explains
// with it what came out differently.
type rule struct {
	name  string
	says  string
	holds func(Ask) bool // of a question; nil: it is not about what is asked
}

// questionRules are those about what is asked.
func questionRules() []rule {
	hour := int64(verify.MaxExpiry.Seconds())
	return []rule{
		{
			ruleDefaultExpiry,
			fmt.Sprintf("no seconds_to_expire: %s until now, %s with Verify unless ExpirationDate is sent",
				authyDefault(), verifyDefault()),
			func(a Ask) bool { return a.SecondsToExpire == nil },
		},
		{
			ruleNever, "seconds_to_expire=0, never: an hour is the longest",
			func(a Ask) bool { return a.SecondsToExpire != nil && *a.SecondsToExpire == 0 },
		},
		{
			ruleLongExpiry, fmt.Sprintf("seconds_to_expire above %d: an hour is the longest", hour),
			func(a Ask) bool { return a.SecondsToExpire != nil && *a.SecondsToExpire > hour },
		},
		{
			ruleLongMessage, fmt.Sprintf("a message of more than %d characters: refused", verify.MaxMessage),
			func(a Ask) bool { return utf8.RuneCountInString(a.Message) > verify.MaxMessage },
		},
		{
			ruleManyDetails, fmt.Sprintf("more than %d details: refused", verify.MaxFields),
			func(a Ask) bool { return len(a.Details) > verify.MaxFields },
		},
		{
			ruleLongName, fmt.Sprintf("a detail whose name has more than %d characters: refused", verify.MaxLabel),
			func(a Ask) bool {
				return longest(a.Details, func(d details.Detail) string { return d.Name }) > verify.MaxLabel
			},
		},
		{
			ruleLongValue, fmt.Sprintf("a detail whose value has more than %d characters: refused", verify.MaxValue),
			func(a Ask) bool {
				return longest(a.Details, func(d details.Detail) string { return d.Value }) > verify.MaxValue
			},
		},
		{
			ruleLongHidden, fmt.Sprintf("hidden_details of more than %d characters of JSON: refused", verify.MaxHiddenDetails),
			func(a Ask) bool {
				object, err := a.HiddenDetails.MarshalJSON()
				return err == nil && utf8.RuneCount(object) > verify.MaxHiddenDetails
			},
		},
		{ruleLogos, "logos: the app shows its own", func(a Ask) bool { return len(a.Logos) > 0 }},
	}
}

func longest(list details.List, text func(details.Detail) string) int {
	most := 0
	for _, d := range list {
		most = max(most, utf8.RuneCountInString(text(d)))
	}
	return most
}

// oneFactor, noFactor and noReason are about who is asked and what is told of an answer.
func oneFactor() rule {
	return rule{name: ruleOneFactor, says: "a challenge is for one factor (FactorSid): the Authy API asked all devices of the " +
		"user, and the first answer won"}
}

func noFactor() rule {
	return rule{name: ruleNoFactor, says: "a user without a verified factor cannot be asked: the Authy API took the request and " +
		"waited"}
}

func noReason() rule {
	return rule{name: ruleReason, says: "the reason that a user gives with an answer is not told: responded_reason is about " +
		"something else"}
}
