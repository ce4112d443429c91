package delivery_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func reach(t testing.TB, only, never string) delivery.Reach {
	t.Helper()
	return must(delivery.NewReach(only, never))(t)
}

// shared has a worker think that its server listens on every address of the machine, where others can reach it.
func shared(t *testing.T, w *world, r delivery.Reach, port int) {
	t.Helper()
	worker := delivery.New(w.service, delivery.Options{Reach: r})
	worker.ListensOn(&net.TCPAddr{IP: net.IPv4zero, Port: port})
	w.runWorker(t, worker)
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	parsed := must(url.Parse(address))(t)
	return must(strconv.Atoi(parsed.Port()))(t)
}

// What a server that others can reach does not send, and what an attempt says of it. PORT is where a receiver listens.
func TestReach(t *testing.T) {
	t.Parallel()
	const refused = "not sent: this server does not deliver to "
	for _, c := range []struct {
		name, only, never, url string
		kind                   onetouch.DeliveryKind
		says                   string // "": it is delivered
	}{
		{"the operator's backend on this machine", "", "", "http://127.0.0.1:PORT/", onetouch.DeliveryCallback, ""},
		{"the push URL of a phone on this machine", "", "", "http://127.0.0.1:PORT/", onetouch.DeliveryPush,
			"127.0.0.1, which is the server's own machine: --deliver-to lets it"},
		{"by its name", "", "", "http://localhost:PORT/", onetouch.DeliveryPush, "the server's own machine"},
		{"by its other notation", "", "", "http://[::ffff:127.0.0.1]:PORT/", onetouch.DeliveryPush, "the server's own machine"},
		{"by no address", "", "", "http://0.0.0.0:PORT/", onetouch.DeliveryPush, "the server's own machine"},
		{"what clouds tell", "", "", "http://169.254.169.254/latest/meta-data/", onetouch.DeliveryCallback,
			"169.254.169.254, which is an address of the link, where clouds tell secrets: --deliver-to lets it"},
		{"the same as IPv6", "", "", "http://[::ffff:169.254.169.254]/", onetouch.DeliveryPush, "169.254.169.254, which is an address"},
		{"what clouds tell over IPv6", "", "", "http://[fd00:ec2::254]/", onetouch.DeliveryPush, "fd00:ec2::254, which is an address"},
		{"everybody of the link", "", "", "http://[ff02::1]/", onetouch.DeliveryPush, "ff02::1, which is an address of the link"},
		{"the server itself", "", "", "http://127.0.0.1:OWN/control/v1/reset", onetouch.DeliveryCallback,
			"127.0.0.1, which is this server itself"},
		{"the server itself, though allowed", "any", "", "http://127.0.0.1:OWN/", onetouch.DeliveryPush, "which is this server itself"},
		{"allowed by network", "127.0.0.0/8", "", "http://127.0.0.1:PORT/", onetouch.DeliveryPush, ""},
		{"allowed by address", "192.0.2.1, 127.0.0.1", "", "http://localhost:PORT/", onetouch.DeliveryPush, ""},
		{"allowed by name", "LocalHost.", "", "http://localhost:PORT/", onetouch.DeliveryPush, ""},
		{"allowed by another name", "localhost", "", "http://127.0.0.1:PORT/", onetouch.DeliveryCallback,
			"127.0.0.1, which is not where --deliver-to lets it"},
		{"allowed with everything", "any", "", "http://127.0.0.1:PORT/", onetouch.DeliveryPush, ""},
		{"allowed and refused", "any", "127.0.0.0/8", "http://127.0.0.1:PORT/", onetouch.DeliveryCallback,
			"127.0.0.1, which --no-deliver-to names"},
		{"refused by name", "", "*.test,localhost", "http://localhost:PORT/", onetouch.DeliveryCallback, "which --no-deliver-to names"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			receiver := httptest.NewServer(status(http.StatusOK))
			t.Cleanup(receiver.Close)
			own := httptest.NewServer(status(http.StatusOK))
			t.Cleanup(own.Close)
			target := strings.NewReplacer("PORT", strconv.Itoa(portOf(t, receiver.URL)),
				"OWN", strconv.Itoa(portOf(t, own.URL))).Replace(c.url)
			w := newWorld(t, map[bool]string{true: target}[c.kind == onetouch.DeliveryCallback], "POST")
			shared(t, w, reach(t, c.only, c.never), portOf(t, own.URL))
			var d onetouch.DeliveryRecord
			if c.kind == onetouch.DeliveryCallback {
				d = w.wait(t, w.approve(t), tried(1))
			} else {
				w.webhooks(t, target)
				d = w.wait(t, w.ask(t), tried(1))
			}
			got := d.Log[0]
			if c.says == "" {
				if got.Error != "" || got.StatusCode != http.StatusOK {
					t.Errorf("%s: %d %s", target, got.StatusCode, got.Error)
				}
				return
			}
			if !strings.HasPrefix(got.Error, refused) || !strings.Contains(got.Error, c.says) || got.StatusCode != 0 ||
				strings.Contains(got.Error, "\n") {
				t.Errorf("%s: %d %q, want %q", target, got.StatusCode, got.Error, c.says)
			}
		})
	}
}

// A webhook of either API is a backend's word, not the operator's.
func TestReachOfWebhooks(t *testing.T) {
	t.Parallel()
	for name, create := range map[onetouch.DeliveryKind]func(w *world, target string) error{
		onetouch.DeliveryWebhook: func(w *world, target string) error {
			w.addWebhook(t, target, string(onetouch.EventRequestResponded))
			return nil
		},
		onetouch.DeliveryVerifyEvent: func(w *world, target string) error {
			_, err := w.service.CreateVerifyWebhook(t.Context(), w.app.ID, onetouch.VerifyWebhookSettings{
				FriendlyName: "answers", URL: target, Events: []string{string(onetouch.ChallengeApproved)},
			})
			return err
		},
	} {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			receiver := httptest.NewServer(status(http.StatusOK))
			t.Cleanup(receiver.Close)
			w := newWorld(t, "", "POST")
			shared(t, w, delivery.Reach{}, 1)
			if err := create(w, receiver.URL); err != nil {
				t.Fatal(err)
			}
			if d := w.wait(t, w.approve(t), tried(1)); !strings.Contains(d.Log[0].Error, "the server's own machine") || d.Kind != name {
				t.Errorf("got %s: %d %q", d.Kind, d.Log[0].StatusCode, d.Log[0].Error)
			}
		})
	}
}

// An address in an old notation is looked up as a name. Some resolvers know none of that name, others make the address of it:
// either way nothing gets there.
func TestReachOfOldNotation(t *testing.T) {
	t.Parallel()
	received := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { received <- r.URL.Path }))
	t.Cleanup(receiver.Close)
	w := newWorld(t, "", "POST")
	shared(t, w, delivery.Reach{}, 1)
	w.webhooks(t, "http://2130706433:"+strconv.Itoa(portOf(t, receiver.URL))+"/")
	if d := w.wait(t, w.ask(t), tried(1)); d.Log[0].Error == "" || d.Log[0].StatusCode != 0 || len(received) > 0 {
		t.Errorf("the push: %+v", d)
	}
}

// A server that nobody else can reach sends wherever it is told to.
func TestReachOnLoopback(t *testing.T) {
	t.Parallel()
	receiver := httptest.NewServer(status(http.StatusOK))
	t.Cleanup(receiver.Close)
	w := newWorld(t, receiver.URL, "POST")
	w.webhooks(t, receiver.URL)
	worker := delivery.New(w.service, delivery.Options{})
	worker.ListensOn(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1})
	w.runWorker(t, worker)
	if d := w.wait(t, w.ask(t), tried(1)); d.State != onetouch.DeliverySent {
		t.Errorf("got %+v", d)
	}
}

// A connection that was opened for the operator's URL does not let that of a phone through.
func TestReachWithOpenConnection(t *testing.T) {
	t.Parallel()
	received := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { received <- r.URL.Path }))
	t.Cleanup(receiver.Close)
	w := newWorld(t, receiver.URL+"/callback", "POST")
	shared(t, w, delivery.Reach{}, 1)
	if d := w.wait(t, w.approve(t), tried(1)); d.State != onetouch.DeliverySent || <-received != "/callback" {
		t.Fatalf("the callback: %+v", d)
	}
	w.webhooks(t, receiver.URL+"/push")
	if d := w.wait(t, w.ask(t), tried(1)); !strings.Contains(d.Log[0].Error, "the server's own machine") || len(received) > 0 {
		t.Errorf("the push: %+v", d)
	}
}

// What goes through a proxy is judged by its URL: the proxy itself may be where deliveries may not go.
func TestReachThroughProxy(t *testing.T) {
	t.Parallel()
	proxy := httptest.NewServer(status(http.StatusOK))
	t.Cleanup(proxy.Close)
	for target, says := range map[string]string{
		"http://ci.test/push": "", "http://192.0.2.7/push": "", "http://169.254.169.254/": "169.254.169.254, which is an address",
		"http://127.0.0.1:1/": "the server's own machine",
	} {
		w := newWorld(t, "", "POST")
		worker := delivery.New(w.service, delivery.Options{})
		worker.ListensOn(&net.TCPAddr{IP: net.IPv4zero, Port: 1})
		worker.Through(must(url.Parse(proxy.URL))(t))
		w.runWorker(t, worker)
		w.webhooks(t, target)
		if d := w.wait(t, w.ask(t), tried(1)); (d.Log[0].Error == "") != (says == "") || !strings.Contains(d.Log[0].Error, says) {
			t.Errorf("%s: %q, want %q", target, d.Log[0].Error, says)
		}
	}
}

func TestReachRefused(t *testing.T) {
	t.Parallel()
	for list, says := range map[string]string{
		"10.0.0.0/33": "no network", "10.0.0/8": "no network", "/": "no network", "::ffff:10.0.0.0/104": "no network",
		"10.0.0": "no network, address or host name", "http://a.test": "no network", "a b": "no network, address or host name",
		"*": "no network", "a.*": "no network", "a..b": "no network", "127.0.0.1:80": "no network",
	} {
		for _, err := range []error{second(delivery.NewReach(list, "")), second(delivery.NewReach("", "10.0.0.0/8,"+list))} {
			if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), list) {
				t.Errorf("%q: %v, want %q", list, err, says)
			}
		}
	}
}

func second(_ delivery.Reach, err error) error { return err }

// Whatever the lists are, they are read or refused in one line.
func FuzzNewReach(f *testing.F) {
	for _, seed := range []string{"", "any", "10.0.0.0/8, fd00::/8", "*.ci.test", "[::1]", "fe80::1%eth0", "1.2.3.4/", ",,,", "é.test", "\x00"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, only, never string) {
		if _, err := delivery.NewReach(only, never); err != nil && strings.ContainsAny(err.Error(), "\n\x00") {
			t.Fatalf("%q", err)
		}
	})
}
