package cli

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// watchedTransport tells when the first call of a path was answered.
type watchedTransport struct {
	http.RoundTripper
	path     string
	answered func()
}

// watched is a client that closes the channel when the first call of the path was answered.
func watched(path string) (client *http.Client, answered <-chan struct{}) {
	first := make(chan struct{})
	return &http.Client{Transport: watchedTransport{
		RoundTripper: &http.Transport{DisableKeepAlives: true}, path: path,
		answered: sync.OnceFunc(func() { close(first) }),
	}}, first
}

func (w watchedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := w.RoundTripper.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, w.path) {
		w.answered()
	}
	return response, err
}

// controlToken lets tests in.
const controlToken = "token"

// served is a server with a user, at a URL.
func served(t *testing.T) (s *server.Server, user onetouch.User, url string, stop func()) {
	t.Helper()
	s, err := server.Open(t.Context(), server.Options{Database: ":memory:", ControlToken: controlToken})
	if err != nil {
		t.Fatal(err)
	}
	user, err = s.Service().AddUser(t.Context(), s.Application().ID, onetouch.NewUser{
		Email: "ada@example.com", Cellphone: "202-555-0158", SendInstallLink: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := listen(t.Context(), anyLocalPort)
	if err != nil {
		t.Fatal(err)
	}
	serving, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	work.Go(func() { _ = s.Serve(serving, listener) })
	stop = sync.OnceFunc(func() {
		cancel()
		work.Wait()
		_ = s.Close()
	})
	t.Cleanup(stop)
	return s, user, urlOf(listener.Addr()), stop
}

// waiting is a server with a pending request.
func waiting(t *testing.T) (c *Connection, uuid string, stands <-chan struct{}, stop func()) {
	t.Helper()
	s, user, url, stop := served(t)
	request, err := s.Service().CreateApprovalRequest(t.Context(), s.Application(), user.AuthyID,
		onetouch.NewApprovalRequest{Message: "Log in?"})
	if err != nil {
		t.Fatal(err)
	}
	client, stands := watched("/events")
	return &Connection{Control: controlapi.NewClient(url, controlToken, client)}, request.UUID, stands, stop
}

// A server that goes is no answer.
func TestAwaitWhenTheServerGoes(t *testing.T) {
	t.Parallel()
	c, uuid, stands, stop := waiting(t)
	failed := make(chan error, 1)
	go func() {
		_, err := c.await(t.Context(), uuid, 0)
		failed <- err
	}()
	<-stands
	stop()
	err := <-failed
	if !errors.Is(err, controlapi.ErrUnreachable) || exitCodeOf(err) != ExitUnreachable {
		t.Errorf("err = %v, want that no server answers", err)
	}
}

func TestAwaitWhenInterrupted(t *testing.T) {
	t.Parallel()
	c, uuid, stands, _ := waiting(t)
	ctx, interrupt := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := c.await(ctx, uuid, patienceOfUsers)
		failed <- err
	}()
	<-stands
	interrupt()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want that it was interrupted", err)
	}
}

// patienceOfUsers is a timeout that no test reaches.
const patienceOfUsers = 1 << 62

func TestOutcome(t *testing.T) {
	t.Parallel()
	device := int64(7)
	for want, request := range map[string]controlapi.ApprovalRequest{
		"Approval request u is pending.":                           {Status: onetouch.StatusPending},
		"Approval request u expired.":                              {Status: onetouch.StatusExpired},
		"Approval request u was approved by device 7.":             {Status: onetouch.StatusApproved, DeviceID: &device},
		"Approval request u was denied by device 7: “no␛[2J␊way”.": {Status: onetouch.StatusDenied, DeviceID: &device, Reason: "no\x1b[2J\nway"},
	} {
		request.UUID = "u"
		if got := outcome(request); got != want {
			t.Errorf("outcome = %q, want %q", got, want)
		}
	}
}
