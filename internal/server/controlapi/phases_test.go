package controlapi_test

import (
	"slices"
	"testing"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// Parts are in the order in which an attempt goes through them, without those that it did not need.
func TestPhasesParts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		phases controlapi.Phases
		want   []controlapi.Phase
	}{
		{controlapi.Phases{Reused: true}, nil},
		{controlapi.Phases{ReceiveMS: 0.2, WaitMS: 9, SendMS: 0.1, Reused: true}, []controlapi.Phase{
			{"send", 0.1}, {"wait", 9}, {"receive", 0.2},
		}},
		{controlapi.Phases{LookupMS: 1, ConnectMS: 2, TLSMS: 3, SendMS: 4, WaitMS: 5, ReceiveMS: 6}, []controlapi.Phase{
			{"lookup", 1}, {"connect", 2}, {"TLS", 3}, {"send", 4}, {"wait", 5}, {"receive", 6},
		}},
	} {
		if got := test.phases.Parts(); !slices.Equal(got, test.want) {
			t.Errorf("%+v: got %v, want %v", test.phases, got, test.want)
		}
	}
}
