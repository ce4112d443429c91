package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/sample"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/store"
)

// sampleService is the OneTouch server that the sample uses, and the key of the bank's application there.
type sampleService struct {
	url, apiKey string
	phones      string // base URL of the pages that are phones
	embedded    bool
	clock       sample.Clock
	http        *http.Client
	logger      *slog.Logger
	announce    func() error // tells other commands of the server, when it is one in this process
	undo        []func()
}

// later has something undone when the service is left, before what was done earlier.
func (s *sampleService) later(undo func()) { s.undo = append(s.undo, undo) }

// close leaves the service. Nothing is left of one in this process.
func (s *sampleService) close() {
	for _, undo := range slices.Backward(s.undo) {
		undo()
	}
	s.undo = nil
}

// sampleService is the server that runs or is named or, when there is none, one in this process.
func (f *Factory) sampleService(ctx context.Context, callbackURL string) (*sampleService, error) {
	settings, workspace, err := f.Workspace(nil)
	if err != nil {
		return nil, err
	}
	logger, err := newLogger(f.Streams.Err, config.Settings{LogLevel: "warn", LogFormat: "text"})
	if err != nil {
		return nil, err
	}
	running := settings.Server != ""
	if !running {
		if _, running, err = server.FindServer(workspace.Announcement()); err != nil {
			return nil, err
		}
	}
	if running {
		return f.sampleAtServer(ctx, callbackURL, logger)
	}
	return f.sampleEmbedded(ctx, settings, workspace, callbackURL, logger)
}

// sampleAtServer makes the bank an application of a server that runs.
func (f *Factory) sampleAtServer(ctx context.Context, callbackURL string, logger *slog.Logger) (*sampleService, error) {
	c, err := f.ConnectOperator(ctx)
	if err != nil {
		return nil, err
	}
	app, err := c.sampleBank(ctx, callbackURL)
	if err != nil {
		c.Close(ctx)
		return nil, err
	}
	return &sampleService{
		url: c.URL, apiKey: app.APIKey, phones: localPhonePage(c.Server.PhonePage, c.URL), http: c.HTTP, logger: logger,
		clock: aheadClock{ahead: time.Until(c.Server.Now)}, announce: func() error { return nil },
		undo: []func(){func() { c.Close(ctx) }},
	}, nil
}

// sampleBank is the bank's application, which calls back at the URL from now on. There is one at a server, so that a bank which
// is open elsewhere would wait for callbacks in vain.
func (c *Connection) sampleBank(ctx context.Context, callbackURL string) (controlapi.Application, error) {
	set := onetouch.ApplicationSettings{Name: sampleName, CallbackURL: &callbackURL, CallbackMethod: http.MethodPost}
	app, err := c.Control.Application(ctx, sampleName)
	switch {
	case errors.Is(err, &onetouch.Error{Code: onetouch.CodeApplicationNotFound}):
		return c.Control.CreateApplication(ctx, set)
	case err != nil:
		return app, err
	case app.CallbackURL != callbackURL && listens(ctx, app.CallbackURL):
		return app, fmt.Errorf("a sample bank is open at %s already, and is called back by this server: use or close that one",
			strings.TrimSuffix(app.CallbackURL, sample.CallbackPath))
	}
	return c.Control.UpdateApplication(ctx, app.ID, set)
}

// listens says whether anybody does, at a URL on this machine.
func listens(ctx context.Context, local string) bool {
	parsed, err := url.Parse(local)
	if err != nil || !isLocalURL(local) {
		return false
	}
	dialer := net.Dialer{Timeout: time.Second}
	connection, err := dialer.DialContext(ctx, "tcp", parsed.Host)
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}

// localPhonePage is where browsers on this machine find the page that makes them phones.
func localPhonePage(page controlapi.PhonePage, base string) string {
	for _, one := range page.URLs {
		if isLocalURL(one) {
			return one
		}
	}
	return base
}

// aheadClock is the clock of a server whose time is another one.
type aheadClock struct {
	machine onetouch.SystemClock
	ahead   time.Duration
}

// Now is the server's time.
func (c aheadClock) Now() time.Time { return c.machine.Now().Add(c.ahead) }

// At waits until it is t there.
func (c aheadClock) At(t time.Time) (<-chan struct{}, func()) { return c.machine.At(t.Add(-c.ahead)) }

// sampleEmbedded runs the server of the workspace in this process, with everything in memory.
func (f *Factory) sampleEmbedded(
	ctx context.Context, settings config.Settings, workspace config.Workspace, callbackURL string, logger *slog.Logger,
) (*sampleService, error) {
	service := &sampleService{embedded: true, logger: logger, http: &http.Client{Transport: &http.Transport{}}}
	err := service.claim(ctx, workspace)
	if err == nil {
		err = service.serve(ctx, f, workspace, onetouch.ApplicationSettings{
			Name: sampleName, APIKey: settings.APIKey, CallbackURL: &callbackURL, CallbackMethod: http.MethodPost,
		})
	}
	if err != nil {
		service.close()
		return nil, err
	}
	service.announce = func() error {
		withdraw, err := server.Announce(workspace.Announcement(), server.Announcement{
			URL: service.url, PID: os.Getpid(), Version: f.Build.Version, Database: store.Memory, StartedAt: time.Now().UTC(),
		})
		if err == nil {
			service.later(withdraw)
		}
		return err
	}
	return service, nil
}

// claim has no other process be the server of the workspace.
func (s *sampleService) claim(ctx context.Context, workspace config.Workspace) error {
	if err := workspace.Prepare(); err != nil {
		return err
	}
	release, err := server.Claim(ctx, workspace.Announcement())
	if errors.Is(err, server.ErrClaimed) {
		return alreadyServed(workspace)
	}
	if err == nil {
		s.later(release)
	}
	return err
}

// serve runs the server, and the phones of the workspace that answer by their policies, until the service is left.
func (s *sampleService) serve(
	ctx context.Context, f *Factory, workspace config.Workspace, application onetouch.ApplicationSettings,
) error {
	listener, err := listen(ctx, anyLocalPort)
	if err != nil {
		return err
	}
	s.later(func() { _ = listener.Close() }) // the server may have done so
	token, err := workspace.EnsureControlToken()
	if err != nil {
		return err
	}
	s.url, s.phones = urlOf(listener.Addr()), "http://localhost:"+portOf(listener.Addr())
	clock, hosted := onetouch.NewSteeredClock(onetouch.ClockSetting{}), &hostedByServer{}
	opened, err := server.Open(ctx, server.Options{
		Database: store.Memory, ControlToken: token, Version: f.Build.Version, Logger: s.logger, Clock: clock,
		Phones: hosted, PhonePage: controlapi.PhonePage{URLs: []string{s.phones}},
		Application: application,
	})
	if err != nil {
		return orWrongSetting(err)
	}
	s.later(func() { _ = opened.Close() })
	s.clock, s.apiKey = clock, opened.Application().APIKey
	_, stopPhones, err := hosted.run(ctx, opened, workspace.Devices(store.Memory), s.logger)
	if err == nil { // from here on, there are phones that the control API can ask
		s.open(ctx, opened, listener)
	}
	s.later(stopPhones)
	return err
}

// open has the server answer until the service is left.
func (s *sampleService) open(ctx context.Context, opened *server.Server, listener net.Listener) {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	work.Go(func() {
		if err := opened.Serve(serving, listener); err != nil {
			s.logger.Warn("the server has ended badly", "error", err)
		}
	})
	s.later(func() { s.http.CloseIdleConnections(); stop(); work.Wait() })
}
