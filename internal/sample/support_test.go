package sample_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/onetouchkit/onetouch/internal/sample"
	"github.com/onetouchkit/onetouch/internal/testneeds/browser"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/onetouchtest"
)

const (
	patience = time.Minute // ends what hangs, asserts nothing
	lifetime = 2 * time.Minute
	password = "correct horse"
)

// world is a bank at a OneTouch server, whose clock both live by.
type world struct {
	*testing.T
	service *onetouchtest.Server
	clock   *clock
	bank    *sample.Bank
	url     string
	// calledBack is told of each callback that the bank has answered.
	calledBack chan int
}

// clock is the server's, for the bank. It goes on by itself, too, but no test waits for that.
type clock struct {
	*onetouchtest.Clock
	mu    sync.Mutex
	moved chan struct{} // closed and replaced
}

func (c *clock) move() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.moved
}

// At waits until the clock has been moved that far.
func (c *clock) At(t time.Time) (<-chan struct{}, func()) {
	reached, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		for moved := c.move(); c.Now().Before(t); moved = c.move() {
			select {
			case <-moved:
			case <-stopped:
				return
			}
		}
		close(reached)
	}()
	return reached, func() { close(stopped) }
}

// advance moves the time of server and bank.
func (w *world) advance(d time.Duration) {
	w.clock.Advance(d)
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	close(w.clock.moved)
	w.clock.moved = make(chan struct{})
}

func newWorld(t *testing.T, change ...func(*sample.Options)) *world {
	t.Helper()
	w := &world{T: t, service: onetouchtest.New(t, onetouchtest.WithName("Sample Bank")), calledBack: make(chan int, 64)}
	w.clock = &clock{Clock: w.service.Clock, moved: make(chan struct{})}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	w.url = "http://localhost:" + port
	client := newClient(t)
	options := sample.Options{
		Authy:  authy.New(w.service.APIKey, authy.WithBaseURL(w.service.URL), authy.WithHTTPClient(client)),
		APIKey: w.service.APIKey, URL: w.url, Lifetime: lifetime, PollInterval: 20 * time.Millisecond, Clock: w.clock,
		PasswordCost: bcrypt.MinCost, Logger: slog.New(slog.DiscardHandler), PhoneLink: w.phoneLink,
	}
	for _, c := range change {
		c(&options)
	}
	if w.bank, err = sample.Open(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	handler := w.bank.Handler()
	s := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(out, r)
		if r.URL.Path == sample.CallbackPath {
			w.calledBack <- 1
		}
	})}
	served := make(chan error, 1)
	go func() { served <- s.Serve(listener) }()
	t.Cleanup(func() {
		w.bank.Close()
		_ = s.Close()
		<-served //nolint:errcheck // that it was closed
	})
	if options.Answers == sample.ByPoll {
		w.service.SetCallback("")
	} else {
		w.service.SetCallback(w.url + sample.CallbackPath)
	}
	return w
}

func newClient(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

// phoneLink is a page of the server's, under a name of its own for each customer.
func (w *world) phoneLink(customer, token string) string {
	port := w.service.URL[strings.LastIndex(w.service.URL, ":"):]
	if token != "" {
		token = "#" + token + "&name=" + customer + "%27s%20phone"
	}
	return "http://" + customer + ".localhost" + port + "/phone/" + token
}

// visitor is a browser without a page: cookies and the calls that the page makes.
type visitor struct {
	w    *world
	http *http.Client
	csrf string
}

func (w *world) visitor() *visitor {
	w.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	v := &visitor{w: w, http: newClient(w.T)}
	v.http.Jar = jar
	return v
}

// seen is what a page shows.
type seen struct {
	CSRF  string
	Login *struct {
		Code, Status string
		Story        []struct{ Text string }
	}
	Customer *struct {
		Name, Balance, Available string
		Phones                   []struct {
			Name string
			Has  bool
		}
		Transfers []struct {
			ID, To, Amount, Memo, State string
			Answers                     []struct{ Name, Status string }
			Story                       []struct{ Text string }
		}
	}
}

func (v *visitor) look() seen {
	v.w.Helper()
	response, err := v.http.Get(v.w.url + "/session")
	if err != nil {
		v.w.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var s seen
	if err := json.NewDecoder(response.Body).Decode(&s); err != nil {
		v.w.Fatal(err)
	}
	v.csrf = s.CSRF
	return s
}

// post makes a call as the page does, but for the headers that change it.
func (v *visitor) post(path string, body any, change ...func(http.Header)) (status int, answer map[string]string) {
	v.w.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		v.w.Fatal(err)
	}
	r, err := http.NewRequestWithContext(v.w.Context(), http.MethodPost, v.w.url+path, bytes.NewReader(content))
	if err != nil {
		v.w.Fatal(err)
	}
	r.Header.Set("Origin", v.w.url)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("X-CSRF-Token", v.csrf)
	for _, c := range change {
		c(r.Header)
	}
	response, err := v.http.Do(r)
	if err != nil {
		v.w.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		v.w.Fatal(err)
	}
	_ = json.Unmarshal(text, &answer) // a refusal of the callback route is text
	return response.StatusCode, answer
}

// does makes a call that has to succeed, and looks.
func (v *visitor) does(path string, body any) seen {
	v.w.Helper()
	if status, answer := v.post(path, body); status != http.StatusOK {
		v.w.Fatalf("%s is answered %d %v", path, status, answer)
	}
	return v.look()
}

// until looks until what is waited for is there; the page's stream says when to.
func (v *visitor) until(what string, there func(seen) bool) seen {
	v.w.Helper()
	response, err := v.http.Get(v.w.url + "/changes")
	if err != nil {
		v.w.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	line := make([]byte, 256)
	for {
		if _, err := response.Body.Read(line); err != nil {
			v.w.Fatalf("waiting for %s: %v", what, err)
		}
		if s := v.look(); there(s) {
			return s
		}
	}
}

// signedUp is a visitor who has just become a customer, and whose phone is there when it is wanted.
func (w *world) signedUp(name, phoneNumber string) *visitor {
	w.Helper()
	v := w.visitor()
	v.look()
	v.does("/signup", map[string]string{"name": name, "email": name + "@example.com", "phone": phoneNumber, "password": password})
	return v
}

// phone registers a phone with a token that the bank gives, as an app does.
func (v *visitor) phone() *device.Device {
	v.w.Helper()
	status, answer := v.post("/registration", nil)
	if status != http.StatusOK {
		v.w.Fatalf("the registration is answered %d %v", status, answer)
	}
	return v.w.registerPhone(answer["registration_token"])
}

func (w *world) registerPhone(token string) *device.Device {
	w.Helper()
	d, err := device.Register(w.Context(), device.Registration{
		Server: w.service.URL, HTTPClient: newClient(w.T), Token: token, Name: "phone", Platform: "android",
	})
	if err != nil {
		w.Fatal(err)
	}
	return d
}

// pending is the newest request on a phone.
func (w *world) pending(d *device.Device) *device.ApprovalRequest {
	w.Helper()
	requests, err := d.ApprovalRequests(w.Context(), device.Query{Statuses: []approval.Status{approval.Pending}})
	if err != nil || len(requests) == 0 {
		w.Fatalf("%d requests are pending, %v", len(requests), err)
	}
	newest := requests[0] // the server lists the newest first
	return &newest
}

func (w *world) approve(d *device.Device) {
	w.Helper()
	if err := d.Approve(w.Context(), w.pending(d)); err != nil {
		w.Fatal(err)
	}
}

func (w *world) deny(d *device.Device) {
	w.Helper()
	if err := d.Deny(w.Context(), w.pending(d), ""); err != nil {
		w.Fatal(err)
	}
}

// person is a customer with the bank's page in a browser, and a phone.
type person struct {
	*browser.Tab
	w     *world
	b     *browser.Browser
	phone *device.Device
}

// customer signs up in a browser, and sets up a phone.
func (w *world) customer(b *browser.Browser) *person {
	w.Helper()
	p := w.newcomer(b)
	p.phone = p.setUp("ada")
	p.Until("document.getElementById('nudge').hidden")
	return p
}

// newcomer is customer without a phone.
func (w *world) newcomer(b *browser.Browser) *person {
	w.Helper()
	p := &person{Tab: b.Open(w.url + "/#signup"), w: w, b: b}
	p.Write("#signup [name=name]", "ada")
	p.Write("#signup [name=email]", "ada@example.com")
	p.Write("#signup [name=phone]", "202-555-0158")
	p.Write("#signup [name=password]", password)
	p.Press("#signup .main")
	p.Sees("Hello, Ada")
	return p
}

// link is the one that the page's list of phones has after "Set up".
func (p *person) link(name string) string {
	p.w.Helper()
	item := "#phones [data-name=" + name + "] "
	p.Press(item + "button")
	p.Until(`document.querySelector("` + item + `a:not([hidden])[data-token]")`)
	return browser.Read[string](p.Tab, `document.querySelector("`+item+`a").href`)
}

// setUp sets up a phone of the page's list: an app takes the token of the link.
func (p *person) setUp(name string) *device.Device {
	p.w.Helper()
	_, token, _ := strings.Cut(p.link(name), "#")
	token, _, _ = strings.Cut(token, "&")
	d := p.w.registerPhone(token)
	p.Until(`document.querySelector("#phones [data-name=` + name + `]").dataset.has === "true"`)
	return d
}

// setUpPage is setUp for a phone that is a page of the same browser.
func (p *person) setUpPage(name string) *browser.Tab {
	p.w.Helper()
	phone := p.b.Open(p.link(name))
	phone.Sees("Make this browser a phone")
	phone.Press("#pair-button")
	phone.Sees("Connected")
	p.Front()
	p.Until(`document.querySelector("#phones [data-name=` + name + `]").dataset.has === "true"`)
	return phone
}

// approve presses the button of the newest request on the page of a phone.
func approve(phone *browser.Tab) {
	phone.Front()
	phone.Press(".card:not(.arming) .approve")
}

// logsOut, and is at the door again.
func (p *person) logsOut() {
	p.w.Helper()
	p.Front()
	p.Press("#logout")
	p.Until("document.body.dataset.screen === 'door'")
}

// begins one of the two logins.
func (p *person) begins(flow string) {
	p.w.Helper()
	p.Press("#tab-" + flow)
	p.Write("#"+flow+" [name=name]", "ada")
	if flow == "login" {
		p.Write("#login [name=password]", password)
	}
	p.Press("#" + flow + " .main")
	p.Sees("Check your phone")
}

// sends money.
func (p *person) sends(amount string) {
	p.w.Helper()
	p.Front()
	p.Write("#transfer [name=to]", "ACME Incorporated")
	p.Write("#transfer [name=amount]", amount)
	p.Press("#transfer-send")
	p.Until("document.querySelector('.transfer[data-state=waiting] .people li')")
	p.Until("document.querySelector('.transfer .badge').textContent !== 'Waiting for 2 of 2 people'") // until all are asked
}

// newest waits until the newest transfer is in a state.
func (p *person) newest(state string) {
	p.w.Helper()
	p.Front()
	p.Until("document.querySelector('.transfer')?.dataset.state === '" + state + "'")
}

func (v *visitor) address() *url.URL {
	v.w.Helper()
	address, err := url.Parse(v.w.url)
	if err != nil {
		v.w.Fatal(err)
	}
	return address
}

// cookie is that of the session.
func (v *visitor) cookie() *http.Cookie {
	v.w.Helper()
	cookies := v.http.Jar.Cookies(v.address())
	if len(cookies) != 1 {
		v.w.Fatalf("%d cookies", len(cookies))
	}
	return cookies[0]
}

func (v *visitor) setCookie(value string) {
	v.http.Jar.SetCookies(v.address(), []*http.Cookie{{Name: v.cookie().Name, Value: value, Path: "/"}})
}

// setCookieHeader is what the bank says of the cookie of a new session.
func (v *visitor) setCookieHeader() string {
	v.w.Helper()
	response, err := newClient(v.w.T).Get(v.w.url + "/session")
	if err != nil {
		v.w.Fatal(err)
	}
	_ = response.Body.Close()
	return response.Header.Get("Set-Cookie")
}

// faultOfEverything has no call of the Authy API succeed.
func faultOfEverything() onetouchtest.Fault {
	return onetouchtest.Fault{Status: http.StatusServiceUnavailable}
}
