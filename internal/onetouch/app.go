package onetouch

import (
	"context"
	"crypto/subtle"
	"fmt"
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
	// TokenDigits is how long one-time passwords are that are sent: 6 to 8.
	TokenDigits int
	// VerifyUnconfirmed takes any one-time password of a user who never confirmed, unless the backend forces the check.
	// The service did so, lest users are locked out before they have the app.
	VerifyUnconfirmed bool
	// StrictPhoneNumbers takes only numbers that the country's numbering plan has. The service looked at digits and length.
	StrictPhoneNumbers bool
	SMSEnabled         bool
	CallsEnabled       bool
	// CustomCodesEnabled lets the backend choose code and text of a phone verification. The service wanted to be asked.
	CustomCodesEnabled bool
	// Sandbox makes the application that of the sandbox which was shut down in 2021; see sandbox.go.
	Sandbox bool
	// UnknownRequestsPending answers the status of an approval request that does not exist with "pending", in a sandbox.
	UnknownRequestsPending bool
	Suspended              bool // refuses every call
	Limits                 Limits
	CreatedAt              time.Time
}

// Plan is the plan that app/details names. Source: recorded answers; "sandbox" is unconfirmed.
func (a Application) Plan() string {
	if a.Sandbox {
		return "sandbox"
	}
	return "pay_as_you_go"
}

// AccountSID is the account in the answers about webhooks: "AC" and 32 hexadecimal digits. The same account has the same.
func (a Application) AccountSID() string { return fmt.Sprintf("AC%032x", a.CustomerUUID) }

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

// ApplicationSettings are the parts of an application that its owner chooses. Empty fields leave what is stored. For what
// each means, see [Application].
type ApplicationSettings struct {
	Name                   string
	APIKey                 string
	AlternativeAPIKey      *string // points to "" to have none
	AccessKey              string
	SigningKey             string
	CallbackURL            *string // points to "" to switch callbacks off
	CallbackMethod         string
	PushSender             PushSender
	RequireDevice          *bool
	TokenDigits            int
	VerifyUnconfirmed      *bool
	StrictPhoneNumbers     *bool
	SMSEnabled             *bool
	CallsEnabled           *bool
	CustomCodesEnabled     *bool
	Sandbox                *bool
	UnknownRequestsPending *bool
	Suspended              *bool
	Limits                 LimitSettings
}

const (
	defaultApplicationName = "OneTouch"
	maxApplicationName     = 30 // Source: vendor documentation of app/details.
	maxKey                 = 200
	maxURL                 = 2000
	defaultTokenDigits     = 7 // Source: recorded tokens.
	minTokenDigits         = 6
	maxTokenDigits         = 8
)

func (a *Application) apply(s ApplicationSettings) error {
	if err := s.validateNew(); err != nil {
		return err
	}
	setNonZero(&a.Name, s.Name)
	setNonZero(&a.APIKey, s.APIKey)
	setNonZero(&a.AccessKey, s.AccessKey)
	setNonZero(&a.SigningKey, s.SigningKey)
	setNonZero(&a.Callback.Method, s.CallbackMethod)
	setNonZero(&a.PushSender, s.PushSender)
	setNonZero(&a.TokenDigits, s.TokenDigits)
	set(&a.AlternativeAPIKey, s.AlternativeAPIKey)
	set(&a.Callback.URL, s.CallbackURL)
	set(&a.RequireDevice, s.RequireDevice)
	set(&a.VerifyUnconfirmed, s.VerifyUnconfirmed)
	set(&a.StrictPhoneNumbers, s.StrictPhoneNumbers)
	set(&a.SMSEnabled, s.SMSEnabled)
	set(&a.CallsEnabled, s.CallsEnabled)
	set(&a.CustomCodesEnabled, s.CustomCodesEnabled)
	set(&a.Sandbox, s.Sandbox)
	set(&a.UnknownRequestsPending, s.UnknownRequestsPending)
	set(&a.Suspended, s.Suspended)
	a.Limits.apply(s.Limits)
	return a.validate()
}

// setNonZero sets a field to a value that is not empty.
func setNonZero[T comparable](field *T, value T) {
	var none T
	if value != none {
		*field = value
	}
}

// set sets a field to a value that is given.
func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// validateNew refuses API keys that cannot be sent in a header as they are, or that nobody can tell from another on a
// screen, and names that answers cannot repeat. What is stored already stays.
func (s ApplicationSettings) validateNew() error {
	keys := []struct{ name, value string }{{"api_key", s.APIKey}}
	if s.AlternativeAPIKey != nil {
		keys = append(keys, struct{ name, value string }{"alternative_api_key", *s.AlternativeAPIKey})
	}
	for _, key := range keys {
		if strings.ContainsFunc(key.value, func(char rune) bool { return unicode.IsSpace(char) || !unicode.IsPrint(char) }) {
			return invalidParameter(key.name, "must not have white space or control characters")
		}
	}
	return validLine("name", s.Name, 0, maxApplicationName)
}

func (a *Application) validate() error {
	for _, text := range []struct {
		name, value string
		least, most int
	}{
		{"name", a.Name, 1, maxApplicationName},
		{"api_key", a.APIKey, 1, maxKey},
		{"alternative_api_key", a.AlternativeAPIKey, 0, maxKey},
		{"access_key", a.AccessKey, 1, maxKey},
		{"signing_key", a.SigningKey, 1, maxKey},
	} {
		if err := validText(text.name, text.value, text.least, text.most); err != nil {
			return err
		}
	}
	if a.Callback.URL != "" {
		if err := validHTTPURL("callback_url", a.Callback.URL, "http://127.0.0.1:3000/callback"); err != nil {
			return err
		}
	}
	return a.validateChoices()
}

func (a *Application) validateChoices() error {
	if a.Callback.Method != "POST" && a.Callback.Method != "GET" {
		return invalidParameter("callback_method", "must be POST or GET")
	}
	if a.PushSender != PushByAuthy && a.PushSender != PushByBackend {
		return invalidParameter("push", "must be authy or backend")
	}
	if a.TokenDigits < minTokenDigits || a.TokenDigits > maxTokenDigits {
		return invalidParameter("token_digits", "must be from 6 to 8")
	}
	return a.Limits.validate()
}

// validHTTPURL accepts absolute http and https URLs, and names an example to who has given something else.
func validHTTPURL(name, text, example string) error {
	if len(text) > maxURL {
		return invalidParameter(name, "is longer than 2000 characters")
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return invalidParameter(name, "must be an absolute http or https URL, such as "+example)
	}
	return nil
}

// EnsureApplication returns the first application with the given settings applied, and creates it when the store is empty.
func (s *Service) EnsureApplication(ctx context.Context, settings ApplicationSettings) (Application, error) {
	var app Application
	err := s.change(ctx, func(c *change) error {
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
		ID: s.objectID(), CustomerUUID: 1, Name: defaultApplicationName, APIKey: s.apiKey(), AccessKey: s.apiKey(),
		SigningKey: s.apiKey(), Callback: CallbackTarget{Method: "POST"}, PushSender: PushByAuthy,
		TokenDigits: defaultTokenDigits, VerifyUnconfirmed: true, SMSEnabled: true, CallsEnabled: true,
		Limits: defaultLimits(), CreatedAt: now,
	}
}

// UpdateApplication changes an application.
func (s *Service) UpdateApplication(ctx context.Context, id string, settings ApplicationSettings) (Application, error) {
	var app Application
	err := s.change(ctx, func(c *change) (err error) {
		if app, err = c.Application(id); err != nil {
			return orRefuse(err, applicationNotFound(id))
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
			return invalidParameter("name", "is that of another application")
		case other.hasKey(app.APIKey):
			return invalidParameter("api_key", "is that of another application")
		case app.AlternativeAPIKey != "" && other.hasKey(app.AlternativeAPIKey):
			return invalidParameter("alternative_api_key", "is that of another application")
		}
	}
	return nil
}

// hasKey compares in a time that tells nothing about the keys.
func (a Application) hasKey(key string) bool {
	first := subtle.ConstantTimeCompare([]byte(a.APIKey), []byte(key))
	second := subtle.ConstantTimeCompare([]byte(a.AlternativeAPIKey), []byte(key))
	return first|second == 1
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
	apps, err := s.Applications(ctx)
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

// AuthenticateApplication returns the application that owns the API key. A suspended one is refused.
func (s *Service) AuthenticateApplication(ctx context.Context, apiKey string) (Application, error) {
	return s.authenticateApplication(ctx, apiKey, refuse(CodeAPIKeyInvalid, "Invalid API key"))
}

func (s *Service) authenticateApplication(ctx context.Context, apiKey string, invalid *Error) (Application, error) {
	if apiKey == "" || len(apiKey) > maxKey {
		return Application{}, invalid
	}
	app, err := remembered(ctx, s, keyApplicationByAPIKey(digestOf(apiKey)), func(r Reader) (Application, error) {
		return r.ApplicationByKey(apiKey)
	})
	switch {
	case err != nil:
		return Application{}, orRefuse(err, invalid)
	case !app.hasKey(apiKey): // what a database takes for equal need not be
		return Application{}, invalid
	case app.Suspended:
		return Application{}, refuse(CodeApplicationSuspended, "Application has been suspended.")
	default:
		return app, nil
	}
}

// AuthenticateManager returns the application whose webhooks a backend manages with its access key. The signature of
// such a call is keyed by [Application.SigningKey] and checked by the adapter, which alone knows what was sent.
func (s *Service) AuthenticateManager(ctx context.Context, apiKey, accessKey string) (Application, error) {
	invalid := refuse(CodeApplicationKeyInvalid, "Application API key is invalid")
	app, err := s.authenticateApplication(ctx, apiKey, invalid)
	switch {
	case err != nil:
		return Application{}, err
	case accessKey == "":
		return Application{}, refuse(CodeAccessKeyMissing, "Access key not found")
	case subtle.ConstantTimeCompare([]byte(app.AccessKey), []byte(accessKey)) != 1:
		return Application{}, refuse(CodeAccessKeyInvalid, "Access key is invalid")
	default:
		return app, nil
	}
}
