package controlapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// events streams the event log as one JSON object a line: what came after the given number, and, with follow=true, what
// comes from now on. Without after only what is new is sent.
func (a *API) events(w http.ResponseWriter, r *http.Request) {
	q := wire.ReadQuery(r)
	f := onetouch.EventFilter{After: int64(q.Count("after")), RequestUUID: q.Get("request"), Limit: 500}
	err := q.Err()
	if err == nil && !q.Has("after") {
		f.After, err = a.service.LastEvent(r.Context())
	}
	if err != nil {
		refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Onetouch-Event", strconv.FormatInt(f.After, 10)) // where a reader without a number starts
	stream := &eventStream{out: w, flush: http.NewResponseController(w), encoder: json.NewEncoder(w)}
	a.stream(r.Context(), stream, f, q.Get("follow") == "true")
}

// eventStream writes events to one reader.
type eventStream struct {
	out     http.ResponseWriter
	flush   *http.ResponseController
	encoder *json.Encoder
}

func (s *eventStream) send(events []onetouch.Event) error {
	for _, event := range events {
		if err := s.encoder.Encode(eventOf(event)); err != nil {
			return err
		}
	}
	return s.flush.Flush()
}

func (s *eventStream) beat() error {
	if _, err := s.out.Write([]byte("\n")); err != nil {
		return err
	}
	return s.flush.Flush()
}

func (a *API) stream(ctx context.Context, s *eventStream, f onetouch.EventFilter, follow bool) {
	wire.Stream{
		Heartbeat: a.Heartbeat, Stopping: a.Stopping,
		Changed: func() <-chan struct{} { return a.service.Changed(onetouch.TopicEvents) },
		Send:    func() bool { return a.sendEvents(ctx, s, &f) && follow }, Beat: s.beat,
	}.Run(ctx)
}

// sendEvents sends all that there are after the filter's, and reports whether the reader is still there: it comes back with
// the number of its last event.
func (a *API) sendEvents(ctx context.Context, s *eventStream, f *onetouch.EventFilter) bool {
	for {
		events, err := a.service.Events(ctx, *f)
		if err != nil || s.send(events) != nil {
			return false
		}
		if len(events) > 0 {
			f.After = events[len(events)-1].Sequence
		}
		if len(events) < f.Limit {
			return true
		}
	}
}
