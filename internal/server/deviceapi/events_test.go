package deviceapi_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/deviceapi"
	"github.com/onetouchkit/onetouch/pkg/details"
)

func TestPush(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	stream := d.listen("")
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store"} {
		if got := stream.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	message := "Send <b>$12,400</b> & \x1b[31mred\x1b[0m\r\ndata: \u2028 😀?"
	r := f.askWith(f.user, onetouch.NewApprovalRequest{Message: message})
	e, got := stream.push()
	want := fmt.Sprintf(`{"type":"onetouch_approval_request","approval_request_uuid":"%s","alert":"Send <b>$12,400</b> & `+
		`\u001b[31mred\u001b[0m\r\ndata: \u2028 \ud83d\ude00?"}`, r.UUID)
	if diff := cmp.Diff(want, e.data); diff != "" || got != message {
		t.Errorf("heard %q (-want +got):\n%s", got, diff)
	}
	stream.leave()
	s := f.state()
	if push := s.Owed[0]; push.State != onetouch.DeliverySent || strconv.FormatInt(push.ID, 10) != e.id ||
		!push.FinishedAt.Equal(start) || len(push.Log) != 1 || !push.Log[0].Succeeded() {
		t.Errorf("recorded %+v for event %s", push, e.id)
	}
	if !s.Requests[0].Notified {
		t.Error("the request does not count as notified")
	}
	if last := s.Events[len(s.Events)-1]; last.Type != onetouch.EventPushSent || last.DeviceID != d.id || last.RequestUUID != r.UUID {
		t.Errorf("the last event is %+v", last)
	}
}

// The device fetches details over its own authenticated call. A push may pass through anybody's hands.
func TestDetailsNeverTravelInAPush(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	stream := d.listen("")
	r := f.askWith(f.user, onetouch.NewApprovalRequest{
		Message:       "Log in?",
		Details:       details.List{{Name: "shown-name", Value: "shown-value"}},
		HiddenDetails: details.List{{Name: "hidden-name", Value: "hidden-value"}},
		Logos:         []onetouch.Logo{{Resolution: "low", URL: "https://example.com/logo"}},
	})
	stream.hears("Log in?")
	for _, secret := range []string{
		"shown-name", "shown-value", "hidden-name", "hidden-value", "example.com", r.Challenge, f.app.Name, d.token,
	} {
		if strings.Contains(stream.read.String(), secret) {
			t.Errorf("the stream says %q: %s", secret, stream.read.String())
		}
	}
}

func TestStreamStartsWithWhatWasNeverSent(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d, second := f.newDevice(), f.newDevice()
	f.ask("one")
	answered := f.ask("answered")
	second.approve(answered).members()
	f.ask("two")
	stream := d.listen("")
	stream.hears("one", "two")
	stream.leave()
	again := d.listen("")
	f.ask("three")
	again.hears("three") // and not those that were sent before
	stream = second.listen("")
	stream.hears("one", "two", "three") // each device has its own
}

func TestStreamResumes(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d, second := f.newDevice(), f.newDevice()
	stream := d.listen("0")
	one := f.ask("one")
	id := stream.hears("one")
	f.ask("two")
	answered := f.ask("answered")
	stream.hears("two", "answered")
	stream.leave()
	second.approve(answered).members()
	f.ask("three")

	stream = d.listen(id)
	stream.hears("two", "three") // two was written, but the device has not said that it came
	f.ask("four")
	stream.hears("four")
	stream.leave()
	d.approve(one).members()
	d.listen("0").hears("two", "three", "four")
}

// A number from the future is of another life of the database. What was never sent comes all the same.
func TestStreamResumesFromAnotherLife(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	f.ask("one")
	stream := d.listen("9223372036854775807")
	stream.hears("one")
	f.ask("two")
	stream.hears("two")
}

// More pushes than one reading takes, both of those never sent and of those to resume with.
func TestManyPushes(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	var messages []string
	for i := range 250 {
		messages = append(messages, fmt.Sprint(i))
		f.ask(messages[i])
	}
	stream := d.listen("")
	stream.hears(messages...)
	f.ask("last")
	stream.hears("last")
	stream.leave()
	d.listen("0").hears(append(messages, "last")...)
}

func TestStreamRefuses(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	f.ask("Log in?")
	for _, id := range []string{"x", "-1", "1.0", "0x1", "9223372036854775808", "1 2"} {
		request := f.request(http.MethodGet, "/events", d.token, nil)
		request.Header.Set("Last-Event-ID", id)
		f.changesNothing(func() { f.send(request).refused("invalid_parameter", "Last-Event-ID") })
	}
	f.stop()
	f.changesNothing(func() { d.call(http.MethodGet, "/events", nil).refused("server_stopping") })
}

// A probe reads no events, so none counts as sent.
func TestHeadTakesNoPush(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	f.ask("Log in?")
	f.changesNothing(func() {
		answer := d.call(http.MethodHead, "/events", nil)
		if answer.status != http.StatusOK || answer.body != "" {
			t.Errorf("answered %d %q", answer.status, answer.body)
		}
	})
	d.listen("").hears("Log in?")
}

// Both of two streams hear everything: one of them may be a connection that nobody holds any more.
func TestTwoStreamsOfOneDevice(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	first, second := d.listen(""), d.listen("")
	for _, message := range []string{"one", "two"} {
		f.ask(message)
		first.hears(message)
		second.hears(message)
	}
	first.leave()
	f.ask("three")
	second.hears("three")
	second.leave()
	for _, push := range f.state().Owed[1:] {
		if push.State != onetouch.DeliverySent || push.Attempts != 2 {
			t.Errorf("recorded %+v", push.Delivery)
		}
	}
}

func TestStreamsOfTwoDevices(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	devices := []*device{f.newDevice(), f.newDevice()}
	streams := []*listening{devices[0].listen(""), devices[1].listen("")}
	r := f.ask("one")
	for _, stream := range streams {
		stream.hears("one")
	}
	devices[0].approve(r).members()
	f.ask("two")
	for _, stream := range streams {
		stream.hears("two")
	}
	f.askWith(f.addUser("202-555-0199"), onetouch.NewApprovalRequest{Message: "of another"})
	f.ask("three")
	for _, stream := range streams {
		stream.hears("three")
	}
}

func TestRemovalEndsTheStream(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(*fixture, *device) error{
		"by the device": func(_ *fixture, d *device) error {
			d.call(http.MethodDelete, "/device", nil).members()
			return nil
		},
		"by the backend": func(f *fixture, d *device) error { return f.service.RemoveDevice(context.Background(), f.app.ID, d.id) },
		"of the user": func(f *fixture, _ *device) error {
			return f.service.RemoveUser(context.Background(), f.app.ID, f.user.AuthyID)
		},
		"with pushes on them": func(f *fixture, d *device) error {
			f.ask("one")
			return f.service.RemoveDevice(context.Background(), f.app.ID, d.id)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t)
			d := f.newDevice()
			streams := []*listening{d.listen(""), d.listen("0")}
			if err := remove(f, d); err != nil {
				t.Fatal(err)
			}
			for _, stream := range streams {
				e, ok := stream.next()
				for ok && e.name == "push" {
					e, ok = stream.next()
				}
				if e != (event{name: "removed", data: "{}"}) {
					t.Errorf("the last event is %+v", e)
				}
				stream.ends()
				f.hasEnded()
			}
			d.call(http.MethodGet, "/events", nil).refused("access_token_invalid")
		})
	}
}

func TestStopEndsTheStream(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	stream := f.newDevice().listen("")
	f.stop()
	stream.ends()
	f.hasEnded()
}

func TestHangingUpEndsTheStream(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	stream := f.newDevice().listen("")
	stream.leave()
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	f := setUp(t, func(o *deviceapi.Options) { o.Heartbeat = time.Millisecond })
	stream := f.newDevice().listen("")
	for range 3 {
		for _, want := range []string{": ping", ""} {
			if !stream.lines.Scan() || stream.lines.Text() != want {
				t.Fatalf("the idle stream says %q, want %q", stream.lines.Text(), want)
			}
		}
	}
}

// A device that is pushed in another way gets nothing on its stream; what was owed to the stream waits for it there.
func TestOtherPushTypes(t *testing.T) {
	t.Parallel()
	f := setUp(t, func(o *deviceapi.Options) { o.Heartbeat = time.Millisecond })
	d := f.newDevice()
	set := func(body string) { d.call(http.MethodPut, "/push", body).members() }
	f.ask("owed to the stream")
	for _, body := range []string{`{"type":"none"}`, `{"type":"webhook","url":"http://127.0.0.1:9/push"}`} {
		set(body)
		f.ask("owed to " + body)
		for _, resume := range []string{"", "0"} {
			stream := d.listen(resume)
			stream.idles()
			stream.leave()
		}
	}
	stream := d.listen("")
	stream.idles()
	set(`{"type":"sse"}`) // wakes the open stream
	stream.hears("owed to the stream")
	f.ask("one")
	stream.hears("one")
}

// The server is started anew on the same file: for a device that knows where it was, and for one that does not.
func TestRestart(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "server.db")
	f := setUpOn(t, database)
	d := f.newDevice()
	stream := d.listen("0")
	f.ask("one")
	id := stream.hears("one")
	f.ask("two")
	stream.hears("two")
	f.stop()
	stream.ends()
	f.ask("three") // while no stream stands
	f.close()

	d.f = setUpOn(t, database)
	stream = d.listen(id)
	stream.hears("two", "three")
	stream.leave()
	d.f.ask("four")
	d.f.close()

	d.f = setUpOn(t, database)
	stream = d.listen("")
	stream.hears("four")
	stream.leave()
	stream = d.listen("0")
	stream.hears("one", "two", "three", "four")
	stream.leave()
	for i, attempts := range []int{2, 2, 3, 2} { // newest first
		if push := d.f.state().Owed[i]; push.State != onetouch.DeliverySent || push.Attempts != attempts {
			t.Errorf("recorded %+v, want %d attempts", push.Delivery, attempts)
		}
	}
}

// What one thread asks and another answers while connections come and go: every push is heard at least once, and never
// twice on one stream.
func TestNoPushIsLostOverReconnects(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	const count = 200
	var asking sync.WaitGroup
	asking.Go(func() {
		for i := range count {
			f.ask(fmt.Sprint(i))
		}
	})
	heard := map[string]bool{}
	last := "0"
	for round := 0; len(heard) < count; round++ {
		stream := d.listen(last)
		here := map[string]bool{}
		for range 1 + round%17 {
			if len(heard) == count {
				break
			}
			e, message := stream.push()
			if here[message] {
				t.Fatalf("push %s came twice on one stream", message)
			}
			here[message], heard[message], last = true, true, e.id
		}
		stream.hangUp()
	}
	asking.Wait()
}

// pipe is a network without buffers: what nobody reads blocks its writer at once.
type pipe struct{ connections chan net.Conn }

func (p pipe) Accept() (net.Conn, error) {
	connection, open := <-p.connections
	if !open {
		return nil, net.ErrClosed
	}
	return connection, nil
}
func (p pipe) Close() error   { return nil }
func (p pipe) Addr() net.Addr { return &net.TCPAddr{} }

// A device that stops reading is let go, and its push is not taken for sent.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	network := pipe{make(chan net.Conn)}
	ended := make(chan struct{})
	handler := mux(deviceapi.New(f.service, deviceapi.Options{
		WriteTimeout: 3 * time.Second, // within which this test, on a busy machine, has to read the opening
		Heartbeat:    time.Hour,
	}))
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(ended)
		handler.ServeHTTP(w, r)
	}), ReadHeaderTimeout: patience}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(network); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	ours, theirs := net.Pipe()
	network.connections <- theirs
	if _, err := fmt.Fprintf(ours, "GET /device/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", d.token); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(ours)
	for line := ""; line != ": ping\n"; {
		var err error
		if line, err = reader.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	f.ask("Log in?")
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("the server waits for a reader that is not coming")
	}
	if push := f.state().Owed[0]; push.State != onetouch.DeliveryPending || push.Attempts != 0 {
		t.Errorf("a push that nobody took is recorded as %+v", push.Delivery)
	}
	d.listen("").hears("Log in?")
	_ = ours.Close()
	close(network.connections)
	serving.Wait()
	_ = server.Close()
}
