package fault

import (
	"strings"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Pattern chooses calls: a method and a path, such as "POST /onetouch/*". A star stands for any text, slashes too. The
// method may be left out: "/protected/json/users/*/status". Slashes that are doubled or last do not count, as in the
// paths of calls.
type Pattern struct{ method, path string }

// star stands for any text.
const star = "*"

// maxPattern bounds a pattern, in bytes.
const maxPattern = 2000

// ParsePattern reads a pattern. "" is every call; one of nothing but white space is a mistake.
func ParsePattern(text string) (Pattern, error) {
	p := Pattern{method: star, path: star}
	if text == "" {
		return p, nil
	}
	words := strings.Fields(text)
	switch len(words) {
	case 0:
		p.path = "" // a mistake
	case 1:
		p.path = words[0]
	case 2:
		p.method, p.path = strings.ToUpper(words[0]), words[1]
	}
	begins := strings.HasPrefix(p.path, "/") || strings.HasPrefix(p.path, star)
	if len(words) > 2 || len(text) > maxPattern || !begins || !isASCII(p.method) || !utf8.ValidString(p.path) {
		return Pattern{}, onetouch.InvalidParameter("match", "must be a method and a path, such as POST /onetouch/*")
	}
	p.path = withoutSlashes(p.path)
	return p, nil
}

// isASCII reports whether a text can be a method. No other text keeps its length when it is put into upper case.
func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(char rune) bool { return char >= utf8.RuneSelf })
}

// String is the pattern as [ParsePattern] reads it.
func (p Pattern) String() string {
	if p.method == star {
		return p.path
	}
	return p.method + " " + p.path
}

// devices is how the paths of the device API begin.
const devices = "/device/"

// forDevices reports whether the pattern chooses calls of the device API.
func (p Pattern) forDevices() bool { return strings.HasPrefix(p.path+"/", devices) }

// Matches reports whether the call is one of those.
func (p Pattern) Matches(method, path string) bool {
	return Matches(p.method, method) && Matches(p.path, withoutSlashes(path))
}

// withoutSlashes drops slashes that do not count.
func withoutSlashes(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return path
}

// Matches reports whether all of a text is what a pattern says, in which a star stands for any text.
func Matches(pattern, text string) bool {
	parts := strings.Split(pattern, star)
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return pattern == text
	}
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, rest, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = rest
	}
	return true
}
