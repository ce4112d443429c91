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
		}, 103}, // all that the recorder keeps
		{"panic", func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, 0},
		{"success with a text", func(w http.ResponseWriter) {
			_, _ = fmt.Fprint(w, "ok")
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			w.WriteHeader(http.StatusBadGateway) // too late, and net/http says so
		}, 200},
		{"copy of what was handled", func(http.ResponseWriter) { t.Error("the handler was reached") }, 200},
	} {
		handler := v.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { step.next(w) }))
		func() {
			defer func() {
				if recovered := recover(); (recovered != nil) != (step.want == 0) {
					t.Errorf("%s: panic %v", step.name, recovered)
				}
			}()
			if w := answer(t, handler, at(t, 0)); w.Code != step.want {
				t.Errorf("%s: answered %d, want %d", step.name, w.Code, step.want)
			}
		}()
	}
}

// What was handled is answered once more as taken, and handled no more, whoever sends it and whoever has handled it.
func TestCopyIsNotHandledAgain(t *testing.T) {
	t.Parallel()
	memory := &shared{known: map[string]remembered{}}
	for _, of := range []struct {
		name   string
		memory callback.Memory
	}{{"its own memory", nil}, {"a shared memory", memory}} {
		v, log := logged()
		v.Memory = of.memory
		var handled int
		handler := callback.Handler(v, func(context.Context, *callback.Callback) error { handled++; return nil })
		for range 3 {
			if w := answer(t, handler, at(t, 0)); w.Code != http.StatusOK || w.Body.Len() > 0 {
				t.Errorf("%s: answered %d %s", of.name, w.Code, w.Body)
			}
		}
		if handled != 1 || strings.Count(log.String(), "came again after it was handled") != 2 {
			t.Errorf("%s: handled %d times, logged %s", of.name, handled, log)
		}
		if _, err := v.Verify(at(t, 0)); !errors.Is(err, callback.ErrReplayed) {
			t.Errorf("%s: by itself: got %v", of.name, err)
		}
	}
}

// The copy of a callback that is being handled waits for what becomes of it: it is answered as the first when that is handled,
// and handled itself when the first fails.
func TestCopyWaitsForTheFirst(t *testing.T) {
	t.Parallel()
	for _, failure := range []error{nil, errors.New("the database is away")} {
		copyWaits(t, nil, func() {}, failure)
		waits := make(chan struct{}, 1)
		copyWaits(t, told{&shared{known: map[string]remembered{}}, func(context.Context) {
			select {
			case waits <- struct{}{}:
			default: // it goes on to wait
			}
		}}, func() { <-waits }, failure)
	}
}

// copyWaits sends a callback twice at once to a verifier with a memory. The first ends with a failure once the copy waits.
func copyWaits(t *testing.T, memory callback.Memory, waits func(), failure error) {
	t.Helper()
	v, _ := logged()
	v.Memory, v.MaxWait = memory, time.Hour
	var handled atomic.Int32
	begun, release := make(chan struct{}, 2), make(chan error, 2)
	handler := callback.Handler(v, func(context.Context, *callback.Callback) error {
		handled.Add(1)
		begun <- struct{}{}
		return <-release
	})
	codes := make(chan int, 2)
	var group sync.WaitGroup
	for _, r := range []*http.Request{at(t, 0), at(t, 0)} {
		group.Go(func() { codes <- answer(t, handler, r).Code })
	}
	<-begun
	waits()
	release <- failure
	if failure != nil {
		<-begun
		release <- nil
	}
	group.Wait()
	wantCodes, wantHandled := 400, int32(1)
	if failure != nil {
		wantCodes, wantHandled = 700, 2
	}
	if got := <-codes + <-codes; got != wantCodes || handled.Load() != wantHandled {
		t.Errorf("after %v: handled %d times, codes add up to %d", failure, handled.Load(), got)
	}
}

// A copy whose client goes away asks the memory no longer, however long that takes and whatever MaxWait is.
func TestCopyWhoseClientGoesAway(t *testing.T) {
	t.Parallel()
	v, _ := logged()
	v.MaxWait = time.Hour
	client, goAway := context.WithCancel(t.Context())
	asked := 0
	v.Memory = told{&shared{known: map[string]remembered{}}, func(ctx context.Context) {
		if asked++; asked == 2 { // while it waits
			goAway()
			if ctx.Err() == nil {
				t.Error("the memory is not told that the client went away")
			}
		}
	}}
	if _, err := v.Verify(at(t, 0)); err != nil { // whose end nobody notes
		t.Fatal(err)
	}
	handler := callback.Handler(v, func(context.Context, *callback.Callback) error { return nil })
	if w := answer(t, handler, at(t, 0).WithContext(client)); w.Code != http.StatusServiceUnavailable || asked < 2 {
		t.Errorf("answered %d after the memory was asked %d times", w.Code, asked)
	}
}

// told is a Memory that tells when it is asked for what is being handled.
type told struct {
	callback.Memory
	beingHandled func(context.Context)
}

func (m told) Begin(ctx context.Context, key string, until time.Time) (callback.Known, error) {
	known, err := m.Memory.Begin(ctx, key, until)
	if known == callback.BeingHandled {
		m.beingHandled(ctx)
	}
	return known, err
}

// A copy that need not wait is told to come again.
func TestCopyDoesNotWaitForever(t *testing.T) {
	t.Parallel()
	for _, most := range []time.Duration{-1, time.Millisecond} {
		v, log := logged()
		v.MaxWait = most
		handler := callback.Handler(v, func(context.Context, *callback.Callback) error { return nil })
		if _, err := v.Verify(at(t, 0)); err != nil { // whose end nobody notes
			t.Fatal(err)
		}
		w := answer(t, handler, at(t, 0))
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") != "1" {
			t.Errorf("answered %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
		}
		if !strings.Contains(log.String(), "while it is being handled") {
			t.Errorf("logged %s", log)
		}
	}
	v, _ := logged()
	v.MaxWait = time.Hour
	if _, err := v.Verify(at(t, 0)); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	handler := callback.Handler(v, func(context.Context, *callback.Callback) error { return nil })
	if w := answer(t, handler, at(t, 0).WithContext(gone)); w.Code != http.StatusServiceUnavailable {
		t.Errorf("for a client that went away: %d", w.Code)
	}
}

// shared is a Memory as several processes have it.
type shared struct {
	mu    sync.Mutex
	known map[string]remembered
	err   error
}

type remembered struct {
	until time.Time
	known callback.Known
}

func (s *shared) Begin(_ context.Context, key string, until time.Time) (callback.Known, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return callback.Unknown, s.err
	}
	if r, known := s.known[key]; known {
		return r.known, nil
	}
	s.known[key] = remembered{until, callback.BeingHandled}
	return callback.Unknown, nil
}

func (s *shared) Done(_ context.Context, key string, until time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[key] = remembered{until, callback.Handled}
	return s.err
}

func (s *shared) Forget(_ context.Context, key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.known, key)
	return s.err
}

func TestSharedMemory(t *testing.T) {
	t.Parallel()
	memory := &shared{known: map[string]remembered{}}
	one, other := verifier(), verifier()
	one.Memory, other.Memory = memory, memory
	c, err := one.Verify(at(t, 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Verify(at(t, 0)); !errors.Is(err, callback.ErrReplayed) {
		t.Errorf("replayed to another process: got %v", err)
	}
	for _, r := range memory.known {
		if want := signedAt().Add(callback.DefaultMaxAge); len(memory.known) != 1 || !r.until.Equal(want) {
			t.Errorf("remembers %v, want until %s", memory.known, want)
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
	memory := &shared{known: map[string]remembered{}, err: errors.New("the table is away")}
	v.Memory = memory
	w := answer(t, v.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the handler was reached")
	})), at(t, 0))
	if w.Code != http.StatusInternalServerError || !strings.Contains(log.String(), "the table is away") {
		t.Errorf("answered %d, logged %s", w.Code, log)
	}
	for status, logs := range map[int]string{502: "is not taken when it comes again", 200: "is answered 503 when it comes again"} {
		log.Reset()
		memory.err, memory.known = nil, map[string]remembered{}
		answer(t, v.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			memory.err = errors.New("the table is away again")
			w.WriteHeader(status)
		})), at(t, 0))
		if !strings.Contains(log.String(), logs) || !strings.Contains(log.String(), "away again") {
			t.Errorf("after %d: logged %s", status, log)
		}
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
