package onetouch

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Application is what a backend is known as: its API key, its users, its callback. Nothing of one application is visible
// to another.
type Application struct {
	ID           string // 24 hexadecimal digits; app_id of approval requests
	SerialID     int64  // small number; app_id of app/details and _app_serial_id of approval requests
	CustomerUUID int64  // the account that owns it; a number since the callbacks of 2017
	Name         string
	APIKey       string // authenticates the backend, and keys the signature of callbacks
	// AlternativeAPIKey authenticates too, if it is not empty. The old sandbox was published with two keys.
	AlternativeAPIKey string
	AccessKey         string // with APIKey, authenticates who manages webhooks
	SigningKey        string // "API signing key": keys the signatures of those who manage webhooks
	Callback          CallbackTarget
	PushSender        PushSender
	// RequireDevice refuses approval requests for a user without a device (60050). The real service accepted them
	// and waited, so it is off by default.
	RequireDevice bool
	Switches
	Limits
	Verify    VerifySettings
	CreatedAt time.Time
	UpdatedAt time.Time // of its settings
	RemovedAt time.Time // zero while it is there
}

// CallbackTarget is where answers are reported: one URL for each application.
type CallbackTarget struct {
	URL    string // empty: no callbacks, the backend polls
	Method string // one of [CallbackMethods]
}

// The methods of a callback.
const (
	MethodPost = "POST" // JSON body
	MethodGet  = "GET"  // query string
)

// CallbackMethods lists the methods of a callback, the default first.
func CallbackMethods() []string { return []string{MethodPost, MethodGet} }

// PushSender says who pushes the UUID of a new approval request to the devices.
type PushSender string

// The two ways of the story.
const (
	PushByAuthy   PushSender = "authy"
	PushByBackend PushSender = "backend"
)

// PushSenders lists who may push, the default first.
func PushSenders() []PushSender { return []PushSender{PushByAuthy, PushByBackend} }

const (
	firstCustomer          = 1 // the one account of a server
	defaultApplicationName = "OneTouch"
	maxApplicationName     = 30 // Source: vendor documentation of app/details.
	maxKey                 = 200
	maxURL                 = 2000
)

// validHTTPURL accepts absolute http and https URLs, and names an example to who has given something else.
func validHTTPURL(name, text, example string) error {
	if len(text) > maxURL {
		return InvalidParameter(name, "is longer than 2000 characters")
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return InvalidParameter(name, "must be an absolute http or https URL, such as "+example)
	}
	if strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }) {
		return InvalidParameter(name, "has a host that is not ASCII, as HTTP needs it: write its xn-- form, "+
			"such as https://xn--bcher-kva.example/ for https://bücher.example/")
	}
	return validPort(name, u.Port())
}

// validPort accepts the port of a URL, which is digits; none is that of the scheme.
func validPort(name, port string) error {
	const bits = 16
	if number, err := strconv.ParseUint(port, 10, bits); port != "" && (err != nil || number == 0) {
		return InvalidParameter(name, "has port "+port+": must be from 1 to 65535")
	}
	return nil
}

// EnsureApplication returns the first application with the given settings applied, and creates it when the store is empty.
func (s *Service) EnsureApplication(ctx context.Context, settings ApplicationSettings) (Application, error) {
	var app Application
	err := s.change(ctx, func(c *change) error {
		if err := s.ensureAccount(c); err != nil {
			return err
		}
		apps, err := c.Applications()
		switch {
		case err != nil:
			return err
		case len(apps) == 0:
			app, err = s.createApplication(c, settings)
			return err
		default:
			app = apps[0]
			return s.updateApplication(c, &app, settings)
		}
	})
	return app, err
}

// CreateApplication makes a further application, with keys of its own unless the settings name some.
func (s *Service) CreateApplication(ctx context.Context, settings ApplicationSettings) (Application, error) {
	var app Application
	err := s.change(ctx, func(c *change) (err error) {
		if app, err = s.createApplication(c, settings); err != nil {
			return err
		}
		return c.happened(Event{Type: EventApplicationCreated, AppID: app.ID, Note: app.Name})
	})
	return app, err
}

func (s *Service) createApplication(c *change, settings ApplicationSettings) (Application, error) {
	app := s.newApplication(c.now)
	if err := app.apply(settings); err != nil {
		return Application{}, err
	}
	if err := c.unlikeOthers(app); err != nil {
		return Application{}, err
	}
	if err := c.InsertApplication(&app); err != nil {
		return Application{}, err
	}
	return app, s.furnishSandbox(c, app)
}

func (s *Service) newApplication(now time.Time) Application {
	return Application{
		ID: s.objectID(), CustomerUUID: firstCustomer, Name: defaultApplicationName, APIKey: s.apiKey(), AccessKey: s.apiKey(),
		SigningKey: s.apiKey(), Callback: CallbackTarget{Method: MethodPost}, PushSender: PushByAuthy,
		Switches: defaultSwitches(), Limits: defaultLimits(), CreatedAt: now, UpdatedAt: now,
	}
}

// UpdateApplication changes the application that the operator calls by its ID, serial ID or name.
func (s *Service) UpdateApplication(ctx context.Context, called string, settings ApplicationSettings) (Application, error) {
	var app Application
	err := s.change(ctx, func(c *change) (err error) {
		if app, err = applicationCalled(c, called); err != nil {
			return err
		}
		return s.updateApplication(c, &app, settings)
	})
	return app, err
}

func (s *Service) updateApplication(c *change, app *Application, settings ApplicationSettings) error {
	before := *app
	if err := app.apply(settings); err != nil {
		return err
	}
	if err := s.furnishSandbox(c, *app); err != nil || *app == before {
		return err
	}
	if err := c.unlikeOthers(*app); err != nil {
		return err
	}
	app.UpdatedAt = c.now
	if err := c.UpdateApplication(*app); err != nil {
		return err
	}
	return c.happened(Event{Type: EventApplicationChanged, AppID: app.ID})
}

// unlikeOthers refuses what would make two applications one to those who name them.
func (c *change) unlikeOthers(app Application) error {
	apps, err := c.Applications()
	if err != nil {
		return err
	}
	for _, other := range apps {
		switch {
		case other.ID == app.ID:
		case other.Name == app.Name:
			return InvalidParameter("name", "is that of another application")
		case other.hasKey(app.APIKey):
			return InvalidParameter("api_key", "is that of another application")
		case app.AlternativeAPIKey != "" && other.hasKey(app.AlternativeAPIKey):
			return InvalidParameter("alternative_api_key", "is that of another application")
		}
	}
	return nil
}

func applicationNotFound(name string) *Error {
	return refuse(CodeApplicationNotFound, "Application not found: %s", name)
}

// Applications lists all applications, oldest first.
func (s *Service) Applications(ctx context.Context) ([]Application, error) {
	return view(ctx, s, Reader.Applications)
}

// Application returns the application that the operator calls by its ID, serial ID or name.
func (s *Service) Application(ctx context.Context, called string) (Application, error) {
	return view(ctx, s, func(r Reader) (Application, error) { return applicationCalled(r, called) })
}

func applicationCalled(r Reader, called string) (Application, error) {
	apps, err := r.Applications()
	if err != nil {
		return Application{}, err
	}
	for _, app := range apps {
		if called == app.ID || called == app.Name || called == strconv.FormatInt(app.SerialID, 10) {
			return app, nil
		}
	}
	return Application{}, applicationNotFound(called)
}
