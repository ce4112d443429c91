package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// NewCmdApp returns the commands about applications.
func NewCmdApp(f *Factory) *cobra.Command {
	group := newGroup("app", "Create, list and change applications: each has its own keys, users and callback",
		NewCmdAppCreate(f, nil), NewCmdAppList(f, nil), NewCmdAppShow(f, nil), NewCmdAppUpdate(f, nil))
	group.Long = "Create, list and change applications. Each has its own keys, users, devices, requests and callback, and sees\n" +
		"nothing of another. Commands speak for the first one, or for that of --app or ONETOUCH_APP."
	return group
}

const anApp = "the ID or name of the application"

// app returns the application of an ID, serial ID or name.
func (c *Connection) app(ctx context.Context, called string) (controlapi.Application, error) {
	app, err := c.Control.Application(ctx, called)
	if errors.Is(err, &onetouch.Error{Code: onetouch.CodeApplicationNotFound}) {
		return app, unknownApp(called)
	}
	return app, err
}

func unknownApp(called string) error {
	return failedWith(ExitNotFound, "there is no application %q: 'onetouch app list' shows those there are", called)
}

// fieldsWithoutKeys are the fields of an application where its keys have no business.
func fieldsWithoutKeys() []string {
	return slices.DeleteFunc(output.FieldsOf(controlapi.Application{}), func(field string) bool {
		return strings.HasSuffix(field, "_key")
	})
}

func recordOfApp(s *output.Streams, app controlapi.Application) *output.Record {
	record := &output.Record{}
	record.Add("ID", app.ID)
	record.Add("Serial ID", idText(app.SerialID))
	record.Add("Name", app.Name)
	record.Add("Created", moment(s, app.CreatedAt))
	record.Add("API key", app.APIKey)
	record.Add("Second API key", app.AlternativeAPIKey)
	record.Add("Access key", app.AccessKey)
	record.Add("Signing key", app.SigningKey)
	record.Add("Callbacks", callbackText(app.CallbackMethod, app.CallbackURL))
	record.Add("Pushes", "sent by "+app.Push)
	record.Add("Token digits", fmt.Sprint(app.TokenDigits))
	for _, one := range []struct {
		name string
		on   bool
	}{
		{"Texts", app.SMSEnabled},
		{"Calls", app.CallsEnabled},
		{"Custom codes", app.CustomCodesEnabled},
		{"Unconfirmed users are valid", app.VerifyUnconfirmed},
		{"Strict phone numbers", app.StrictPhoneNumbers},
		{"Requests need a device", app.RequireDevice},
		{"Sandbox", app.Sandbox},
		{"Unknown requests are pending", app.UnknownRequestsPending},
		{"Suspended", app.Suspended},
	} {
		record.Add(one.name, onOff(one.on))
	}
	addLimits(record, app)
	return record
}

func addLimits(record *output.Record, app controlapi.Application) {
	for _, limit := range []struct {
		name  string
		value int
	}{
		{"Codes to a user per hour", app.TokensPerHour},
		{"Wrong codes of a user per hour", app.FailuresPerHour},
		{"API calls per minute", app.APICallsPerMinute},
		{"Texts per day", app.SMSPerDay},
		{"Texts per month", app.SMSPerMonth},
		{"Calls per day", app.CallsPerDay},
		{"Calls per month", app.CallsPerMonth},
	} {
		text := "no limit"
		if limit.value > 0 {
			text = fmt.Sprint(limit.value)
		}
		record.Add(limit.name, text)
	}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
