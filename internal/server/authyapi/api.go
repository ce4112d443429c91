// Package authyapi speaks the Authy backend API, as its public clients expect it: paths with a format, three ways to
// pass the key, every encoding of parameters, and answers in JSON and XML.
//
// A call is an [Endpoint] in the table of its noun and a function that turns parameters into a call of the service and its
// result into the members of the answer. All that is common to calls is in this file, endpoints.go and answer.go.
package authyapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
	"github.com/onetouchkit/onetouch/internal/server/fault"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// keyHeader carries the API key of most clients. Others send the parameter api_key, in the query (npm authy) or in
// the body (SDK sample backends). The header counts when both are there.
const (
	keyHeader    = "X-Authy-API-Key"
	keyParameter = "api_key"
)

// Options are the API's surroundings.
type Options struct {
	Logger *slog.Logger  // nil: no log
	Faults *fault.Faults // nil: none
	// Phones are where the phones are; nil: here. When they are elsewhere, calls that have no counterpart there are refused.
	Phones Phones
}

// Phones is the part of the service that has to do with phones: a [onetouch.Service] or a [onetouch.Bridge].
type Phones interface {
	AddUser(ctx context.Context, appID string, n onetouch.NewUser) (onetouch.User, error)
	UserStatus(ctx context.Context, appID string, authyID int64) (onetouch.UserStatus, error)
	RemoveUser(ctx context.Context, appID string, authyID int64) error
	StartRegistration(ctx context.Context, appID string, authyID int64) (token string, err error)
	RemoveDevice(ctx context.Context, appID string, id int64) error
	CreateApprovalRequest(
		ctx context.Context, app onetouch.Application, authyID int64, n onetouch.NewApprovalRequest,
	) (onetouch.ApprovalRequest, error)
	ApprovalRequest(ctx context.Context, appID, uuid string) (onetouch.RequestRecord, error)
}

// API serves backends.
type API struct {
	service *onetouch.Service
	phones  Phones
	bridged bool // the phones are elsewhere
	log     *slog.Logger
	faults  *fault.Faults
}

// New returns the API of a service.
func New(service *onetouch.Service, o Options) *API {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	a := &API{service: service, phones: o.Phones, bridged: o.Phones != nil, log: o.Logger, faults: o.Faults}
	if !a.bridged {
		a.phones = service
	}
	return a
}

// success is the member of every answer, true unless the answer has one of its own.
const success = "success"

// call is one request of an authenticated application.
type call struct {
	*http.Request
	endpoint   Endpoint
	app        onetouch.Application
	parameters *parameters.Parameters
}

// handler answers a call with the members of the answer; success is added where it is not among them.
type handler func(*API, *call) (authywire.Object, error)

// Family is the API as a server serves it. It has no prefix: calls are below /protected, /onetouch, /dashboard and more.
func (a *API) Family() route.Family {
	return route.Family{Routes: a.routes(), Refuse: a.refuse, Guards: map[route.Access]route.Guard{
		route.Public:      a.guard((*API).takeAnybody),
		route.Application: a.guard((*API).authenticate),
		route.Manager:     a.guard((*API).authenticateManager),
	}}
}

func (a *API) routes() []route.Route {
	endpoints := Endpoints()
	routes := make([]route.Route, len(endpoints))
	for i, e := range endpoints {
		routes[i] = route.Route{
			Method: e.Method, Path: e.Path, Access: e.Access, Handle: a.answer(e),
			Refuse: func(w http.ResponseWriter, r *http.Request, err error) { a.refuse(w, r, e.inOwnCode(err)) },
		}
	}
	return routes
}

func (a *API) answer(e Endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r)
		c.Request, c.endpoint = r, e
		if err := a.serve(w, c); err != nil {
			a.refuse(w, r, err)
		}
	}
}

func (a *API) serve(w http.ResponseWriter, c *call) error {
	if err := c.check(); err != nil {
		return err
	}
	if a.bridged && !c.endpoint.bridges() {
		return problem.New(problem.CodeNoCounterpart, "Invalid request: "+c.endpoint.Method+" "+c.endpoint.Path+
			" has no counterpart in Verify Push, where the phones of this server are")
	}
	if c.endpoint.show != nil {
		return c.endpoint.show(a, w, c)
	}
	answer, err := c.endpoint.handle(a, c)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(answer, func(m authywire.Member) bool { return m.Name == success }) {
		answer = append(answer, authywire.Member{Name: success, Value: true})
	}
	write(w, http.StatusOK, formatOf(c.Request), "hash", answer)
	return nil
}

// caller is the key of the call in the context of its request.
type caller struct{}

// callOf is the call that a guard let pass.
func callOf(r *http.Request) *call { return r.Context().Value(caller{}).(*call) }

// guard finds out who calls and with which parameters, and counts the call of an application.
func (a *API) guard(authenticate func(*API, *call) error) route.Guard {
	return func(r *http.Request) (*http.Request, error) {
		if format := r.PathValue("format"); format != "" && format != "json" && format != "xml" {
			return nil, problem.New(problem.CodeNotFound, "Unknown format "+strconv.Quote(format)+": use json or xml")
		}
		if err := a.faults.Strike(r); err != nil {
			return nil, err
		}
		c := &call{Request: r}
		if err := authenticate(a, c); err != nil {
			return nil, err
		}
		if c.app.ID != "" { // a public call is nobody's
			traffic.NotesOf(r.Context()).Application(c.app.ID)
			if err := a.service.CountAPICall(c.app); err != nil {
				return nil, err
			}
		}
		return r.WithContext(context.WithValue(r.Context(), caller{}, c)), nil
	}
}

// takeAnybody is for calls that want no key.
func (a *API) takeAnybody(c *call) (err error) {
	c.parameters, err = parameters.Read(c.Request, wire.MaxBody)
	return err
}

// authenticate goes by the API key. The parameters of a stranger are not read, unless they hold the key.
func (a *API) authenticate(c *call) (err error) {
	key := c.Header.Get(keyHeader)
	for _, other := range c.Header.Values(keyHeader) {
		if other != key { // a proxy may look at another one than we do
			return problem.New(onetouch.CodeAPIKeyInvalid, "Invalid API key: "+keyHeader+" was sent with different keys")
		}
	}
	if key != "" {
		if c.app, err = a.service.AuthenticateApplication(c.Context(), key); err != nil {
			return err
		}
	}
	if c.parameters, err = parameters.Read(c.Request, wire.MaxBody); err != nil || key != "" {
		return err
	}
	key, _, _ = c.parameters.String(keyParameter) // one that is no text is no key
	c.app, err = a.service.AuthenticateApplication(c.Context(), key)
	return err
}

// authenticateManager goes by two keys among the parameters and a signature over all of them.
func (a *API) authenticateManager(c *call) (err error) {
	if c.parameters, err = parameters.Read(c.Request, wire.MaxBody); err != nil {
		return err
	}
	apiKey, _, _ := c.parameters.String(applicationKeyParameter) // one that is no text is no key
	accessKey, _, _ := c.parameters.String(accessKeyParameter)
	if c.app, err = a.service.AuthenticateManager(c.Context(), apiKey, accessKey); err != nil {
		return err
	}
	return c.checkSignature(c.app.SigningKey)
}

func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if fault.Answer(w, err) {
		return
	}
	if codes.IsFailure(err) && r.Context().Err() == nil {
		a.log.Error("a call failed", "method", r.Method, "path", r.URL.Path, "error", err, "cause", errors.Unwrap(err))
	}
	answerError(w, r, err)
}

// userID is the Authy ID in the path.
func (c *call) userID() int64 { return number(c.PathValue("id")) }

// number reads an identifier. What is no number is 0, which nothing has: it is not found, as in the recorded answers.
func number(text string) int64 {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return max(0, id)
}
