package server_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/fault"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// faulty is a server with its operator, its backend and a phone.
type faulty struct {
	running
	http    *http.Client
	control *controlapi.Client
	backend *authy.Client
	user    int64
	phone   *device.Device
}

func newFaulty(t *testing.T, o server.Options) *faulty {
	t.Helper()
	o.Database = ":memory:"
	f := &faulty{running: run(t, o), http: client(t)}
	f.backend, f.user, f.phone = phone(t, f.url, f.http)
	f.control = controlapi.NewClient(f.url, controlToken, f.http)
	return f
}

func (f *faulty) add(t *testing.T, n controlapi.Fault) {
	t.Helper()
	if _, err := f.control.AddFault(t.Context(), n); err != nil {
		t.Fatal(err)
	}
}

func (f *faulty) faults(t *testing.T) []controlapi.Fault {
	t.Helper()
	faults, err := f.control.Faults(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return faults
}

func (f *faulty) ask(t *testing.T) string {
	t.Helper()
	uuid, err := f.backend.CreateApprovalRequest(t.Context(), f.user, authy.NewApprovalRequest{Message: "Log in?"})
	if err != nil {
		t.Fatal(err)
	}
	return uuid
}

func (f *faulty) approve(t *testing.T, uuid string) {
	t.Helper()
	request, err := f.phone.ApprovalRequest(t.Context(), uuid)
	if err == nil {
		err = f.phone.Approve(t.Context(), request)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// struck are what faults did, as the traffic log has it.
func (f *faulty) struck(t *testing.T, api traffic.API) []string {
	t.Helper()
	calls, err := f.control.Calls(t.Context(), controlapi.CallQuery{API: api, Faults: true})
	if err != nil {
		t.Fatal(err)
	}
	var what []string
	for _, c := range calls {
		what = append(what, c.Fault)
	}
	return what
}

func TestFaultsOfCalls(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, server.Options{})
	f.add(t, controlapi.Fault{Match: "POST /onetouch/*", Reset: true, Times: 1})
	f.add(t, controlapi.Fault{Match: "GET /protected/*", Status: 502, Times: 1})
	f.add(t, controlapi.Fault{Match: "GET /protected/*", LatencyMS: 1, Error: "60026", Times: 1})
	f.add(t, controlapi.Fault{Match: "GET /protected/*", LatencyMS: 1, Times: 1})
	f.add(t, controlapi.Fault{Match: "/device/v1/time", Status: 500, Times: 1})

	status := func() error {
		_, err := f.backend.UserStatus(t.Context(), f.user)
		return err
	}
	var refusal *authy.Error
	_, err := f.backend.CreateApprovalRequest(t.Context(), f.user, authy.NewApprovalRequest{Message: "Log in?"})
	if !errors.Is(err, syscall.ECONNRESET) { // a GET would be made again by net/http
		t.Errorf("a reset is %v", err)
	}
	if err := status(); err == nil || errors.Is(err, authy.ErrUserNotFound) {
		t.Errorf("a gateway's page is %v", err)
	}
	if err := status(); !errors.Is(err, authy.ErrUserNotFound) || !errors.As(err, &refusal) {
		t.Errorf("an error after a while is %v", err)
	}
	if err := status(); err != nil {
		t.Errorf("a late call: %v", err)
	}
	if _, err := f.phone.ServerTime(t.Context()); err == nil {
		t.Error("the device API was not struck")
	}
	if _, err := f.phone.ServerTime(t.Context()); err != nil {
		t.Error(err)
	}
	want := "fault 1: reset|fault 2: status 502|fault 3: error 60026, status 404, latency 1ms|fault 4: latency 1ms"
	if got := strings.Join(f.struck(t, traffic.Authy), "|"); got != want {
		t.Errorf("seen of the Authy API is %s", got)
	}
	if got := strings.Join(f.struck(t, traffic.Device), "|"); got != "fault 5: status 500" {
		t.Errorf("seen of the device API is %s", got)
	}
	calls, err := f.control.Calls(t.Context(), controlapi.CallQuery{Faults: true, Status: "0"})
	if err != nil || len(calls) != 1 || calls[0].Fault != "fault 1: reset" {
		t.Errorf("without an answer are %+v, %v", calls, err)
	}
}

// A reset is one over TLS, too.
func TestResetOverTLS(t *testing.T) {
	t.Parallel()
	config, trusted := secured(t)
	f := newFaulty(t, server.Options{TLS: config})
	f.add(t, controlapi.Fault{Reset: true})
	said := answerOf(t, secureClient(t, trusted), strings.Replace(f.url, "http://127.0.0.1", "https://localhost", 1)+"/protected/json/app/details")
	if !strings.Contains(said, "reset by peer") && !strings.Contains(said, "EOF") {
		t.Errorf("the client sees %q", said)
	}
	if got := f.struck(t, traffic.Authy); len(got) == 0 {
		t.Error("nothing was struck")
	}
}

// A caller who leaves, and a server that stops, end the wait of a late call. Nothing is done for who has left.
func TestLatencyEnds(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, server.Options{})
	f.add(t, controlapi.Fault{Match: "POST /onetouch/*", LatencyMS: fault.MostLatency.Milliseconds()})
	f.add(t, controlapi.Fault{Match: "GET /protected/*", LatencyMS: fault.MostLatency.Milliseconds(), Times: 1})
	ctx, leave := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer leave()
	if _, err := f.backend.CreateApprovalRequest(ctx, f.user, authy.NewApprovalRequest{Message: "Log in?"}); err == nil {
		t.Error("the call was answered")
	}
	ended := make(chan error, 1)
	go func() {
		_, err := f.backend.UserStatus(t.Context(), f.user)
		ended <- err
	}()
	for len(f.faults(t)) > 1 { // until the call has been struck
	}
	if err := f.stop(); err != nil {
		t.Errorf("the server stopped with %v", err)
	}
	if err := <-ended; err == nil {
		t.Log("the late call was answered when the server stopped")
	}
}

// A push that is lost comes on no stream, however often the phone connects, and the phone finds the request when it lists.
func TestPushLost(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, server.Options{})
	f.add(t, controlapi.Fault{Push: fault.Lost, Times: 1})
	lost, came := f.ask(t), ""
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		came = f.ask(t)
		enough := errors.New("enough")
		err := f.phone.Pushes(ctx, func(_ context.Context, p device.Push) error {
			if p.ApprovalRequestUUID == lost {
				t.Error("the push came all the same")
			}
			if p.ApprovalRequestUUID == came {
				return enough
			}
			return nil
		})
		cancel()
		if !errors.Is(err, enough) {
			t.Fatal(err)
		}
	}
	pending, err := f.phone.ApprovalRequests(t.Context(), device.Query{})
	if err != nil || len(pending) != 3 {
		t.Errorf("the phone finds %d requests, %v", len(pending), err)
	}
	f.approve(t, lost)
	if got := strings.Join(f.struck(t, traffic.Pushes), "|"); got != "fault 1: push lost" {
		t.Errorf("struck is %s", got)
	}
	events, err := f.control.Events(t.Context(), controlapi.EventQuery{Types: []onetouch.EventType{onetouch.EventPushFailed}})
	if err != nil || len(events) != 1 || events[0].RequestUUID != lost || events[0].Note != "lost on purpose, fault 1: push lost" {
		t.Errorf("the events say %+v, %v", events, err)
	}
}

// A push that is doubled comes twice, and is written down twice.
func TestPushDoubled(t *testing.T) {
	t.Parallel()
	f := newFaulty(t, server.Options{})
	f.add(t, controlapi.Fault{Push: fault.Doubled, Times: 1})
	uuid, times := f.ask(t), 0
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	enough := errors.New("enough")
	err := f.phone.Pushes(ctx, func(_ context.Context, p device.Push) error {
		if times++; times == 2 {
			return enough
		}
		f.approve(t, p.ApprovalRequestUUID)
		return nil
	})
	if !errors.Is(err, enough) {
		t.Fatal(err)
	}
	request, err := f.phone.ApprovalRequest(t.Context(), uuid)
	if err != nil || request.Status != approval.Approved {
		t.Errorf("the request is %+v, %v", request, err)
	}
}

// backendOf takes the callbacks of a server.
func backendOf(t *testing.T) (url string, next func() string) {
	t.Helper()
	came := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		_, uuid, _ := strings.Cut(string(content), `"uuid":"`)
		uuid, _, _ = strings.Cut(uuid, `"`)
		came <- uuid
	}))
	t.Cleanup(receiver.Close)
	return receiver.URL, func() string {
		select {
		case uuid := <-came:
			return uuid
		case <-time.After(patience):
			t.Fatal("no callback came")
			return ""
		}
	}
}

// The callback of the later request comes first, whichever is answered first, and each once.
func TestCallbacksReordered(t *testing.T) {
	t.Parallel()
	url, next := backendOf(t)
	clock := onetouch.NewManualClock(time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))
	f := newFaulty(t, server.Options{Application: onetouch.ApplicationSettings{CallbackURL: &url}, Clock: clock})
	f.add(t, controlapi.Fault{Callback: fault.Reordered, Times: 2})
	for range 2 {
		earlier, later := f.ask(t), f.ask(t)
		f.approve(t, earlier)
		f.approve(t, later)
		if first, second := next(), next(); first != later || second != earlier {
			t.Errorf("the order is %s, %s of %s, %s", first, second, earlier, later)
		}
	}
	alone := f.ask(t)
	f.approve(t, alone)
	if uuid := next(); uuid != alone {
		t.Errorf("then comes %s, want %s", uuid, alone)
	}
	if got := f.struck(t, traffic.Callbacks); len(got) != 2 {
		t.Errorf("struck are %v", got)
	}
}

// A callback that is late, or waits for one that does not come, comes when its time has come by the server's clock.
func TestCallbackLate(t *testing.T) {
	t.Parallel()
	url, next := backendOf(t)
	clock := onetouch.NewManualClock(time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))
	f := newFaulty(t, server.Options{Application: onetouch.ApplicationSettings{CallbackURL: &url}, Clock: clock})
	for _, mishap := range []fault.Mishap{fault.Late, fault.Reordered} {
		f.add(t, controlapi.Fault{Callback: mishap, DelayMS: 60_000, Times: 1})
		uuid := f.ask(t)
		f.approve(t, uuid)
		f.held(t, uuid, clock.Now().Add(time.Minute))
		clock.Advance(time.Minute)
		if came := next(); came != uuid {
			t.Errorf("%s: %s came, want %s", mishap, came, uuid)
		}
	}
}

// held waits until the callback of a request waits for a time.
func (f *faulty) held(t *testing.T, uuid string, until time.Time) {
	t.Helper()
	for {
		changed := f.Service().Changed(onetouch.TopicDeliveries)
		found, err := f.control.FindDeliveries(t.Context(), controlapi.DeliveryQuery{RequestUUID: uuid, Kinds: []string{"callback"}})
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 1 && found[0].NextAttemptAt != nil && found[0].NextAttemptAt.Equal(until) && found[0].Fault != "" {
			return
		}
		select {
		case <-changed:
		case <-time.After(patience):
			t.Fatalf("the callback is not held: %+v", found)
		}
	}
}
