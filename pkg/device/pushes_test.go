package device_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/device"
)

func alerts(pushes []device.Push) []string {
	list := []string{}
	for _, push := range pushes {
		list = append(list, push.Alert)
	}
	return list
}

// A push that is owed while the device listens comes at once; those of before come first.
func TestPushes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	w.ask("before")
	connected := device.OnConnect(func() { w.ask("after") })
	if diff := cmp.Diff([]string{"before", "after"}, alerts(hear(t, d, 2, connected))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What was heard to the end is not heard again, over restarts of the app; what was not is.
func TestPositionIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	for _, message := range []string{"one", "two", "three"} {
		w.ask(message)
	}
	if id := d.Credentials().LastEventID; id != 0 {
		t.Errorf("a new device has heard push %d", id)
	}
	heard := hear(t, d, 2) // it fails while it acts on the second
	if id := d.Credentials().LastEventID; id != heard[0].ID || heard[0].ID >= heard[1].ID {
		t.Errorf("after push %d the last one is %d", heard[0].ID, id)
	}
	d = w.reopen(d.Credentials())
	if diff := cmp.Diff([]string{"two", "three"}, alerts(hear(t, d, 2))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A device that saves nothing hears of every pending request once more.
func TestForgetfulDevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	fresh := d.Credentials()
	one := w.ask("one")
	w.ask("two")
	hear(t, d, 2)
	if err := d.Approve(t.Context(), fetch(t, d, one.UUID)); err != nil {
		t.Fatal(err)
	}
	if push := hearOne(t, w.reopen(fresh)); push.Alert != "two" {
		t.Errorf("heard %q", push.Alert)
	}
}

// Connections are cut again and again, with pushes on them.
func TestNoPushIsMissedOverLostConnections(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	const count = 30
	asked, retries := 0, 0
	heard := map[string]bool{}
	err := d.Pushes(shortContext(t), func(_ context.Context, push device.Push) error {
		heard[push.Alert] = true
		if len(heard) == count {
			return errEnough
		}
		if len(heard)%3 == 0 {
			w.network.drop()
		}
		return nil
	}, device.OnConnect(func() {
		for range 5 {
			w.ask(fmt.Sprint(asked))
			asked++
		}
	}), device.OnRetry(func(err error, wait time.Duration) {
		retries++
		if !errors.Is(err, device.ErrUnreachable) || wait <= 0 {
			t.Errorf("lost because of %v, next try after %s", err, wait)
		}
	}))
	if !errors.Is(err, errEnough) || retries < count/5-1 {
		t.Errorf("heard %d of %d with %d retries: %v", len(heard), asked, retries, err)
	}
}

// The server is stopped and started anew on its file, with pushes owed before, in between and after.
func TestRestartOfTheServer(t *testing.T) {
	t.Parallel()
	n := newNetwork(t)
	database := filepath.Join(t.TempDir(), "server.db")
	w := openWorld(t, database, n)
	d := w.newDevice()
	w.ask("one")
	var heard []string
	lives := 0
	err := d.Pushes(shortContext(t), func(_ context.Context, push device.Push) error {
		heard = append(heard, push.Alert)
		if push.Alert == "three" {
			return errEnough
		}
		return nil
	}, device.OnConnect(func() {
		if lives++; lives > 1 {
			w.ask("three")
			return
		}
		go func() { // while the device listens
			w.ask("two")
			w.close()
		}()
	}), device.OnRetry(func(error, time.Duration) {
		if lives == 1 {
			w.close() // has to be done, or there would be two servers
			w = openWorld(t, database, n)
		}
	}))
	if diff := cmp.Diff([]string{"one", "two", "three"}, heard); diff != "" || !errors.Is(err, errEnough) {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestRemovedDevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, remove := range map[string]func(*device.Device) error{
		"by itself":      func(d *device.Device) error { return d.Unregister(context.Background()) },
		"by the backend": func(d *device.Device) error { return w.service.RemoveDevice(context.Background(), w.app.ID, d.ID()) },
	} {
		d := w.newDevice()
		deaf := func(context.Context, device.Push) error { return errEnough }
		err := d.Pushes(shortContext(t), deaf, device.OnConnect(func() {
			if err := remove(d); err != nil {
				t.Error(err)
			}
		}))
		if !errors.Is(err, device.ErrRemoved) {
			t.Errorf("%s: the stream ends with %v", name, err)
		}
		err = d.Pushes(shortContext(t), deaf)
		if !errors.Is(err, device.ErrRemoved) || !errors.Is(err, device.ErrAccessToken) {
			t.Errorf("%s: the next stream ends with %v", name, err)
		}
	}
}

func TestPushesEndWithTheContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	ctx, cancel := context.WithCancel(t.Context())
	deaf := func(context.Context, device.Push) error { return nil }
	if err := d.Pushes(ctx, deaf, device.OnConnect(cancel)); !errors.Is(err, context.Canceled) {
		t.Errorf("while connected: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	w.close()
	lost := device.OnRetry(func(error, time.Duration) { cancel() })
	if err := d.Pushes(ctx, deaf, lost); !errors.Is(err, context.Canceled) {
		t.Errorf("while there is no server: %v", err)
	}
}

// A push to a device that is pushed in another way does not come on the stream; a webhook is not its business.
func TestNoPushForOtherTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.registration()
	r.Push.Type = device.PushNone
	d := w.register(r)
	w.ask("silent")
	connected := device.OnConnect(func() {
		if err := d.SetPush(t.Context(), device.PushTarget{Type: device.PushStream}); err != nil {
			t.Error(err)
		}
		w.ask("loud")
	})
	if push := hear(t, d, 1, connected)[0]; push.Alert != "loud" {
		t.Errorf("heard %q", push.Alert)
	}
}

// stub is a server that says what a test wants, one answer a call.
func stub(t testing.TB, answers ...http.HandlerFunc) *network {
	n := newNetwork(t)
	var calls atomic.Int64
	n.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := int(calls.Add(1)) - 1
		answers[min(i, len(answers)-1)](w, r)
	}), func() {})
	return n
}

// says is a stream with the given content.
func says(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		_, _ = w.Write([]byte(content))
	}
}

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}
}

// stubbed is a device of a stub.
func stubbed(t testing.TB, n *network) *device.Device {
	t.Helper()
	d, err := device.Open(credentials(t), serverURL, n.client)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const (
	pushData    = `{"type":"onetouch_approval_request","approval_request_uuid":"u","alert":"a"}`
	pushEvent   = "id: 7\nevent: push\ndata: " + pushData + "\n\n"
	endOfDevice = "event: removed\ndata: {}\n\n"
)

// The form of the stream is that of server-sent events, with all the liberties that the specification gives a server.
func TestStreamForms(t *testing.T) {
	t.Parallel()
	half := pushData[:20] // split at a place where JSON takes a line break
	comma := strings.Index(pushData, ",") + 1
	for name, content := range map[string]string{
		"as this server writes":  pushEvent,
		"CR LF":                  strings.ReplaceAll(pushEvent, "\n", "\r\n"),
		"CR":                     strings.ReplaceAll(pushEvent, "\n", "\r"),
		"mixed ends":             "id: 7\r\nevent: push\rdata: " + pushData + "\n\r\n",
		"no spaces":              strings.ReplaceAll(pushEvent, ": ", ":"),
		"byte order mark":        "\ufeff" + pushEvent,
		"comments between":       ": ping\n\n:\nid: 7\n:x\nevent: push\n: y\ndata: " + pushData + "\n\n",
		"retry and unknown":      "retry: 10\nfoo: bar\nfoo\n" + pushEvent,
		"data in two lines":      "id: 7\nevent: push\ndata: " + pushData[:comma] + "\ndata: " + pushData[comma:] + "\n\n",
		"id of an event before":  "id: 7\n\nevent: push\ndata: " + pushData + "\n\n",
		"an id with NUL":         "id: 7\nid: 8\x00\nevent: push\ndata: " + pushData + "\n\n",
		"event without data":     "event: removed\n\nid: 7\nevent: push\ndata: " + pushData + "\n\n",
		"other events":           "event: promotion\ndata: x\n\ndata: y\n\n" + pushEvent,
		"last event wins":        "event: removed\nid: 7\nevent: push\ndata: " + pushData + "\n\n",
		"unknown members":        strings.Replace(pushEvent, "{", `{"v":[1,{}],`, 1),
		"an unknown push before": "id: 6\nevent: push\ndata: {\"type\":\"news\"}\n\n" + pushEvent,
	} {
		d := stubbed(t, stub(t, says(content+endOfDevice)))
		var heard []device.Push
		err := d.Pushes(shortContext(t), func(_ context.Context, push device.Push) error {
			heard = append(heard, push)
			return nil
		})
		want := []device.Push{{ID: 7, Type: device.ApprovalRequestPush, ApprovalRequestUUID: "u", Alert: "a"}}
		if diff := cmp.Diff(want, heard); diff != "" || !errors.Is(err, device.ErrRemoved) {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
		if id := d.Credentials().LastEventID; id != 7 {
			t.Errorf("%s: the last event is %d", name, id)
		}
	}
	if strings.Contains(half, ",") {
		t.Error("the halves are not where they should be")
	}
}

// An event that the end of the connection cuts off is no event: it comes again.
func TestStreamCutOff(t *testing.T) {
	t.Parallel()
	for cut := range len(pushEvent) {
		d := stubbed(t, stub(t, says(pushEvent[:cut])))
		ctx, cancel := context.WithCancel(t.Context())
		err := d.Pushes(ctx, func(context.Context, device.Push) error { return errEnough },
			device.OnRetry(func(error, time.Duration) { cancel() }))
		if !errors.Is(err, context.Canceled) || d.Credentials().LastEventID != 0 {
			t.Fatalf("cut off after %d bytes: %v", cut, err)
		}
		cancel()
	}
}

// What cannot be understood ends the listening with a reason: to try again would go on for ever.
func TestStreamRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"push is no JSON":    {says("id: 7\nevent: push\ndata: {\n\n"), "a push that cannot be read"},
		"push is a list":     {says("id: 7\nevent: push\ndata: []\n\n"), "a push that cannot be read"},
		"push without id":    {says("event: push\ndata: " + pushData + "\n\n"), `id ""`},
		"push with bad id":   {says(strings.Replace(pushEvent, "7", "seven", 1)), `id "seven"`},
		"push with id 0":     {says(strings.Replace(pushEvent, "7", "0", 1)), `id "0"`},
		"push without UUID":  {says("id: 7\nevent: push\ndata: {\"type\":\"onetouch_approval_request\"}\n\n"), "approval_request_uuid is missing"},
		"endless line":       {says("data: " + strings.Repeat("x", 2<<20)), "more than 1048576 bytes"},
		"endless event":      {says(strings.Repeat("data: "+strings.Repeat("x", 1000)+"\n", 2000)), "more than 1048576 bytes"},
		"a web page":         {status(http.StatusOK, "<html>"), "not a OneTouch server"},
		"not found":          {status(http.StatusNotFound, "404 page not found"), "404 Not Found: not a OneTouch server"},
		"moved":              {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, "302 Found"},
		"a refusal with why": {status(http.StatusBadRequest, `{"message":"why","errors":{"code":"invalid_parameter"}}`), "why"},
	} {
		d := stubbed(t, stub(t, test.answer))
		err := d.Pushes(shortContext(t), func(context.Context, device.Push) error { return errEnough })
		if err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want an error that says %q", name, err, test.says)
		}
	}
}

// A server that is busy or starting is tried again, with pauses that grow.
func TestStreamRetries(t *testing.T) {
	t.Parallel()
	busy := status(http.StatusServiceUnavailable, `{"message":"stopping","errors":{"code":"server_stopping"}}`)
	d := stubbed(t, stub(t, busy, status(http.StatusBadGateway, "<html>"), status(http.StatusTooManyRequests, ""), says(pushEvent)))
	var reasons []string
	var waits []time.Duration
	hear(t, d, 1, device.OnRetry(func(err error, wait time.Duration) {
		reasons, waits = append(reasons, err.Error()), append(waits, wait)
	}))
	want := []string{"stopping", serverURL + " answered 502", serverURL + " answered 429"}
	if len(reasons) != len(want) {
		t.Fatalf("retried because of %q", reasons)
	}
	for i := range want {
		if !strings.HasPrefix(reasons[i], want[i]) {
			t.Errorf("retried because of %q, want %q", reasons[i], want[i])
		}
		if limit := 100 * time.Millisecond << i; waits[i] < limit/2 || waits[i] > limit {
			t.Errorf("pause %d is %s, want half of %s to all of it", i, waits[i], limit)
		}
	}
}

// A connection that has died without a word is given up.
func TestSilentStream(t *testing.T) {
	t.Parallel()
	silent := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	mute := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	d := stubbed(t, stub(t, silent, mute, says(pushEvent)))
	lost := 0
	hear(t, d, 1, device.MaxSilence(10*time.Millisecond), device.OnRetry(func(err error, _ time.Duration) {
		lost++
		if !strings.Contains(err.Error(), "silent") {
			t.Errorf("lost because of %v", err)
		}
	}))
	if lost < 2 { // more on a machine that is itself slow
		t.Errorf("lost %d times", lost)
	}
}

// Acting on a push may take longer than a stream may be silent: it is not the stream's fault.
func TestSlowListener(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	w.ask("one")
	const silence = 20 * time.Millisecond
	err := d.Pushes(shortContext(t), func(ctx context.Context, _ device.Push) error {
		reached, stop := onetouch.SystemClock{}.At(time.Now().Add(3 * silence))
		defer stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-reached:
			return errEnough
		}
	}, device.MaxSilence(silence))
	if !errors.Is(err, errEnough) {
		t.Error(err)
	}
}

// The device says where it was, from its first stream on.
func TestLastEventID(t *testing.T) {
	t.Parallel()
	var said []string
	listen := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			said = append(said, r.Header.Get("Last-Event-ID"))
			next(w, r)
		}
	}
	d := stubbed(t, stub(t, listen(says(pushEvent)), listen(says(endOfDevice))))
	if err := d.Pushes(shortContext(t), func(context.Context, device.Push) error { return nil }); !errors.Is(err, device.ErrRemoved) {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"0", "7"}, said); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
