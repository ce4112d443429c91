package onetouch

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/onetouchkit/onetouch/pkg/details"
)

// ClientWarning says that a published client of the Authy API will refuse the callback of an approval request, whatever is
// sent, because of one of its details. The request is none the worse for it: other receivers verify it.
type ClientWarning struct {
	Client string `json:"client"` // authy-client (npm), authy-python or authy-java
	Detail string `json:"detail"` // its name
	Reason string `json:"reason"`
}

// String is the warning in one line.
func (w ClientWarning) String() string {
	return fmt.Sprintf("%s refuses the callback because of the detail %q: %s", w.Client, w.Detail, w.Reason)
}

// ClientWarnings looks in the details of a request for what clients are known to get wrong.
// Source: runs of authy-python and authy-client, and the source of authy-java.
func ClientWarnings(shown, hidden details.List) []ClientWarning {
	return append(clientWarnings(shown, "details"), clientWarnings(hidden, "hidden_details")...)
}

func clientWarnings(list details.List, group string) (warnings []ClientWarning) {
	for _, detail := range list {
		for _, rule := range clientRules() {
			if rule.refuses(detail.Name, detail.Value, group) {
				warnings = append(warnings, ClientWarning{rule.client, detail.Name, rule.reason})
			}
		}
	}
	if len(list) < 2 {
		return warnings
	}
	for _, rule := range []struct {
		client, reason string
		name           func(string) string
	}{
		{"authy-java", "it sorts it and %q the other way round", func(name string) string { return name + "]" }},
		{"authy-client", "it sorts it and %q without regard to capitals", lowerASCII},
	} {
		warnings = append(warnings, orderWarnings(list, rule.client, rule.reason, rule.name)...)
	}
	return warnings
}

// clientRule is something that a client gets wrong about one detail.
type clientRule struct {
	client, reason string
	refuses        func(name, value, group string) bool
}

const longestJavaName = 200 // characters of a name as it is signed; authy-java throws beyond

func clientRules() []clientRule {
	return []clientRule{
		{"authy-java", "it escapes * and ~ in its own way", func(name, value, _ string) bool {
			return strings.ContainsAny(name, "*~") || strings.ContainsAny(value, "*~")
		}},
		{"authy-java", "its name is too long there", func(name, _, group string) bool {
			return len("approval_request[transaction][][]")+len(group)+len(name) > longestJavaName
		}},
		{"authy-client", "it keeps the number in brackets, which is removed elsewhere", func(name, _, _ string) bool {
			return hasIndex(name)
		}},
		{"authy-python", "it takes a value that begins with None for no value", func(_, value, _ string) bool {
			return strings.HasPrefix(value, "None")
		}},
	}
}

// lowerASCII is empty for a name with other letters, which are ordered by language.
func lowerASCII(name string) string {
	if strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII }) {
		return ""
	}
	return strings.ToLower(name)
}

// hasIndex reports whether a name has a number in brackets, as the items of lists have.
func hasIndex(name string) bool {
	for {
		_, after, found := strings.Cut(name, "[")
		if !found {
			return false
		}
		rest := strings.TrimLeft(after, "0123456789")
		if rest != after && strings.HasPrefix(rest, "]") {
			return true
		}
		name = after
	}
}

// orderWarnings finds details that are signed in the order of their escaped names, and that a client puts in another: that
// of what its rule makes of a name, which is empty when nothing is known of it.
func orderWarnings(list details.List, client, reason string, rule func(string) string) (warnings []ClientWarning) {
	type named struct{ name, escaped, theirs string }
	sorted := make([]named, len(list))
	for i, detail := range list {
		sorted[i] = named{detail.Name, url.QueryEscape(detail.Name) + "%5D", rule(detail.Name)}
	}
	slices.SortFunc(sorted, func(a, b named) int { return cmp.Compare(a.escaped, b.escaped) })
	for i, next := range sorted[1:] {
		this := sorted[i]
		if this.theirs != "" && next.theirs != "" && this.theirs > next.theirs {
			warnings = append(warnings, ClientWarning{client, this.name, fmt.Sprintf(reason, next.name)})
		}
	}
	return warnings
}
