package server_test

import (
	"cmp"
	"context"
	"database/sql"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/store/storetest"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// The histories that are compared, and how many users they are spread over, the one that calls among them.
const (
	fewRequests  = 2_000
	manyRequests = 1_000_000
	grownUsers   = 999
)

// BenchmarkGrowth does the same by turns at a server with few stored requests and at one with a million. Each sub-benchmark
// reports the medians, and the one through the other: 1 is that the history costs nothing.
func BenchmarkGrowth(b *testing.B) {
	few, many := newGrown(b, fewRequests), newGrown(b, manyRequests)
	b.Run("start", func(b *testing.B) {
		compareGrown(b, few, many, func(b *testing.B, g *grown) { g.start(b) })
	})
	few.serve(b)
	many.serve(b)
	for _, deed := range grownDeeds() {
		b.Run(deed.name, func(b *testing.B) { compareGrown(b, few, many, deed.do) })
	}
}

func compareGrown(b *testing.B, few, many *grown, do func(*testing.B, *grown)) {
	b.Helper()
	var took [2][]time.Duration
	for b.Loop() {
		for i, g := range []*grown{few, many} {
			began := time.Now()
			do(b, g)
			took[i] = append(took[i], time.Since(began))
		}
	}
	for i := range took {
		slices.Sort(took[i])
	}
	at := func(i int, part float64) float64 {
		return float64(took[i][int(part*float64(len(took[i])-1))].Nanoseconds()) / 1000
	}
	b.ReportMetric(at(0, 0.5), "few-µs")
	b.ReportMetric(at(1, 0.5), "million-µs")
	b.ReportMetric(at(1, 0.5)/at(0, 0.5), "x-few")
	b.ReportMetric(at(1, 0.95)/at(0, 0.95), "x-few-p95")
	b.ReportMetric(0, "ns/op")
}

// grown is a database with a history, and the server on it.
type grown struct {
	database string
	receiver *httptest.Server
	backend  *authy.Client
	operator *controlapi.Client
	app      onetouch.Application
	phone    *device.Device
	called   chan struct{} // for each callback
	uuids    []string      // some requests of the history
	turn     int
}

func newGrown(b *testing.B, requests int) *grown {
	b.Helper()
	g := &grown{database: filepath.Join(b.TempDir(), strconv.Itoa(requests)+".db"), called: make(chan struct{}, 1)}
	g.receiver = httptest.NewServer(callback.Handler(&callback.Verifier{APIKey: apiKey},
		func(context.Context, *callback.Callback) error {
			g.called <- struct{}{}
			return nil
		}))
	b.Cleanup(g.receiver.Close)
	base, stop := g.run(b)
	ctx := b.Context()
	backend := authy.New(apiKey, authy.WithBaseURL(base))
	id, err := backend.CreateUser(ctx, authy.NewUser{Email: "a@b.co", Cellphone: "202-555-0158"})
	if err != nil {
		b.Fatal(err)
	}
	token, err := backend.StartRegistration(ctx, id)
	if err != nil {
		b.Fatal(err)
	}
	if g.phone, err = device.Register(ctx, device.Registration{Server: base, Token: token}); err != nil {
		b.Fatal(err)
	}
	stop()
	g.fill(b, requests)
	return g
}

func (g *grown) fill(b *testing.B, requests int) {
	b.Helper()
	began := time.Now()
	db, err := sql.Open("sqlite", g.database)
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	defer func() { _ = db.Close() }()
	if err := storetest.Grow(b.Context(), db, storetest.SQLite(), requests, grownUsers); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d requests were written in %s", requests, time.Since(began).Round(time.Second))
}

func (g *grown) open(b *testing.B) *server.Server {
	b.Helper()
	s, err := server.Open(b.Context(), server.Options{
		Database: g.database, ControlToken: controlToken, Version: "test",
		Application: onetouch.ApplicationSettings{APIKey: apiKey, CallbackURL: &g.receiver.URL},
	})
	if err != nil {
		b.Fatal(err)
	}
	g.app = s.Application()
	return s
}

// run runs the server until it is stopped.
func (g *grown) run(b *testing.B) (base string, stop func()) {
	b.Helper()
	s := g.open(b)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	return "http://" + listener.Addr().String(), func() {
		cancel()
		if err := cmp.Or(<-served, s.Close()); err != nil {
			b.Error(err)
		}
	}
}

// start opens the server, as far as it can answer, and closes it.
func (g *grown) start(b *testing.B) {
	s := g.open(b)
	answer := httptest.NewRecorder()
	s.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "http://127.0.0.1/readyz", http.NoBody))
	if answer.Code != http.StatusOK {
		b.Errorf("ready is %d", answer.Code)
	}
	if err := s.Close(); err != nil {
		b.Error(err)
	}
}

func (g *grown) serve(b *testing.B) {
	b.Helper()
	base, stop := g.run(b)
	b.Cleanup(stop)
	g.backend = authy.New(apiKey, authy.WithBaseURL(base))
	g.operator = controlapi.NewClient(base, controlToken, http.DefaultClient)
	var err error
	if g.phone, err = device.Open(g.phone.Credentials(), base, nil); err != nil {
		b.Fatal(err)
	}
	requests, err := g.operator.ApprovalRequests(b.Context(), controlapi.ApprovalRequestQuery{Limit: 1000})
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range requests {
		g.uuids = append(g.uuids, r.UUID)
	}
}

// uuid is one of the history after the other.
func (g *grown) uuid() string {
	g.turn++
	return g.uuids[g.turn%len(g.uuids)]
}

type grownDeed struct {
	name string
	do   func(*testing.B, *grown)
}

func grownDeeds() []grownDeed {
	reads := func(name string, read func(context.Context, *grown) (int, error)) grownDeed {
		return grownDeed{name, func(b *testing.B, g *grown) {
			if _, err := read(b.Context(), g); err != nil {
				b.Fatal(err)
			}
		}}
	}
	requests := func(name string, query func(*grown) controlapi.ApprovalRequestQuery) grownDeed {
		return reads(name, func(ctx context.Context, g *grown) (int, error) {
			list, err := g.operator.ApprovalRequests(ctx, query(g))
			return len(list), err
		})
	}
	deliveries := func(name string, query func(*grown) controlapi.DeliveryQuery) grownDeed {
		return reads(name, func(ctx context.Context, g *grown) (int, error) {
			list, err := g.operator.FindDeliveries(ctx, query(g))
			return len(list), err
		})
	}
	events := func(name string, query func(*grown) controlapi.EventQuery) grownDeed {
		return reads(name, func(ctx context.Context, g *grown) (int, error) {
			list, err := g.operator.Events(ctx, query(g))
			return len(list), err
		})
	}
	const page = 50
	return []grownDeed{
		{"create", func(b *testing.B, g *grown) { g.create(b) }},
		{"flow", func(b *testing.B, g *grown) { g.flow(b) }},
		reads("poll", func(ctx context.Context, g *grown) (int, error) {
			_, err := g.backend.ApprovalRequest(ctx, g.uuid())
			return 1, err
		}),
		reads("device pending", func(ctx context.Context, g *grown) (int, error) {
			list, err := g.phone.ApprovalRequests(ctx, device.Query{Statuses: []approval.Status{approval.Pending}, Limit: page})
			return len(list), err
		}),
		reads("device list", func(ctx context.Context, g *grown) (int, error) {
			list, err := g.phone.ApprovalRequests(ctx, device.Query{Limit: 1})
			return len(list), err
		}),
		requests("requests", func(*grown) controlapi.ApprovalRequestQuery {
			return controlapi.ApprovalRequestQuery{Limit: page}
		}),
		requests("requests of the application", func(g *grown) controlapi.ApprovalRequestQuery {
			return controlapi.ApprovalRequestQuery{AppID: g.app.ID, Limit: page}
		}),
		requests("requests of the user", func(g *grown) controlapi.ApprovalRequestQuery {
			return controlapi.ApprovalRequestQuery{AppID: g.app.ID, AuthyID: g.phone.AuthyID(), Limit: 2}
		}),
		requests("requests before one", func(g *grown) controlapi.ApprovalRequestQuery {
			return controlapi.ApprovalRequestQuery{AppID: g.app.ID, Before: g.uuid(), Limit: page}
		}),
		requests("requests of another application", func(*grown) controlapi.ApprovalRequestQuery {
			return controlapi.ApprovalRequestQuery{AppID: "another", Limit: page}
		}),
		deliveries("deliveries", func(*grown) controlapi.DeliveryQuery { return controlapi.DeliveryQuery{Limit: page} }),
		deliveries("deliveries of the user", func(g *grown) controlapi.DeliveryQuery {
			return controlapi.DeliveryQuery{AuthyID: g.phone.AuthyID(), Limit: 4}
		}),
		deliveries("deliveries that failed", func(g *grown) controlapi.DeliveryQuery {
			return controlapi.DeliveryQuery{AppID: g.app.ID, State: string(onetouch.DeliveryFailed), Limit: page}
		}),
		deliveries("webhooks", func(g *grown) controlapi.DeliveryQuery {
			return controlapi.DeliveryQuery{AppID: g.app.ID, Kinds: []string{string(onetouch.DeliveryWebhook)}, Limit: page}
		}),
		deliveries("deliveries of another application", func(*grown) controlapi.DeliveryQuery {
			return controlapi.DeliveryQuery{AppID: "another", Limit: page}
		}),
		events("events", func(*grown) controlapi.EventQuery { return controlapi.EventQuery{Latest: page} }),
		events("events of the application", func(g *grown) controlapi.EventQuery {
			return controlapi.EventQuery{AppID: g.app.ID, Latest: page}
		}),
		events("events of a request", func(g *grown) controlapi.EventQuery {
			return controlapi.EventQuery{RequestUUID: g.uuid(), Latest: page}
		}),
		events("events of the user", func(g *grown) controlapi.EventQuery {
			return controlapi.EventQuery{AppID: g.app.ID, AuthyID: g.phone.AuthyID(), Latest: 4}
		}),
		events("events of a rare type", func(g *grown) controlapi.EventQuery {
			return controlapi.EventQuery{AppID: g.app.ID, Types: []onetouch.EventType{onetouch.EventUserAdded}, Latest: page}
		}),
		events("events of another application", func(*grown) controlapi.EventQuery {
			return controlapi.EventQuery{AppID: "another", Latest: page}
		}),
		reads("inbox", func(ctx context.Context, g *grown) (int, error) {
			list, err := g.operator.Messages(ctx, controlapi.MessageQuery{AppID: g.app.ID, Limit: page})
			return len(list), err
		}),
		reads("inbox of the user", func(ctx context.Context, g *grown) (int, error) {
			list, err := g.operator.Messages(ctx, controlapi.MessageQuery{AuthyID: g.phone.AuthyID(), Limit: 1})
			return len(list), err
		}),
		reads("standing", func(ctx context.Context, g *grown) (int, error) {
			_, err := g.operator.Standing(ctx, g.app.ID)
			return 1, err
		}),
	}
}

func (g *grown) create(b *testing.B) string {
	uuid, err := g.backend.CreateApprovalRequest(b.Context(), g.phone.AuthyID(), authy.NewApprovalRequest{
		Message: "Send $12,400 to ACME?",
		Details: details.List{{Name: "Amount", Value: "$12,400"}, {Name: "To", Value: "ACME"}},
	})
	if err != nil {
		b.Fatal(err)
	}
	return uuid
}

// flow is create, fetch, answer, callback and status.
func (g *grown) flow(b *testing.B) {
	uuid := g.create(b)
	request, err := g.phone.ApprovalRequest(b.Context(), uuid)
	if err == nil {
		err = g.phone.Approve(b.Context(), request)
	}
	if err != nil {
		b.Fatal(err)
	}
	<-g.called
	if status, err := g.backend.ApprovalRequest(b.Context(), uuid); err != nil || status.Status != approval.Approved {
		b.Fatalf("status %q, %v", status.Status, err)
	}
}
