package cli_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// TestKilledBetweenApprovalAndCallback kills a real server (SIGKILL) between an approval and its callback, 50 times at
// varied moments: after the restart the callback arrives, and once.
func TestKilledBetweenApprovalAndCallback(t *testing.T) {
	t.Parallel()
	const servers, roundsEach = 5, 10
	for i := range servers {
		t.Run(fmt.Sprintf("server %d", i), func(t *testing.T) {
			t.Parallel()
			c := newCrashing(t)
			for round := range roundsEach {
				// From a kill at once to one in the middle of the first retries.
				c.round(t, time.Duration(i*roundsEach+round)*300*time.Microsecond)
			}
		})
	}
}

const crashKey = "key-of-a-server-that-is-killed"

// crashing is a server that is killed and started again, with its receiver of callbacks.
type crashing struct {
	receiver *gatedReceiver
	url      string // of the receiver
	home     string
	process  *exec.Cmd
	base     string
}

// gatedReceiver takes no callback while its gate is shut: it refuses one, and keeps the next one waiting for ever.
type gatedReceiver struct {
	mu      sync.Mutex
	open    bool
	refused int
	taken   map[string]int           // by UUID
	callers int                      // open connections
	left    chan struct{}            // closed when the last caller has left; nil while nobody waits for that
	arrived map[string]chan struct{} // closed when the callback was taken
}

func (g *gatedReceiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, genuine := callback.FromContext(r.Context())
	if genuine && g.take(c.UUID) {
		return
	}
	if g.refuse() {
		<-r.Context().Done() // until the server is killed
	}
	http.Error(w, "shut", http.StatusServiceUnavailable)
}

func (g *gatedReceiver) take(uuid string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.open {
		return false
	}
	g.taken[uuid]++
	if g.taken[uuid] == 1 {
		close(g.waitFor(uuid))
	}
	return true
}

// refuse reports whether the caller is to be kept waiting.
func (g *gatedReceiver) refuse() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused++
	return g.refused%2 == 0
}

// waitFor is called with the lock held.
func (g *gatedReceiver) waitFor(uuid string) chan struct{} {
	if g.arrived[uuid] == nil {
		g.arrived[uuid] = make(chan struct{})
	}
	return g.arrived[uuid]
}

// count follows the connections of the receiver.
func (g *gatedReceiver) count(_ net.Conn, state http.ConnState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch state {
	case http.StateNew:
		g.callers++
	case http.StateClosed:
		g.callers--
	default:
	}
	if g.callers == 0 && g.left != nil {
		close(g.left)
		g.left = nil
	}
}

// allLeft is closed when nobody is connected.
func (g *gatedReceiver) allLeft() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	left := make(chan struct{})
	if g.callers == 0 {
		close(left)
		return left
	}
	g.left = left
	return left
}

func (g *gatedReceiver) setOpen(open bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = open
}

func newCrashing(t *testing.T) *crashing {
	t.Helper()
	receiver := &gatedReceiver{taken: map[string]int{}, arrived: map[string]chan struct{}{}}
	verifier := &callback.Verifier{APIKey: crashKey, Logger: slog.New(slog.DiscardHandler)}
	listening := httptest.NewUnstartedServer(verifier.Middleware(receiver))
	listening.Config.ConnState = receiver.count
	listening.Start()
	t.Cleanup(listening.Close)
	c := &crashing{receiver: receiver, url: listening.URL, home: t.TempDir()}
	t.Cleanup(func() { c.kill(t) })
	c.start(t)
	return c
}

func (c *crashing) data() string { return filepath.Join(c.home, "onetouch", "default") }

func (c *crashing) start(t *testing.T) {
	t.Helper()
	announcement := filepath.Join(c.data(), "server.json")
	_ = os.Remove(announcement) // what the killed server left would be found first
	c.process = exec.Command("onetouch", "serve", "--addr", "127.0.0.1:0")
	c.process.Env = append(os.Environ(), "HOME="+c.home, "XDG_DATA_HOME="+c.home, "XDG_CONFIG_HOME="+c.home,
		"ONETOUCH_API_KEY="+crashKey, "ONETOUCH_CALLBACK_URL="+c.url)
	var log strings.Builder
	c.process.Stderr = &log
	if err := c.process.Start(); err != nil {
		t.Fatal(err)
	}
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(patience); ; <-look.C {
		found, running, err := server.FindServer(announcement)
		if err == nil && running && found.PID == c.process.Process.Pid {
			c.base = found.URL
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the server did not start: %s", log.String())
		}
	}
}

func (c *crashing) kill(t *testing.T) {
	t.Helper()
	if c.process == nil {
		return
	}
	if err := c.process.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = c.process.Wait() // it was killed
	c.process = nil
}

func (c *crashing) round(t *testing.T, after time.Duration) {
	t.Helper()
	c.receiver.setOpen(false)
	uuid := c.approve(t)
	moment := time.NewTimer(after) // the moment of the kill is what is tried out
	<-moment.C
	c.kill(t)
	c.hearTheDead(t)
	c.receiver.setOpen(true)
	c.start(t)
	c.receiver.mu.Lock()
	arrived := c.receiver.waitFor(uuid)
	c.receiver.mu.Unlock()
	select {
	case <-arrived:
	case <-time.After(patience):
		t.Fatalf("the callback of %s never came after the restart", uuid)
	}
	c.settled(t, uuid)
	c.receiver.mu.Lock()
	defer c.receiver.mu.Unlock()
	if n := c.receiver.taken[uuid]; n != 1 {
		t.Errorf("the callback of %s came %d times", uuid, n)
	}
}

// hearTheDead waits until the receiver has heard all that the killed server had sent, so that it is not taken for the next
// server's. Connections are accepted in their order: once one that is made now was answered, no older one is to come.
func (c *crashing) hearTheDead(t *testing.T) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url, nil)
	check(t, err)
	request.Close = true
	answer, err := http.DefaultClient.Do(request)
	check(t, err)
	check(t, answer.Body.Close())
	select {
	case <-c.receiver.allLeft():
	case <-time.After(patience):
		t.Fatal("the killed server's connections never ended")
	}
}

// approve adds a user with a phone who approves a request.
func (c *crashing) approve(t *testing.T) (uuid string) {
	t.Helper()
	ctx := t.Context()
	transport := &http.Transport{} // of its own: the server behind it is killed
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	backend := authy.New(crashKey, authy.WithBaseURL(c.base), authy.WithHTTPClient(client))
	id, err := backend.CreateUser(ctx, authy.NewUser{Email: "a@b.co", Cellphone: "202-555-0158"})
	check(t, err)
	token, err := backend.StartRegistration(ctx, id)
	check(t, err)
	phone, err := device.Register(ctx, device.Registration{Server: c.base, HTTPClient: client, Token: token})
	check(t, err)
	uuid, err = backend.CreateApprovalRequest(ctx, id, authy.NewApprovalRequest{Message: "Log in?"})
	check(t, err)
	request, err := phone.ApprovalRequest(ctx, uuid)
	check(t, err)
	check(t, phone.Approve(ctx, request))
	return uuid
}

// settled waits until the server has written down that the callback was sent.
func (c *crashing) settled(t *testing.T, uuid string) {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(c.data(), "control-token"))
	check(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	control := controlapi.NewClient(c.base, strings.TrimSpace(string(token)), &http.Client{Transport: transport})
	err = control.Follow(ctx, 0, nil, func(e controlapi.Event) error {
		if e.RequestUUID == uuid && e.Type == "callback_sent" {
			return errSettled
		}
		return nil
	})
	if !errors.Is(err, errSettled) {
		t.Fatalf("the callback of %s was never recorded as sent: %v", uuid, err)
	}
}

var errSettled = errors.New("settled")

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
