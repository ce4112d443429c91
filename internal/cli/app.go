package cli

import (
	"context"
	"errors"
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
		NewCmdAppCreate(f), NewCmdAppList(f), NewCmdAppShow(f), NewCmdAppUpdate(f))
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
	for _, one := range settingsOfApp() {
		if one.title != "" {
			record.Add(one.title, one.text(app))
		}
	}
	return record
}
