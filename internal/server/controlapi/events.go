package controlapi

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// eventPage is how many events are read at once.
const eventPage = 500

// events streams the event log as one JSON object a line: what came after the given number, and, with follow=true, what
// comes from now on. Without after only what is new is sent, or with latest=N the last of what there is. Whoever gives a number
// after which events were removed hears of that by the event history_removed, also one who asks for none of its kind.
func (a *API) events(w http.ResponseWriter, r *http.Request) {
	q := wire.ReadQuery(r)
	f := onetouch.EventFilter{
		After: int64(q.Count("after")), AppID: q.Get("app"), AuthyID: int64(q.Count("user")), RequestUUID: q.Get("request"),
		Types: typesIn(q, "type"), Limit: eventPage,
	}
	begin, first, err := a.beginEvents(r.Context(), q, &f)
	if err != nil {
		refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Onetouch-Event", strconv.FormatInt(begin, 10)) // where a reader without a number starts
	stream := &eventStream{out: w, flush: http.NewResponseController(w), encoder: json.NewEncoder(w)}
	if len(first) > 0 && stream.send(first) != nil {
		return
	}
	a.stream(r.Context(), stream, f, q.Get("follow") == "true")
}

// beginEvents is the number after which the reader's events begin, and which of them come at once; the filter then has the number
// after which the others come.
func (a *API) beginEvents(ctx context.Context, q *wire.Query, f *onetouch.EventFilter) (int64, []onetouch.Event, error) {
	latest, err := q.Count("latest"), q.Err()
	if err != nil {
		return 0, nil, err
	}
	first, err := a.missed(ctx, *f)
	if err != nil {
		return 0, nil, err
	}
	begin := f.After
	switch {
	case latest > 0:
		var last []onetouch.Event
		last, f.After, err = a.latest(ctx, *f, latest)
		if begin = f.After; len(last) > 0 {
			begin = last[0].Sequence - 1
		}
		first = append(first, last...)
	case !q.Has("after"):
		f.After, err = a.service.LastEvent(ctx)
		begin = f.After
	}
	return begin, first, err
}

// missed is the event that tells of events which were removed after the filter's number, if the filter leaves it out. It has
// that number: whoever comes back with it hears of the same again, and misses nothing more.
func (a *API) missed(ctx context.Context, f onetouch.EventFilter) ([]onetouch.Event, error) {
	isChosen := f.AuthyID == 0 && f.RequestUUID == "" &&
		(len(f.Types) == 0 || slices.Contains(f.Types, onetouch.EventHistoryRemoved))
	if isChosen || f.After == 0 {
		return nil, nil
	}
	events, err := a.service.Events(ctx, onetouch.EventFilter{
		After: f.After, Types: []onetouch.EventType{onetouch.EventHistoryRemoved}, Latest: true, Limit: 1,
	})
	for i := range events {
		events[i].Sequence = f.After
	}
	return events, err
}

// typesIn are the types of events that are joined by commas.
func typesIn(q *wire.Query, name string) []onetouch.EventType {
	var types []onetouch.EventType
	for word := range strings.SplitSeq(q.Get(name), ",") {
		if word != "" {
			types = append(types, onetouch.EventType(word))
		}
	}
	return types
}

// latest are the last events of a filter, n of them at most, and the number after which others come.
func (a *API) latest(ctx context.Context, f onetouch.EventFilter, n int) (events []onetouch.Event, after int64, err error) {
	if after, err = a.service.LastEvent(ctx); err != nil {
		return nil, 0, err
	}
	f.Latest, f.Limit = true, n
	events, err = a.service.Events(ctx, f)
	if len(events) > 0 {
		after = max(after, events[len(events)-1].Sequence)
	}
	return events, max(after, f.After), err
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
	if !a.sendEvents(ctx, s, &f, a.storedEvents) || !follow {
		return
	}
	wire.Stream{
		Heartbeat: a.Heartbeat, Stopping: a.Stopping, Changed: a.service.EventsChanged,
		Send: func() bool { return a.sendEvents(ctx, s, &f, a.service.FollowedEvents) }, Beat: s.beat,
	}.Run(ctx)
}

// readEvents returns events, and the number up to which it has looked.
type readEvents func(context.Context, onetouch.EventFilter) (events []onetouch.Event, seen int64, err error)

// sendEvents sends all that there are after the filter's, and reports whether the reader is still there: it comes back with
// the number of its last event.
func (a *API) sendEvents(ctx context.Context, s *eventStream, f *onetouch.EventFilter, read readEvents) bool {
	for {
		events, seen, err := read(ctx, *f)
		if err != nil || s.send(events) != nil {
			return false
		}
		if len(events) == f.Limit {
			f.After = events[len(events)-1].Sequence
			continue
		}
		if len(events) > 0 {
			seen = max(seen, events[len(events)-1].Sequence)
		}
		f.After = max(f.After, seen)
		return true
	}
}

// storedEvents are those that the store has, whichever process has written them just now. A look passes by what a filter leaves
// out, so that it is not looked at again.
func (a *API) storedEvents(ctx context.Context, f onetouch.EventFilter) (events []onetouch.Event, seen int64, err error) {
	if f.Selective() {
		if seen, err = a.service.LastEvent(ctx); err != nil {
			return nil, 0, err
		}
	}
	events, err = a.service.Events(ctx, f)
	return events, seen, err
}

// EventQuery chooses events. Zero fields choose all.
type EventQuery struct {
	After       int64 // only those with a greater number; [FromNow]: only those that come
	AppID       string
	AuthyID     int64
	RequestUUID string
	Types       []onetouch.EventType
	Latest      int // only so many of those that are there: the last ones; 0: all
}

func (q EventQuery) values() url.Values {
	values := url.Values{
		"app": {q.AppID}, "user": {strconv.FormatInt(q.AuthyID, 10)}, "request": {q.RequestUUID},
		"latest": {strconv.Itoa(q.Latest)},
	}
	if q.After != FromNow {
		values.Set("after", strconv.FormatInt(q.After, 10))
	}
	for _, one := range q.Types {
		values.Add("type", string(one))
	}
	values.Set("type", strings.Join(values["type"], ","))
	return values
}

// Events lists events, oldest first.
func (c *Client) Events(ctx context.Context, q EventQuery) ([]Event, error) {
	events := []Event{}
	err := stream(ctx, c, "/events?"+q.values().Encode(), nil, func(event Event) error {
		events = append(events, event)
		return nil
	})
	return events, err
}

// FromNow makes a stream start with the next event.
const FromNow = -1

// Follow hands over every event after the given number ([FromNow]: the next ones); see [Client.FollowEvents].
func (c *Client) Follow(ctx context.Context, after int64, ready func(), hear func(Event) error) error {
	return c.FollowEvents(ctx, EventQuery{After: after}, ready, hear)
}

// FollowEvents hands over the events that are chosen, and then those that come, until hear returns an error, ctx ends or the
// server goes. ready, when not nil, is called once the stream stands: no event after that is missed.
func (c *Client) FollowEvents(ctx context.Context, q EventQuery, ready func(), hear func(Event) error) error {
	values := q.values()
	values.Set("follow", "true")
	if err := stream(ctx, c, "/events?"+values.Encode(), ready, hear); err != nil {
		return err
	}
	return fmt.Errorf("%w: the event stream ended", ErrUnreachable)
}

// stream hands over what an answer has line by line, until that ends.
func stream[T any](ctx context.Context, c *Client, target string, ready func(), hear func(T) error) error {
	response, err := c.do(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if ready != nil {
		ready()
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		var one T
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return fmt.Errorf("reading the server's events: %w", err)
		}
		if err := hear(one); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%w: the event stream ended", ErrUnreachable)
	}
	return nil
}
