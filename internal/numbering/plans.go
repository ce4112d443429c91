// Package numbering knows the numbering plans of the world, for applications that want phone numbers to be real.
package numbering

import (
	_ "embed" // the plans
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

//go:generate go run ./generate

//go:embed plans.txt
var plansText string

// Plans implements [onetouch.Numbering]. It costs nothing until the first number is looked up, and then only the plans of
// that number's country. It is safe for concurrent use.
type Plans struct {
	mu      sync.Mutex
	regions map[int][]*region // by calling code, of those that were looked up
}

// region is the plan of one of the regions that share a calling code.
type region struct {
	leadingDigits  *regexp.Regexp // of the numbers that are its own; nil: the patterns tell
	nationalPrefix string         // that is dialled within the country, and not from abroad
	all            *regexp.Regexp
	landline       *regexp.Regexp
	cellphone      *regexp.Regexp
	voip           *regexp.Regexp
	other          *regexp.Regexp
}

// Line implements [onetouch.Numbering]. A number with its national prefix (020 7946 0958 in country 44) counts as the one
// without. Source of the rules: libphonenumber's IsValidNumber and GetNumberType.
func (p *Plans) Line(n onetouch.PhoneNumber) (onetouch.Line, bool) {
	regions := p.of(n.CountryCode)
	if line, ok := lineIn(regions, n.National); ok || len(regions) == 0 {
		return line, ok
	}
	if prefix := regions[0].nationalPrefix; prefix != "" && strings.HasPrefix(n.National, prefix) {
		return lineIn(regions, n.National[len(prefix):])
	}
	return onetouch.LineUnknown, false
}

func lineIn(regions []*region, national string) (onetouch.Line, bool) {
	for _, r := range regions {
		if r.leadingDigits != nil {
			if r.leadingDigits.MatchString(national) {
				return r.line(national)
			}
			continue
		}
		if line, ok := r.line(national); ok {
			return line, true
		}
	}
	return onetouch.LineUnknown, false
}

func (r *region) line(national string) (onetouch.Line, bool) {
	matches := func(pattern *regexp.Regexp) bool { return pattern != nil && pattern.MatchString(national) }
	if !matches(r.all) {
		return onetouch.LineUnknown, false
	}
	landline, cellphone := matches(r.landline), matches(r.cellphone)
	switch {
	case matches(r.other):
		return onetouch.LineUnknown, true
	case matches(r.voip):
		return onetouch.LineVoIP, true
	case landline && cellphone:
		return onetouch.LineUnknown, true
	case landline:
		return onetouch.LineLandline, true
	case cellphone:
		return onetouch.LineCellphone, true
	default:
		return onetouch.LineUnknown, false
	}
}

// of returns the regions of a calling code, the main one first.
func (p *Plans) of(countryCode int) []*region {
	p.mu.Lock()
	defer p.mu.Unlock()
	regions, known := p.regions[countryCode]
	if known {
		return regions
	}
	prefix := strconv.Itoa(countryCode) + "\t"
	for line := range strings.Lines(plansText) {
		if strings.HasPrefix(line, prefix) {
			regions = append(regions, parseRegion(strings.TrimSuffix(line, "\n")))
		}
	}
	if p.regions == nil {
		p.regions = map[int][]*region{}
	}
	p.regions[countryCode] = regions
	return regions
}

func parseRegion(line string) *region {
	const leadingDigits, nationalPrefix, all, landline, cellphone, voip, other = 2, 3, 4, 5, 6, 7, 8
	var fields [other + 1]string
	copy(fields[:], strings.Split(line, "\t")) // empty ones at the end are left out
	r := &region{
		nationalPrefix: fields[nationalPrefix], all: whole(fields[all]), landline: whole(fields[landline]),
		cellphone: whole(fields[cellphone]), voip: whole(fields[voip]), other: whole(fields[other]),
	}
	if digits := fields[leadingDigits]; digits != "" {
		r.leadingDigits = regexp.MustCompile("^(?:" + digits + ")")
	}
	return r
}

// whole is a pattern of whole numbers; nil for none.
func whole(pattern string) *regexp.Regexp {
	if pattern == "" {
		return nil
	}
	return regexp.MustCompile("^(?:" + pattern + ")$")
}
