package migrate

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/server/wire"
	"github.com/onetouchkit/onetouch/pkg/approval"
)

// Seen is a call that a backend made, as far as it is known.
type Seen struct {
	Method      string
	Target      string // path and query, or a whole URL
	ContentType string
	Body        string
	Cut         bool // Body is not all of it, or nothing is known of it
	Status      int  // HTTP; 0: not known, or no answer

	At          time.Time // zero: not known
	RequestUUID string    // of the approval request that it is about; "": see the answer, or none
	ErrorCode   string    // of a refusal; "": see the answer, or none
	Answer      string    // body; "": not known
	AnswerType  string    // its content type
}

// Recording is what a backend did, as far as it is known.
type Recording struct {
	Calls []Seen
	// Told is what is known of approval requests beside the calls, by their UUID.
	Told map[string]Told
	// Forgotten counts calls that the server remembers no more.
	Forgotten int64
}

// Told is what is known of an approval request. Zero times are not known, or never.
type Told struct {
	approval.Question
	Status                            approval.Status
	CreatedAt, ExpiresAt, ProcessedAt time.Time
	DeviceID                          int64 // that answered; 0: none, or not known
	Devices                           int   // of the user, at most at once; [DevicesUnknown]: not known
	Reason                            string
	Callback                          Callback
}

// DevicesUnknown stands for a number of devices that is not known.
const DevicesUnknown = -1

// Callback is what became of the callback of an answer.
type Callback string

// What can become of it.
const (
	CallbackUnknown  Callback = ""
	CallbackNone     Callback = "none"
	CallbackTaken    Callback = "taken"
	CallbackNotTaken Callback = "not taken"
)

// ask is the question as its backend asked it: whether a day was asked for or is the default is not told.
func (t Told) ask() Ask {
	a := Ask{Question: t.Question}
	seconds := int64(0)
	if !t.ExpiresAt.IsZero() {
		seconds = int64(t.ExpiresAt.Sub(t.CreatedAt).Round(time.Second).Seconds())
	}
	if seconds != onetouch.DefaultSecondsToExpire {
		a.SecondsToExpire = &seconds
	}
	return a
}

// request is the call as the Authy API got it.
func (s Seen) request() (*http.Request, error) {
	u, err := url.Parse(s.Target)
	if err != nil {
		return nil, err
	}
	r := &http.Request{
		Method: s.Method, URL: u, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(s.Body)),
		ContentLength: int64(len(s.Body)),
	}
	if s.ContentType != "" {
		r.Header.Set("Content-Type", s.ContentType)
	}
	return r, nil
}

// answer is what the call was answered, in JSON or XML; of what cannot be read, nothing.
func (s Seen) answer() *parameters.Parameters {
	read := func(kind, body string) (*parameters.Parameters, error) {
		return parameters.Read(&http.Request{
			Method: http.MethodPost, URL: &url.URL{Path: "/"}, Header: http.Header{"Content-Type": {kind}},
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}, wire.MaxBody)
	}
	for _, kind := range []string{s.AnswerType, ""} {
		if given, err := read(kind, s.Answer); err == nil {
			return given
		}
	}
	nothing, err := read("", "")
	if err != nil {
		return &parameters.Parameters{}
	}
	return nothing
}

// finder finds the call of the Authy API that a path is, as the server does.
type finder struct {
	handler   http.Handler
	endpoints map[string]authyapi.Endpoint
}

// nameOf is the key of a call in tables.
func nameOf(e authyapi.Endpoint) string { return e.Method + " " + e.Path }

func newFinder() finder {
	f := finder{endpoints: map[string]authyapi.Endpoint{}}
	var routes []route.Route
	for _, e := range authyapi.Endpoints() {
		f.endpoints[nameOf(e)] = e
		routes = append(routes, route.Route{
			Method: e.Method, Path: e.Path, Access: route.Public,
			Handle: func(w http.ResponseWriter, _ *http.Request) { w.Header().Set(foundHeader, nameOf(e)) },
		})
	}
	f.handler = route.Handler(route.Family{Routes: routes, Refuse: func(http.ResponseWriter, *http.Request, error) {}})
	return f
}

func (f finder) find(r *http.Request) (authyapi.Endpoint, bool) {
	answer := headers{}
	f.handler.ServeHTTP(answer, r)
	e, found := f.endpoints[http.Header(answer).Get(foundHeader)]
	return e, found
}

// foundHeader has the name of the call that was found.
const foundHeader = "Found"

// headers is an answer of which only the headers are looked at.
type headers http.Header

func (h headers) Header() http.Header            { return http.Header(h) }
func (h headers) Write(body []byte) (int, error) { return len(body), nil }
func (h headers) WriteHeader(int)                {}
