package delivery_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// Whatever a receiver does, the developer reads in plain words what it was. HOST stands for its host and port.
func TestFailures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		receive  http.HandlerFunc
		says     string
		status   int
		response string
	}{
		{"500", func(out http.ResponseWriter, _ *http.Request) {
			http.Error(out, "NoMethodError", http.StatusInternalServerError)
		}, "answered 500 Internal Server Error", 500, "NoMethodError\n"},
		{"404", status(http.StatusNotFound), "answered 404 Not Found", 404, ""},
		{"a status of its own", status(599), "answered 599", 599, ""},
		{"304", status(http.StatusNotModified), "answered 304 Not Modified", 304, ""},
		{"redirect", func(out http.ResponseWriter, in *http.Request) {
			http.Redirect(out, in, "https://ada:hush@example.com/new?token=hush#there", http.StatusPermanentRedirect)
		}, "answered 308 Permanent Redirect, a redirect to https://example.com/new; redirects are not followed", 308, ""},
		{"redirect to nowhere", func(out http.ResponseWriter, _ *http.Request) {
			out.Header().Set("Location", "http://[")
			out.WriteHeader(http.StatusFound)
		}, "answered 302 Found, a redirect to a URL that cannot be read; redirects are not followed", 302, ""},
		{"garbage", raw("220 mail.example.com ESMTP\r\n"), "HOST answered something that is not HTTP", 0, ""},
		{"HTTP/2 only", raw("\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00d\x00"),
			"HOST speaks HTTP/2 only, which needs TLS: its URL must begin with https://, or it must speak HTTP/1.1 too", 0, ""},
		{"an alert of TLS", raw("\x15\x03\x01\x00\x02\x02\x46"), "HOST speaks HTTPS: did you mean https://HOST/?", 0, ""},
		{"another protocol", func(out http.ResponseWriter, _ *http.Request) {
			connection, _, err := http.NewResponseController(out).Hijack()
			if err != nil {
				panic(err)
			}
			_, _ = fmt.Fprint(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
			_, _ = connection.Read(make([]byte, 1)) // until the other side leaves
			_ = connection.Close()
		}, "answered 101 Switching Protocols", 101, ""},
		{"nginx without TLS", func(out http.ResponseWriter, _ *http.Request) {
			http.Error(out, "<h1>400</h1>The plain HTTP request was sent to HTTPS port", http.StatusBadRequest)
		}, "answered 400 Bad Request: HOST speaks HTTPS: did you mean https://HOST/?", 400, ""},
		{"garbage in the headers", raw("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), "HOST answered something that is not HTTP", 0, ""},
		{"closed without an answer", raw(""), "connection closed by HOST before it answered", 0, ""},
		{"closed in the headers", raw("HTTP/1.1 200 OK\r\nContent-Type: te"), "connection closed by HOST in the middle of its answer", 0, ""},
		{"closed in the body", raw("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nthank"),
			"answered 200 OK, but the connection was closed in the middle of the answer", 200, "thank"},
		{"closed in the body of a refusal", raw("HTTP/1.1 403 Whatever\r\nContent-Length: 10\r\n\r\nno"),
			"answered 403 Forbidden", 403, "no"},
		{"reset", reset, "connection reset by HOST before it answered", 0, ""},
		{"a handler that panics", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			"connection closed by HOST before it answered", 0, ""},
		{"headers without end", raw("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n"), "no answer from HOST: ", 0, ""},
		{"no text", func(out http.ResponseWriter, _ *http.Request) {
			out.WriteHeader(http.StatusTeapot)
			_, _ = out.Write([]byte("a\xff\x00b"))
		}, "answered 418 I'm a teapot", 418, "a\uFFFD\uFFFDb"},
		{"too much text", func(out http.ResponseWriter, _ *http.Request) {
			out.WriteHeader(http.StatusBadRequest)
			_, _ = out.Write([]byte("x" + strings.Repeat("é", 1<<20)))
		}, "answered 400 Bad Request", 400, "x" + strings.Repeat("é", 2047)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			receiver := httptest.NewServer(test.receive)
			t.Cleanup(receiver.Close)
			a := firstAttempt(t, receiver.URL, delivery.Options{})
			host := strings.TrimPrefix(receiver.URL, "http://")
			if want := strings.ReplaceAll(test.says, "HOST", host); a.Error != want && !strings.HasPrefix(a.Error, want+"net/http: ") {
				t.Errorf("got  %s\nwant %s", a.Error, want)
			}
			if a.StatusCode != test.status || test.response != "" && a.Response != test.response {
				t.Errorf("got %d and %d bytes %.50q", a.StatusCode, len(a.Response), a.Response)
			}
		})
	}
}

// A success is a success whatever the answer says.
func TestGarbageInASuccess(t *testing.T) {
	t.Parallel()
	backend := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		_, _ = out.Write([]byte("\x1b[31m<html>\xff\x00"))
	}))
	t.Cleanup(backend.Close)
	w := newWorld(t, backend.URL, "POST")
	w.run(t, delivery.Options{})
	if d := w.wait(t, w.approve(t), is(onetouch.DeliverySent)); d.Log[0].Response != "\x1b[31m<html>\uFFFD\uFFFD" {
		t.Errorf("got %+v", d)
	}
}

// However a URL is written, the receiver finds in its request what was signed; both methods.
func TestURLs(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		for name, shape := range map[string]string{
			"plain":           "http://127.0.0.1:PORT/cb",
			"no path":         "http://127.0.0.1:PORT",
			"query":           "http://127.0.0.1:PORT/cb?tenant=7&empty=",
			"fragment":        "http://127.0.0.1:PORT/cb#there",
			"query, no path":  "http://127.0.0.1:PORT?a=b#c",
			"user":            "http://ada:secret@127.0.0.1:PORT/cb",
			"IPv6":            "http://[::ffff:127.0.0.1]:PORT/cb",
			"upper-case host": "HTTP://LocalHost:PORT/CB",
			"escaped path":    "http://127.0.0.1:PORT/a%20b/%2Fc;d=e/é",
		} {
			t.Run(method+" "+name, func(t *testing.T) {
				t.Parallel()
				var w *world
				backend := newReceiver(t, &w, nil)
				_, port, err := net.SplitHostPort(backend.Listener.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				w = newWorld(t, strings.Replace(shape, "PORT", port, 1), method)
				w.run(t, delivery.Options{})
				request := w.approve(t)
				if c := backend.callback(t); c.UUID != request.UUID {
					t.Errorf("got %+v", c)
				}
				w.wait(t, request, is(onetouch.DeliverySent))
			})
		}
	}
}

func TestFailuresOfAddress(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(status(http.StatusOK))
	t.Cleanup(plain.Close)
	secure := httptest.NewUnstartedServer(status(http.StatusOK))
	secure.Config.ErrorLog = (&log{}).std()
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plainHost, secureHost := strings.TrimPrefix(plain.URL, "http://"), strings.TrimPrefix(secure.URL, "https://")
	for _, test := range []struct{ name, url, says string }{
		{"a name of nobody", "http://nobody.invalid/cb", "nobody.invalid"},
		{"https where there is none", "https://" + plainHost, plainHost + " does not speak TLS: its URL must begin with http://"},
		{"http where there is TLS", "http://ada:pw@" + secureHost + "/cb?token=x", "answered 400 Bad Request: " + secureHost +
			" speaks HTTPS: did you mean https://" + secureHost + "/cb?"},
		{"a certificate of nobody", secure.URL, "the certificate of " + secureHost + " is not trusted: x509: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := firstAttempt(t, test.url, delivery.Options{})
			if !strings.Contains(a.Error, test.says) || strings.Contains(a.Error, "\n") {
				t.Errorf("got %q, want %s", a.Error, test.says)
			}
		})
	}
}

// A database may hold a URL from before such URLs were refused.
func TestAddressThatCannotBeSigned(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "http://127.0.0.1:1/cb", "POST")
	err := w.store.Update(t.Context(), func(tx onetouch.Transaction) error {
		app := w.app
		app.Callback.URL = "http://bücher.example/cb"
		return tx.UpdateApplication(app)
	})
	if err != nil {
		t.Fatal(err)
	}
	w.service = onetouch.NewService(w.store, onetouch.Options{Clock: w.clock}) // remembers nothing
	w.run(t, delivery.Options{})
	d := w.wait(t, w.approve(t), tried(1))
	const says = "cannot be sent: callback is malformed: the host of the URL must be ASCII"
	if d.State != onetouch.DeliveryPending || !strings.HasPrefix(d.Log[0].Error, says) {
		t.Errorf("got %+v, want %s", d, says)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		answer func(out http.ResponseWriter)
		says   string
		status int
	}{
		{"no answer", func(http.ResponseWriter) {}, "timed out after 0.05 s", 0},
		{"half an answer", func(out http.ResponseWriter) {
			_, _ = out.Write([]byte("wait"))
			_ = http.NewResponseController(out).Flush()
		}, "answered 200 OK, but the answer did not end within 0.05 s", 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			receiver := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
				test.answer(out)
				_, _ = in.Body.Read(make([]byte, 1<<20)) // so that the server notices when the other side leaves
				<-in.Context().Done()
			}))
			t.Cleanup(receiver.Close)
			a := firstAttempt(t, receiver.URL, delivery.Options{Timeout: 50 * time.Millisecond})
			if a.Error != test.says || a.StatusCode != test.status {
				t.Errorf("got %q, %d, want %q", a.Error, a.StatusCode, test.says)
			}
		})
	}
}

// firstAttempt sends a callback to the URL, which must fail.
func firstAttempt(t *testing.T, url string, o delivery.Options) onetouch.Attempt {
	t.Helper()
	w := newWorld(t, url, "POST")
	w.run(t, o)
	d := w.wait(t, w.approve(t), tried(1))
	if d.State != onetouch.DeliveryPending || d.Log[0].Succeeded() {
		t.Fatalf("got %+v", d)
	}
	return d.Log[0]
}

// raw answers with bytes of any kind and closes the connection.
func raw(text string) http.HandlerFunc {
	return func(out http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(out).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = fmt.Fprint(connection, text)
		_ = connection.Close()
	}
}

// reset closes the connection the hard way.
func reset(out http.ResponseWriter, _ *http.Request) {
	connection, _, err := http.NewResponseController(out).Hijack()
	if err != nil {
		panic(err)
	}
	_ = connection.(*net.TCPConn).SetLinger(0)
	_ = connection.Close()
}

// A receiver that speaks HTTP/2 only is served, over TLS.
func TestHTTP2Only(t *testing.T) {
	t.Parallel()
	var w *world
	protocols := make(chan string, 1)
	backend := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, in *http.Request) {
		if _, err := (&callback.Verifier{APIKey: w.app.APIKey, Now: w.clock.Now}).Verify(in); err != nil {
			t.Error(err)
		}
		protocols <- in.Proto
	}))
	backend.EnableHTTP2 = true
	backend.Config.Protocols = &http.Protocols{}
	backend.Config.Protocols.SetHTTP2(true)
	backend.TLS = &tls.Config{NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12}
	backend.StartTLS()
	t.Cleanup(backend.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(backend.Certificate())
	w = newWorld(t, backend.URL+"/cb", "POST")
	worker := delivery.New(w.service, delivery.Options{})
	worker.Trust(trusted)
	w.runWorker(t, worker)
	w.wait(t, w.approve(t), is(onetouch.DeliverySent))
	if protocol := <-protocols; protocol != "HTTP/2.0" {
		t.Errorf("it came by %s", protocol)
	}
}

// A URL that leads back to the server is told as what it is, by whatever name.
func TestLoop(t *testing.T) {
	t.Parallel()
	own := httptest.NewServer(status(http.StatusNotFound))
	t.Cleanup(own.Close)
	address := own.Listener.Addr().(*net.TCPAddr)
	for _, test := range []struct {
		name    string
		listens net.Addr
		loops   bool
	}{
		{"its address", address, true},
		{"another port", &net.TCPAddr{IP: address.IP, Port: address.Port + 1}, false},
		{"another address", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2), Port: address.Port}, false},
		{"no network", &net.UnixAddr{}, false},
	} {
		w := newWorld(t, fmt.Sprintf("http://localhost:%d/cb", address.Port), "POST")
		worker := delivery.New(w.service, delivery.Options{})
		worker.ListensOn(test.listens)
		w.runWorker(t, worker)
		d := w.wait(t, w.approve(t), tried(1))
		if got := strings.HasSuffix(d.LastError, "; the URL leads back to this server, and must be that of the backend"); got != test.loops ||
			!strings.HasPrefix(d.LastError, "answered 404 Not Found") {
			t.Errorf("listening on %s: %s", test.name, d.LastError)
		}
	}
}
