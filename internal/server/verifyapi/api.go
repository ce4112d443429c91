// Package verifyapi speaks Twilio's Verify API v2, as far as it is about push and authenticator apps: what backends and devices
// of Authy's successor call. It shows the same things as the Authy API: an application is a service, a user an entity, a device
// a factor, and an approval request a challenge. docs/verify.md has its calls, and what is our choice.
package verifyapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/fault"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
	"github.com/onetouchkit/onetouch/internal/server/wire"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Prefix is the base path of the API.
const Prefix = "/v2"

// Options are the API's surroundings.
type Options struct {
	Logger *slog.Logger  // nil: no log
	Faults *fault.Faults // nil: none
}

// API serves backends and devices.
type API struct {
	service *onetouch.Service
	log     *slog.Logger
	faults  *fault.Faults
}

// New returns the API of a service.
func New(service *onetouch.Service, o Options) *API {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &API{service: service, log: o.Logger, faults: o.Faults}
}

// call is one request.
type call struct {
	*http.Request
	*API
	account     onetouch.Account
	device      onetouch.Device // that calls; zero when a backend does
	accessToken string          // of a device that is none yet
	makesEntity bool            // the entity that the path names need not be there yet
	form        url.Values
	app         onetouch.Application // that the path names
	user        onetouch.User        // likewise
}

// byDevice reports whether no backend calls.
func (c *call) byDevice() bool { return c.device.ID != 0 || c.accessToken != "" }

// answer is what a call is answered with.
type answer struct {
	status  int
	body    any
	headers map[string]string
}

func ok(body any) answer      { return answer{status: http.StatusOK, body: body} }
func created(body any) answer { return answer{status: http.StatusCreated, body: body} }
func gone() answer            { return answer{status: http.StatusNoContent} }

type handler func(*call) (answer, error)

// Calls is the table of calls, in the order of the documentation.
func (a *API) calls() []route.Route {
	backend, factor, newcomer := route.Account, route.Factor, route.Newcomer
	const (
		services   = Prefix + "/Services"
		service    = services + "/{service}"
		entities   = service + "/Entities"
		entity     = entities + "/{identity}"
		factors    = entity + "/Factors"
		challenges = entity + "/Challenges"
		webhooks   = service + "/Webhooks"
	)
	var routes []route.Route
	for _, one := range []struct {
		method, path string
		access       route.Access
		handle       handler
		parameters   string // names that are taken; of a list, those beside the ones of its pages
	}{
		{"POST", services, backend, createService, serviceParameters},
		{"GET", services, backend, listServices, pageParameters},
		{"GET", service, backend, fetchService, ""},
		{"POST", service, backend, updateService, serviceParameters},
		{"DELETE", service, backend, deleteService, ""},
		{"POST", entities, backend, createEntity, "Identity"},
		{"GET", entities, backend, listEntities, pageParameters},
		{"GET", entity, backend, fetchEntity, ""},
		{"DELETE", entity, backend, deleteEntity, ""},
		{"POST", factors, newcomer, createFactor, factorParameters},
		{"GET", factors, factor, listFactors, pageParameters},
		{"GET", factors + "/{sid}", factor, fetchFactor, ""},
		{"POST", factors + "/{sid}", factor, updateFactor, "AuthPayload " + factorParameters},
		{"DELETE", factors + "/{sid}", factor, deleteFactor, ""},
		{"POST", challenges, backend, createChallenge, challengeParameters},
		{"GET", challenges, factor, listChallenges, "FactorSid Status Order " + pageParameters},
		{"GET", challenges + "/{sid}", factor, fetchChallenge, ""},
		{"POST", challenges + "/{sid}", factor, updateChallenge, "AuthPayload Metadata"},
		{"POST", challenges + "/{sid}/Notifications", backend, createNotification, "Ttl"},
		{"POST", service + "/AccessTokens", backend, createAccessToken, "Identity FactorType FactorFriendlyName Ttl"},
		{"GET", service + "/AccessTokens/{sid}", backend, fetchAccessToken, ""},
		{"POST", webhooks, backend, createWebhook, webhookParameters},
		{"GET", webhooks, backend, listWebhooks, pageParameters},
		{"GET", webhooks + "/{sid}", backend, fetchWebhook, ""},
		{"POST", webhooks + "/{sid}", backend, updateWebhook, webhookParameters},
		{"DELETE", webhooks + "/{sid}", backend, deleteWebhook, ""},
	} {
		routes = append(routes, route.Route{
			Method: one.method, Path: one.path, Access: one.access,
			Handle: a.answer(one.handle, strings.Fields(one.parameters)),
		})
	}
	return routes
}

// Family is the API as a server serves it.
func (a *API) Family() route.Family {
	return route.Family{
		Prefix: Prefix, Routes: a.calls(), Refuse: a.refuse,
		Guards: map[route.Access]route.Guard{
			route.Account: a.guard((*API).takeBackend), route.Factor: a.guard((*API).takeFactor),
			route.Newcomer: a.guard((*API).takeNewcomer),
		},
	}
}

// caller is the key of the call in the context of its request.
type caller struct{}

// deviceUser is the user name with which devices call. Source: twilio-verify-android.
const deviceUser = "token"

func (a *API) guard(authenticate func(*API, *call, string, string) error) route.Guard {
	return func(r *http.Request) (*http.Request, error) {
		if err := a.faults.Strike(r); err != nil {
			return nil, err
		}
		user, password, _ := r.BasicAuth()
		c := &call{API: a}
		var err error
		if c.account, err = a.service.Account(r.Context()); err == nil {
			c.Request = r
			err = authenticate(a, c, user, password)
		}
		if err != nil {
			return nil, err
		}
		if c.device.ID != 0 {
			traffic.NotesOf(r.Context()).Device(c.device.AppID, c.device.AuthyID, c.device.ID)
		}
		return r.WithContext(context.WithValue(r.Context(), caller{}, c)), nil
	}
}

func (a *API) takeBackend(c *call, user, password string) (err error) {
	c.account, err = a.service.AuthenticateAccount(c.Context(), user, password)
	return err
}

func (a *API) takeFactor(c *call, user, password string) (err error) {
	if user != deviceUser {
		return a.takeBackend(c, user, password)
	}
	uuid := verifywire.CredentialUUID(evidence.CredentialOf(password))
	c.device, err = a.service.AuthenticateFactor(c.Context(), uuid, password)
	return err
}

// takeNewcomer lets a device pass with an access token, which is looked at when the factor is made, as it is good once.
func (a *API) takeNewcomer(c *call, user, password string) error {
	c.makesEntity = true
	if user != deviceUser {
		return a.takeBackend(c, user, password)
	}
	c.accessToken = password
	return a.service.CheckAccessToken(c.Context(), password, verifywire.AppID(c.PathValue("service")), c.PathValue("identity"))
}

func (a *API) answer(handle handler, names []string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, _ := r.Context().Value(caller{}).(*call)
		c.Request = r
		given, err := c.serve(handle, names)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		for name, value := range given.headers {
			w.Header().Set(name, value)
		}
		a.setDate(w)
		if given.status == http.StatusNoContent {
			w.WriteHeader(given.status)
			return
		}
		wire.JSON(w, given.status, given.body)
	}
}

func (c *call) serve(handle handler, names []string) (answer, error) {
	if err := c.readForm(names); err != nil {
		return answer{}, err
	}
	if err := c.find(); err != nil {
		return answer{}, err
	}
	return handle(c)
}

var errServiceNotFound = problem.New(problem.CodeNotFound, "Service not found")

// find finds what the path names. A device sees its own service and entity only.
func (c *call) find() (err error) {
	sid := c.PathValue("service")
	if sid == "" {
		return nil
	}
	if c.app, err = c.service.Application(c.Context(), verifywire.AppID(sid)); err != nil {
		if onetouch.CodeOf(err) == onetouch.CodeApplicationNotFound {
			err = errServiceNotFound
		}
		return err
	}
	if c.app.Suspended {
		return problem.New(onetouch.CodeApplicationSuspended, "Service is suspended")
	}
	if c.device.ID != 0 && c.device.AppID != c.app.ID {
		return errServiceNotFound
	}
	traffic.NotesOf(c.Context()).Application(c.app.ID)
	if !c.byDevice() {
		if err := c.service.LimitAPICall(c.app); err != nil {
			return err
		}
	}
	identity := c.PathValue("identity")
	if identity == "" || c.makesEntity {
		return nil
	}
	if c.user, err = c.service.Entity(c.Context(), c.app.ID, identity); err != nil {
		return err
	}
	if c.device.ID != 0 && c.device.AuthyID != c.user.AuthyID {
		return problem.New(onetouch.CodeUserNotFound, "Entity not found")
	}
	return nil
}

func (a *API) setDate(w http.ResponseWriter) {
	w.Header().Set("Date", a.service.Clock().Now().UTC().Format(http.TimeFormat)) // devices set their clocks by it
}

func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if fault.Answer(w, err) {
		return
	}
	if problem.IsFailure(err) && r.Context().Err() == nil {
		a.log.Error("a call failed", "method", r.Method, "path", r.URL.Path, "error", err, "cause", errors.Unwrap(err))
	}
	a.setDate(w)
	answerError(w, err)
}

// readForm reads the parameters: of a call that reads, those of its query, else those of its body.
func (c *call) readForm(names []string) error {
	text := c.URL.RawQuery
	if c.Method == http.MethodPost {
		body, err := wire.ReadBody(c.Request, wire.MaxBody)
		if err != nil {
			return err
		}
		kind, _ := wire.MediaType(c.Header.Get("Content-Type"))
		if len(body) > 0 && kind != "" && kind != "application/x-www-form-urlencoded" {
			return onetouch.InvalidRequest("the body must be a form (application/x-www-form-urlencoded)")
		}
		text = string(body)
	}
	form, err := url.ParseQuery(text)
	if err != nil {
		return onetouch.InvalidRequest("parameters must be of the form Name=value&Name=value")
	}
	for _, name := range slices.Sorted(keysOf(form)) {
		if !slices.Contains(names, name) {
			return onetouch.InvalidParameter(wire.Shown(name), "is no parameter of this call")
		}
		if len(form[name]) > 1 && !slices.Contains([]string{"Details.Fields", "EventTypes"}, name) {
			return onetouch.InvalidParameter(name, "is given more than once")
		}
	}
	c.form = form
	return nil
}
