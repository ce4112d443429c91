package device_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// credentials are sound ones that no server knows.
func credentials(t testing.TB) device.Credentials {
	t.Helper()
	key := sharedKey()
	return device.Credentials{
		DeviceID: 2102943, DeviceUUID: "9d7b2e1a-4c7b-4f0e-8a53-0c8f2b1d6e77", AuthyID: 1000, AppID: "582380eb7e1caa03317ec08c",
		AppName: "Acme Bank", Name: "Ada's Pixel", Platform: "android", AccessToken: "secret-access-token",
		PrivateKey: key, TOTP: device.TOTP{Secret: "SECRETTOTPSEED", Digits: 7, Period: 10, Algorithm: "SHA1"},
	}
}

// sharedKey is a private key in its JWK. Tests that do not care share one.
var sharedKey = sync.OnceValue(func() []byte {
	key, err := evidence.GenerateKey(evidence.ES256)
	if err != nil {
		panic(err)
	}
	jwk, err := key.JWK()
	if err != nil {
		panic(err)
	}
	return jwk
})

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return "http://" + listener.Addr().String()
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	server := closedPort(t)
	d, err := device.Open(credentials(t), server, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "no server answers at " + server + ": connection refused"
	for name, call := range map[string]func(context.Context) error{
		"time":    func(ctx context.Context) error { _, err := d.ServerTime(ctx); return err },
		"list":    func(ctx context.Context) error { _, err := d.ApprovalRequests(ctx, device.Query{}); return err },
		"fetch":   func(ctx context.Context) error { _, err := d.ApprovalRequest(ctx, "u"); return err },
		"approve": func(ctx context.Context) error { return d.Approve(ctx, &device.ApprovalRequest{UUID: "u"}) },
		"register": func(ctx context.Context) error {
			_, err := device.Register(ctx, device.Registration{Server: server, Token: "t"})
			return err
		},
	} {
		err := call(t.Context())
		if !errors.Is(err, device.ErrUnreachable) || err.Error() != want {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := call(gone); !errors.Is(err, context.Canceled) || errors.Is(err, device.ErrUnreachable) {
			t.Errorf("%s with a context that has ended: %v", name, err)
		}
	}
}

// networkFaults end a call with one line that says what happened.
func TestNetworkFaults(t *testing.T) {
	t.Parallel()
	hangUp := func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = connection.Close()
		}
	}
	breakOff := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte(`{"time":`))
		_ = http.NewResponseController(w).Flush()
		hangUp(w, r)
	}
	for name, answer := range map[string]http.HandlerFunc{"no answer": hangUp, "half an answer": breakOff} {
		_, err := stubbed(t, stub(t, answer)).ServerTime(t.Context())
		if !errors.Is(err, device.ErrUnreachable) || !strings.HasSuffix(err.Error(), serverURL+": the connection was closed") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	n := stub(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	n.client.Timeout = 10 * time.Millisecond
	_, err := stubbed(t, n).ServerTime(t.Context())
	if !errors.Is(err, device.ErrUnreachable) || !strings.HasSuffix(err.Error(), ": it took too long") ||
		errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a slow server: %v", err)
	}
	d, err := device.Open(credentials(t), "http://nowhere.invalid", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.ServerTime(t.Context()); !errors.Is(err, device.ErrUnreachable) ||
		strings.Count(err.Error(), "nowhere.invalid") != 2 || strings.Contains(err.Error(), "\n") {
		t.Errorf("a name that nobody has: %v", err)
	}
}

func TestStrangeAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"a web page":     {status(http.StatusOK, "<html>"), "not of the device API"},
		"nothing":        {status(http.StatusOK, ""), "not of the device API"},
		"another type":   {status(http.StatusOK, `{"uuid":7}`), `member "uuid" has the wrong type: number`},
		"another UUID":   {status(http.StatusOK, `{"uuid":"v"}`), `"v" when it was asked for "u"`},
		"endless":        {endless, "more than 4194304 bytes"},
		"not found":      {status(http.StatusNotFound, "404 page not found"), "404 Not Found: not a OneTouch server"},
		"no JSON":        {status(http.StatusTeapot, "short and stout"), "418 I'm a teapot: not a OneTouch server"},
		"no code":        {status(http.StatusBadRequest, `{"message":"x","errors":{}}`), "not a OneTouch server"},
		"endless error":  {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadRequest); endless(w, r) }, "not a OneTouch server"},
		"somewhere else": {redirect, "302 Found"},
		"its reason":     {status(http.StatusConflict, `{"error_code":"60079","message":"It was denied.","errors":{"code":"approval_request_not_pending"}}`), "It was denied."},
	} {
		_, err := stubbed(t, stub(t, test.answer)).ApprovalRequest(t.Context(), "u")
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "Go ") ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want an error that says %q", name, err, test.says)
		}
	}
}

func endless(w http.ResponseWriter, _ *http.Request) {
	for range 10 << 10 {
		if _, err := w.Write(make([]byte, 1<<10)); err != nil {
			return
		}
	}
}

// redirect leads to a place that must not be asked: the device's access token would go with the call.
func redirect(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/elsewhere", http.StatusFound)
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the call was taken elsewhere")
	}))
	defer elsewhere.Close()
	n := stub(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	before := n.client.CheckRedirect
	if err := stubbed(t, n).Approve(t.Context(), &device.ApprovalRequest{UUID: "u"}); err == nil {
		t.Error("a redirect is no answer")
	}
	if n.client.CheckRedirect != nil || before != nil {
		t.Error("the caller's client was changed")
	}
}

// A server that hands out one page for ever does not keep the device for ever.
func TestEndlessPages(t *testing.T) {
	t.Parallel()
	d := stubbed(t, stub(t, status(http.StatusOK, `{"approval_requests":[{"uuid":"u"}],"next_cursor":"u"}`)))
	requests, err := d.ApprovalRequests(t.Context(), device.Query{})
	if err != nil || len(requests) != 2 {
		t.Errorf("got %d requests, %v", len(requests), err)
	}
}
