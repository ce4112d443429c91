package controlapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/fault"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// Call is one call that the server answered, without its secrets; see [traffic.Call].
type Call struct {
	ID              int64       `json:"id"` // 1 is the first since the server was started
	At              time.Time   `json:"at"` // by the server's clock
	API             traffic.API `json:"api"`
	Method          string      `json:"method"`
	Path            string      `json:"path"`       // with its query
	Route           string      `json:"route"`      // such as /protected/{format}/users/{id}/status; "" when there is none
	Status          int         `json:"status"`     // HTTP; 0: there was no answer
	ErrorCode       string      `json:"error_code"` // of the Authy API
	Fault           string      `json:"fault"`      // what a fault did to it
	DurationMS      float64     `json:"duration_ms"`
	Open            bool        `json:"open"` // it goes on: an event stream
	AppID           string      `json:"app_id"`
	AuthyID         *int64      `json:"authy_id"`  // null: nobody, or not known
	DeviceID        *int64      `json:"device_id"` // null: none, or not known
	RequestUUID     string      `json:"request_uuid"`
	RequestSize     int64       `json:"request_size"` // bytes of the body
	RequestHeaders  []Header    `json:"request_headers"`
	RequestBody     string      `json:"request_body"` // its beginning; "" when it is no text
	RequestCut      bool        `json:"request_cut"`  // the body is not all of it
	ResponseSize    int64       `json:"response_size"`
	ResponseHeaders []Header    `json:"response_headers"`
	ResponseBody    string      `json:"response_body"`
	ResponseCut     bool        `json:"response_cut"`
}

func callOf(c traffic.Call) Call {
	header := func(h traffic.Header) Header { return Header(h) }
	return Call{
		ID: c.ID, At: c.At, API: c.API, Method: c.Method, Path: c.Path, Route: c.Route, Status: c.Status,
		ErrorCode: c.ErrorCode, Fault: c.Fault, DurationMS: float64(c.Took.Microseconds()) / 1000, Open: c.Open,
		AppID: c.AppID, AuthyID: numberOrNull(c.AuthyID), DeviceID: numberOrNull(c.DeviceID), RequestUUID: c.RequestUUID,
		RequestSize: c.Request.Size, RequestHeaders: each(c.Request.Headers, header), RequestBody: c.Request.Body,
		RequestCut: c.Request.Cut, ResponseSize: c.Response.Size, ResponseHeaders: each(c.Response.Headers, header),
		ResponseBody: c.Response.Body, ResponseCut: c.Response.Cut,
	}
}

// callFilter chooses calls.
type callFilter struct {
	match   fault.Pattern
	least   int // HTTP status, from
	most    int // to
	api     traffic.API
	app     string
	request string
	faults  bool
}

func readCallFilter(q *wire.Query) (f callFilter, err error) {
	f = callFilter{
		api: traffic.API(q.Get("api")), app: q.Get("app"), request: q.Get("request"), faults: q.Get("faults") == "true",
	}
	if f.api != "" && !slices.Contains(traffic.APIs(), f.api) {
		q.Fail("api", "must be authy, device, callback or push")
	}
	if f.least, f.most, err = statusesIn(q.Get("status")); err != nil {
		return f, err
	}
	if f.match, err = fault.ParsePattern(q.Get("match")); err != nil {
		return f, err
	}
	return f, q.Err()
}

// statusesIn reads an HTTP status or a class of them: 404, 4xx. 0 is for calls without an answer, "" for all.
func statusesIn(text string) (least, most int, err error) {
	const statuses, class, highest = 100, "xx", 599
	if text == "" {
		return 0, highest, nil
	}
	digits, isClass := strings.CutSuffix(strings.ToLower(text), class)
	number, err := strconv.Atoi(digits)
	switch {
	case err == nil && isClass && number >= 1 && number <= highest/statuses:
		return number * statuses, number*statuses + statuses - 1, nil
	case err == nil && !isClass && (number == 0 || number >= statuses && number <= highest):
		return number, number, nil
	default:
		return 0, 0, onetouch.InvalidParameter("status", "must be an HTTP status or a class of them, such as 404 or 4xx")
	}
}

func (f callFilter) chooses(c traffic.Call) bool {
	path, _, _ := strings.Cut(c.Path, "?")
	return f.match.Matches(c.Method, path) && c.Status >= f.least && c.Status <= f.most && (f.api == "" || c.API == f.api) &&
		(f.app == "" || c.AppID == "" || c.AppID == f.app) && (f.request == "" || c.RequestUUID == f.request) &&
		(!f.faults || c.Fault != "")
}

// calls streams the calls that are remembered as one JSON object a line, oldest first: those with a greater number than
// after, or the last ones of latest=N, and, with follow=true, those that come from now on.
func (a *API) calls(w http.ResponseWriter, r *http.Request) {
	q := wire.ReadQuery(r)
	after, latest, follow := int64(q.Count("after")), q.Count("latest"), q.Get("follow") == "true"
	if follow && !q.Has("after") {
		after = a.Traffic.Last()
	}
	f, err := readCallFilter(q)
	if err != nil {
		refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.Header().Set("Cache-Control", "no-store")
	s := &eventStream{out: w, flush: http.NewResponseController(w), encoder: json.NewEncoder(w)}
	wire.Stream{
		Heartbeat: a.Heartbeat, Stopping: a.Stopping, Changed: a.Traffic.Changed,
		Send: func() bool {
			calls := a.Traffic.Calls(after)
			if len(calls) > 0 {
				after = calls[len(calls)-1].ID
			}
			calls = slices.DeleteFunc(calls, func(c traffic.Call) bool { return !f.chooses(c) })
			if latest > 0 && len(calls) > latest {
				calls = calls[len(calls)-latest:]
			}
			return s.sendCalls(calls) == nil && follow
		},
		Beat: s.beat,
	}.Run(r.Context())
}

func (s *eventStream) sendCalls(calls []traffic.Call) error {
	for _, c := range calls {
		if err := s.encoder.Encode(callOf(c)); err != nil {
			return err
		}
	}
	return s.flush.Flush()
}

func (a *API) call(r *http.Request) (any, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	c, found := a.Traffic.Call(id)
	if err != nil || !found {
		return nil, problem.New(problem.CodeCallNotFound, "Call not found: "+r.PathValue("id"))
	}
	return callOf(c), nil
}

// CallQuery chooses calls. Zero fields choose all.
type CallQuery struct {
	After       int64  // only those with a greater number; [FromNow]: only those that come
	Match       string // a method and a path, or a path, in which * is any text
	Status      string // such as 404 or 4xx; 0: calls without an answer
	API         traffic.API
	AppID       string // also those of nobody
	RequestUUID string
	Faults      bool // only those that a fault struck
	Latest      int  // only so many of those that are there: the last ones; 0: all
}

func (q CallQuery) values() url.Values {
	values := url.Values{
		"match": {q.Match}, "status": {q.Status}, "api": {string(q.API)}, "app": {q.AppID}, "request": {q.RequestUUID},
		"faults": {strconv.FormatBool(q.Faults)}, "latest": {strconv.Itoa(q.Latest)},
	}
	if q.After != FromNow {
		values.Set("after", strconv.FormatInt(q.After, 10))
	}
	return values
}

// Calls lists the calls that the server remembers, oldest first.
func (c *Client) Calls(ctx context.Context, q CallQuery) ([]Call, error) {
	calls := []Call{}
	err := stream(ctx, c, "/traffic?"+q.values().Encode(), nil, func(call Call) error {
		calls = append(calls, call)
		return nil
	})
	return calls, err
}

// FollowCalls hands over the calls that are chosen, and then those that come, until hear returns an error, ctx ends or the
// server goes. ready, when not nil, is called once the stream stands.
func (c *Client) FollowCalls(ctx context.Context, q CallQuery, ready func(), hear func(Call) error) error {
	values := q.values()
	values.Set("follow", "true")
	if err := stream(ctx, c, "/traffic?"+values.Encode(), ready, hear); err != nil {
		return err
	}
	return fmt.Errorf("%w: the stream of calls ended", ErrUnreachable)
}

// Call is one call that the server remembers.
func (c *Client) Call(ctx context.Context, id int64) (Call, error) {
	return read[Call](ctx, c, "/traffic/"+strconv.FormatInt(id, 10), nil)
}
