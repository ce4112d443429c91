//go:build unix

package server_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phonetest"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/testneeds/postgres"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// claimStory is a receiver that can hold what it gets, and servers on one database that send it test calls, one at a time each.
type claimStory struct {
	database, url string
	came, gone    chan struct{} // for each call that has come, and that its sender has given up
	release       chan struct{} // closed when no call is held any more

	mu   sync.Mutex
	took map[string]int // how often a call was answered, by its nonce and signature
	cut  map[string]int // how often one was given up by its sender
}

func newClaimStory(t *testing.T) *claimStory {
	t.Helper()
	c := &claimStory{
		database: postgres.Database(t), came: make(chan struct{}, 1000), gone: make(chan struct{}, 1000), release: make(chan struct{}),
		took: map[string]int{}, cut: map[string]int{},
	}
	receiver := httptest.NewServer(c)
	t.Cleanup(receiver.Close)
	c.url = receiver.URL
	return c
}

// ServeHTTP implements [http.Handler].
func (c *claimStory) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	call, counts := r.Header.Get(callback.NonceHeader)+r.Header.Get(callback.SignatureHeader), c.took
	_, _ = io.Copy(io.Discard, r.Body) // only after that it is noticed that the sender has gone
	c.came <- struct{}{}
	select {
	case <-c.release:
	case <-r.Context().Done():
		counts = c.cut
		defer func() { c.gone <- struct{}{} }()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	counts[call]++
}

// open opens a server. The returned function starts it, and returns one that stops it.
func (c *claimStory) open(t *testing.T) (s *server.Server, start func() (stop func())) {
	t.Helper()
	one := 1
	s, err := server.Open(t.Context(), server.Options{Database: c.database, Application: onetouch.ApplicationSettings{
		Name: "Acme", APIKey: apiKey, CallbackURL: &c.url, CallbackMethod: http.MethodPost,
		DeliverySettings: onetouch.DeliverySettings{DeliveryConcurrency: &one},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, func() func() {
		ctx, cancel := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() { s.Run(ctx) })
		stop := sync.OnceFunc(func() { cancel(); running.Wait() })
		t.Cleanup(stop)
		return stop
	}
}

// owe owes test calls, each of a request of its own.
func (c *claimStory) owe(ctx context.Context, t *testing.T, s *server.Server, calls int) {
	t.Helper()
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			_, err := s.Service().Ping(ctx, s.Application(), "", func(uuid string, _ time.Time) []byte {
				return []byte(`{"uuid":"` + uuid + `"}`)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// oweCallback approves a request.
func oweCallback(ctx context.Context, t *testing.T, s *server.Server) {
	t.Helper()
	number := onetouch.NewUser{Email: "ada@example.com", Cellphone: "2025550158"}
	user := sound(s.Service().AddUser(ctx, s.Application().ID, number))(t)
	phone := sound(phonetest.RegisterFor(ctx, s.Service(), user, func(n *onetouch.NewDevice) {
		n.Push = onetouch.PushTarget{Type: onetouch.PushNone}
	}))(t)
	question := onetouch.NewApprovalRequest{Message: "Pay?"}
	request := sound(s.Service().CreateApprovalRequest(ctx, s.Application(), user.AuthyID, question))(t)
	sound(phone.Answer(ctx, s.Service(), request, onetouch.StatusApproved, ""))(t)
}

// settle waits until nothing is owed.
func (c *claimStory) settle(ctx context.Context, t *testing.T, s *server.Server) {
	t.Helper()
	for {
		changed := s.Service().Changed(onetouch.TopicDeliveries)
		due, later, err := s.Service().OwedDeliveries(ctx, 0)
		if err != nil {
			t.Fatal(err)
		}
		if due+later == 0 {
			return
		}
		<-changed
	}
}

func (c *claimStory) expect(t *testing.T, calls int) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.took) != calls {
		t.Errorf("%d calls were taken, want %d", len(c.took), calls)
	}
	for call, times := range c.took {
		if times > 1 {
			t.Errorf("%s was taken %d times", call, times)
		}
	}
}

// Of what is owed each of three servers sends a share at the same time, and nothing is sent twice.
func TestReplicasShareDeliveries(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := newClaimStory(t)
	const replicas, calls = 3, 200 // more than two of them claim at once
	var servers []*server.Server
	var starts []func() func()
	for range replicas {
		s, start := c.open(t)
		servers, starts = append(servers, s), append(starts, start)
	}
	c.owe(ctx, t, servers[0], calls)
	for _, start := range starts {
		start()
	}
	for range replicas { // each has one on its way at most
		select {
		case <-c.came:
		case <-ctx.Done():
			t.Fatal("not all of them send")
		}
	}
	close(c.release)
	c.settle(ctx, t, servers[0])
	c.expect(t, calls)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.cut) > 0 {
		t.Errorf("%d calls were given up", len(c.cut))
	}
}

// A server that stops gives back what it has claimed, and another one sends it at once; also what was on its way, as it was.
func TestReplicaThatStopsGivesItsClaimsBack(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := newClaimStory(t)
	first, startFirst := c.open(t)
	second, startSecond := c.open(t)
	const calls = 5
	oweCallback(ctx, t, first)
	c.owe(ctx, t, first, calls-1)
	stop := startFirst()
	<-c.came // it has claimed all of them
	startSecond()
	stop()
	<-c.gone
	close(c.release)
	c.settle(ctx, t, second)
	c.expect(t, calls)
	c.mu.Lock()
	defer c.mu.Unlock()
	for call := range c.cut {
		if c.took[call] != 1 {
			t.Errorf("what was on its way came again as another call, or not at all: %v, taken were %v", c.cut, c.took)
		}
	}
	if len(c.cut) != 1 {
		t.Errorf("%d calls were cut off, want the one that was on its way", len(c.cut))
	}
}
