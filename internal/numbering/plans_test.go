package numbering_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"github.com/onetouchkit/onetouch/internal/numbering"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestLine(t *testing.T) {
	t.Parallel()
	plans := &numbering.Plans{}
	for _, test := range []struct {
		country  int
		national string
		line     onetouch.Line
		ok       bool
	}{
		{1, "2025550158", onetouch.LineUnknown, true}, // the plan does not tell mobiles from landlines
		{1, "1929671234", onetouch.LineUnknown, false},
		{1, "4321231211", onetouch.LineUnknown, false},
		{1, "8002530000", onetouch.LineUnknown, true},
		{44, "2079460958", onetouch.LineLandline, true},
		{44, "02079460958", onetouch.LineLandline, true}, // as it is dialled within the country
		{44, "7911123456", onetouch.LineCellphone, true},
		{44, "5600000000", onetouch.LineVoIP, true},
		{44, "1481256789", onetouch.LineLandline, true}, // Guernsey
		{39, "0612345678", onetouch.LineLandline, true}, // its zero is part of the number
		{57, "3211234567", onetouch.LineCellphone, true},
		{49, "15123456789", onetouch.LineCellphone, true},
		{800, "12345678", onetouch.LineUnknown, true},
		{999, "12345678", onetouch.LineUnknown, false},
		{800, "0000000", onetouch.LineUnknown, false},
		{0, "", onetouch.LineUnknown, false},
		{1, "", onetouch.LineUnknown, false},
		{44, "0", onetouch.LineUnknown, false},
	} {
		if line, ok := plans.Line(onetouch.PhoneNumber{CountryCode: test.country, National: test.national}); line != test.line || ok != test.ok {
			t.Errorf("+%d %s: got %s, %t, want %s, %t", test.country, test.national, line, ok, test.line, test.ok)
		}
	}
}

// libphonenumber says the same of any number.
func compare(t *testing.T, plans *numbering.Plans, country int, national string) {
	t.Helper()
	line, ok := plans.Line(onetouch.PhoneNumber{CountryCode: country, National: national})
	n := theirs(country, national)
	valid := phonenumbers.IsValidNumber(n)
	if !valid { // one with the national prefix is valid without
		parsed, err := phonenumbers.Parse("+"+strconv.Itoa(country)+national, "ZZ")
		if err == nil && int(parsed.GetCountryCode()) == country && strings.HasSuffix(national, phonenumbers.GetNationalSignificantNumber(parsed)) {
			if prefix := phonenumbers.GetNddPrefixForRegion(phonenumbers.GetRegionCodeForCountryCode(country), false); prefix != "" &&
				national == prefix+phonenumbers.GetNationalSignificantNumber(parsed) {
				n, valid = parsed, phonenumbers.IsValidNumber(parsed)
			}
		}
	}
	if ok != valid {
		t.Errorf("+%d %s: got %t, libphonenumber says %t", country, national, ok, valid)
		return
	}
	if want := lineOf(n); valid && line != want {
		t.Errorf("+%d %s: got %s, libphonenumber says %s", country, national, line, want)
	}
}

// theirs is the number as libphonenumber keeps it: a number, and how many zeros stand before it.
func theirs(country int, national string) *phonenumbers.PhoneNumber {
	number, _ := strconv.ParseUint(national, 10, 64)
	code, zeros := int32(country), int32(len(national)-len(strconv.FormatUint(number, 10)))
	n := &phonenumbers.PhoneNumber{CountryCode: &code, NationalNumber: &number}
	if zeros > 0 {
		yes := true
		n.ItalianLeadingZero, n.NumberOfLeadingZeros = &yes, &zeros
	}
	return n
}

func lineOf(n *phonenumbers.PhoneNumber) onetouch.Line {
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.FIXED_LINE:
		return onetouch.LineLandline
	case phonenumbers.MOBILE:
		return onetouch.LineCellphone
	case phonenumbers.VOIP:
		return onetouch.LineVoIP
	default:
		return onetouch.LineUnknown
	}
}

// Example numbers of every region and kind, and what comes of changing a digit.
func TestPlansAreThoseOfLibphonenumber(t *testing.T) {
	t.Parallel()
	plans := &numbering.Plans{}
	random := rand.New(rand.NewPCG(1, 2))
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	examples := 0
	for _, r := range collection.GetMetadata() {
		for _, kind := range []*phonenumbers.PhoneNumberDesc{
			r.GetFixedLine(), r.GetMobile(), r.GetVoip(), r.GetTollFree(), r.GetPremiumRate(), r.GetSharedCost(), r.GetPersonalNumber(),
			r.GetPager(), r.GetUan(), r.GetVoicemail(),
		} {
			example := kind.GetExampleNumber()
			if example == "" {
				continue
			}
			examples++
			compare(t, plans, int(r.GetCountryCode()), example)
			for range 10 {
				changed := []byte(example)
				changed[random.IntN(len(changed))] = byte('0' + random.IntN(10))
				compare(t, plans, int(r.GetCountryCode()), string(changed))
			}
			compare(t, plans, int(r.GetCountryCode()), example[1:])
			compare(t, plans, int(r.GetCountryCode()), example+"0")
		}
	}
	if examples < 800 {
		t.Errorf("only %d examples", examples)
	}
}

func FuzzLine(f *testing.F) {
	plans := &numbering.Plans{}
	for _, seed := range []string{"12025550158", "442079460958", "4402079460958", "390612345678", "80012345678", "5493514567890"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, digits string) {
		if len(digits) < 4 || len(digits) > 17 || strings.Trim(digits, "0123456789") != "" || digits[0] == '0' {
			return
		}
		for length := 1; length <= 3; length++ {
			country, _ := strconv.Atoi(digits[:length])
			compare(t, plans, country, digits[length:])
		}
	})
}

func TestPlansAreSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	plans := &numbering.Plans{}
	var all sync.WaitGroup
	for country := range 60 {
		all.Go(func() {
			for range 3 {
				plans.Line(onetouch.PhoneNumber{CountryCode: country % 20, National: "2025550158"})
			}
		})
	}
	all.Wait()
	if _, ok := plans.Line(onetouch.PhoneNumber{CountryCode: 1, National: "2025550158"}); !ok {
		t.Error("after all of them a number is no number")
	}
}
