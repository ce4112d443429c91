package delivery_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// A kind that is owed is one that the worker can write; one that is sent at once is none of its.
func TestEveryKindIsWritten(t *testing.T) {
	t.Parallel()
	for _, kind := range onetouch.DeliveryKinds() {
		if delivery.Writes(kind) == kind.Instant() {
			t.Errorf("%s: written %t, sent at once %t", kind, delivery.Writes(kind), kind.Instant())
		}
	}
	if delivery.Writes("pigeon") {
		t.Error("a kind that does not exist is written")
	}
}
