package onetouch

import (
	"context"
	"net/url"
	"time"
)

// Application is what a backend is known as: its API key, its users, its callback. Nothing of one application is visible
// to another.
type Application struct {
	ID           string // 24 hexadecimal digits; app_id of approval requests
	SerialID     int64  // small number; app_id of app/details and _app_serial_id of approval requests
	CustomerUUID int64  // the account that owns it; a number since the callbacks of 2017
	Name         string
	APIKey       string // authenticates the backend, and keys the signature of callbacks
	Callback     CallbackTarget
	PushSender   PushSender
	// RequireDevice refuses approval requests for a user without a device (60050). The real service accepted them
	// and waited, so it is off by default.
	RequireDevice bool
	CreatedAt     time.Time
}

// CallbackTarget is where answers are reported: one URL for each application.
type CallbackTarget struct {
	URL    string // empty: no callbacks, the backend polls
	Method string // "POST" (JSON body) or "GET" (query string)
}

// PushSender says who pushes the UUID of a new approval request to the devices.
type PushSender string

// The two ways of the story.
const (
	PushByAuthy   PushSender = "authy"
	PushByBackend PushSender = "backend"
)

// ApplicationSettings are the parts of an application that its owner chooses. Empty fields leave what is stored.
type ApplicationSettings struct {
	Name           string
	APIKey         string
	CallbackURL    *string // points to "" to switch callbacks off
	CallbackMethod string
	PushSender     PushSender
	RequireDevice  *bool
}

const (
	defaultApplicationName = "OneTouch"
	maxApplicationName     = 30 // Source: vendor documentation of app/details.
	maxAPIKey              = 200
	maxURL                 = 2000
)

func (a *Application) apply(s ApplicationSettings) error {
	if s.Name != "" {
		a.Name = s.Name
	}
	if s.APIKey != "" {
		a.APIKey = s.APIKey
	}
	if s.CallbackURL != nil {
		a.Callback.URL = *s.CallbackURL
	}
	if s.CallbackMethod != "" {
		a.Callback.Method = s.CallbackMethod
	}
	if s.PushSender != "" {
		a.PushSender = s.PushSender
	}
	if s.RequireDevice != nil {
		a.RequireDevice = *s.RequireDevice
	}
	return a.validate()
}

func (a *Application) validate() error {
	if err := validText("name", a.Name, 1, maxApplicationName); err != nil {
		return err
	}
	if err := validText("api_key", a.APIKey, 1, maxAPIKey); err != nil {
		return err
	}
	if a.Callback.URL != "" {
		if err := validHTTPURL("callback_url", a.Callback.URL); err != nil {
			return err
		}
	}
	if a.Callback.Method != "POST" && a.Callback.Method != "GET" {
		return invalidParameter("callback_method", "must be POST or GET")
	}
	if a.PushSender != PushByAuthy && a.PushSender != PushByBackend {
		return invalidParameter("push", "must be authy or backend")
	}
	return nil
}

// validHTTPURL accepts absolute http and https URLs.
func validHTTPURL(name, text string) error {
	if len(text) > maxURL {
		return invalidParameter(name, "is longer than 2000 characters")
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return invalidParameter(name, "must be an absolute http or https URL, such as http://127.0.0.1:3000/callback")
	}
	return nil
}

// EnsureApplication returns the first application with the given settings applied, and creates it when the store is empty.
func (s *Service) EnsureApplication(ctx context.Context, settings ApplicationSettings) (Application, error) {
	var app Application
	err := s.change(ctx, func(c *change) error {
		apps, err := c.Applications()
		if err != nil {
			return err
		}
		if len(apps) > 0 {
			app = apps[0]
			return c.updateApplication(&app, settings)
		}
		app = s.newApplication(c.now)
		if err := app.apply(settings); err != nil {
			return err
		}
		return c.InsertApplication(&app)
	})
	return app, err
}

func (s *Service) newApplication(now time.Time) Application {
	return Application{
		ID: s.objectID(), CustomerUUID: 1, Name: defaultApplicationName, APIKey: s.apiKey(),
		Callback: CallbackTarget{Method: "POST"}, PushSender: PushByAuthy, CreatedAt: now,
	}
}

func (c *change) updateApplication(app *Application, settings ApplicationSettings) error {
	before := *app
	if err := app.apply(settings); err != nil {
		return err
	}
	if *app == before {
		return nil
	}
	if err := c.UpdateApplication(*app); err != nil {
		return err
	}
	return c.happened(Event{Type: EventApplicationChanged, AppID: app.ID})
}

// Applications lists all applications, oldest first.
func (s *Service) Applications(ctx context.Context) ([]Application, error) {
	return view(ctx, s, Reader.Applications)
}

// AuthenticateApplication returns the application that owns the API key.
func (s *Service) AuthenticateApplication(ctx context.Context, apiKey string) (Application, error) {
	invalid := refuse(CodeAPIKeyInvalid, "Invalid API key")
	if apiKey == "" || len(apiKey) > maxAPIKey {
		return Application{}, invalid
	}
	app, err := remembered(ctx, s, keyApplicationByAPIKey(digestOf(apiKey)), func(r Reader) (Application, error) {
		return r.ApplicationByKey(apiKey)
	})
	return app, orRefuse(err, invalid)
}
