package device_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/deviceapi"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/server/verifyapi"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// patience is how long a test waits for what should come at once before it fails.
const patience = time.Minute

// world is a OneTouch server with one application and one user, as a device meets it.
type world struct {
	t       testing.TB
	clock   *onetouch.ManualClock
	service *onetouch.Service
	app     onetouch.Application
	user    onetouch.User
	network *network
	calls   atomic.Pointer[func(*http.Request)] // hears of each call
	close   func()                              // ends the server and closes its database
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return openWorld(t, ":memory:", newNetwork(t))
}

// openWorld serves what a database file holds, or a new application in it.
func openWorld(t testing.TB, database string, n *network) *world {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, clock: onetouch.NewManualClock(time.Now()), network: n}
	w.service = onetouch.NewService(db, onetouch.Options{Clock: w.clock})
	if w.app, err = w.service.EnsureApplication(ctx, onetouch.ApplicationSettings{Name: "Acme Bank"}); err != nil {
		t.Fatal(err)
	}
	w.user = w.addUser("202-555-0158")
	server := w.serve()
	w.close = sync.OnceFunc(func() {
		server.stop()
		_ = db.Close()
	})
	t.Cleanup(w.close)
	return w
}

// serve puts the APIs of devices on the network.
func (w *world) serve() *serving {
	stopping := make(chan struct{})
	handler := route.Handler(deviceapi.New(w.service, deviceapi.Options{Stopping: stopping}).Family(),
		verifyapi.New(w.service, verifyapi.Options{}).Family())
	return w.network.serve(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if heard := w.calls.Load(); heard != nil {
			(*heard)(r)
		}
		handler.ServeHTTP(rw, r)
	}), sync.OnceFunc(func() { close(stopping) }))
}

// network leads every call of its client to the server that is up now, whatever address it has.
type network struct {
	t       testing.TB
	mu      sync.Mutex
	current *serving
	client  *http.Client
}

// serverURL is where devices believe their server to be.
const serverURL = "http://onetouch.test:8181"

// serving is one server on the network.
type serving struct {
	*httptest.Server
	network *network
	ending  func()
}

func newNetwork(t testing.TB) *network {
	n := &network{t: t}
	transport := &http.Transport{DialContext: n.dial}
	n.client = &http.Client{Transport: transport}
	t.Cleanup(transport.CloseIdleConnections)
	return n
}

func (n *network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	current := n.current
	n.mu.Unlock()
	if current == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.AddrError{Err: "nobody is there", Addr: address}}
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", current.Listener.Addr().String())
}

// serve takes the server of before off the network, and puts another one on.
func (n *network) serve(handler http.Handler, ending func()) *serving {
	s := &serving{Server: httptest.NewServer(handler), network: n, ending: ending}
	n.mu.Lock()
	n.current = s
	n.mu.Unlock()
	n.t.Cleanup(s.stop)
	return s
}

// stop ends the server as a graceful stop does.
func (s *serving) stop() {
	s.network.mu.Lock()
	if s.network.current == s {
		s.network.current = nil
	}
	s.network.mu.Unlock()
	s.ending()
	s.Close()
}

// drop cuts all connections.
func (n *network) drop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.current.CloseClientConnections()
}

func (w *world) addUser(cellphone string) onetouch.User {
	w.t.Helper()
	user, err := w.service.AddUser(context.Background(), w.app.ID,
		onetouch.NewUser{Email: "ada@example.com", Cellphone: cellphone})
	if err != nil {
		w.t.Fatal(err)
	}
	return user
}

func (w *world) token() string {
	w.t.Helper()
	token, err := w.service.StartRegistration(context.Background(), w.app.ID, w.user.AuthyID)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// registration is one that is taken.
func (w *world) registration() device.Registration {
	w.t.Helper()
	return device.Registration{Server: serverURL, HTTPClient: w.network.client, Token: w.token()}
}

func (w *world) register(r device.Registration) *device.Device {
	w.t.Helper()
	d, err := device.Register(context.Background(), r)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) newDevice() *device.Device {
	w.t.Helper()
	return w.register(w.registration())
}

// reopen is the device after a restart of its app: all it has is its credentials.
func (w *world) reopen(credentials device.Credentials) *device.Device {
	w.t.Helper()
	d, err := device.Open(credentials, serverURL, w.network.client)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// ask creates an approval request for the user.
func (w *world) ask(message string) onetouch.ApprovalRequest {
	w.t.Helper()
	return w.askWith(w.user, onetouch.NewApprovalRequest{
		Message: message, Details: details.List{{Name: "To", Value: "ACME"}, {Name: "Amount", Value: "$12,400"}},
		HiddenDetails: details.List{{Name: "ip", Value: "10.0.0.1"}},
	})
}

func (w *world) askWith(user onetouch.User, n onetouch.NewApprovalRequest) onetouch.ApprovalRequest {
	w.t.Helper()
	request, err := w.service.CreateApprovalRequest(context.Background(), w.app, user.AuthyID, n)
	if err != nil {
		w.t.Fatal(err)
	}
	return request
}

// stored is a request as the server keeps it.
func (w *world) stored(uuid string) onetouch.ApprovalRequest {
	w.t.Helper()
	request, err := w.service.AnyApprovalRequest(context.Background(), uuid)
	if err != nil {
		w.t.Fatal(err)
	}
	return request
}

func fetch(t testing.TB, d *device.Device, uuid string) *device.ApprovalRequest {
	t.Helper()
	request, err := d.ApprovalRequest(t.Context(), uuid)
	if err != nil {
		t.Fatal(err)
	}
	return request
}

// changesNothing runs a call and checks that the server has noticed nothing.
func (w *world) changesNothing(call func()) {
	w.t.Helper()
	before := w.events()
	call()
	if diff := cmp.Diff(before, w.events()); diff != "" {
		w.t.Errorf("a refusal changed something (-before +after):\n%s", diff)
	}
}

func (w *world) events() []onetouch.Event {
	w.t.Helper()
	events, err := w.service.Events(context.Background(), onetouch.EventFilter{})
	if err != nil {
		w.t.Fatal(err)
	}
	return events
}

// verifyEvidence checks offline what the server keeps of an answer.
func verifyEvidence(t testing.TB, d *device.Device, kept onetouch.ApprovalRequest) {
	t.Helper()
	signed, err := evidence.Parse(kept.Answer.JWS)
	if err != nil {
		t.Fatal(err)
	}
	if err := signed.Verify(d.PublicKey()); err != nil {
		t.Error(err)
	}
	digest, err := kept.Shown().Digest()
	if err != nil || signed.Statement.DetailsSHA256 != digest {
		t.Errorf("signed the digest %s, shown was %s (%v)", signed.Statement.DetailsSHA256, digest, err)
	}
}

func toJSON(t testing.TB, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func shortContext(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}
