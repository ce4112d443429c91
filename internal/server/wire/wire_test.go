package wire_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

func TestReadBody(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body, header, value string
		code                onetouch.Code
	}{
		"plain":              {"a=é", "", "", ""},
		"nothing":            {"", "", "", ""},
		"as long":            {"0123456789", "", "", ""},
		"too long":           {"0123456789a", "", "", problem.CodeBodyTooLarge},
		"compressed":         {"a", "Content-Encoding", "gzip", onetouch.CodeInvalidRequest},
		"plain by name":      {"a", "Content-Encoding", "identity", ""},
		"in Latin":           {"é", "Content-Type", "text/plain; charset=iso-8859-1", onetouch.CodeInvalidRequest},
		"ASCII called Latin": {"a", "Content-Type", "text/plain; charset=iso-8859-1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(c.body))
			if c.header != "" {
				r.Header.Set(c.header, c.value)
			}
			body, err := wire.ReadBody(r, 10)
			if onetouch.CodeOf(err) != c.code || err == nil && string(body) != c.body {
				t.Errorf("read %q, error %v", body, err)
			}
		})
	}
}

func TestBearer(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"Bearer secret": "secret", "bearer  secret ": "secret", "Basic secret": "", "Bearer": "", "": "", "secret": "",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", header)
		if got := wire.Bearer(r); got != want {
			t.Errorf("%q is the token %q, want %q", header, got, want)
		}
	}
}

// An answer says that nobody keeps it, and how long it is; < stays as it is.
func TestAnswer(t *testing.T) {
	t.Parallel()
	refuse := func(w http.ResponseWriter, _ *http.Request, err error) { http.Error(w, err.Error(), http.StatusTeapot) }
	for _, c := range []struct {
		value  any
		err    error
		status int
		body   string
	}{
		{[]string{"<a&b>"}, nil, http.StatusOK, "[\"<a&b>\"]\n"},
		{math.Inf(1), nil, http.StatusInternalServerError, "{}"},
		{nil, errors.New("no"), http.StatusTeapot, "no\n"},
	} {
		w := httptest.NewRecorder()
		wire.Answer(func(*http.Request) (any, error) { return c.value, c.err }, refuse)(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != c.status || w.Body.String() != c.body {
			t.Errorf("%v: %d %q", c.value, w.Code, w.Body)
		}
		if c.err == nil && (w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Content-Length") == "") {
			t.Errorf("%v: headers %v", c.value, w.Header())
		}
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"": "", "n=5&m=7&s=denied,pending,denied": "", "n=%zz": "Query must be", "n=-1": "n - must be a whole number, 0 or more",
		"n=a": "n - ", "m=0": "m - must be a whole number from 1 to 9", "m=10": "m - ", "s=pending,": "s - must be pending",
		"n=a&m=b": "n - ", "n=99999999999999999999": "n - ",
	} {
		q := wire.ReadQuery(httptest.NewRequest(http.MethodGet, "/?"+query, nil))
		n, m, s := q.Count("n"), q.Number("m", 3, 1, 9), q.Statuses("s")
		err := q.Err()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", query, err, want)
		}
		if strings.Contains(query, "m=7") && (n != 5 || m != 7 ||
			!slices.Equal(s, []onetouch.Status{onetouch.StatusDenied, onetouch.StatusPending})) {
			t.Errorf("%q is %d, %d, %v", query, n, m, s)
		}
		if query == "" && (n != 0 || m != 3 || s != nil) {
			t.Errorf("without anything: %d, %d, %v", n, m, s)
		}
	}
}

// A stream looks again after each change, beats when there is none, and ends with its reader, its server or by itself.
func TestStream(t *testing.T) {
	t.Parallel()
	gone, stopped := make(chan struct{}), make(chan struct{})
	for name, end := range map[string]func(cancel func(), s *wire.Stream){
		"the reader leaves": func(cancel func(), _ *wire.Stream) { cancel() },
		"the server stops":  func(_ func(), s *wire.Stream) { s.Stopping = stopped },
		"all is said":       func(_ func(), s *wire.Stream) { s.Send = func() bool { return false } },
		"a beat fails": func(_ func(), s *wire.Stream) {
			s.Heartbeat, s.Beat = time.Nanosecond, func() error { return errors.New("broken pipe") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s := wire.Stream{
				Heartbeat: time.Hour, Changed: func() <-chan struct{} { return gone }, Send: func() bool { return true },
			}
			end(cancel, &s)
			s.Run(ctx)
		})
	}
	close(stopped)

	sent, beats := 0, 0
	changed := make(chan struct{})
	close(changed)
	s := wire.Stream{Heartbeat: time.Nanosecond, Beat: func() error { beats++; return nil }}
	s.Changed = func() <-chan struct{} {
		if sent < 3 {
			return changed
		}
		return gone
	}
	s.Send = func() bool { sent++; return sent < 4 || beats == 0 }
	s.Run(t.Context())
	if sent < 4 || beats == 0 {
		t.Errorf("sent %d times, %d beats", sent, beats)
	}
}
