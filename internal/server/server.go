// Package server puts the APIs on a listener: routes, health, limits, background work and a graceful stop. It translates
// nothing and decides nothing; its sub-packages, one for each audience, do.
package server

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/numbering"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi"
	"github.com/onetouchkit/onetouch/internal/server/bridge"
	"github.com/onetouchkit/onetouch/internal/server/console"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/deviceapi"
	"github.com/onetouchkit/onetouch/internal/server/fault"
	"github.com/onetouchkit/onetouch/internal/server/metrics"
	"github.com/onetouchkit/onetouch/internal/server/phonepage"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
	"github.com/onetouchkit/onetouch/internal/server/verifyapi"
	"github.com/onetouchkit/onetouch/internal/store"
)

// Options say what to serve.
type Options struct {
	Database     string // see [store.Open]
	Application  onetouch.ApplicationSettings
	ControlToken string
	Version      string
	Clock        onetouch.Clock // nil: the machine's, until somebody freezes or moves it
	// FrozenAt is a time at which the server's own clock stands still from the start; zero: it is as the database has it.
	FrozenAt time.Time
	// Seed makes identifiers, tokens and codes repeat themselves; "": nobody can tell them beforehand.
	Seed   string
	Logger *slog.Logger // nil: no log
	// Hosts are further names under which the server may be asked. Under any other name it refuses calls, so that a web
	// page cannot reach it through a name of its own (DNS rebinding).
	Hosts []string
	// BodyTimeout is how long a request may take to send its body; 0: half a minute.
	BodyTimeout time.Duration
	// AnswerTimeout is how long a caller on another machine may take nothing of its answer; 0: half a minute.
	AnswerTimeout time.Duration
	// MostConnections is how many connections callers on other machines have at most, each a quarter of them; 0:
	// [DefaultMostConnections].
	MostConnections int
	// Keep is how long what has ended is kept; 0: for ever. See [onetouch.Service.RemoveOld].
	Keep time.Duration
	// Reach says where deliveries may go; see [delivery.Reach].
	Reach delivery.Reach
	// Phones are those that this process runs, and can answer as for the operator; nil: none.
	Phones controlapi.Phones
	// Bridge says at which other service the phones are; nil: here.
	Bridge *bridge.Options
	// TLS has the server answer HTTPS beside HTTP, on the same port.
	TLS *tls.Config
	// LocalControl keeps the control API to callers on this machine.
	LocalControl bool
	// PhonePage is where phones find the page that makes them devices, and PhonePageOptions what that says of the server.
	PhonePage        controlapi.PhonePage
	PhonePageOptions phonepage.Options
}

// Server is the Authy service on this machine.
type Server struct {
	options     Options
	store       *store.DB
	writes      *writes // the same store, as the service sees it
	service     *onetouch.Service
	signals     *onetouch.Signals
	behind      bool // what another process has changed could not be followed yet
	worker      *delivery.Worker
	faults      *fault.Faults
	traffic     *traffic.Log
	bridge      *onetouch.Bridge // nil: the phones are here
	metrics     *metrics.Metrics
	application onetouch.Application
	families    route.Families
	guesses     *guesses
	handler     http.Handler
	log         *slog.Logger
	stopping    chan struct{}
	stop        func() // closes stopping, once
}

// Timeouts of a stop and of slow clients.
const (
	drainTime         = 10 * time.Second
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	watchInterval     = 100 * time.Millisecond
	retryStorage      = time.Second
)

// Open opens the database and makes the server ready to serve. Nothing runs until [Server.Run] or [Server.Serve].
func Open(ctx context.Context, o Options) (*Server, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = onetouch.NewSteeredClock(onetouch.ClockSetting{})
	}
	if o.BodyTimeout == 0 {
		o.BodyTimeout = bodyTimeout
	}
	o.AnswerTimeout, o.MostConnections = cmp.Or(o.AnswerTimeout, answerTimeout), cmp.Or(o.MostConnections, DefaultMostConnections)
	db, err := store.Open(ctx, o.Database)
	if err != nil {
		return nil, err
	}
	random, err := seeds(ctx, db, o.Seed)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	counts := metrics.New(o.Version)
	s := &Server{
		options: o, store: db, writes: &writes{Store: counts.Store(db)}, signals: &onetouch.Signals{}, log: o.Logger,
		guesses: newGuesses(), stopping: make(chan struct{}), traffic: traffic.NewLog(o.Clock), metrics: counts,
	}
	s.faults = fault.New(fault.Options{Traffic: s.traffic, Stopping: s.stopping, Random: random("faults")})
	s.stop = sync.OnceFunc(func() { close(s.stopping) })
	s.service = onetouch.NewService(s.writes, onetouch.Options{
		Clock: o.Clock, Signals: s.signals, Numbering: &numbering.Plans{},
		Random: random("identifiers"), Jitter: random("jitter"), Accounts: random("accounts"),
	})
	s.worker = delivery.New(s.service, delivery.Options{
		Logger: o.Logger, UserAgent: delivery.UserAgent(o.Version), Mishaps: s.faults, Reach: o.Reach,
	})
	if err := s.startClock(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if s.application, err = s.service.EnsureApplication(ctx, o.Application); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := s.openBridge(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	page, err := phonepage.Routes(o.PhonePageOptions)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	shown, err := console.Family()
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s.families = append(s.apis(page), shown)
	s.families = s.bridged(s.families)
	s.handler = s.limits(s.bodyDeadline(s.metrics.Around(route.Handler(s.guesses.watch(s.families)...), s.logCall())))
	return s, nil
}

// Service is the domain behind the server.
func (s *Server) Service() *onetouch.Service { return s.service }

// Application is the application that commands speak for.
func (s *Server) Application() onetouch.Application { return s.application }

// Handler answers every call, for a listener of somebody else's.
func (s *Server) Handler() http.Handler { return s.handler }

// Routes is the whole table of calls.
func (s *Server) Routes() []route.Route { return s.families.Routes() }

// apis are the families that are served. Another one is a line here.
func (s *Server) apis(page []route.Route) route.Families {
	control := controlapi.Options{
		Application: s.options.Application, Snapshots: s, Token: s.options.ControlToken, Version: s.options.Version,
		Database:  store.Shown(s.options.Database),
		StartedAt: s.options.Clock.Now(), Stopping: s.stopping, Faults: s.faults, Traffic: s.traffic,
		Deliveries: s.worker.Metrics(), Phones: s.options.Phones, LocalOnly: s.options.LocalControl, PhonePage: s.options.PhonePage,
		Upstream: s.Upstream(),
	}
	authy := authyapi.New(s.service, authyapi.Options{Logger: s.log, Faults: s.faults, Phones: s.phones()}).Family()
	device := deviceapi.New(s.service, deviceapi.Options{Stopping: s.stopping, Logger: s.log, Faults: s.faults}).Family()
	verify := verifyapi.New(s.service, verifyapi.Options{Logger: s.log, Faults: s.faults}).Family()
	authy.Around, device.Around = s.traffic.Around(traffic.Authy), s.traffic.Around(traffic.Device)
	verify.Around = s.traffic.Around(traffic.Verify)
	return route.Families{
		authy, device, verify,
		s.operatorAPI(control),
		{Routes: page},
		{Routes: s.healthRoutes()},
	}
}

// Run does the background work until ctx ends: deliveries, expiry, statistics, and listening for changes by other processes.
func (s *Server) Run(ctx context.Context) { s.background(ctx, s.deliver).Wait() }

// background starts the background work, with the given way of delivering. It is over some time after ctx has ended.
func (s *Server) background(ctx context.Context, deliver func(context.Context)) *sync.WaitGroup {
	work := &sync.WaitGroup{}
	work.Go(func() { s.watch(ctx) })
	work.Go(func() { s.persist(ctx, "expiry", s.service.RunExpiry) })
	work.Go(func() { s.persist(ctx, "statistics", s.service.RunStatistics) })
	if s.options.Keep > 0 {
		work.Go(func() { s.persist(ctx, "retention", s.retain) })
	}
	work.Go(func() { deliver(ctx) })
	return work
}

// deliver runs the worker while it may: on a database that several servers share, for what it has claimed.
func (s *Server) deliver(ctx context.Context) {
	s.persist(ctx, "delivery", func(ctx context.Context) error {
		lease, err := s.store.Lease(ctx)
		if err != nil {
			return err
		}
		defer lease.Release()
		s.persist(lease.Held, "delivery", func(ctx context.Context) error { return s.worker.RunAs(ctx, lease.Claimant) })
		return errors.New("what this server had claimed may be sent by others by now")
	})
}

// persist keeps a loop going over failures of the store, which may be full or locked for a while.
func (s *Server) persist(ctx context.Context, name string, run func(context.Context) error) {
	for {
		err := run(ctx)
		if ctx.Err() != nil {
			return
		}
		s.log.Error("background work failed and starts again", "work", name, "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(retryStorage):
		}
	}
}

// Serve answers on the listener and does the background work until ctx ends. Then it takes no new calls, lets those in
// flight end, and returns; deliveries not yet made stay owed in the database.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	s.worker.ListensOn(listener.Addr())
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	work.Go(func() { s.Run(background) })
	defer work.Wait()
	defer cancel()

	listener = s.limitConnections(listener)
	if s.options.TLS != nil {
		listener = listenBoth(listener, s.options.TLS)
	}
	httpServer := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- httpServer.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	s.stop()
	draining, done := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer done()
	if err := httpServer.Shutdown(draining); err != nil {
		_ = httpServer.Close()
		return fmt.Errorf("stopping: calls were still in flight after %s: %w", drainTime, err)
	}
	return nil
}

// Close closes the database. Serve and Run must have returned.
func (s *Server) Close() error {
	s.stop()
	return errors.Join(s.service.FlushAPICalls(context.Background()), s.store.Close())
}
