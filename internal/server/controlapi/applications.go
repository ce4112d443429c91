package controlapi

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Application is an application with its keys. For what each setting means, see [onetouch.Application].
type Application struct {
	ID                string `json:"id"`
	SerialID          int64  `json:"serial_id"`
	Name              string `json:"name"`
	APIKey            string `json:"api_key"`
	AlternativeAPIKey string `json:"alternative_api_key"`
	AccessKey         string `json:"access_key"`
	SigningKey        string `json:"signing_key"`
	CallbackURL       string `json:"callback_url"`
	CallbackMethod    string `json:"callback_method"`
	Push              string `json:"push"`
	RequireDevice     bool   `json:"require_device"`
	onetouch.Switches
	onetouch.Limits
	CreatedAt time.Time `json:"created_at"`
}

func applicationOf(a onetouch.Application) Application {
	return Application{
		ID: a.ID, SerialID: a.SerialID, Name: a.Name, APIKey: a.APIKey, AlternativeAPIKey: a.AlternativeAPIKey,
		AccessKey: a.AccessKey, SigningKey: a.SigningKey, CallbackURL: a.Callback.URL, CallbackMethod: a.Callback.Method,
		Push: string(a.PushSender), RequireDevice: a.RequireDevice, Switches: a.Switches, Limits: a.Limits,
		CreatedAt: a.CreatedAt,
	}
}

func (a *API) application(r *http.Request) (any, error) {
	app, err := a.service.Application(r.Context(), r.PathValue("called"))
	return applicationOf(app), err
}

func (a *API) createApplication(r *http.Request) (any, error) {
	n, err := body[onetouch.ApplicationSettings](r)
	if err != nil {
		return nil, err
	}
	app, err := a.service.CreateApplication(r.Context(), n)
	return applicationOf(app), err
}

func (a *API) updateApplication(r *http.Request) (any, error) {
	n, err := body[onetouch.ApplicationSettings](r)
	if err != nil {
		return nil, err
	}
	app, err := a.service.UpdateApplication(r.Context(), r.PathValue("called"), n)
	return applicationOf(app), err
}

// Application returns the application of that ID, serial ID or name.
func (c *Client) Application(ctx context.Context, called string) (Application, error) {
	return read[Application](ctx, c, "/applications/"+url.PathEscape(called), nil)
}

// CreateApplication makes a further application.
func (c *Client) CreateApplication(ctx context.Context, s onetouch.ApplicationSettings) (Application, error) {
	return write[Application](ctx, c, http.MethodPost, "/applications", s)
}

// UpdateApplication changes the application of that ID, serial ID or name.
func (c *Client) UpdateApplication(
	ctx context.Context, called string, s onetouch.ApplicationSettings,
) (Application, error) {
	return write[Application](ctx, c, http.MethodPatch, "/applications/"+url.PathEscape(called), s)
}
