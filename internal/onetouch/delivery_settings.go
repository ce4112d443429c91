package onetouch

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// DeliverySwitches say how an application's callbacks, webhooks and pushes are sent.
type DeliverySwitches struct {
	// DeliveryTimeout is how long one attempt may take, from dialling to the end of the answer, such as "5s"; empty:
	// [DefaultDeliveryTimeout].
	DeliveryTimeout string `json:"delivery_timeout"`
	// DeliveryRetries are the waits before each further attempt, such as "1s,5s,30s"; "none": there is one attempt; empty: a
	// second, doubled up to five minutes, 15 attempts in all.
	DeliveryRetries string `json:"delivery_retries"`
	// DeliveryConcurrency is how many attempts run at once at one receiver; 0: 8.
	DeliveryConcurrency int `json:"delivery_concurrency"`
}

// DeliverySettings change them. Nil fields leave what is stored.
type DeliverySettings struct {
	DeliveryTimeout     *string `json:"delivery_timeout,omitempty"`
	DeliveryRetries     *string `json:"delivery_retries,omitempty"`
	DeliveryConcurrency *int    `json:"delivery_concurrency,omitempty"`
}

// DefaultDeliveryTimeout is how long an attempt may take unless the application says otherwise. No source tells the service's
// own.
const DefaultDeliveryTimeout = 10 * time.Second

// MostDeliveryConcurrency is the most attempts at once at one receiver.
const MostDeliveryConcurrency = 64

const (
	defaultConcurrency = 8
	mostTimeout        = 5 * time.Minute
	mostRetries        = 100
	mostRetryWait      = 7 * 24 * time.Hour
	noRetries          = "none"
)

func (s *DeliverySwitches) apply(n DeliverySettings) {
	set(&s.DeliveryTimeout, n.DeliveryTimeout)
	set(&s.DeliveryRetries, n.DeliveryRetries)
	set(&s.DeliveryConcurrency, n.DeliveryConcurrency)
}

func (s DeliverySwitches) validate() error {
	if s.DeliveryTimeout != "" {
		if timeout, err := time.ParseDuration(s.DeliveryTimeout); err != nil || timeout < time.Millisecond || timeout > mostTimeout {
			return InvalidParameter("delivery_timeout", "must be a time from 1ms to 5m, such as 5s")
		}
	}
	if _, ok := s.retryWaits(); !ok {
		return InvalidParameter("delivery_retries",
			"must be none or up to 100 waits from 1s to 168h joined by commas, such as 1s,5s,30s")
	}
	if s.DeliveryConcurrency < 0 || s.DeliveryConcurrency > MostDeliveryConcurrency {
		return InvalidParameter("delivery_concurrency", "must be from 1 to "+strconv.Itoa(MostDeliveryConcurrency)+", or 0 for 8")
	}
	return nil
}

// retryWaits reads the waits; nil stands for the ordinary schedule, and an empty list for no further attempt. No wait is
// shorter than a second: see [retryWait].
func (s DeliverySwitches) retryWaits() (waits []time.Duration, ok bool) {
	switch s.DeliveryRetries {
	case "":
		return nil, true
	case noRetries:
		return []time.Duration{}, true
	}
	for word := range strings.SplitSeq(s.DeliveryRetries, ",") {
		wait, err := time.ParseDuration(strings.TrimSpace(word))
		if err != nil || wait < time.Second || wait > mostRetryWait || len(waits) == mostRetries {
			return nil, false
		}
		waits = append(waits, wait)
	}
	return waits, true
}

// AttemptTimeout is how long one attempt may take; ordinary is for an application that does not say.
func (s DeliverySwitches) AttemptTimeout(ordinary time.Duration) time.Duration {
	if timeout, err := time.ParseDuration(s.DeliveryTimeout); err == nil {
		return timeout
	}
	return ordinary
}

// retryAfter is how long to wait after an attempt that failed; ok is false when there is to be no further one. jitter in
// [0,1) lengthens the wait by up to a half, so that many deliveries to one receiver do not return all at once.
func (s DeliverySwitches) retryAfter(attempt int, jitter float64) (wait time.Duration, ok bool) {
	waits, _ := s.retryWaits()
	switch {
	case waits == nil && attempt >= maxAttempts, waits != nil && attempt > len(waits):
		return 0, false
	case waits != nil:
		wait = waits[attempt-1]
	default:
		wait = retryWait(attempt)
	}
	return wait + time.Duration(jitter*float64(wait/2)).Truncate(time.Microsecond), true
}

// Retry schedule. No source tells the service's own. A second doubling to five minutes, 15 tries: about 40 minutes. The
// first wait must not be shorter: the nonce of a callback is the second in which it is sent, and a receiver that refuses
// replays would refuse the second try of one second as the first one's replay.
const (
	firstRetry  = time.Second
	longestWait = 5 * time.Minute
	maxAttempts = 15
)

func retryWait(attempt int) time.Duration {
	if doublings := attempt - 1; doublings < 20 {
		return min(firstRetry<<doublings, longestWait)
	}
	return longestWait
}

// DeliveryShare is how many attempts an application allows at once at one receiver.
func (s *Service) DeliveryShare(ctx context.Context, appID string) int {
	app, err := s.application(ctx, appID)
	if err != nil || app.DeliveryConcurrency == 0 {
		return defaultConcurrency // whoever makes the attempt hears of the error
	}
	return app.DeliveryConcurrency
}
