package onetouch

import (
	"cmp"
	"context"
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

// ClientWarnings looks in the details of a request for what clients are known to get wrong about a callback of this form.
// Source: runs of authy-python and authy-client, and the source of authy-java.
func (f CallbackForm) ClientWarnings(shown, hidden details.List) []ClientWarning {
	return append(f.clientWarnings(shown, "details"), f.clientWarnings(hidden, "hidden_details")...)
}

// CallbackFormOf is the form of an application's callbacks; the newest one of an application that nobody knows.
func (s *Service) CallbackFormOf(ctx context.Context, appID string) CallbackForm {
	app, err := s.application(ctx, appID)
	if err != nil {
		return CallbackForm{}
	}
	return app.CallbackForm
}

func (f CallbackForm) clientWarnings(list details.List, group string) (warnings []ClientWarning) {
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
	signed, others := f.orders()
	for _, other := range others {
		warnings = append(warnings, orderWarnings(list, signed, other)...)
	}
	return warnings
}

// clientOrder is the order in which a client puts the details: that of what it makes of their names, which is empty when
// nothing is known of one.
type clientOrder struct {
	client, reason string
	name           func(string) string
}

// orders are that in which the details are signed, and those of the clients that have another.
func (f CallbackForm) orders() (signed func(name string) string, others []clientOrder) {
	const otherWay = "it sorts it and %q the other way round"
	decoded := func(name string) string { return name + "]" }
	escaped := func(name string) string { return url.QueryEscape(name) + "%5D" }
	lower := clientOrder{"authy-client", "it sorts it and %q without regard to capitals", lowerASCII}
	if f.CallbackOrder == OrderDecoded {
		return decoded, []clientOrder{{"authy-python", otherWay, escaped}, lower}
	}
	return escaped, []clientOrder{{"authy-java", otherWay, decoded}, lower}
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

// orderWarnings finds details that are signed in one order, and that a client puts in another.
func orderWarnings(list details.List, signed func(string) string, other clientOrder) (warnings []ClientWarning) {
	type named struct{ name, signed, theirs string }
	sorted := make([]named, len(list))
	for i, detail := range list {
		sorted[i] = named{detail.Name, signed(detail.Name), other.name(detail.Name)}
	}
	slices.SortFunc(sorted, func(a, b named) int { return cmp.Compare(a.signed, b.signed) })
	for i, next := range sorted[1:] {
		this := sorted[i]
		if this.theirs != "" && next.theirs != "" && this.theirs > next.theirs {
			warnings = append(warnings, ClientWarning{other.client, this.name, fmt.Sprintf(other.reason, next.name)})
		}
	}
	return warnings
}
