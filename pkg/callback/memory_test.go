package callback_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

// at is a callback that is signed some time after the others.
func at(t testing.TB, after time.Duration) *http.Request {
	t.Helper()
	nonce := strconv.FormatInt(signedAt().Add(after).Unix(), 10)
	sent, err := callback.NewRequest(t.Context(), apiKey, nonce, "POST", callbackURL, payload())
	if err != nil {
		t.Fatal(err)
	}
	return seen(t, sent)
}

func TestReplay(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"POST", "GET"} {
		v := verifier()
		if _, err := v.Verify(arrived(t, method, callbackURL, payload())); err != nil {
			t.Fatal(err)
		}
		c, err := v.Verify(arrived(t, method, callbackURL, payload()))
		if c != nil || !errors.Is(err, callback.ErrReplayed) || !strings.Contains(err.Error(), "nonce "+nonce()) {
			t.Errorf("%s: replayed: got %v, %v", method, c, err)
		}
		if _, err := verifier().Verify(arrived(t, method, callbackURL, payload())); err != nil {
			t.Errorf("%s: another verifier knows of it: %v", method, err)
		}
		v.MaxRemembered = -1
		if _, err := v.Verify(arrived(t, method, callbackURL, payload())); err != nil {
			t.Errorf("%s: a verifier that remembers none: %v", method, err)
		}
	}
	v := verifier()
	for _, after := range []time.Duration{0, time.Second} { // sent again by the service
		if _, err := v.Verify(at(t, after)); err != nil {
			t.Errorf("with another nonce: %v", err)
		}
	}
}

// A callback that is refused for another reason is not remembered.
func TestRefusedIsNotRemembered(t *testing.T) {
	t.Parallel()
	v := verifier()
	early := true
	v.Now = func() time.Time {
		if early {
			return signedAt().Add(-time.Hour)
		}
		return signedAt()
	}
	if _, err := v.Verify(at(t, 0)); !errors.Is(err, callback.ErrStale) {
		t.Errorf("got %v", err)
	}
	early = false
	if _, err := v.Verify(at(t, 0)); err != nil {
		t.Errorf("the first that is accepted: %v", err)
	}
}

// What is remembered is bounded: in number, and by the age after which a replay is stale.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	now := signedAt()
	v := verifier()
	v.Now, v.MaxAge, v.MaxRemembered = func() time.Time { return now }, time.Minute, 2
	accept := func(after time.Duration) error {
		_, err := v.Verify(at(t, after))
		return err
	}
	if err := errors.Join(accept(0), accept(time.Second)); err != nil {
		t.Fatal(err)
	}
	err := accept(2 * time.Second)
	if err == nil || errors.Is(err, callback.ErrReplayed) || !strings.Contains(err.Error(), "raise MaxRemembered from 2") {
		t.Errorf("a third: got %v", err)
	}
	now = signedAt().Add(time.Minute) // the first is fresh to the end of its minute
	if err := accept(0); !errors.Is(err, callback.ErrReplayed) {
		t.Errorf("replayed in its last second: got %v", err)
	}
	now = now.Add(time.Second)
	if err := accept(0); !errors.Is(err, callback.ErrStale) {
		t.Errorf("replayed later: got %v", err)
	}
	if err := accept(time.Second); !errors.Is(err, callback.ErrReplayed) {
		t.Errorf("the second, replayed: got %v", err)
	}
	if err := accept(2 * time.Second); err != nil {
		t.Errorf("after the first was forgotten: %v", err)
	}
}

// Without an age a callback is remembered for an hour.
func TestMemoryWithoutAge(t *testing.T) {
	t.Parallel()
	now := signedAt()
	v := verifier()
	v.Now, v.MaxAge = func() time.Time { return now }, -1
	for _, step := range []struct {
		after time.Duration
		kind  error
	}{{0, nil}, {time.Hour, callback.ErrReplayed}, {time.Hour + 1, nil}} {
		now = signedAt().Add(step.after)
		if _, err := v.Verify(at(t, 0)); !errors.Is(err, step.kind) || (err == nil) != (step.kind == nil) {
			t.Errorf("after %s: got %v, want %v", step.after, err, step.kind)
		}
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	v := verifier()
	for range 3 {
		c, err := v.Verify(at(t, 0))
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Forget(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
}

// Of many that come at the same moment one is accepted.
func TestReplayedAtOnce(t *testing.T) {
	t.Parallel()
	v, _ := logged()
	var handled atomic.Int32
	handler := callback.Handler(v, func(context.Context, *callback.Callback) error { handled.Add(1); return nil })
	var group sync.WaitGroup
	for range 20 {
		r := at(t, 0)
		group.Go(func() { answer(t, handler, r) })
	}
	group.Wait()
	if handled.Load() != 1 {
		t.Errorf("handled %d times", handled.Load())
	}
}

// What the handler did not manage may come again: an answer that is no success, and a panic.
func TestMiddlewareForgetsWhatFailed(t *testing.T) {
	t.Parallel()
	v, _ := logged()
	for _, step := range []struct {
		name string
		next func(http.ResponseWriter)
		want int
	}{
		{"failure", func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) }, 502},
		{"redirection", func(w http.ResponseWriter) { w.WriteHeader(http.StatusFound) }, 302},
		{"failure after a hint", func(w http.ResponseWriter) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusNotFound)
		}, 404},
		{"panic", func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, 0},
		{"success with a text", func(w http.ResponseWriter) {
			_, _ = fmt.Fprint(w, "ok")
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			w.WriteHeader(http.StatusBadGateway) // too late, and net/http says so
		}, 200},
		{"replay", func(http.ResponseWriter) { t.Error("the handler was reached") }, 403},
	} {
		handler := v.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { step.next(w) }))
		func() {
			defer func() {
				if recovered := recover(); (recovered != nil) != (step.want == 0) {
					t.Errorf("%s: panic %v", step.name, recovered)
				}
			}()
			answer(t, handler, at(t, 0))
		}()
	}
}

// shared is a Memory as several processes have it.
type shared struct {
	mu    sync.Mutex
	until map[string]time.Time
	err   error
}

func (s *shared) Remember(_ context.Context, key string, until time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return false, s.err
	}
	_, known := s.until[key]
	s.until[key] = until
	return !known, nil
}

func (s *shared) Forget(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.until, key)
	return s.err
}

func TestSharedMemory(t *testing.T) {
	t.Parallel()
	memory := &shared{until: map[string]time.Time{}}
	one, other := verifier(), verifier()
	one.Memory, other.Memory = memory, memory
	c, err := one.Verify(at(t, 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Verify(at(t, 0)); !errors.Is(err, callback.ErrReplayed) {
		t.Errorf("replayed to another process: got %v", err)
	}
	for _, until := range memory.until {
		if want := signedAt().Add(callback.DefaultMaxAge); len(memory.until) != 1 || !until.Equal(want) {
			t.Errorf("remembers %v, want until %s", memory.until, want)
		}
	}
	if err := one.Forget(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Verify(at(t, 0)); err != nil {
		t.Errorf("after it was forgotten: %v", err)
	}
}

// A memory that fails lets nobody in, and does not blame the client.
func TestBrokenMemory(t *testing.T) {
	t.Parallel()
	v, log := logged()
	memory := &shared{until: map[string]time.Time{}, err: errors.New("the table is away")}
	v.Memory = memory
	w := answer(t, v.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the handler was reached")
	})), at(t, 0))
	if w.Code != http.StatusInternalServerError || !strings.Contains(log.String(), "the table is away") {
		t.Errorf("answered %d, logged %s", w.Code, log)
	}
	memory.err = nil
	answer(t, v.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		memory.err = errors.New("the table is away again")
		w.WriteHeader(http.StatusBadGateway)
	})), at(t, 0))
	if !strings.Contains(log.String(), "refused as a replay") || !strings.Contains(log.String(), "away again") {
		t.Errorf("logged %s", log)
	}
}

func TestMethod(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		only, method string
		ok           bool
	}{{"", "POST", true}, {"", "GET", true}, {"POST", "POST", true}, {"POST", "GET", false}, {"GET", "POST", false}} {
		v := verifier()
		v.Method = test.only
		_, err := v.Verify(arrived(t, test.method, callbackURL, payload()))
		if test.ok != (err == nil) || !test.ok && !errors.Is(err, callback.ErrMalformed) {
			t.Errorf("%s where %q is set: got %v", test.method, test.only, err)
		}
	}
}
