package cli

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"

	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/server"
)

// followingServer is a way to the workspace's server that finds it again after it was started anew at another address.
// Whoever asks keeps the address of before.
type followingServer struct {
	next  http.RoundTripper
	asked string              // the host and port that requests name
	find  func() (now string) // where the server is, as host and port; "": nowhere that this program can use

	mu sync.Mutex
	at string
}

// following is a client of the workspace's server, wherever that goes.
func (f *Factory) following(announced string, workspace config.Workspace) (*http.Client, error) {
	base, err := url.Parse(announced)
	if err != nil {
		return nil, fmt.Errorf("the workspace's server has announced a URL that cannot be read: %w", err)
	}
	find := func() string {
		a, running, err := server.FindServer(workspace.Announcement())
		if err != nil || !running || !f.Build.speaksWith(a.Version) {
			return ""
		}
		now, err := url.Parse(a.URL)
		if err != nil || now.Scheme != base.Scheme {
			return ""
		}
		return now.Host
	}
	return &http.Client{Transport: &followingServer{
		next: http.DefaultTransport, asked: base.Host, find: find, at: base.Host,
	}}, nil
}

// RoundTrip asks where the server was last, and where it is now when nobody is there.
func (s *followingServer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != s.asked {
		return s.next.RoundTrip(r)
	}
	host := s.host()
	response, err := s.next.RoundTrip(sentTo(r, host))
	if !nobodyThere(err) {
		return response, err
	}
	now := s.find()
	if now == "" || now == host {
		return nil, err
	}
	again := sentTo(r, now)
	if r.Body != nil && r.Body != http.NoBody {
		if r.GetBody == nil {
			return nil, err
		}
		if again.Body, err = r.GetBody(); err != nil {
			return nil, err
		}
	}
	s.moved(now)
	return s.next.RoundTrip(again)
}

func (s *followingServer) host() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *followingServer) moved(to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = to
}

// sentTo is the request with another address.
func sentTo(r *http.Request, host string) *http.Request {
	if r.URL.Host == host {
		return r
	}
	sent := r.Clone(r.Context())
	sent.URL.Host, sent.Host = host, ""
	return sent
}

// nobodyThere reports whether no connection was made, so that nothing of the request was heard.
func nobodyThere(err error) bool {
	var failed *net.OpError
	return errors.As(err, &failed) && failed.Op == "dial"
}
