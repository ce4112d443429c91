package terminal

import (
	"strconv"
	"time"
)

// Age is how long ago something was, in its largest unit: 59s, 3m, 23h, 1d. What is younger than a second is "now".
func Age(passed time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		letter string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if passed >= unit.length {
			return strconv.FormatInt(int64(passed/unit.length), 10) + unit.letter
		}
	}
	return "now"
}
