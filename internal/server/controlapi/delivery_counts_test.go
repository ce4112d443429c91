package controlapi_test

import (
	"strings"
	"testing"
)

// A server whose worker has sent nothing says so of every kind, with all the buckets that a graph needs.
func TestDeliveryCounts(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	counts, err := o.client.DeliveryCounts(t.Context())
	must(t, err)
	if len(counts) == 0 {
		t.Error("there are none")
	}
	for _, c := range counts {
		if c.Kind == "" || c.Sent+c.FailedAttempts+c.GivenUp+c.Took.Count != 0 || len(c.Took.Buckets) == 0 || c.Took.Buckets[0].UpToMS != 1 {
			t.Errorf("got %+v", c)
		}
	}
	if _, answer := o.send(t, "GET", "/control/v1/deliveries/counts", token, ""); !strings.Contains(answer, `"failed_attempts":0`) {
		t.Errorf("answered %s", answer)
	}
}
