package callback_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

// logged is a verifier whose log can be read.
func logged() (*callback.Verifier, *bytes.Buffer) {
	var log bytes.Buffer
	v := verifier()
	v.Logger = slog.New(slog.NewTextHandler(&log, nil))
	return v, &log
}

func answer(t *testing.T, h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	t.Parallel()
	v, log := logged()
	var got []*callback.Callback
	failure := errors.New("the database is away")
	handler := callback.Handler(v, func(_ context.Context, c *callback.Callback) error {
		got = append(got, c)
		if len(got) == 1 {
			return failure
		}
		return nil
	})
	for _, want := range []int{500, 200} {
		w := answer(t, handler, arrived(t, "POST", callbackURL, payload()))
		if w.Code != want || strings.Contains(w.Body.String(), failure.Error()) {
			t.Errorf("answered %d %s, want %d", w.Code, w.Body, want)
		}
	}
	if len(got) != 2 || got[1].UUID != "996201c0-bffc-0135-d7be-1285ca17e122" {
		t.Errorf("got %v", got)
	}
	if !strings.Contains(log.String(), failure.Error()) || !strings.Contains(log.String(), got[0].UUID) {
		t.Errorf("the log says %s", log)
	}
}

// Whoever forges learns nothing from the answer; whoever reads the log learns all.
func TestRefusal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		r      func(*http.Request)
		v      func(*callback.Verifier)
		status int
		logs   string
	}{
		{"forged", func(r *http.Request) { r.Header.Set(callback.SignatureHeader, "AAAA") }, nil, 403, "not made by this API key"},
		{"replayed", func(*http.Request) {}, func(v *callback.Verifier) { v.Now = nil }, 403, "stale"},
		{"malformed", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("{")) }, nil, 400, "not JSON"},
		{"too large", func(*http.Request) {}, func(v *callback.Verifier) { v.MaxBody = 10 }, 413, "more than 10 bytes"},
		{"wrong method", func(r *http.Request) { r.Method = "PUT" }, nil, 400, "must be POST or GET"},
		{"no key", func(*http.Request) {}, func(v *callback.Verifier) { v.APIKey = "" }, 500, "no API key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v, log := logged()
			if test.v != nil {
				test.v(v)
			}
			reached := func(http.ResponseWriter, *http.Request) { t.Error("the handler was reached") }
			handle := func(context.Context, *callback.Callback) error { t.Error("the handler was reached"); return nil }
			for _, h := range []http.Handler{v.Middleware(http.HandlerFunc(reached)), callback.Handler(v, handle)} {
				log.Reset()
				r := arrived(t, "POST", callbackURL, payload())
				test.r(r)
				w := answer(t, h, r)
				if w.Code != test.status || w.Body.String() != http.StatusText(test.status)+"\n" {
					t.Errorf("answered %d %s", w.Code, w.Body)
				}
				if !strings.Contains(log.String(), test.logs) || strings.Count(log.String(), "\n") != 1 {
					t.Errorf("the log says %s", log)
				}
			}
		})
	}
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	v, _ := logged()
	handler := v.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, ok := callback.FromContext(r.Context())
		body, err := io.ReadAll(r.Body)
		if !ok || c.AuthyID != 688611 || err != nil || !bytes.Equal(body, payload()) {
			t.Errorf("got %v, %v, body %s, %v", c, ok, body, err)
		}
		w.WriteHeader(http.StatusTeapot)
	}))
	if w := answer(t, handler, arrived(t, "POST", callbackURL, payload())); w.Code != http.StatusTeapot {
		t.Errorf("answered %d", w.Code)
	}
	if _, ok := callback.FromContext(t.Context()); ok {
		t.Error("a callback from nowhere")
	}
}
