package onetouch_test

import (
	"slices"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestEventTypes(t *testing.T) {
	t.Parallel()
	types := onetouch.EventTypes()
	if !slices.IsSorted(types) || len(slices.Compact(slices.Clone(types))) != len(types) {
		t.Errorf("out of order, or twice the same: %v", types)
	}
	meant := map[string]onetouch.EventType{}
	for _, one := range types {
		meaning := one.Meaning()
		if other := meant[meaning]; meaning == "" || other != "" {
			t.Errorf("%s means %q, as %q does", one, meaning, other)
		}
		meant[meaning] = one
	}
	for _, want := range []onetouch.EventType{onetouch.EventRequestResponded, onetouch.EventWebhookRetried, "ping_sent", "replay_failed"} {
		if !slices.Contains(types, want) {
			t.Errorf("%s is not among them", want)
		}
	}
	if meaning := onetouch.EventType("unheard_of").Meaning(); meaning != "" {
		t.Errorf("what nobody knows means %q", meaning)
	}
}
