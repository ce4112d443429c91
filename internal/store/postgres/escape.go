package postgres

import "strings"

// A text is kept as it is, but for the two characters that no text of people has: U+0000, which PostgreSQL refuses, is kept as
// U+0001 U+0001, and U+0001 as U+0001 U+0002. Texts keep their order by bytes.
const (
	zero, escape               = "\x00", "\x01"
	escapedZero, escapedEscape = escape + "\x01", escape + "\x02"
)

// escaped is a text as PostgreSQL takes it.
func escaped(text string) string {
	if !strings.ContainsAny(text, zero+escape) {
		return text
	}
	return strings.NewReplacer(zero, escapedZero, escape, escapedEscape).Replace(text)
}

// unescaped is the text that escaped was given.
func unescaped(text string) string {
	if !strings.Contains(text, escape) {
		return text
	}
	return strings.NewReplacer(escapedZero, zero, escapedEscape, escape).Replace(text)
}
