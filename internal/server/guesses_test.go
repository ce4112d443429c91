package server_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/server"
)

// guessing is a server whose limit of wrong credentials goes by a clock of its own.
type guessing struct {
	running
	seconds *atomic.Int64
}

func guessingServer(t *testing.T) guessing {
	t.Helper()
	g := guessing{running: run(t, server.Options{Database: ":memory:"}), seconds: &atomic.Int64{}}
	g.GuessesAt(func() time.Time { return time.Unix(g.seconds.Load(), 0) })
	return g
}

// call is one of a caller elsewhere; it returns the status and what is said of waiting.
func (g guessing) call(from, method, target, header, value, body string) (status int, wait, text string) {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr, r.Host = from, "localhost"
	r.Header.Set("Content-Type", "application/json")
	if header != "" {
		r.Header.Set(header, value)
	}
	answer := httptest.NewRecorder()
	g.Handler().ServeHTTP(answer, r)
	return answer.Code, answer.Header().Get("Retry-After"), answer.Body.String()
}

const (
	appPath     = "/protected/json/app/details"
	devicePath  = "/device/v1/time"
	controlPath = "/control/v1/users"
	somewhere   = "192.0.2.1:1000"
)

// Whoever guesses is held up, in the shape of the API that they ask; whoever knows is not, and nobody elsewhere is.
func TestGuesses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ method, path, header, right, body, shape string }{
		"API key":       {"GET", appPath, "X-Authy-Api-Key", apiKey, "", `"error_code":"60003"`},
		"control token": {"GET", controlPath, "Authorization", "Bearer " + controlToken, "", `"code":"too_many_guesses"`},
		"registration token": {
			"POST", "/device/v1/registrations", "", "", `{"registration_token":"x","public_key":{}}`, `"code":"too_many_guesses"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := guessingServer(t)
			known := "192.0.2.1:2"
			if c.right != "" {
				if status, _, text := g.call(known, c.method, c.path, c.header, c.right, ""); status != http.StatusOK {
					t.Fatalf("the right credential: %d %s", status, text)
				}
			}
			guesses := 0
			for ; guesses < 1000; guesses++ {
				status, wait, text := g.call(somewhere, c.method, c.path, c.header, "Bearer guess"+strconv.Itoa(guesses), c.body)
				if status != http.StatusTooManyRequests {
					continue
				}
				if wait != "1" || !strings.Contains(text, c.shape) {
					t.Errorf("refused with Retry-After %q: %s", wait, text)
				}
				break
			}
			if guesses != 300 {
				t.Errorf("%d guesses were free", guesses)
			}
			if c.right != "" {
				if status, _, _ := g.call(known, c.method, c.path, c.header, c.right, ""); status != http.StatusOK {
					t.Errorf("whoever knows gets %d", status)
				}
			}
			if status, _, _ := g.call("[2001:db8::1]:1", c.method, c.path, c.header, "Bearer wrong", c.body); status == http.StatusTooManyRequests {
				t.Error("somebody elsewhere is held up")
			}
			g.seconds.Add(1)
			free := 0
			for ; free < 10; free++ {
				if status, _, _ := g.call(somewhere, c.method, c.path, c.header, "Bearer again"+strconv.Itoa(free), c.body); status == http.StatusTooManyRequests {
					break
				}
			}
			if free != 2 {
				t.Errorf("a second later %d more are free", free)
			}
		})
	}
}

// A credential that has been right for one API does not let guesses of another's through, one that was revoked none at all.
func TestGuessesWithAnotherCredential(t *testing.T) {
	t.Parallel()
	g := guessingServer(t)
	backend, _, d := phone(t, g.url, client(t))
	token := "Bearer " + d.Credentials().AccessToken
	ask := func(path, key string) int {
		r := httptest.NewRequest("GET", "http://localhost"+path, nil)
		r.Header.Set("X-Authy-Api-Key", key)
		r.Header.Set("Authorization", token)
		answer := httptest.NewRecorder()
		g.Handler().ServeHTTP(answer, r)
		return answer.Code
	}
	if ask(devicePath, "guess") != http.StatusOK {
		t.Fatal("the phone is refused")
	}
	for n := range 300 {
		if status := ask(appPath, strconv.Itoa(n)); status != http.StatusUnauthorized {
			t.Fatalf("guess %d gets %d", n, status)
		}
	}
	if status := ask(appPath, "guess"); status != http.StatusTooManyRequests {
		t.Errorf("a guess that came with a right token before gets %d", status)
	}
	if status := ask(devicePath, "guess"); status != http.StatusOK {
		t.Errorf("the phone gets %d", status)
	}
	if err := backend.DeleteDevice(t.Context(), d.ID()); err != nil {
		t.Fatal(err)
	}
	if status := ask(devicePath, "guess"); status != http.StatusUnauthorized {
		t.Errorf("the removed phone gets %d", status)
	}
	if status := ask(devicePath, "guess"); status != http.StatusTooManyRequests {
		t.Errorf("the removed phone gets %d the second time", status)
	}
}

// Test suites on the same machine are not held up, whatever they try.
func TestGuessesOnThisMachine(t *testing.T) {
	t.Parallel()
	g := guessingServer(t)
	for n := range 400 {
		for _, from := range []string{"127.0.0.1:9", "[::1]:9", "[::ffff:127.0.0.1]:9", "pipe"} {
			if status, _, _ := g.call(from, "GET", controlPath, "Authorization", "Bearer wrong", ""); status != http.StatusUnauthorized {
				t.Fatalf("call %d from %s gets %d", n, from, status)
			}
		}
	}
}
