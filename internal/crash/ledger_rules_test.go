package crash_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/approval"
)

// TestLedger: what a crash could do wrong is found.
func TestLedger(t *testing.T) {
	t.Parallel()
	yes, no := sight{approval.Approved, "one"}, sight{approval.Denied, "two"}
	whole := stored{uuid: "u", message: "m", sight: yes, created: 1, responded: 1, callbacks: 1, sent: 1}
	for _, test := range []struct {
		name   string
		change func(l *ledger)
		stored []stored
		kind   kind
		wants  string // "": nothing is wrong
	}{
		{name: "all is there", stored: []stored{whole}},
		{name: "request is lost", kind: lost, wants: "u is lost"},
		{name: "request is there twice", stored: []stored{whole, {
			uuid: "v", message: "m", sight: sight{status: approval.Pending}, created: 1,
		}}, kind: doubled, wants: "is there twice"},
		{name: "request that nobody sent", stored: []stored{whole, {
			uuid: "v", message: "n", sight: sight{status: approval.Pending}, created: 1,
		}}, kind: contradictory, wants: "asked by nobody"},
		{name: "answer is lost", stored: []stored{{
			uuid: "u", message: "m", sight: sight{status: approval.Pending}, created: 1,
		}}, kind: lost, wants: "the answer {approved one} was acknowledged"},
		{name: "answer is another", stored: []stored{{
			uuid: "u", message: "m", sight: no, created: 1, responded: 1, callbacks: 1, sent: 1,
		}}, kind: contradictory, wants: "nobody has sent that answer"},
		{name: "two answers were acknowledged", change: func(l *ledger) {
			l.taken(l.answers("u", "two", approval.Denied))
		}, stored: []stored{whole}, kind: contradictory, wants: "the answer {denied two} was acknowledged"},
		{name: "one was seen, another is there", change: func(l *ledger) { l.saw("u", no) }, stored: []stored{whole},
			kind: contradictory, wants: "it was seen as {denied two}"},
		{name: "callback says something else", change: func(l *ledger) { l.requests["u"].handled = []sight{no} },
			stored: []stored{whole}, kind: contradictory, wants: "its callback said {denied two}"},
		{name: "callback is lost", change: func(l *ledger) { l.requests["u"].handled = nil }, stored: []stored{whole},
			kind: lost, wants: "0 callbacks handled, want 1"},
		{name: "callback is handled twice", change: func(l *ledger) { l.handled("u", yes) }, stored: []stored{whole},
			kind: doubled, wants: "handled 2 times"},
		{name: "callback is owed twice", stored: []stored{{
			uuid: "u", message: "m", sight: yes, created: 1, responded: 1, callbacks: 2, sent: 2,
		}}, kind: doubled, wants: "2 callbacks, want 1"},
		{name: "event is lost", stored: []stored{{
			uuid: "u", message: "m", sight: yes, created: 1, callbacks: 1, sent: 1,
		}}, kind: lost, wants: "0 events of its answer, want 1"},
		{name: "event of its answer came twice", stored: []stored{{
			uuid: "u", message: "m", sight: yes, created: 1, responded: 2, callbacks: 1, sent: 1,
		}}, kind: doubled, wants: "2 events of its answer, want 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := newLedger()
			l.asks("m")
			l.created("m", "u")
			l.taken(l.answers("u", "one", approval.Approved))
			l.handled("u", yes)
			if test.change != nil {
				test.change(l)
			}
			got := l.wrong(test.stored)
			found := slices.ContainsFunc(got, func(f fault) bool {
				return f.kind == test.kind && strings.Contains(f.text, test.wants)
			})
			if test.wants == "" && len(got) > 0 || test.wants != "" && !found {
				t.Errorf("found %q, want %s: %q", got, test.kind, test.wants)
			}
		})
	}
}

// TestUnacknowledged: what nobody was told may be there or not, but not by halves.
func TestUnacknowledged(t *testing.T) {
	t.Parallel()
	pending := stored{uuid: "u", message: "m", sight: sight{status: approval.Pending}, created: 1}
	taken := stored{uuid: "u", message: "m", sight: sight{approval.Denied, "one"}, created: 1, responded: 1, callbacks: 1, sent: 1}
	for name, all := range map[string][]stored{"nothing": nil, "asked": {pending}, "answered": {taken}} {
		l := newLedger()
		l.asks("m")
		if name == "answered" {
			l.answers("u", "one", approval.Denied)
			l.handled("u", taken.sight)
		}
		if got := l.wrong(all); len(got) > 0 {
			t.Errorf("%s: %q", name, got)
		}
	}
}
