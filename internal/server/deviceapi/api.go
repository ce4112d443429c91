// Package deviceapi speaks the device API (docs/device-api.md): what an app on a phone calls to register, to be told of
// approval requests, to fetch them and to answer with its signature.
package deviceapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

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
const Prefix = "/device/v1"

// Options are the API's surroundings. Zero fields take the ordinary ones.
type Options struct {
	// Stopping is closed when the server stops; event streams end then.
	Stopping <-chan struct{}
	Logger   *slog.Logger // no log
	// Faults are the faults in force; none.
	Faults *fault.Faults
	// Heartbeat is how often an idle event stream sends a comment; 15 s.
	Heartbeat time.Duration
	// WriteTimeout is how long the reader of an event stream may take nothing before the stream ends; 10 s.
	WriteTimeout time.Duration
}

const (
	defaultHeartbeat    = 15 * time.Second
	defaultWriteTimeout = 10 * time.Second
)

// API serves devices.
type API struct {
	service *onetouch.Service
	Options
}

// New returns the API of a service.
func New(service *onetouch.Service, o Options) *API {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = defaultHeartbeat
	}
	if o.WriteTimeout == 0 {
		o.WriteTimeout = defaultWriteTimeout
	}
	return &API{service: service, Options: o}
}

// call is one request of a registered device, or of one that registers.
type call struct {
	*http.Request
	device onetouch.Device // zero in a registration
}

// handler returns what is answered, as encoding/json writes it.
type handler func(*call) (any, error)

// Family is the API as a server serves it.
func (a *API) Family() route.Family {
	return route.Family{
		Prefix: Prefix, Routes: a.routes(), Refuse: a.refuse,
		Guards: map[route.Access]route.Guard{route.Device: a.guard, route.Public: a.takeAnybody},
	}
}

func (a *API) routes() []route.Route {
	device := func(method, path string, handle handler) route.Route {
		return route.Route{Method: method, Path: Prefix + path, Access: route.Device, Handle: a.answer(handle)}
	}
	return []route.Route{
		{Method: http.MethodPost, Path: Prefix + "/registrations", Access: route.Public, Handle: a.answer(a.register)},
		device(http.MethodGet, "/approval_requests", a.approvalRequests),
		device(http.MethodGet, "/approval_requests/{uuid}", a.approvalRequest),
		device(http.MethodPost, "/approval_requests/{uuid}/response", a.respond),
		{Method: http.MethodGet, Path: Prefix + "/events", Access: route.Device, Handle: a.events},
		device(http.MethodPost, "/pushes/received", a.pushReceived),
		device(http.MethodPut, "/push", a.setPush),
		device(http.MethodGet, "/device", a.itself),
		device(http.MethodPut, "/device", a.rename),
		device(http.MethodDelete, "/device", a.unregister),
		device(http.MethodGet, "/time", a.time),
	}
}

func (a *API) answer(handle handler) http.HandlerFunc {
	return wire.Answer(func(r *http.Request) (any, error) { return handle(callOf(r)) }, a.refuse)
}

// caller is the key of the device in the context of its requests.
type caller struct{}

// guard checks the access token before anything else of a call is looked at.
func (a *API) guard(r *http.Request) (*http.Request, error) {
	if err := a.Faults.Strike(r); err != nil {
		return nil, err
	}
	device, err := a.authenticate(r.Context(), wire.Bearer(r))
	if err != nil {
		return nil, err
	}
	traffic.NotesOf(r.Context()).Device(device.AppID, device.AuthyID, device.ID)
	return r.WithContext(context.WithValue(r.Context(), caller{}, device)), nil
}

// authenticate goes by an access token or, with a factor of the Verify API, by a JWT that the factor has signed: that is how
// a simulated phone of that API hears pushes, and learns its numbers.
func (a *API) authenticate(ctx context.Context, token string) (onetouch.Device, error) {
	uuid := ""
	if strings.Count(token, ".") == 2 {
		uuid = verifywire.CredentialUUID(evidence.CredentialOf(token))
	}
	if uuid == "" {
		return a.service.AuthenticateDevice(ctx, token)
	}
	return a.service.AuthenticateFactor(ctx, uuid, token)
}

// takeAnybody is for the call of a device that has no access token yet.
func (a *API) takeAnybody(r *http.Request) (*http.Request, error) { return r, a.Faults.Strike(r) }

func callOf(r *http.Request) *call {
	device, _ := r.Context().Value(caller{}).(onetouch.Device)
	return &call{Request: r, device: device}
}

func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if fault.Answer(w, err) {
		return
	}
	if problem.IsFailure(err) && r.Context().Err() == nil {
		a.Logger.Error("a device's call failed",
			"method", r.Method, "path", r.URL.Path, "error", err, "cause", errors.Unwrap(err))
	}
	w.Header().Set("Date", a.service.Clock().Now().UTC().Format(http.TimeFormat)) // factors set their clocks by it
	answerError(w, r, err)
}
