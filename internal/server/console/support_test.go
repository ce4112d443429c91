package console_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/testneeds/browser"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

const (
	apiKey       = "the-API-key"
	controlToken = "CONTROL-TOKEN"
)

// world is a server with a user, whose phone's key this process has, and a backend that takes callbacks.
type world struct {
	*testing.T
	*server.Server
	options server.Options
	address string // host:port
	backend *authy.Client
	user    int64
	phones  *phones
	control *controlapi.Client
	stop    func()
}

func newWorld(t *testing.T) *world {
	t.Helper()
	receiver := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", "text/plain")
		_, _ = out.Write([]byte("taken <b>well</b>"))
	}))
	t.Cleanup(receiver.Close)
	url := receiver.URL + "/callback"
	w := &world{T: t, phones: &phones{}}
	w.options = server.Options{
		Database: t.TempDir() + "/server.db", ControlToken: controlToken, Version: "test", Phones: w.phones,
		Application: onetouch.ApplicationSettings{Name: "Acme Bank", APIKey: apiKey, CallbackURL: &url},
	}
	w.start("127.0.0.1:0")
	t.Cleanup(func() { w.stop() })
	client := newClient(t)
	w.backend = authy.New(apiKey, authy.WithBaseURL("http://"+w.address), authy.WithHTTPClient(client))
	w.control = controlapi.NewClient("http://"+w.address, controlToken, client)
	w.user = w.addUser("ada@example.com", "202-555-0158")
	w.register(w.user, "Ada's Pixel")
	return w
}

func newClient(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// start starts the server, on the database as it is.
func (w *world) start(address string) {
	w.Helper()
	s, err := server.Open(w.Context(), w.options)
	if err != nil {
		w.Fatal(err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		w.Fatal(err)
	}
	w.Server, w.address = s, listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	w.stop = func() {
		cancel()
		if err := errors.Join(<-served, s.Close()); err != nil {
			w.Error(err)
		}
		w.stop = func() {}
	}
}

func (w *world) addUser(email, cellphone string) int64 {
	w.Helper()
	id, err := w.backend.CreateUser(w.Context(), authy.NewUser{Email: email, Cellphone: cellphone})
	if err != nil {
		w.Fatal(err)
	}
	return id
}

// register makes a phone of a user whose key the server's process has.
func (w *world) register(user int64, name string) *device.Device {
	w.Helper()
	token, err := w.backend.StartRegistration(w.Context(), user)
	if err != nil {
		w.Fatal(err)
	}
	d, err := device.Register(w.Context(), device.Registration{
		Server: "http://" + w.address, HTTPClient: newClient(w.T), Token: token, Name: name,
	})
	if err != nil {
		w.Fatal(err)
	}
	w.phones.add(d)
	return d
}

// phones answer for the server's process, as those of a device store do, and count how often they are asked to.
type phones struct {
	mu    sync.Mutex
	all   []*device.Device
	asked int
	hold  chan struct{} // an answer waits until it is closed; nil: none does
}

func (p *phones) add(d *device.Device) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, d)
}

func (p *phones) answers() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

func (p *phones) List(context.Context) ([]controlapi.Phone, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var listed []controlapi.Phone
	for _, d := range p.all {
		listed = append(listed, controlapi.Phone{DeviceID: d.ID(), UUID: d.UUID(), AuthyID: d.AuthyID()})
	}
	return listed, nil
}

// Refresh is for phones that answer by themselves, which these do not.
func (p *phones) Refresh(context.Context) ([]string, error) { return nil, nil }

func (p *phones) Answer(ctx context.Context, id int64, uuid string, status onetouch.Status, reason string) error {
	p.mu.Lock()
	p.asked++
	hold := p.hold
	var phone *device.Device
	for _, d := range p.all {
		if d.ID() == id {
			phone = d
		}
	}
	p.mu.Unlock()
	if hold != nil {
		<-hold
	}
	request, err := phone.ApprovalRequest(ctx, uuid)
	if err == nil {
		err = phone.Answer(ctx, request, status, reason)
	}
	var refused *device.Error
	if errors.As(err, &refused) {
		return &onetouch.Error{Code: onetouch.Code(refused.Code), Message: refused.Message}
	}
	return err
}

// base is where browsers on this machine find the server.
func (w *world) base() string {
	return "http://localhost" + w.address[strings.LastIndex(w.address, ":"):]
}

func (w *world) link() string { return w.base() + "/console/#" + controlToken }

// opened is a tab of a browser with the console, connected.
func (w *world) opened(b *browser.Browser) *browser.Tab {
	w.Helper()
	tab := b.Open(w.link())
	tab.Sees("Live")
	return tab
}

// ask asks the user something.
func (w *world) ask(message string, rows ...details.Detail) (uuid string) {
	w.Helper()
	uuid, err := w.backend.CreateApprovalRequest(w.Context(), w.user, authy.NewApprovalRequest{Message: message, Details: rows})
	if err != nil {
		w.Fatal(err)
	}
	return uuid
}

// becomes waits until a request has a status, and checks the evidence of an answer as anybody could.
func (w *world) becomes(uuid string, status onetouch.Status) onetouch.ApprovalRequest {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute) // ends what hangs, asserts nothing
	defer cancel()
	for {
		changed := w.Service().Changed(onetouch.TopicEvents)
		request, err := w.Service().AnyApprovalRequest(ctx, uuid)
		if err != nil {
			w.Fatal(err)
		}
		if request.Status == status {
			record, err := w.Service().Evidence(ctx, uuid)
			if err == nil {
				err = record.Verify()
			}
			if err != nil {
				w.Errorf("the evidence of %s: %v", uuid, err)
			}
			return request
		}
		select {
		case <-changed:
		case <-ctx.Done():
			w.Fatalf("the request is %s, want %s", request.Status, status)
		}
	}
}

// choose chooses a row once it can be pressed.
func choose(tab *browser.Tab, key string) { press(tab, `[role=option][data-key="`+key+`"]`) }

// press presses the first visible element as soon as there is one: looking and pressing are one step, between which nothing
// can happen.
func press(tab *browser.Tab, selector string) {
	tab.Until(`((it) => it?.checkVisibility() && (it.click(), true))(document.querySelector(` + "`" + selector + "`" + `))`)
}

// answer presses a button of the request that is chosen until the page takes it: of what has only just come into sight it
// takes none.
func answer(tab *browser.Tab, button string) {
	browser.Read[bool](tab, `new Promise((done) => {
		const press = () => {
			if (document.querySelector('[data-answer]:not([data-answer=""])')) { done(true); return; }
			document.querySelector('`+button+`')?.click();
			setTimeout(press, 100);
		};
		press();
	})`)
}
