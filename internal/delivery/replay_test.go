package delivery_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// replayed waits for the one delivery that sends another again.
func (w *world) replayed(t *testing.T, d onetouch.Delivery, err error) onetouch.DeliveryRecord {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	over := time.After(patience)
	for {
		changed := w.service.Changed(onetouch.TopicDeliveries)
		record, _, err := w.service.Delivery(context.Background(), d.ID)
		if err != nil {
			t.Fatal(err)
		}
		if record.State != onetouch.DeliveryPending {
			return record
		}
		select {
		case <-changed:
		case <-over:
			t.Fatalf("it does not end: %+v", record)
		}
	}
}

// A receiver that remembers takes a callback that is sent again for a new one, however soon and however often.
func TestReplayIsSignedAfresh(t *testing.T) {
	t.Parallel()
	var w *world
	backend := newReceiver(t, &w, nil)
	w = newWorld(t, backend.URL, "POST")
	w.run(t, delivery.Options{})
	request := w.approve(t)
	original := w.wait(t, request, is(onetouch.DeliverySent))
	first := backend.next(t)
	memory := &callback.Verifier{APIKey: w.app.APIKey, Now: w.clock.Now}
	seen := func(got received) {
		t.Helper()
		in := got.Clone(t.Context())
		in.Body = io.NopCloser(strings.NewReader(string(got.body)))
		if _, err := memory.Verify(in); err != nil {
			t.Errorf("refused: %v", err)
		}
		if string(got.body) != string(first.body) {
			t.Errorf("got %s, want %s", got.body, first.body)
		}
	}
	seen(first)
	var again []onetouch.Delivery
	for range 3 { // before the first of them is sent
		again = append(again, must(w.service.Replay(t.Context(), original.ID, onetouch.Replay{}))(t))
	}
	for _, d := range again {
		record := w.replayed(t, d, nil)
		if record.State != onetouch.DeliverySent || record.Attempts != 1 || record.Kind != onetouch.DeliveryReplay {
			t.Errorf("got %+v", record)
		}
		seen(backend.next(t))
	}
	if again := w.original(t, original.ID); again.State != onetouch.DeliverySent || again.Attempts != 1 {
		t.Errorf("the original is %+v", again)
	}
}

func (w *world) original(t *testing.T, id int64) onetouch.DeliveryRecord {
	t.Helper()
	record, _, err := w.service.Delivery(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// Byte for byte it is the replay that a careful receiver refuses.
func TestExactReplay(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			var w *world
			backend := newReceiver(t, &w, nil)
			w = newWorld(t, backend.URL, method)
			w.run(t, delivery.Options{})
			original := w.wait(t, w.approve(t), is(onetouch.DeliverySent))
			first := backend.next(t)
			w.clock.Advance(time.Hour)
			d, err := w.service.Replay(t.Context(), original.ID, onetouch.Replay{Exact: true})
			w.replayed(t, d, err)
			again := backend.next(t)
			for _, name := range []string{callback.NonceHeader, callback.SignatureHeader, "Content-Type"} {
				if got, want := again.Header.Get(name), first.Header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			if string(again.body) != string(first.body) || again.URL.String() != first.URL.String() {
				t.Errorf("got %s %s, want %s %s", again.URL, again.body, first.URL, first.body)
			}
		})
	}
}

// Another payload, at another place; and a failure that is not tried again.
func TestEditedReplay(t *testing.T) {
	t.Parallel()
	var w *world
	backend, other := newReceiver(t, &w, nil), newReceiver(t, &w, status(http.StatusForbidden))
	w = newWorld(t, backend.URL, "POST")
	w.run(t, delivery.Options{})
	original := w.wait(t, w.approve(t), is(onetouch.DeliverySent))
	d, err := w.service.Replay(t.Context(), original.ID, onetouch.Replay{URL: other.URL + "/x", Payload: `{"status": "denied"}`})
	record := w.replayed(t, d, err)
	if record.State != onetouch.DeliveryFailed || record.Attempts != 1 || record.LastError != "answered 403 Forbidden" {
		t.Errorf("got %+v", record)
	}
	if got := other.next(t); string(got.body) != `{"status": "denied"}` || got.URL.Path != "/x" {
		t.Errorf("got %s %s", got.URL, got.body)
	}
	for name, wrong := range map[string]onetouch.Replay{
		"payload": {Payload: `[]`}, "to": {URL: "nowhere"}, "both": {Payload: `{}`, Exact: true},
	} {
		if _, err := w.service.Replay(t.Context(), original.ID, wrong); onetouch.CodeOf(err) != onetouch.CodeInvalidParameter {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := w.service.Replay(t.Context(), 99, onetouch.Replay{}); onetouch.CodeOf(err) != onetouch.CodeDeliveryNotFound {
		t.Errorf("got %v", err)
	}
}

// A replay neither waits for the original, which is tried again later, nor holds it up.
func TestReplayOfWhatIsStillOwed(t *testing.T) {
	t.Parallel()
	var w *world
	backend := newReceiver(t, &w, status(http.StatusBadGateway))
	w = newWorld(t, backend.URL, "POST")
	w.run(t, delivery.Options{})
	request := w.approve(t)
	original := w.wait(t, request, tried(1))
	d, err := w.service.Replay(t.Context(), original.ID, onetouch.Replay{})
	if record := w.replayed(t, d, err); record.State != onetouch.DeliveryFailed {
		t.Errorf("got %+v", record)
	}
	if again := w.original(t, original.ID); !again.NextAttemptAt.Equal(original.NextAttemptAt) || again.Attempts != 1 {
		t.Errorf("the original is %+v, was %+v", again, original)
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	var w *world
	backend := newReceiver(t, &w, nil)
	w = newWorld(t, "", "POST")
	w.run(t, delivery.Options{})
	payload := func(uuid string, _ time.Time) []byte { return []byte(`{"uuid":"` + uuid + `"}`) }
	if _, err := w.service.Ping(t.Context(), w.app, "", payload); onetouch.CodeOf(err) != onetouch.CodeInvalidParameter {
		t.Errorf("without a URL: %v", err)
	}
	d, err := w.service.Ping(t.Context(), w.app, backend.URL, payload)
	record := w.replayed(t, d, err)
	if record.Kind != onetouch.DeliveryPing || record.State != onetouch.DeliverySent {
		t.Errorf("got %+v", record)
	}
	if got := backend.next(t); !json.Valid(got.body) || got.Header.Get(callback.SignatureHeader) == "" {
		t.Errorf("got %s", got.body)
	}
	again, err := w.service.Replay(t.Context(), d.ID, onetouch.Replay{})
	w.replayed(t, again, err)
	if got := backend.next(t); !strings.Contains(string(got.body), `"uuid"`) {
		t.Errorf("got %s", got.body)
	}
}

// What was said at an attempt is kept, and what was sent is written anew as it was.
func TestExchangeIsKept(t *testing.T) {
	t.Parallel()
	var w *world
	backend := newReceiver(t, &w, func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("X-Backend", "seven")
		_, _ = io.WriteString(out, "thanks")
	})
	w = newWorld(t, backend.URL+"/cb?a=b", "POST")
	w.run(t, delivery.Options{UserAgent: "onetouch/test"})
	requests := []onetouch.ApprovalRequest{w.approve(t)}
	w.wait(t, requests[0], is(onetouch.DeliverySent))
	requests = append(requests, w.approve(t))
	for i, request := range requests {
		d := w.wait(t, request, is(onetouch.DeliverySent))
		came := backend.next(t)
		e := d.Log[0].Exchange
		if e.Nonce != came.Header.Get(callback.NonceHeader) || e.Signature != came.Header.Get(callback.SignatureHeader) ||
			!hasHeader(e.Headers, "X-Backend", "seven") {
			t.Errorf("got %+v", e)
		}
		if p := e.Phases; p.Reused != (i > 0) || (p.Connect > 0) == p.Reused || p.Lookup+p.TLS != 0 || p.Wait <= 0 {
			t.Errorf("attempt %d took %+v", i, p)
		}
		record, parcel, err := w.service.Delivery(t.Context(), d.ID)
		if err != nil {
			t.Fatal(err)
		}
		again, same, err := delivery.Rebuild(t.Context(), parcel, record.Log[0], "onetouch/test")
		if err != nil || !same {
			t.Fatal(same, err)
		}
		body, err := io.ReadAll(again.Body)
		if err != nil || string(body) != string(came.body) || again.Header.Get(callback.SignatureHeader) != e.Signature {
			t.Errorf("got %s, want %s", body, came.body)
		}
	}
	// Once the key is another, nothing says that it was so.
	d := w.wait(t, requests[0], is(onetouch.DeliverySent))
	w.app = must(w.service.UpdateApplication(t.Context(), w.app.ID, onetouch.ApplicationSettings{APIKey: "another"}))(t)
	record, parcel, err := w.service.Delivery(t.Context(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	again, same, err := delivery.Rebuild(t.Context(), parcel, record.Log[0], "")
	if err != nil || same || again.Header.Get(callback.SignatureHeader) != record.Log[0].Exchange.Signature {
		t.Errorf("got %v, %t, %v", again, same, err)
	}
}

func hasHeader(headers []onetouch.Header, name, value string) bool {
	for _, h := range headers {
		if h.Name == name && h.Value == value {
			return true
		}
	}
	return false
}
