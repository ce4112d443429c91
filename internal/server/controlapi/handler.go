package controlapi

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
	"github.com/onetouchkit/onetouch/internal/server/fault"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// Options are the API's surroundings.
type Options struct {
	Token   string // the credential; an empty one refuses everybody
	Version string
	// Snapshots copies the server's database; nil: it cannot be copied.
	Snapshots Snapshots
	// Application is what an application has that is made when all were removed.
	Application onetouch.ApplicationSettings
	Database    string // where the server's data is, for people
	StartedAt   time.Time
	// Stopping is closed when the server stops; streams end then.
	Stopping <-chan struct{}
	// Faults are the faults in force; nil: those that nobody asks.
	Faults *fault.Faults
	// Traffic is what the server remembers of its calls; nil: nothing.
	Traffic *traffic.Log
	// Deliveries counts what the server's worker has done; nil: nothing.
	Deliveries *delivery.Metrics
	// Heartbeat is how often an idle stream sends an empty line; default 15 s.
	Heartbeat time.Duration
	// LocalOnly refuses callers on other machines, whatever they know.
	LocalOnly bool
	// PhonePage is where phones find the server's page.
	PhonePage PhonePage
	// Upstream is the service that has the phones, for people; "": this one.
	Upstream string
	// Phones are those that the server's process can answer as; nil: none.
	Phones Phones
}

// API serves the operator.
type API struct {
	service *onetouch.Service
	Options
}

// New returns the API of a service.
func New(service *onetouch.Service, o Options) *API {
	if o.Faults == nil {
		o.Faults = &fault.Faults{}
	}
	if o.Traffic == nil {
		o.Traffic = traffic.NewLog(service.Clock())
	}
	if o.Deliveries == nil {
		o.Deliveries = &delivery.Metrics{}
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = 15 * time.Second
	}
	return &API{service: service, Options: o}
}

// prefix is the base path of the API.
const prefix = "/control/v1"

// Family is the API as a server serves it.
func (a *API) Family() route.Family {
	return route.Family{
		Prefix: prefix, Routes: a.routes(), Refuse: refuse, Guards: map[route.Access]route.Guard{route.Operator: a.guard},
	}
}

func (a *API) routes() []route.Route {
	calls := []struct {
		method, path string
		handle       func(*http.Request) (any, error)
	}{
		{"GET", "/server", a.server},
		{"GET", "/account", a.account},
		{"POST", "/applications", a.createApplication},
		{"GET", "/applications/{called}", a.application},
		{"PATCH", "/applications/{called}", a.updateApplication},
		{"GET", "/users", a.users},
		{"GET", "/users/{id}", a.user},
		{"GET", "/users/{id}/authenticator", a.authenticator},
		{"GET", "/devices", a.devices},
		{"GET", "/devices/{id}", a.device},
		{"GET", "/approval_requests", a.approvalRequests},
		{"GET", "/approval_requests/{uuid}", a.approvalRequest},
		{"GET", "/approval_requests/{uuid}/evidence", a.evidence},
		{"POST", "/approval_requests/{uuid}/answer", a.answer},
		{"GET", "/phones", a.phones},
		{"GET", "/deliveries", a.deliveries},
		{"GET", "/deliveries/counts", a.deliveryCounts},
		{"GET", "/deliveries/{id}", a.delivery},
		{"POST", "/deliveries/{id}/replay", a.replay},
		{"POST", "/applications/{called}/ping", a.ping},
		{"GET", "/standing", a.standing},
		{"POST", "/hosted_phones", a.refreshHostedPhones},
		{"POST", "/pairings", a.startPairing},
		{"GET", "/pairings/{id}", a.pairing},
		{"GET", "/messages", a.messages},
		{"POST", "/fixtures", a.fix},
		{"POST", "/reset", a.reset},
		{"POST", "/snapshot", a.restoreSnapshot},
		{"GET", "/clock", a.clock},
		{"POST", "/clock/freeze", a.freezeClock},
		{"POST", "/clock/resume", a.resumeClock},
		{"POST", "/clock/advance", a.advanceClock},
		{"POST", "/clock/set", a.setClock},
		{"GET", "/traffic/{id}", a.call},
		{"GET", "/faults", a.listFaults},
		{"POST", "/faults", a.addFault},
		{"DELETE", "/faults", a.clearFaults},
		{"DELETE", "/faults/{id}", a.removeFault},
	}
	routes := []route.Route{
		{Method: "GET", Path: prefix + "/events", Access: route.Operator, Handle: a.events},
		{Method: "GET", Path: prefix + "/traffic", Access: route.Operator, Handle: a.calls},
		{
			Method: "GET", Path: prefix + "/approval_requests/{uuid}/diagram", Access: route.Operator, Handle: a.diagram,
		},
		{Method: "GET", Path: prefix + "/snapshot", Access: route.Operator, Handle: a.saveSnapshot},
	}
	for _, c := range calls {
		routes = append(routes, route.Route{
			Method: c.method, Path: prefix + c.path, Access: route.Operator, Handle: wire.Answer(c.handle, refuse),
		})
	}
	return routes
}

func (a *API) guard(r *http.Request) (*http.Request, error) {
	if a.LocalOnly && !isLocal(r.RemoteAddr) {
		return nil, problem.New(problem.CodeNotAuthorised, "The control API answers callers on the server's own machine only.")
	}
	if isForeign(r) {
		return nil, problem.New(problem.CodeNotAuthorised, "The control API answers no web page but the server's own console.")
	}
	if token := wire.Bearer(r); a.Token == "" || subtle.ConstantTimeCompare([]byte(token), []byte(a.Token)) != 1 {
		return nil, problem.New(problem.CodeNotAuthorised, "The control API wants the control token of the server's workspace.")
	}
	return r, nil
}

func isLocal(address string) bool {
	remote, err := netip.ParseAddrPort(address)
	return err == nil && remote.Addr().Unmap().IsLoopback()
}

// isForeign reports whether a web page of another origin asks. Browsers say so by themselves, and let no page change it.
func isForeign(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return true
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	from, err := url.Parse(origin)
	return err != nil || from.Host != r.Host
}

// failure is the body of an error answer.
type failure struct {
	ErrorCode string        `json:"error_code"`
	Code      onetouch.Code `json:"code"`
	Message   string        `json:"message"`
	Parameter string        `json:"parameter,omitempty"` // the one input that was wrong
	Reason    string        `json:"reason,omitempty"`    // what is wrong with it
}

func refuse(w http.ResponseWriter, _ *http.Request, err error) {
	p := problem.Of(err)
	wire.JSON(w, p.Status, failure{
		ErrorCode: codes.NumberOf(p.Code), Code: p.Code, Message: p.Message, Parameter: p.Parameter, Reason: p.Reason,
	})
}

func (a *API) server(r *http.Request) (any, error) {
	apps, err := a.service.Applications(r.Context())
	return Server{
		Version: a.Version, PID: os.Getpid(), StartedAt: a.StartedAt, Now: a.service.Clock().Now(), Database: a.Database,
		Applications: each(apps, applicationOf), PhonePage: a.PhonePage, Upstream: a.Upstream,
	}, err
}

func (a *API) users(r *http.Request) (any, error) {
	q := wire.ReadQuery(r)
	f := onetouch.UserFilter{AppID: q.Get("app"), Limit: q.Count("limit")}
	return list(r.Context(), q, f, a.service.Users, userOf)
}

func (a *API) devices(r *http.Request) (any, error) {
	q := wire.ReadQuery(r)
	f := onetouch.DeviceFilter{AppID: q.Get("app"), AuthyID: int64(q.Count("user")), Limit: q.Count("limit")}
	return list(r.Context(), q, f, a.service.Devices, deviceOf)
}

func (a *API) approvalRequests(r *http.Request) (any, error) {
	q := wire.ReadQuery(r)
	f := onetouch.ApprovalRequestFilter{
		AppID: q.Get("app"), AuthyID: int64(q.Count("user")), Statuses: q.Statuses("status"),
		Before: q.Get("before"), Limit: q.Count("limit"),
	}
	return list(r.Context(), q, f, a.service.ApprovalRequests, a.requestOf(r.Context()))
}

func (a *API) approvalRequest(r *http.Request) (any, error) {
	request, err := a.service.AnyApprovalRequest(r.Context(), r.PathValue("uuid"))
	return a.requestOf(r.Context())(request), err
}

// list answers a filtered list: never null, so that a script can always iterate.
func list[F, T, W any](
	ctx context.Context, q *wire.Query, filter F, read func(context.Context, F) ([]T, error), translate func(T) W,
) (any, error) {
	if err := q.Err(); err != nil {
		return nil, err
	}
	items, err := read(ctx, filter)
	return each(items, translate), err
}

// requestOf shows requests, with what is to be known of their callbacks.
func (a *API) requestOf(ctx context.Context) func(onetouch.ApprovalRequest) ApprovalRequest {
	return func(r onetouch.ApprovalRequest) ApprovalRequest {
		return requestOf(r, a.service.CallbackFormOf(ctx, r.AppID))
	}
}

func each[T, W any](items []T, translate func(T) W) []W {
	translated := make([]W, len(items))
	for i, item := range items {
		translated[i] = translate(item)
	}
	return translated
}
