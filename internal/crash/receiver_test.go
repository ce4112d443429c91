package crash_test

import (
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// receiver is a backend's handler of callbacks, as pkg/callback makes one. Some it handles slowly, and some it fails at, until
// it is healed.
type receiver struct {
	ledger *ledger
	url    string
	came   atomic.Int64 // callbacks on the wire
	failed atomic.Int64
	healed atomic.Bool
}

func newReceiver(t *testing.T, l *ledger) *receiver {
	t.Helper()
	r := &receiver{ledger: l}
	verifier := &callback.Verifier{APIKey: apiKey, MaxRemembered: 10_000_000, Logger: slog.New(slog.DiscardHandler)}
	handled := verifier.Middleware(http.HandlerFunc(r.handle))
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.came.Add(1)
		handled.ServeHTTP(w, request)
	}))
	t.Cleanup(listening.Close)
	r.url = listening.URL
	return r
}

func (r *receiver) handle(w http.ResponseWriter, request *http.Request) {
	c, genuine := callback.FromContext(request.Context())
	if !genuine {
		return
	}
	switch mood := rand.IntN(100); {
	case r.healed.Load():
	case mood < 1:
		r.failed.Add(1)
		http.Error(w, "out of order", http.StatusServiceUnavailable)
		return
	case mood < 10:
		<-time.After(time.Duration(mood) * time.Millisecond) // it ends what it has begun, whoever has gone away
	}
	r.ledger.handled(c.UUID, sight{approval.Status(c.Status), c.DeviceUUID})
}
