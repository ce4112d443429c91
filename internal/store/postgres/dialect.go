package postgres

import (
	"strconv"
	"strings"
)

// dialect is a statement as PostgreSQL gets it: its parameters have numbers. Texts in a statement have no question mark.
func dialect(query string) string {
	var b strings.Builder
	b.Grow(len(query) + 2*strings.Count(query, "?"))
	number := 0
	for part := range strings.SplitAfterSeq(query, "?") {
		text, isParameter := strings.CutSuffix(part, "?")
		b.WriteString(text)
		if isParameter {
			number++
			b.WriteString("$" + strconv.Itoa(number))
		}
	}
	return b.String()
}
