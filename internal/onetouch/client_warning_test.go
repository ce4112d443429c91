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
			"details": onetouch.ClientWarnings(test.list, nil), "hidden details": onetouch.ClientWarnings(nil, test.list),
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
