package output

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/itchyny/gojq"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onetouchkit/onetouch/internal/terminal"
)

// Format is the machine-readable form in which the user wants the answer of a command: the flags --json, --jq and
// --template.
type Format struct {
	known    []string
	chosen   []string
	query    *gojq.Code
	template *template.Template
}

// AddFormatFlags gives cmd the flags --json FIELDS, --jq EXPRESSION and --template TEMPLATE over the given fields, which
// are the keys of the JSON object that stands for one record (see [FieldsOf]).
//
// --json takes a comma-separated list and prints only these fields, in this order. --jq and --template alone imply all
// fields. A wrong field, expression or template is an error of flag parsing, so nothing has been done yet; --json without
// a list is one that names the fields.
func AddFormatFlags(cmd *cobra.Command, fields []string) *Format {
	f := &Format{known: fields}
	flags := cmd.Flags()
	flags.Var(value{kind: "fields", set: f.setFields}, "json", "print JSON with these comma-separated fields: "+
		strings.Join(fields, ","))
	flags.Var(value{kind: "expression", set: f.setQuery}, "jq", "print what this jq expression makes of the JSON")
	flags.Var(value{kind: "template", set: f.setTemplate}, "template", "print the JSON through this Go template")
	cmd.SetFlagErrorFunc(f.explainMissingFields)
	// It fails only for a flag that does not exist or was registered before; both are seen in the first test.
	if err := cmd.RegisterFlagCompletionFunc("json", f.completeFields); err != nil {
		panic(err)
	}
	return f
}

// Requested reports whether the user asked for a machine-readable answer.
func (f *Format) Requested() bool {
	return f.chosen != nil || f.query != nil || f.template != nil
}

// Write writes data, a record or a slice of records, to s.Out: an object or an array. Without --jq and --template that
// is JSON, on one line for a program, indented and coloured on a terminal. Results of --jq stand one on a line, strings
// without quotes.
func (f *Format) Write(ctx context.Context, s *Streams, data any) error {
	fields := f.chosen
	if fields == nil {
		fields = f.known
	}
	selected, err := selectFields(data, fields)
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	switch {
	case f.query != nil:
		return writeQuery(ctx, s, f.query, selected)
	case f.template != nil:
		return writeTemplate(s, f.template, selected)
	}
	return writeJSON(s, selected)
}

func (f *Format) setFields(list string) error {
	chosen := []string{}
	for field := range strings.SplitSeq(list, ",") {
		field = strings.TrimSpace(field)
		if !slices.Contains(f.known, field) {
			return fmt.Errorf("unknown field %q, choose from %s", field, strings.Join(f.known, ", "))
		}
		if !slices.Contains(chosen, field) {
			chosen = append(chosen, field)
		}
	}
	f.chosen = chosen
	return nil
}

func (f *Format) setQuery(expression string) error {
	if f.template != nil {
		return errors.New("it cannot be combined with --template")
	}
	var err error
	f.query, err = compile(expression)
	return err
}

func (f *Format) setTemplate(text string) error {
	if f.query != nil {
		return errors.New("it cannot be combined with --jq")
	}
	parsed, err := parseTemplate(text)
	if err != nil {
		return err
	}
	f.template = parsed
	return nil
}

// explainMissingFields names the fields when --json has no value, then leaves the error to the parent command, as cobra
// would have done.
func (f *Format) explainMissingFields(cmd *cobra.Command, err error) error {
	var missing *pflag.ValueRequiredError
	if errors.As(err, &missing) && missing.GetSpecifiedName() == "json" {
		err = fmt.Errorf("--json needs a comma-separated list of fields, choose from %s", strings.Join(f.known, ", "))
	}
	if cmd.HasParent() {
		return cmd.Parent().FlagErrorFunc()(cmd, err)
	}
	return err
}

// completeFields completes the last field of the list with those not named yet.
func (f *Format) completeFields(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndex(typed, ",")+1]
	named := strings.Split(before, ",")
	var completions []string
	for _, field := range f.known {
		if !slices.Contains(named, field) && strings.HasPrefix(before+field, typed) {
			completions = append(completions, before+field)
		}
	}
	return completions, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
}

// value is a flag whose text is checked when the command line is parsed, before the command does anything.
type value struct {
	kind string
	set  func(string) error
}

func (v value) String() string        { return "" }
func (v value) Type() string          { return v.kind }
func (v value) Set(text string) error { return v.set(text) }

// writeBlock writes text that came out of the user's own expression, ending in a newline.
func writeBlock(s *Streams, text []byte) error {
	if s.Terminal.Out {
		text = []byte(terminal.SanitiseBlock(string(text)))
	}
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(text, '\n')
	}
	if _, err := s.Out.Write(text); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	return nil
}
