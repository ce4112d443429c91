package controlapi

import (
	"context"
	"net/http"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// DeliveryCounts says what became of deliveries of one kind since the server was started.
type DeliveryCounts struct {
	Kind           onetouch.DeliveryKind `json:"kind"`
	Sent           int                   `json:"sent"`
	FailedAttempts int                   `json:"failed_attempts"`
	GivenUp        int                   `json:"given_up"`
	Took           Histogram             `json:"took"` // by attempts, those that failed too
}

// Histogram counts durations, in milliseconds.
type Histogram struct {
	Count   int      `json:"count"`
	SumMS   float64  `json:"sum_ms"`
	Buckets []Bucket `json:"buckets"`
}

// Bucket counts the durations up to a bound, those of smaller buckets included.
type Bucket struct {
	UpToMS float64 `json:"up_to_ms"`
	Count  int     `json:"count"`
}

func deliveryCountsOf(c delivery.Counts) DeliveryCounts {
	return DeliveryCounts{
		Kind: c.Kind, Sent: c.Sent, FailedAttempts: c.Failed, GivenUp: c.GivenUp,
		Took: Histogram{
			Count: c.Took.Count, SumMS: milliseconds(c.Took.Sum),
			Buckets: each(c.Took.Buckets, func(b delivery.Bucket) Bucket { return Bucket{milliseconds(b.UpTo), b.Count} }),
		},
	}
}

func (a *API) deliveryCounts(*http.Request) (any, error) {
	return each(a.Deliveries.Counts(), deliveryCountsOf), nil
}

// DeliveryCounts returns what became of deliveries since the server was started, by kind.
func (c *Client) DeliveryCounts(ctx context.Context) ([]DeliveryCounts, error) {
	return read[[]DeliveryCounts](ctx, c, "/deliveries/counts", nil)
}
