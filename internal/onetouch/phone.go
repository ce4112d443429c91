package onetouch

import (
	"strconv"
	"strings"
)

// PhoneNumber is a number as it is dialled from abroad.
type PhoneNumber struct {
	CountryCode int
	National    string // digits only
}

// String is the number in E.164: +12025550158.
func (n PhoneNumber) String() string { return "+" + strconv.Itoa(n.CountryCode) + n.National }

// AsWritten is the number as people are told of it: its country code, then what somebody wrote for the rest.
func (n PhoneNumber) AsWritten(text string) string {
	return PhoneNumber{CountryCode: n.CountryCode}.String() + " " + strings.TrimSpace(text)
}

// Numbers are checked for digits and length only: the live service took numbers that numbering plans call invalid
// (192-967-1234, 432-123-1211) and refused letters, blanks, 3001 and 123.
const (
	minNationalDigits = 6
	maxPhoneDigits    = 15 // with the country code; ITU-T E.164
	maxCountryDigits  = 3
)

// newPhoneNumber drops punctuation: "(202) 555-0158" is 2025550158.
func newPhoneNumber(countryCode int, text string) (PhoneNumber, bool) {
	digits := withoutPunctuation(text)
	ok := len(digits) >= minNationalDigits && len(digits)+len(strconv.Itoa(countryCode)) <= maxPhoneDigits && onlyDigits(digits)
	return PhoneNumber{CountryCode: countryCode, National: digits}, ok
}

func withoutPunctuation(text string) string {
	return strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "", "/", "", "+", "").Replace(text)
}

func parseCountryCode(text string) (int, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 1, true
	}
	digits := strings.TrimPrefix(text, "+")
	if digits == "" || len(digits) > maxCountryDigits || !onlyDigits(digits) {
		return 0, false
	}
	code, err := strconv.Atoi(digits)
	return code, err == nil && code > 0
}

func onlyDigits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// Numbering is the port to the numbering plans of the world.
type Numbering interface {
	// Line says what kind of line a number is; [LineUnknown] when its plan does not tell. ok is false when no plan has the
	// number.
	Line(PhoneNumber) (line Line, ok bool)
}

// Line is a kind of line, in the words of phone information.
type Line string

// Kinds of line. Source: recorded answers.
const (
	LineCellphone Line = "cellphone"
	LineLandline  Line = "landline"
	LineVoIP      Line = "voip"
	LineUnknown   Line = "unknown"
)

// anyNumbering takes every number.
type anyNumbering struct{}

func (anyNumbering) Line(PhoneNumber) (Line, bool) { return LineUnknown, true }

// numberRule is what the application asks of a phone number beside its digits and length.
func (s *Service) numberRule(app Application) func(PhoneNumber) bool {
	return func(n PhoneNumber) bool {
		if !app.StrictPhoneNumbers {
			return true
		}
		_, ok := s.numbering.Line(n)
		return ok
	}
}

// verifiablePhone reads the number of a call about phones, where both parameters are required.
// Source of the words: authy-ruby's specs.
func (s *Service) verifiablePhone(app Application, countryCode, number string) (PhoneNumber, error) {
	for _, parameter := range []struct{ name, text string }{{"phone_number", number}, {"country_code", countryCode}} {
		if strings.TrimSpace(parameter.text) == "" {
			return PhoneNumber{}, InvalidParameter(parameter.name, "Parameter is required")
		}
	}
	country, okay := parseCountryCode(countryCode)
	phone, ok := newPhoneNumber(country, number)
	if !okay || !ok || phone.isShort() || !s.numberRule(app)(phone) {
		return PhoneNumber{}, PhoneNumberInvalid()
	}
	return phone, nil
}

// PhoneNumberInvalid is the refusal of a phone number. Source of the words: authy-ruby, authy-rs, authy-java.
func PhoneNumberInvalid() error { return refuse(CodePhoneNumberInvalid, "Phone number is invalid") }

// isShort refuses a number that nobody can have as their mobile's: the old sandbox refused 555-9302 in country 54. Countries
// with short numbers all have codes of three digits.
func (n PhoneNumber) isShort() bool {
	const fewest = 8
	return n.CountryCode < 100 && len(n.National) < fewest
}
