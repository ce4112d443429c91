// Command generate writes the numbering plans of the world from the metadata of libphonenumber, which is the work of Google
// and others under the Apache License 2.0. Run it through go generate when a newer version is wanted.
//
// The server does not link libphonenumber's Go port itself: the port reads all its metadata whenever a process starts,
// also one that never looks at a number.
package main

import (
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

func main() {
	text, err := plans()
	if err == nil {
		err = os.WriteFile("plans.txt", []byte(text), 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// plans has a line for each region: its calling code, its name, and patterns of its numbers, divided by tabs.
func plans() (string, error) {
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		return "", fmt.Errorf("reading the metadata: %w", err)
	}
	regions := collection.GetMetadata()
	slices.SortStableFunc(regions, func(a, b *phonenumbers.PhoneMetadata) int {
		if a.GetCountryCode() != b.GetCountryCode() {
			return int(a.GetCountryCode() - b.GetCountryCode())
		}
		if a.GetMainCountryForCode() != b.GetMainCountryForCode() { // the main one first, as libphonenumber does
			if a.GetMainCountryForCode() {
				return -1
			}
			return 1
		}
		return strings.Compare(a.GetId(), b.GetId())
	})
	var text strings.Builder
	for _, r := range regions {
		line := fmt.Sprintf("%d\t%s\t%s", r.GetCountryCode(), r.GetId(), strings.Join(patterns(r), "\t"))
		text.WriteString(strings.TrimRight(line, "\t") + "\n")
	}
	return text.String(), nil
}

// patterns are those of the numbers of a region, in the order of the fields of a plan.
func patterns(r *phonenumbers.PhoneMetadata) []string {
	var others []string
	for _, kind := range []*phonenumbers.PhoneNumberDesc{
		r.GetPremiumRate(), r.GetTollFree(), r.GetSharedCost(), r.GetPersonalNumber(), r.GetPager(), r.GetUan(), r.GetVoicemail(),
	} {
		if pattern := patternOf(kind); pattern != "" {
			others = append(others, pattern)
		}
	}
	return []string{
		r.GetLeadingDigits(), r.GetNationalPrefix(), patternOf(r.GetGeneralDesc()), patternOf(r.GetFixedLine()),
		patternOf(r.GetMobile()), patternOf(r.GetVoip()), strings.Join(others, "|"),
	}
}

// patternOf is empty for a kind of number that the region does not have.
func patternOf(kind *phonenumbers.PhoneNumberDesc) string {
	if pattern := kind.GetNationalNumberPattern(); pattern != "NA" {
		return pattern
	}
	return ""
}
