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
	ID                     string    `json:"id"`
	SerialID               int64     `json:"serial_id"`
	Name                   string    `json:"name"`
	APIKey                 string    `json:"api_key"`
	AlternativeAPIKey      string    `json:"alternative_api_key"`
	AccessKey              string    `json:"access_key"`
	SigningKey             string    `json:"signing_key"`
	CallbackURL            string    `json:"callback_url"`
	CallbackMethod         string    `json:"callback_method"`
	Push                   string    `json:"push"`
	RequireDevice          bool      `json:"require_device"`
	TokenDigits            int       `json:"token_digits"`
	VerifyUnconfirmed      bool      `json:"verify_unconfirmed"`
	StrictPhoneNumbers     bool      `json:"strict_phone_numbers"`
	SMSEnabled             bool      `json:"sms_enabled"`
	CallsEnabled           bool      `json:"calls_enabled"`
	CustomCodesEnabled     bool      `json:"custom_codes_enabled"`
	Sandbox                bool      `json:"sandbox"`
	UnknownRequestsPending bool      `json:"unknown_requests_pending"`
	Suspended              bool      `json:"suspended"`
	TokensPerHour          int       `json:"tokens_per_hour"` // 0: no limit, as in the next six
	FailuresPerHour        int       `json:"failures_per_hour"`
	APICallsPerMinute      int       `json:"api_calls_per_minute"`
	SMSPerDay              int       `json:"sms_per_day"`
	SMSPerMonth            int       `json:"sms_per_month"`
	CallsPerDay            int       `json:"calls_per_day"`
	CallsPerMonth          int       `json:"calls_per_month"`
	CreatedAt              time.Time `json:"created_at"`
}

func applicationOf(a onetouch.Application) Application {
	return Application{
		ID: a.ID, SerialID: a.SerialID, Name: a.Name, APIKey: a.APIKey, AlternativeAPIKey: a.AlternativeAPIKey,
		AccessKey: a.AccessKey, SigningKey: a.SigningKey, CallbackURL: a.Callback.URL, CallbackMethod: a.Callback.Method,
		Push: string(a.PushSender), RequireDevice: a.RequireDevice, TokenDigits: a.TokenDigits,
		VerifyUnconfirmed: a.VerifyUnconfirmed, StrictPhoneNumbers: a.StrictPhoneNumbers, SMSEnabled: a.SMSEnabled,
		CallsEnabled: a.CallsEnabled, CustomCodesEnabled: a.CustomCodesEnabled, Sandbox: a.Sandbox,
		UnknownRequestsPending: a.UnknownRequestsPending, Suspended: a.Suspended, TokensPerHour: a.Limits.TokensPerHour,
		FailuresPerHour: a.Limits.FailuresPerHour, APICallsPerMinute: a.Limits.APICallsPerMinute,
		SMSPerDay: a.Limits.SMSPerDay, SMSPerMonth: a.Limits.SMSPerMonth, CallsPerDay: a.Limits.CallsPerDay,
		CallsPerMonth: a.Limits.CallsPerMonth, CreatedAt: a.CreatedAt,
	}
}

// ApplicationSettings are what of an application can be chosen. Empty fields leave what is stored; a new application has
// ordinary settings and keys of its own.
type ApplicationSettings struct {
	Name                   string  `json:"name,omitempty"`
	APIKey                 string  `json:"api_key,omitempty"`
	AlternativeAPIKey      *string `json:"alternative_api_key,omitempty"` // "": none
	AccessKey              string  `json:"access_key,omitempty"`
	SigningKey             string  `json:"signing_key,omitempty"`
	CallbackURL            *string `json:"callback_url,omitempty"` // "": none
	CallbackMethod         string  `json:"callback_method,omitempty"`
	Push                   string  `json:"push,omitempty"`
	RequireDevice          *bool   `json:"require_device,omitempty"`
	TokenDigits            int     `json:"token_digits,omitempty"`
	VerifyUnconfirmed      *bool   `json:"verify_unconfirmed,omitempty"`
	StrictPhoneNumbers     *bool   `json:"strict_phone_numbers,omitempty"`
	SMSEnabled             *bool   `json:"sms_enabled,omitempty"`
	CallsEnabled           *bool   `json:"calls_enabled,omitempty"`
	CustomCodesEnabled     *bool   `json:"custom_codes_enabled,omitempty"`
	Sandbox                *bool   `json:"sandbox,omitempty"`
	UnknownRequestsPending *bool   `json:"unknown_requests_pending,omitempty"`
	Suspended              *bool   `json:"suspended,omitempty"`
	TokensPerHour          *int    `json:"tokens_per_hour,omitempty"`
	FailuresPerHour        *int    `json:"failures_per_hour,omitempty"`
	APICallsPerMinute      *int    `json:"api_calls_per_minute,omitempty"`
	SMSPerDay              *int    `json:"sms_per_day,omitempty"`
	SMSPerMonth            *int    `json:"sms_per_month,omitempty"`
	CallsPerDay            *int    `json:"calls_per_day,omitempty"`
	CallsPerMonth          *int    `json:"calls_per_month,omitempty"`
}

func (s ApplicationSettings) settings() onetouch.ApplicationSettings {
	return onetouch.ApplicationSettings{
		Name: s.Name, APIKey: s.APIKey, AlternativeAPIKey: s.AlternativeAPIKey, AccessKey: s.AccessKey,
		SigningKey: s.SigningKey, CallbackURL: s.CallbackURL, CallbackMethod: s.CallbackMethod,
		PushSender: onetouch.PushSender(s.Push), RequireDevice: s.RequireDevice, TokenDigits: s.TokenDigits,
		VerifyUnconfirmed: s.VerifyUnconfirmed, StrictPhoneNumbers: s.StrictPhoneNumbers, SMSEnabled: s.SMSEnabled,
		CallsEnabled: s.CallsEnabled, CustomCodesEnabled: s.CustomCodesEnabled, Sandbox: s.Sandbox,
		UnknownRequestsPending: s.UnknownRequestsPending, Suspended: s.Suspended,
		Limits: onetouch.LimitSettings{
			TokensPerHour: s.TokensPerHour, FailuresPerHour: s.FailuresPerHour, APICallsPerMinute: s.APICallsPerMinute,
			SMSPerDay: s.SMSPerDay, SMSPerMonth: s.SMSPerMonth, CallsPerDay: s.CallsPerDay, CallsPerMonth: s.CallsPerMonth,
		},
	}
}

func (a *API) application(r *http.Request) (any, error) {
	app, err := a.service.Application(r.Context(), r.PathValue("called"))
	return applicationOf(app), err
}

func (a *API) createApplication(r *http.Request) (any, error) {
	n, err := body[ApplicationSettings](r)
	if err != nil {
		return nil, err
	}
	app, err := a.service.CreateApplication(r.Context(), n.settings())
	return applicationOf(app), err
}

func (a *API) updateApplication(r *http.Request) (any, error) {
	n, err := body[ApplicationSettings](r)
	if err != nil {
		return nil, err
	}
	app, err := a.service.Application(r.Context(), r.PathValue("called"))
	if err != nil {
		return nil, err
	}
	app, err = a.service.UpdateApplication(r.Context(), app.ID, n.settings())
	return applicationOf(app), err
}

// Application returns the application of that ID, serial ID or name.
func (c *Client) Application(ctx context.Context, called string) (Application, error) {
	return read[Application](ctx, c, "/applications/"+url.PathEscape(called), nil)
}

// CreateApplication makes a further application.
func (c *Client) CreateApplication(ctx context.Context, s ApplicationSettings) (Application, error) {
	return write[Application](ctx, c, http.MethodPost, "/applications", s)
}

// UpdateApplication changes the application of that ID, serial ID or name.
func (c *Client) UpdateApplication(ctx context.Context, called string, s ApplicationSettings) (Application, error) {
	return write[Application](ctx, c, http.MethodPatch, "/applications/"+url.PathEscape(called), s)
}
