package sequence

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// offset is a time since the beginning: +0 ms, +12.3 ms, +1.5 s, +2 min 3 s, +1 h 2 min.
func offset(ms float64) string {
	sign := "+"
	if ms < 0 { // the clock was set back
		sign, ms = "-", -ms
	}
	const second, minute, hour, day = 1000.0, 60_000.0, 3_600_000.0, 24 * 3_600_000.0
	switch {
	case ms < second:
		return sign + trimmed(ms, 1) + " ms"
	case ms < minute:
		return sign + trimmed(ms/second, 2) + " s"
	case ms < hour:
		return sign + two(ms, minute, "min", second, "s")
	case ms < day:
		return sign + two(ms, hour, "h", minute, "min")
	default:
		return sign + two(ms, day, "d", hour, "h")
	}
}

func trimmed(value float64, digits int) string {
	text := strconv.FormatFloat(value, 'f', digits, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func two(ms, large float64, largeUnit string, small float64, smallUnit string) string {
	whole := math.Floor(ms / large)
	if rest := math.Floor((ms - whole*large) / small); rest > 0 {
		return fmt.Sprintf("%.0f %s %.0f %s", whole, largeUnit, rest, smallUnit)
	}
	return fmt.Sprintf("%.0f %s", whole, largeUnit)
}

// said is what a step says, with how often.
func (s Step) said() string {
	if s.Count > 1 {
		return fmt.Sprintf("%s (%d times)", s.Text, s.Count)
	}
	return s.Text
}

// begun is when the story began, for people.
func (d Diagram) begun() string { return d.StartedAt.UTC().Format(time.RFC3339) }

// index is the place of a participant, from the left; -1 for nobody.
func (d Diagram) index(participant string) int {
	for i, p := range d.Participants {
		if p.ID == participant {
			return i
		}
	}
	return -1
}

// called is what a participant is called; the role alone for one without a name.
func (p Participant) called() (name, role string) {
	if strings.TrimSpace(p.Name) == "" {
		return p.Role, ""
	}
	return p.Name, p.Role
}
