// Package authyapi speaks the Authy backend API, as its public clients expect it: paths with a format, three ways to pass
// the key, every encoding of parameters, and answers in JSON and XML.
package authyapi

import (
	"crypto/subtle"
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
	return []route.Route{
		a.route("POST", "/protected/{format}/users/new", a.addUser),
		a.route("GET", "/protected/{format}/users/{id}/status", a.userStatus),
		a.route("POST", "/protected/{format}/users/{id}/delete", a.removeUser),
		a.route("POST", "/protected/{format}/users/{id}/remove", a.removeUser),
		a.route("POST", "/protected/{format}/users/delete/{id}", a.removeUser),
		a.route("POST", "/protected/{format}/sdk/registrations", a.startRegistration),
		a.route("DELETE", "/protected/{format}/sdk/devices/{id}", a.removeDevice),
		a.route("POST", "/onetouch/{format}/users/{id}/approval_requests", a.createApprovalRequest),
		a.route("GET", "/onetouch/{format}/approval_requests/{uuid}", a.approvalRequest),
	}
}

func (a *API) route(method, path string, handle handler) route.Route {
	return route.Route{Method: method, Path: path, Access: route.Application, Handle: func(w http.ResponseWriter, r *http.Request) {
		answer, err := a.serve(r, handle)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		answer = append(answer, authywire.Member{Name: "success", Value: true})
		write(w, http.StatusOK, formatOf(r), answer, nil)
	}}
}

func (a *API) serve(r *http.Request, handle handler) (authywire.Object, error) {
	if format := r.PathValue("format"); format != "json" && format != "xml" {
		return nil, problem.New(problem.CodeNotFound, "Unknown format "+strconv.Quote(format)+": use json or xml")
	}
	parameters, err := authywire.ReadParameters(r, maxBody)
	if err != nil {
		return nil, err
	}
	app, err := a.authenticate(r, parameters)
	if err != nil {
		return nil, err
	}
	return handle(&call{Request: r, app: app, parameters: parameters})
}

// authenticate takes the key from the header, which most clients use, or from the parameter api_key in the query (npm
// authy) or body (SDK sample backends).
func (a *API) authenticate(r *http.Request, parameters *authywire.Parameters) (onetouch.Application, error) {
	key := r.Header.Get("X-Authy-API-Key")
	if key == "" {
		parameter, _, err := parameters.String("api_key")
		if err != nil {
			return onetouch.Application{}, err
		}
		key = parameter
	}
	app, err := a.service.AuthenticateApplication(r.Context(), key)
	if err == nil && subtle.ConstantTimeCompare([]byte(app.APIKey), []byte(key)) != 1 {
		return onetouch.Application{}, problem.New(onetouch.CodeAPIKeyInvalid, "Invalid API key")
	}
	return app, err
}

func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if onetouch.CodeOf(err) == onetouch.CodeInternal {
		a.log.Error("a call failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	Refuse(w, r, err)
}

// userID is the Authy ID in the path. One that is no number is a user that does not exist, as in the recorded answers.
func (c *call) userID() (int64, error) {
	id, err := strconv.ParseInt(c.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return 0, problem.New(onetouch.CodeUserNotFound, "User not found.")
	}
	return id, nil
}

// text is a string parameter; "" when absent.
func (c *call) text(path ...string) (string, error) {
	text, _, err := c.parameters.String(path...)
	return text, err
}
