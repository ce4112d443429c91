// Package authyapi speaks the Authy backend API, as its public clients expect it: paths with a format, three ways to
// pass the key, every encoding of parameters, and answers in JSON and XML.
//
// A call is an entry in the table of [API.Routes] and a function that turns parameters into a call of the service and
// its result into the members of the answer. All that is common to calls is in this file and in answer.go.
package authyapi

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// maxBody bounds a request body, in bytes.
const maxBody = 1 << 20

// keyHeader carries the API key of most clients. Others send the parameter api_key, in the query (npm authy) or in
// the body (SDK sample backends). The header counts when both are there.
const (
	keyHeader    = "X-Authy-API-Key"
	keyParameter = "api_key"
)

// API serves backends.
type API struct {
	service *onetouch.Service
	log     *slog.Logger
}

// New returns the API of a service.
func New(service *onetouch.Service, log *slog.Logger) *API { return &API{service: service, log: log} }

// call is one request of an authenticated application.
type call struct {
	*http.Request
	app        onetouch.Application
	parameters *authywire.Parameters
}

// handler answers a call with the members of the answer; success is added.
type handler func(*call) (authywire.Object, error)

// Routes lists the API's calls. The three spellings of user deletion are those of three families of clients.
func (a *API) Routes() []route.Route {
	calls := []struct {
		method, path string
		handle       handler
	}{
		{"POST", "/protected/{format}/users/new", a.addUser},
		{"GET", "/protected/{format}/users/{id}/status", a.userStatus},
		{"POST", "/protected/{format}/users/{id}/delete", a.removeUser},
		{"POST", "/protected/{format}/users/{id}/remove", a.removeUser},
		{"POST", "/protected/{format}/users/delete/{id}", a.removeUser},
		{"POST", "/protected/{format}/sdk/registrations", a.startRegistration},
		{"DELETE", "/protected/{format}/sdk/devices/{id}", a.removeDevice},
		{"POST", "/onetouch/{format}/users/{id}/approval_requests", a.createApprovalRequest},
		{"GET", "/onetouch/{format}/approval_requests/{uuid}", a.approvalRequest},
	}
	routes := make([]route.Route, len(calls))
	for i, c := range calls {
		routes[i] = route.Route{Method: c.method, Path: c.path, Access: route.Application, Handle: a.answer(c.handle)}
	}
	return routes
}

func (a *API) answer(handle handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := a.serve(r, handle)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		answer = append(answer, authywire.Member{Name: "success", Value: true})
		write(w, http.StatusOK, formatOf(r), "hash", answer)
	}
}

func (a *API) serve(r *http.Request, handle handler) (authywire.Object, error) {
	if format := r.PathValue("format"); format != "json" && format != "xml" {
		return nil, problem.New(problem.CodeNotFound, "Unknown format "+strconv.Quote(format)+": use json or xml")
	}
	c, err := a.open(r)
	if err != nil {
		return nil, err
	}
	return handle(c)
}

// open finds out who calls and with which parameters. Those of a stranger are not read, unless they hold the key.
func (a *API) open(r *http.Request) (*call, error) {
	var err error
	c := &call{Request: r}
	key := r.Header.Get(keyHeader)
	if key != "" {
		if c.app, err = a.service.AuthenticateApplication(r.Context(), key); err != nil {
			return nil, err
		}
	}
	if c.parameters, err = authywire.ReadParameters(r, maxBody); err != nil || key != "" {
		return c, err
	}
	key, _, _ = c.parameters.String(keyParameter) // one that is no text is no key
	c.app, err = a.service.AuthenticateApplication(r.Context(), key)
	return c, err
}

func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if problem.Of(err).Status >= http.StatusInternalServerError && r.Context().Err() == nil {
		a.log.Error("a call failed", "method", r.Method, "path", r.URL.Path, "error", err, "cause", errors.Unwrap(err))
	}
	Refuse(w, r, err)
}

// userID is the Authy ID in the path. One that is no number is a user that does not exist, as in the recorded
// answers.
func (c *call) userID() (int64, error) {
	id, isNumber := number(c.PathValue("id"))
	if !isNumber {
		return 0, errUserNotFound()
	}
	return id, nil
}

// number reads an identifier.
func number(text string) (id int64, isNumber bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id > 0
}

func errUserNotFound() error { return problem.New(onetouch.CodeUserNotFound, "User not found.") }

// text is a string parameter; "" when absent.
func (c *call) text(path ...string) (string, error) {
	text, _, err := c.parameters.String(path...)
	return text, err
}
