//go:build unix

package cli_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/testneeds/browser"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// The whole story with a real browser as the phone: it opens what the QR code says, pairs, approves one request and denies
// another. The callbacks verify, and the evidence does.
func TestPhoneFromTheQRCode(t *testing.T) {
	t.Parallel()
	const key = "the-API-key"
	called := make(chan string, 16)
	verifier := &callback.Verifier{APIKey: key, Logger: slog.New(slog.DiscardHandler)}
	backend := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		c, err := verifier.Verify(r)
		if err != nil {
			called <- err.Error()
			return
		}
		called <- string(c.Status) + " " + c.UUID
	}))
	t.Cleanup(backend.Close)
	h := newHome(t)
	h.variables = append(h.variables, "ONETOUCH_API_KEY="+key, "ONETOUCH_CALLBACK_URL="+backend.URL+"/callback")
	user := h.runs(t, "user", "create", "--email", "ada@example.com", "--phone", "202-555-0158", "-q")
	server := h.onTerminal(t, colourTerminal, "serve", "--addr", "127.0.0.1:0")
	server.Await("Ctrl-C stops it")
	server.Await("Database")

	pair := h.onTerminal(t, colourTerminal, "device", "pair", "--name", "Ada's Pixel")
	pair.Await("/phone/#")
	h.runs(t, "device", "register", "--user", user) // another phone of the user is not the one that is waited for
	link := scanned(t, codeOf(escapes().ReplaceAllString(pair.Output(), "")))
	if !strings.Contains(pair.Output(), link) {
		t.Errorf("the code says %q, which does not stand below it", link)
	}
	tab := browser.Start(t, nil).Open(link)
	tab.Press("#pair-button")
	tab.Sees("Connected")
	pair.Exits(0)
	if !pair.Shows("(Ada's Pixel) is paired for user " + user) {
		t.Errorf("the screen:\n%s", pair.Text())
	}

	for status, button := range map[string]string{"approved": ".approve", "denied": ".deny"} {
		uuid := h.runs(t, "request", "send", "--user", user, "--message", "Pay "+status+"?", "--detail", "Amount=$12", "-q")
		tab.Press(".card:not(.arming) " + button)
		if got := <-called; got != status+" "+uuid {
			t.Errorf("the callback: %s, want %s %s", got, status, uuid)
		}
		record := h.runs(t, "request", "evidence", uuid)
		var evidence struct{ Device struct{ Name string } }
		if err := json.Unmarshal([]byte(record), &evidence); err != nil || evidence.Device.Name != "Ada's Pixel" {
			t.Errorf("the evidence is of %q, %v", evidence.Device.Name, err)
		}
		tab.Sees("Nothing to approve.")
	}
}
