package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

type userCreateOptions struct {
	tools

	email       string
	phone       string
	countryCode string
}

// NewCmdUserCreate returns the command that adds a user.
func NewCmdUserCreate(f *Factory) *cobra.Command {
	o := &userCreateOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "create --email E --phone P",
		Short: "Add a user, as a backend does with users/new",
		Long: "Add a user, as a backend does with users/new. The same phone number is the same user: it gives the\n" +
			"same Authy ID again.",
		Example: "U=$(onetouch user create --email ada@example.com --phone 202-555-0158 -q)",
		Args:    noArguments,
		RunE:    runOn(o, userCreateRun),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.email, "email", "", "e-mail `ADDRESS` of the user")
	flags.StringVar(&o.phone, "phone", "", "`NUMBER` of the user's phone, without the country code")
	flags.StringVar(&o.countryCode, "country-code", "1", "`CODE` of the country of the phone number")
	o.answer = addAnswerFlags(cmd, controlapi.User{}, "the Authy ID")
	return cmd
}

// check names the flags, where the service would name its own parameters.
func (o *userCreateOptions) check() error {
	if o.email == "" || o.phone == "" {
		return usageError("a user needs --email and --phone")
	}
	if strings.HasPrefix(strings.TrimSpace(o.phone), "+") {
		return usageError("--phone %q has a country code, which belongs into --country-code: "+
			"+44 1632 960801 is --country-code 44 --phone 1632960801", o.phone)
	}
	return nil
}

func userCreateRun(ctx context.Context, o *userCreateOptions, c *Connection) error {
	id, err := c.Backend.CreateUser(ctx, authy.NewUser{
		Email: o.email, Cellphone: o.phone, CountryCode: o.countryCode,
	})
	if err != nil {
		return userNotValid(err, o)
	}
	user, err := c.user(ctx, id)
	if err != nil {
		return err
	}
	if given := strings.TrimSpace(o.email); !strings.EqualFold(given, user.Email) {
		say(o.streams, "User %d has this phone already, and keeps the e-mail address %s.", id, output.Sanitise(user.Email))
	}
	return o.show(ctx, shown{
		data: user, ids: []string{idText(id)},
		people: sentence("User %d is %s, %s.", id, output.Sanitise(user.Email), phoneOf(user)),
		hint:   fmt.Sprintf("Next, give the user a phone: onetouch device register --user %d", id),
	})
}

// userNotValid says which flags were wrong; the service names its own parameters.
func userNotValid(err error, o *userCreateOptions) error {
	var refusal *authy.Error
	if !errors.Is(err, authy.ErrUserNotValid) || !errors.As(err, &refusal) {
		return err
	}
	wrong := ""
	for _, field := range []struct{ name, flag, value, example string }{
		{"email", "--email", o.email, "ada@example.com"},
		{"country_code", "--country-code", o.countryCode, "1, 44"},
		{"cellphone", "--phone", o.phone, "202-555-0158"},
	} {
		if refusal.Fields[field.name] == "" {
			continue
		}
		if wrong != "" {
			wrong += "; "
		}
		wrong += fmt.Sprintf("%s %q %s (such as %s)", field.flag, field.value, refusal.Fields[field.name], field.example)
	}
	if wrong == "" {
		return err
	}
	return failedWith(ExitFailed, "the user was not added: %s", wrong)
}
