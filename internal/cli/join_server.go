package cli

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"sync"

	"github.com/onetouchkit/onetouch/internal/server"
)

// joiningServer is the way to a server in this process, until a server of the workspace runs: from then on everything goes
// there. A command that stays open, such as the terminal UI, so takes part in what everybody else sees. Whoever asks keeps
// the address and the control token of before.
type joiningServer struct {
	here  http.RoundTripper
	token string                         // the control token of the server here
	find  func() (*startedServer, error) // the server of the workspace; nil: none runs that this program can use
	leave func()                         // ends what is read from the server here
	left  <-chan struct{}                // closed by leave
	mu    sync.Mutex
	there *startedServer
}

// startedServer is a server of the workspace that runs now.
type startedServer struct {
	base  *url.URL
	token string
	way   http.RoundTripper
}

// join has a connection to a server in this process go over to one of the workspace as soon as one runs.
func (f *Factory) join(ctx context.Context, c *Connection) error {
	_, workspace, err := f.Workspace(nil)
	if err != nil {
		return err
	}
	leaving, leave := context.WithCancel(ctx)
	find := func() (*startedServer, error) {
		a, running, err := server.FindServer(workspace.Announcement())
		if err != nil || !running || !f.Build.speaksWith(a.Version) || a.Database != c.Server.Database {
			return nil, err
		}
		base, err := url.Parse(a.URL)
		if err != nil {
			return nil, err
		}
		token, err := workspace.ControlToken()
		if err != nil {
			return nil, err
		}
		client, err := f.following(a.URL, workspace)
		if err != nil {
			return nil, err
		}
		return &startedServer{base: base, token: token, way: client.Transport}, nil
	}
	c.HTTP = &http.Client{Transport: &joiningServer{
		here: c.HTTP.Transport, token: c.token, find: find, leave: leave, left: leaving.Done(),
	}}
	c.reach(c.URL, c.token)
	c.beBackend()
	return nil
}

// RoundTrip asks the server of the workspace, or the one here while there is none.
func (s *joiningServer) RoundTrip(r *http.Request) (*http.Response, error) {
	there := s.where()
	if there == nil {
		return s.askHere(r)
	}
	sent := r.Clone(r.Context())
	sent.URL.Scheme, sent.URL.Host, sent.Host = there.base.Scheme, there.base.Host, ""
	if sent.Header.Get("Authorization") == "Bearer "+s.token {
		sent.Header.Set("Authorization", "Bearer "+there.token)
	}
	return there.way.RoundTrip(sent)
}

func (s *joiningServer) where() *startedServer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.there != nil {
		return s.there
	}
	if found, err := s.find(); err == nil && found != nil {
		s.there = found
		s.leave()
	}
	return s.there
}

// askHere asks the server here. What only reads ends when there is another server: a stream would go on for ever.
func (s *joiningServer) askHere(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		return s.here.RoundTrip(r)
	}
	ctx, cancel := context.WithCancel(r.Context())
	go func() {
		select {
		case <-s.left:
			cancel()
		case <-ctx.Done():
		}
	}()
	response, err := s.here.RoundTrip(r.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	response.Body = &cancelledBody{response.Body, cancel}
	return response, nil
}

// cancelledBody frees what an answer took when it is closed.
type cancelledBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *cancelledBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// wandering is a way to a server that may be elsewhere now than at the address that is asked.
type wandering interface{ nowAt(asked string) string }

// nowAt is where the server is now; "" while it is in this process.
func (c *Connection) nowAt() string {
	if way, wanders := c.HTTP.Transport.(wandering); wanders {
		return way.nowAt(c.URL)
	}
	if c.InProcess {
		return ""
	}
	return c.URL
}

func (s *joiningServer) nowAt(string) string {
	there := s.where()
	if there == nil {
		return ""
	}
	if way, wanders := there.way.(wandering); wanders {
		return way.nowAt(there.base.String())
	}
	return there.base.String()
}

func (s *followingServer) nowAt(asked string) string {
	base, err := url.Parse(asked)
	if err != nil || base.Host != s.asked {
		return asked
	}
	base.Host = s.host()
	return base.String()
}
