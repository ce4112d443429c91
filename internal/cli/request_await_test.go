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

// watchedTransport tells when a stream of events stands.
type watchedTransport struct {
	http.RoundTripper
	stands chan struct{}
}

func (w watchedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := w.RoundTripper.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, "/events") {
		close(w.stands)
	}
	return response, err
}

// waiting is a server with a pending request.
func waiting(t *testing.T) (c *Connection, uuid string, stands <-chan struct{}, stop func()) {
	t.Helper()
	const token = "token"
	s, err := server.Open(t.Context(), server.Options{Database: ":memory:", ControlToken: token})
	if err != nil {
		t.Fatal(err)
	}
	user, err := s.Service().AddUser(t.Context(), s.Application().ID, onetouch.NewUser{
		Email: "ada@example.com", Cellphone: "202-555-0158",
	})
	if err != nil {
		t.Fatal(err)
	}
	request, err := s.Service().CreateApprovalRequest(t.Context(), s.Application(), user.AuthyID,
		onetouch.NewApprovalRequest{Message: "Log in?"})
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
	transport := watchedTransport{RoundTripper: &http.Transport{DisableKeepAlives: true}, stands: make(chan struct{})}
	c = &Connection{Control: controlapi.NewClient(urlOf(listener.Addr()), token, &http.Client{Transport: transport})}
	return c, request.UUID, transport.stands, stop
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
