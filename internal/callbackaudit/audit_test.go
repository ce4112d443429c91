package callbackaudit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/callbackaudit"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

const patience = 30 * time.Second

// Four handlers, some by GET too: the audit reports exactly the faults that are there, with a probe and without. The one
// that takes its time is TestSlowDrip.
func TestHandlers(t *testing.T) {
	t.Parallel()
	get := func(v *callback.Verifier) { v.Method = "GET" }
	for _, test := range []struct {
		name     string
		once     bool
		handler  func(*bank) func(string) http.Handler
		method   string
		byProbe  []string // faults that a probe shows
		byStatus []string // faults that the status shows
		severe   bool
	}{
		{
			name: "right", once: true,
			handler: func(b *bank) func(string) http.Handler { return verifying(b, nil) },
		},
		{
			name: "right, GET", once: true, method: "GET",
			handler: func(b *bank) func(string) http.Handler { return verifying(b, get) },
		},
		{
			name: "never verifies", handler: trusting, severe: true,
			byProbe: []string{
				"no-signature", "empty-signature", "other-body", "changed-status", "swapped-uuid", "wrong-key", "other-url", "other-host",
				"stale-nonce", "replayed-nonce", "same-twice", "other-method", "content-type", "out-of-order", "huge-body",
			},
			byStatus: []string{
				"no-signature", "empty-signature", "other-body", "changed-status", "swapped-uuid", "wrong-key", "other-url", "other-host",
				"stale-nonce", "duplicate-keys", "other-method", "content-type", "huge-body",
			},
		},
		{
			name: "never verifies, GET", handler: trusting, severe: true, method: "GET",
			byProbe: []string{
				"no-signature", "empty-signature", "other-body", "changed-status", "swapped-uuid", "wrong-key", "other-url", "other-host",
				"stale-nonce", "replayed-nonce", "same-twice", "other-method", "out-of-order",
			},
			byStatus: []string{
				"no-signature", "empty-signature", "other-body", "changed-status", "swapped-uuid", "wrong-key", "other-url", "other-host",
				"stale-nonce", "duplicate-keys", "other-method",
			},
		},
		{
			name: "verifies, but is not idempotent", severe: true,
			handler: func(b *bank) func(string) http.Handler {
				return verifying(b, func(v *callback.Verifier) { v.MaxRemembered = -1 })
			},
			byProbe: []string{"replayed-nonce", "same-twice", "out-of-order"},
		},
		{
			name: "takes the URL from the request", once: true,
			handler: func(b *bank) func(string) http.Handler {
				return verifying(b, func(v *callback.Verifier) { v.URL = "" })
			},
			byProbe: []string{"other-host"}, byStatus: []string{"other-host"},
		},
		{
			name: "compares the wrong URL", once: true, severe: true,
			handler: func(b *bank) func(string) http.Handler {
				return verifying(b, func(v *callback.Verifier) { v.URL = strings.Replace(v.URL, "http:", "https:", 1) })
			},
			byProbe: []string{"baseline"}, byStatus: []string{"baseline"},
		},
	} {
		for _, probed := range []bool{true, false} {
			t.Run(test.name+map[bool]string{true: ", probed"}[probed], func(t *testing.T) {
				t.Parallel()
				b := newBank(test.once)
				o := options(serve(t, false, test.handler(b)))
				o.Method, o.Cases = test.method, allBut("slow-drip")
				want, severe := test.byStatus, test.severe && test.name != "verifies, but is not idempotent"
				unknown := []string{"replayed-nonce", "same-twice", "denied-as-approved", "unknown-uuid", "out-of-order"}
				if probed {
					o.Probe, want, severe, unknown = b.probe, test.byProbe, test.severe, []string{"unknown-uuid"}
				}
				report := audit(t, o)
				check(t, report, callbackaudit.Fault, want...)
				check(t, report, callbackaudit.Unknown, unknown...)
				if report.Passed() == severe || !report.Told || report.Probed != probed {
					t.Errorf("passed %v, told %v, probed %v", report.Passed(), report.Told, report.Probed)
				}
				checkResults(t, report)
			})
		}
	}
}

// checkResults makes sure that a report can be acted on, and counts right.
func checkResults(t *testing.T, report callbackaudit.Report) {
	t.Helper()
	for _, result := range report.Results {
		if result.Title == "" || result.Safe == "" || result.Did == "" || result.Severity == "" ||
			(result.Mend != "") != (result.Verdict == callbackaudit.Fault) {
			t.Errorf("%s: %+v", result.Case, result)
		}
		if len(result.Sent) == 0 && result.Case != "unknown-uuid" {
			t.Errorf("%s: nothing was sent", result.Case)
		}
	}
	if sum := report.Severe + report.Warning + report.Note + report.Safe + report.Unknown; sum != len(report.Results) {
		t.Errorf("%d results are counted as %d", len(report.Results), sum)
	}
}

func allBut(name string) []string {
	var names []string
	for _, c := range callbackaudit.Cases() {
		if c.Name != name {
			names = append(names, c.Name)
		}
	}
	return names
}

// Of a handler that waits for ever the audit waits no longer than it was told to; another one ends it by itself.
func TestSlowDrip(t *testing.T) {
	t.Parallel()
	b := newBank(true)
	for _, test := range []struct {
		bounded bool
		timeout time.Duration
		want    callbackaudit.Verdict
		did     string
	}{
		{false, 300 * time.Millisecond, callbackaudit.Fault, "still waited after 300ms"},
		{true, patience, callbackaudit.Safe, "answered 400"},
	} {
		o := options(serve(t, test.bounded, verifying(b, nil)))
		o.Timeout, o.Cases = test.timeout, []string{"slow-drip"}
		report := audit(t, o)
		last := report.Results[len(report.Results)-1]
		if last.Case != "slow-drip" || last.Verdict != test.want || !strings.Contains(last.Did, test.did) {
			t.Errorf("got %+v", last)
		}
	}
	early := serve(t, false, func(string) http.Handler { return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}) })
	o := options(early)
	o.Cases = []string{"slow-drip", "huge-body"}
	report := audit(t, o)
	check(t, report, callbackaudit.Fault, "huge-body", "slow-drip")
	if did := report.Results[2].Did; !strings.Contains(did, "before the body was there") {
		t.Errorf("got %s", did)
	}
}

// No answer is no acceptance, and is told as what it is.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, attack string
		instead      func(http.ResponseWriter, *http.Request) // for what is wrong; nil: nothing, to the end
		timeout      time.Duration
		want         callbackaudit.Verdict
		did          string
	}{
		{"hangs", "wrong-key", nil, time.Second, callbackaudit.Safe, "did not answer in time"},
		{"breaks off", "wrong-key", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, patience,
			callbackaudit.Safe, "closed the connection without an answer"},
		{"reads all", "huge-body", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusForbidden)
		}, patience, callbackaudit.Fault, "read all of it, then answered 403"},
		{"stops in the middle", "huge-body", nil, time.Second, callbackaudit.Fault, "still read it after 1s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			over := make(chan struct{})
			if test.instead == nil {
				test.instead = func(http.ResponseWriter, *http.Request) { <-over }
			}
			url := serve(t, false, func(url string) http.Handler {
				right := verifying(newBank(true), nil)(url)
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.ContentLength < 0 || test.attack != "huge-body" && !signedRight(url, r) {
						test.instead(w, r)
						return
					}
					right.ServeHTTP(w, r)
				})
			})
			t.Cleanup(func() { close(over) }) // before the server waits for its handlers
			o := options(url)
			o.Timeout, o.Cases = test.timeout, []string{test.attack}
			report := audit(t, o)
			if got := report.Results[1]; got.Verdict != test.want || got.Did != test.did {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A server that reads a body by its Content-Length takes one in chunks for empty: what it reads of one with a length tells.
func TestHugeByLength(t *testing.T) {
	t.Parallel()
	url := serve(t, false, func(url string) http.Handler {
		right := verifying(newBank(true), nil)(url)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength < 0 {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			right.ServeHTTP(w, r)
		})
	})
	o := options(url)
	o.Cases = []string{"huge-body"}
	report := audit(t, o)
	check(t, report, callbackaudit.Fault, "huge-body")
	if got := report.Results[1]; !strings.HasPrefix(got.Did, "read all of it") || len(got.Sent) != 2 {
		t.Errorf("got %+v", got)
	}
}

// signedRight reports whether a request is right, and leaves it as it was.
func signedRight(url string, r *http.Request) bool {
	_, err := (&callback.Verifier{APIKey: apiKey, URL: url}).Verify(r)
	return err == nil
}

// A backend that knows its own requests is audited with requests that it has made.
func TestPrepare(t *testing.T) {
	t.Parallel()
	strict := newBank(true)
	o := options(serve(t, true, verifying(strict, nil)))
	o.Probe, o.Prepare, o.Cases = strict.probe, strict.ask, []string{"unknown-uuid", "same-twice", "denied-as-approved"}
	check(t, audit(t, o), callbackaudit.Safe, "baseline", "same-twice", "denied-as-approved", "unknown-uuid")

	lax := newBank(true) // it prepares, and forgets that it has to look
	o = options(serve(t, true, verifying(lax, nil)))
	o.Probe, o.Cases = lax.probe, []string{"unknown-uuid"}
	prepared := 0
	o.Prepare = func(context.Context, callbackaudit.Moment) (string, error) {
		prepared++
		return fmt.Sprintf("00000000-0000-4000-8000-%012d", prepared), nil
	}
	check(t, audit(t, o), callbackaudit.Fault, "unknown-uuid")
	o.Probe, lax.status = nil, map[string]string{}
	check(t, audit(t, o), callbackaudit.Unknown, "unknown-uuid")
}

// A handler that takes a denial for an approval, as it looks at the wrong status or at none.
func TestDeniedAsApproved(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]func(*http.Request, *callback.Callback) string{
		"query": func(r *http.Request, c *callback.Callback) string {
			if given := r.URL.Query().Get("status"); given != "" {
				return given
			}
			return string(c.Status)
		},
		"none": func(*http.Request, *callback.Callback) string { return "approved" },
	} {
		b := newBank(true)
		url := serve(t, true, func(url string) http.Handler {
			v := &callback.Verifier{APIKey: apiKey, URL: url}
			return v.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				c, _ := callback.FromContext(r.Context())
				b.take(c.UUID, status(r, c))
			}))
		})
		o := options(url)
		o.Probe, o.Cases = b.probe, []string{"denied-as-approved"}
		t.Log(name)
		check(t, audit(t, o), callbackaudit.Fault, "denied-as-approved")
	}
}

// A reader that takes the first of two statuses, where the second was verified.
func TestDuplicateKeys(t *testing.T) {
	t.Parallel()
	b := newBank(true)
	url := serve(t, true, func(string) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			_, uuid, _ := strings.Cut(string(body), `"uuid":"`)
			_, status, _ := strings.Cut(string(body), `"status":"`)
			uuid, _, _ = strings.Cut(uuid, `"`)
			status, _, _ = strings.Cut(status, `"`)
			b.take(uuid, status)
		})
	})
	o := options(url)
	o.Probe, o.Cases = b.probe, []string{"duplicate-keys"}
	report := audit(t, o)
	check(t, report, callbackaudit.Fault, "duplicate-keys")
	if report.Severe != 1 {
		t.Errorf("it counts as %+v", report)
	}
}

// When a right callback is refused, nothing can be told from what else is.
func TestCannotTell(t *testing.T) {
	t.Parallel()
	answers := func(status int) func(string) http.Handler {
		return func(string) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		}
	}
	for _, test := range []struct {
		name      string
		handler   func(string) http.Handler
		probe     bool
		did, mend string
	}{
		{"refuses all", answers(403), false, "answered 403 to a right callback", "'onetouch callback verify'"},
		{"redirects", answers(302), false, "answered 302 to a right callback", "--public-url"},
		{"another key", verifying(newBank(true), func(v *callback.Verifier) { v.APIKey = "another" }), false, "403", "--api-key"},
		{"does nothing", answers(200), true, "answered 200, but the probe says the same", "Check the probe"},
		{"takes what is signed by no key", func(url string) http.Handler {
			return verifying(newBank(true), func(v *callback.Verifier) { v.APIKey = apiKey + "\n" })(url)
		}, false, "accepts a wrong one: signed by the key with a line end after it", "docs/callbacks.md"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := options(serve(t, true, test.handler))
			if test.probe {
				o.Probe = newBank(true).probe
			}
			report := audit(t, o)
			check(t, report, callbackaudit.Fault, "baseline")
			if report.Told || report.Passed() || len(report.Results) != 1 || !strings.Contains(report.Results[0].Did, test.did) ||
				!strings.Contains(report.Results[0].Mend, test.mend) {
				t.Errorf("got %+v", report)
			}
		})
	}
}

// A handler that shuts out whoever sends something wrong passes for nothing.
func TestBlocking(t *testing.T) {
	t.Parallel()
	var wrong atomic.Int32
	url := serve(t, true, func(url string) http.Handler {
		right := verifying(newBank(true), nil)(url)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if wrong.Load() >= 2 {
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			seen := httptest.NewRecorder()
			right.ServeHTTP(seen, r)
			if seen.Code >= http.StatusBadRequest {
				wrong.Add(1)
			}
			w.WriteHeader(seen.Code)
		})
	})
	o := options(url)
	o.Cases = []string{"wrong-key", "no-signature", "empty-signature", "same-twice", "out-of-order"}
	report := audit(t, o)
	check(t, report, callbackaudit.Fault, "afterwards")
	check(t, report, callbackaudit.Unknown, "wrong-key", "same-twice", "out-of-order")
	if report.Warning != 1 {
		t.Errorf("got %+v", report)
	}
}

// A handler that has no time for a callback has not judged it: that is never safe.
func TestLimit(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		var seen atomic.Int32
		b := newBank(true)
		o := options(serve(t, true, func(url string) http.Handler {
			right := verifying(b, nil)(url)
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if seen.Add(1) > 2 {
					w.WriteHeader(status)
					return
				}
				right.ServeHTTP(w, r)
			})
		}))
		o.Probe = b.probe
		o.Cases = []string{"no-signature", "same-twice", "wrong-key", "duplicate-keys", "denied-as-approved", "out-of-order"}
		report := audit(t, o)
		check(t, report, callbackaudit.Safe, "baseline", "no-signature")
		check(t, report, callbackaudit.Unknown, "wrong-key", "same-twice", "duplicate-keys", "denied-as-approved", "out-of-order")
		check(t, report, callbackaudit.Fault, "afterwards")
	}
}

// What a handler does that never answers the second time is told as well.
func TestSecondRefused(t *testing.T) {
	t.Parallel()
	b := newBank(true)
	url := serve(t, true, func(url string) http.Handler {
		v := &callback.Verifier{APIKey: apiKey, URL: url, Logger: slog.New(slog.DiscardHandler)}
		return callback.Handler(v, func(ctx context.Context, c *callback.Callback) error {
			if said, _ := b.probe(ctx, callbackaudit.Moment{UUID: c.UUID}); strings.Contains(said, "approved") {
				return errors.New("answered already")
			}
			b.take(c.UUID, string(c.Status))
			return nil
		})
	})
	o := options(url)
	o.Cases = []string{"same-twice"}
	report := audit(t, o)
	check(t, report, callbackaudit.Fault, "same-twice")
	if report.Warning != 1 || !report.Passed() {
		t.Errorf("got %+v", report)
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	_, err := callbackaudit.Run(t.Context(), options(strings.Replace(s.URL, "//", "//ada:secret@", 1)))
	if !errors.Is(err, callbackaudit.ErrUnreachable) || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

// A certificate that nobody trusts is named, and not taken for a handler that breaks off.
func TestCertificate(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.StartTLS()
	defer s.Close()
	report := audit(t, options(s.URL))
	got := report.Results[0]
	if report.Told || len(got.Sent) != 1 || !strings.HasPrefix(got.Did, "has a certificate that is not accepted (x509: ") ||
		!strings.Contains(got.Mend, "SSL_CERT_FILE") {
		t.Errorf("got %+v", report)
	}
}

// A handler that goes away in the middle is not taken for one that refuses.
func TestGoesAway(t *testing.T) {
	t.Parallel()
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { _ = s.Listener.Close() }))
	defer s.Close()
	report, err := callbackaudit.Run(t.Context(), options(s.URL))
	if !errors.Is(err, callbackaudit.ErrUnreachable) || !slices.Equal(having(report, callbackaudit.Safe), []string{"baseline"}) {
		t.Errorf("got %+v, %v", report, err)
	}
}

func TestFunctionsThatFail(t *testing.T) {
	t.Parallel()
	failure := errors.New("the database is away")
	var seen atomic.Int64 // callbacks, which all change what the probe says, and no UUID is made twice
	url := serve(t, true, func(url string) http.Handler {
		right := verifying(newBank(true), nil)(url)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen.Add(1)
			right.ServeHTTP(w, r)
		})
	})
	for fail := range 5 {
		calls := 0
		ask := func(context.Context, callbackaudit.Moment) (string, error) {
			if calls++; calls > fail {
				return "", failure
			}
			return fmt.Sprint(seen.Load()), nil
		}
		for _, set := range []func(*callbackaudit.Options){
			func(o *callbackaudit.Options) { o.Probe = ask },
			func(o *callbackaudit.Options) { o.Prepare = ask },
		} {
			calls = 0
			o := options(url)
			o.Cases = []string{"same-twice", "huge-body", "out-of-order"}
			set(&o)
			if _, err := callbackaudit.Run(t.Context(), o); !errors.Is(err, failure) {
				t.Errorf("after %d calls: got %v", fail, err)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	o := options(url)
	o.Told = func(callbackaudit.Result) { cancel() }
	if report, err := callbackaudit.Run(ctx, o); !errors.Is(err, context.Canceled) || len(report.Results) != 1 {
		t.Errorf("cancelled: got %+v, %v", report, err)
	}
}

// A probe that says something else by itself would make every case look like a fault.
func TestUnsteadyProbe(t *testing.T) {
	t.Parallel()
	var hits, asked atomic.Int64
	o := options(serve(t, true, func(string) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	}))
	o.Probe = func(context.Context, callbackaudit.Moment) (string, error) { return fmt.Sprint(asked.Add(1)), nil }
	report, err := callbackaudit.Run(t.Context(), o)
	if !errors.Is(err, callbackaudit.ErrUnsteadyProbe) || len(report.Results) != 0 || hits.Load() != 0 {
		t.Errorf("got %+v, %v, after %d callbacks", report, err, hits.Load())
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []callbackaudit.Options{
		{URL: "http://a b", APIKey: apiKey},
		{URL: "127.0.0.1:3000", APIKey: apiKey},
		{URL: "http://127.0.0.1:3000", PublicURL: "ftp://bank.example", APIKey: apiKey},
		{URL: "http://127.0.0.1:3000", APIKey: apiKey, Cases: []string{"no-such-case"}},
		{URL: "http://127.0.0.1:3000"},
	} {
		if _, err := callbackaudit.Run(t.Context(), o); err == nil || errors.Is(err, callbackaudit.ErrUnreachable) {
			t.Errorf("%+v: got %v", o, err)
		}
	}
}

// Behind a proxy the public URL is signed, and told as a proxy would.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	b := newBank(true)
	var host, scheme atomic.Value
	url := serve(t, true, func(string) http.Handler {
		right := verifying(b, func(v *callback.Verifier) { v.URL = "https://bank.example/hook" })("")
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			host.Store(r.Host)
			scheme.Store(r.Header.Get("X-Forwarded-Proto"))
			right.ServeHTTP(w, r)
		})
	})
	o := options(url)
	o.PublicURL, o.Cases = "https://bank.example/hook", []string{"other-url"}
	check(t, audit(t, o), callbackaudit.Safe, "baseline", "other-url")
	if host.Load() != "bank.example" || scheme.Load() != "https" {
		t.Errorf("the request came by %v://%v", scheme.Load(), host.Load())
	}
}
