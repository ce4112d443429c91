package cli

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

// noArguments refuses arguments in one line.
func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError("unexpected argument %q", args[0])
	}
	return nil
}

// takeUUID makes the one argument of a command the UUID of an approval request.
func takeUUID(uuid *string) cobra.PositionalArgs {
	return takeText(uuid, "the UUID of the approval request")
}

// takeText makes the one argument of a command a text.
func takeText(text *string, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageError("%s is missing", what)
		}
		*text = strings.TrimSpace(args[0])
		if *text == "" {
			return usageError("%s is empty", what)
		}
		return noArguments(nil, args[1:])
	}
}

// takeOptionalText is takeText for an argument that may be left out.
func takeOptionalText(text *string, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return takeText(text, what)(cmd, args)
	}
}

// takeID makes the one argument of a command a number that the service has given.
func takeID(id *int64, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) (err error) {
		if len(args) == 0 {
			return usageError("%s is missing", what)
		}
		if *id, err = parseID(args[0], what); err != nil {
			return err
		}
		return noArguments(nil, args[1:])
	}
}

// takeOptionalID is takeID for an argument that may be left out.
func takeOptionalID(id *int64, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return takeID(id, what)(cmd, args)
	}
}

// Words for the numbers that users type.
const (
	anAuthyID  = "the Authy ID of the user"
	aDeviceID  = "the ID of the device"
	valueOfID  = "ID"
	valueOfAny = "ID|all"
)

func parseID(text, what string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id <= 0 {
		return 0, usageError("%q is not %s: that is a number, such as 1000", text, what)
	}
	return id, nil
}

// parameterFlags say which flag of a command a parameter of the service is, without the hyphens before it: those that have
// not the parameter's name. What of the flag's value is meant may follow.
type parameterFlags map[string]string

// orWrongFlag words the service's refusal of a parameter: the flag with its name is wrong, or the argument. Other errors it
// leaves alone.
func orWrongFlag(err error, arguments ...string) error {
	return parameterFlags{}.orWrong(err, arguments...)
}

// orWrong is orWrongFlag for a command with flags of other names.
func (f parameterFlags) orWrong(err error, arguments ...string) error {
	name, reason, refused := wrongParameter(err)
	switch {
	case !refused:
		return err
	case name == "":
		return usageError("%w", err)
	case slices.Contains(arguments, name):
		return usageError("%s %s", strings.ToUpper(name), reason)
	default:
		return usageError("--%s %s", f.flagOf(name), reason)
	}
}

// wrongParameter tells which parameter was refused, by whichever API, and why; the name is empty when that is not told.
func wrongParameter(err error) (name, reason string, refused bool) {
	var byService *onetouch.Error
	var byBackend *authy.Error
	var byDevice *device.Error
	var byVerify *verify.Error
	switch {
	case errors.Is(err, &onetouch.Error{Code: onetouch.CodeInvalidParameter}) && errors.As(err, &byService):
		name, reason = byService.Parameter, byService.Reason
	case errors.Is(err, authy.ErrInvalidParameter) && errors.As(err, &byBackend):
		name, reason = byBackend.Parameter, byBackend.Reason
	case errors.As(err, &byDevice) && byDevice.Code == string(onetouch.CodeInvalidParameter):
		name, reason = byDevice.Parameter, byDevice.Reason
	case errors.As(err, &byVerify) && byVerify.Parameter != "":
		name, reason = byVerify.Parameter, byVerify.Reason
	default:
		return "", "", false
	}
	if reason == "Parameter is required" {
		reason = "is empty"
	}
	return name, reason, true
}

// flagOf is the flag behind a parameter, and what of its value is meant: details[City] is detail City.
func (f parameterFlags) flagOf(parameter string) string {
	name, element, _ := strings.Cut(parameter, "[")
	element = strings.TrimSuffix(element, "]")
	_, part, _ := strings.Cut(element, "][")
	if ofAny := name + "[][" + part + "]"; f[ofAny] != "" { // logos[0][url] is that of any logo
		name, element = ofAny, ""
	}
	flag := f[name]
	if flag == "" {
		flag = strings.ReplaceAll(name, "_", "-")
	}
	return strings.TrimSpace(flag + " " + output.Sanitise(element))
}

// idFlag is a flag whose value is such a number.
type idFlag struct {
	id   *int64
	what string
}

// String is empty for no number, so that the help text names no default.
func (f idFlag) String() string {
	if f.id == nil || *f.id == 0 {
		return ""
	}
	return strconv.FormatInt(*f.id, 10)
}

// Type is the placeholder in the help text.
func (f idFlag) Type() string { return valueOfID }

// Set takes the flag's text.
func (f idFlag) Set(text string) (err error) {
	*f.id, err = parseID(text, f.what)
	return err
}
