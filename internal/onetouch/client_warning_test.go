package onetouch_test

import (
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// What clients get wrong, as it was found by running them: see docs/callbacks.md.
func TestClientWarnings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		list details.List
		want []string // client and detail
	}{
		"ordinary": {details.List{{Name: "Amount", Value: "$12,400"}, {Name: "To", Value: "Bücher & Söhne + x=1/2%\n😀"}}, nil},
		"a prefix": {
			details.List{{Name: "Account Number", Value: "1"}, {Name: "Account", Value: "2"}}, []string{"authy-java Account"},
		},
		"a prefix that sorts the same": {details.List{{Name: "a", Value: "1"}, {Name: "ab", Value: "2"}}, nil},
		"names beyond ASCII": {
			details.List{{Name: "zone", Value: "1"}, {Name: "élan", Value: "2"}}, []string{"authy-java élan"},
		},
		"an asterisk": {details.List{{Name: "Card", Value: "**** 1234"}}, []string{"authy-java Card"}},
		"a tilde":     {details.List{{Name: "~", Value: "x"}}, []string{"authy-java ~"}},
		"capitals": {
			details.List{{Name: "Zeta", Value: "1"}, {Name: "alpha", Value: "2"}}, []string{"authy-client Zeta"},
		},
		"capitals that sort the same": {details.List{{Name: "Alpha", Value: "1"}, {Name: "zeta", Value: "2"}}, nil},
		"None":                        {details.List{{Name: "Note", Value: "None of it"}}, []string{"authy-python Note"}},
		"none":                        {details.List{{Name: "Note", Value: "none"}}, nil},
		"an index":                    {details.List{{Name: "Item[1]", Value: "x"}}, []string{"authy-client Item[1]"}},
		"a long name": {
			details.List{{Name: strings.Repeat("n", 180), Value: "x"}}, []string{"authy-java " + strings.Repeat("n", 180)},
		},
	} {
		for what, warnings := range map[string][]onetouch.ClientWarning{
			"details": onetouch.CallbackForm{}.ClientWarnings(test.list, nil), "hidden details": onetouch.CallbackForm{}.ClientWarnings(nil, test.list),
		} {
			if len(warnings) != len(test.want) {
				t.Errorf("%s in %s: got %v, want %v", name, what, warnings, test.want)
				continue
			}
			for i, w := range warnings {
				if w.Client+" "+w.Detail != test.want[i] || !strings.Contains(w.String(), w.Reason) || w.Reason == "" {
					t.Errorf("%s in %s: got %v, want %s", name, what, w, test.want[i])
				}
			}
		}
	}
}

// Callbacks that are signed in the order of authy-java suit that client, and not the others.
func TestClientWarningsOfDecodedOrder(t *testing.T) {
	t.Parallel()
	form := onetouch.CallbackForm{CallbackOrder: onetouch.OrderDecoded}
	for name, test := range map[string]struct {
		list details.List
		want string // clients
	}{
		"ordinary":           {details.List{{Name: "Amount", Value: "1"}, {Name: "To", Value: "2"}}, ""},
		"a prefix":           {details.List{{Name: "Account Number", Value: "1"}, {Name: "Account", Value: "2"}}, "authy-python authy-client"},
		"names beyond ASCII": {details.List{{Name: "zone", Value: "1"}, {Name: "élan", Value: "2"}}, "authy-python"},
		"capitals":           {details.List{{Name: "Zeta", Value: "1"}, {Name: "alpha", Value: "2"}}, "authy-client"},
		"an asterisk":        {details.List{{Name: "Card", Value: "**** 1234"}}, "authy-java"},
	} {
		var clients []string
		for _, w := range form.ClientWarnings(test.list, nil) {
			clients = append(clients, w.Client)
		}
		if got := strings.Join(clients, " "); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}
