package output_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

type request struct {
	UUID     string            `json:"uuid"`
	Status   string            `json:"status"`
	Message  string            `json:"message"`
	Created  int64             `json:"created"`
	Details  json.RawMessage   `json:"details,omitempty"`
	Callback *callback         `json:"callback"`
	Tags     []string          `json:"tags"`
	Secret   string            `json:"-"`
	Labels   map[string]string `json:"labels"`
}

type callback struct {
	Verified bool `json:"verified"`
	Attempts int  `json:"attempts"`
}

func first() request {
	return request{
		UUID: uuid, Status: "approved", Message: `Pay <b>"ACME" & Söhne</b>?`, Created: 1512923419,
		Details: json.RawMessage(`{"To":"ACME","Amount":"1"}`), Callback: &callback{Verified: true, Attempts: 2},
		Tags: []string{"a", "b"}, Secret: "k",
	}
}

func second() request {
	return request{UUID: "u2", Status: "pending", Message: "\u202e\u009b\x1b[2J\nx\U000E0041"}
}

// run parses the flags as a command does and writes data. The terminal is plain unless set up by adjust.
func run(t *testing.T, data any, adjust func(*output.Streams), args ...string) (string, error) {
	t.Helper()
	s, _, out, _ := output.Test()
	if adjust != nil {
		adjust(s)
	}
	cmd := &cobra.Command{Use: "list", SilenceErrors: true, SilenceUsage: true}
	format := output.AddFormatFlags(cmd, output.FieldsOf(request{}))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !format.Requested() {
			return errors.New("no format was requested")
		}
		return format.Write(cmd.Context(), s, data)
	}
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestFieldsOf(t *testing.T) {
	t.Parallel()
	type embedded struct {
		ID int `json:"id"`
	}
	type record struct {
		embedded
		Name     string `json:"name,omitempty"`
		Untagged bool
		Hidden   string `json:"-"`
		private  string //nolint:unused // it must not be listed
	}
	want := []string{"id", "name", "Untagged"}
	if got := output.FieldsOf(record{}); !slices.Equal(got, want) {
		t.Errorf("FieldsOf = %v, want %v", got, want)
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	const all = `{"uuid":"u2","status":"pending","message":"\u202e\u009b\u001b[2J\nx\udb40\udc41","created":0,` +
		`"details":null,"callback":null,"tags":null,"labels":null}` + "\n"
	for name, test := range map[string]struct {
		data any
		args []string
		want string
	}{
		"fields in the order asked for": {
			first(), []string{"--json", "status,uuid,callback"},
			`{"status":"approved","uuid":"` + uuid + `","callback":{"verified":true,"attempts":2}}` + "\n",
		},
		"blanks and repeats":           {first(), []string{"--json", "status, status"}, `{"status":"approved"}` + "\n"},
		"a pointer":                    {&request{Status: "denied"}, []string{"--json=status"}, `{"status":"denied"}` + "\n"},
		"details keep their order":     {first(), []string{"--json=details"}, `{"details":{"To":"ACME","Amount":"1"}}` + "\n"},
		"no HTML escapes":              {first(), []string{"--json=message"}, `{"message":"Pay <b>\"ACME\" & Söhne</b>?"}` + "\n"},
		"a left-out field is null":     {second(), []string{"--json=details"}, `{"details":null}` + "\n"},
		"a list":                       {[]request{first(), second()}, []string{"--json=status"}, `[{"status":"approved"},{"status":"pending"}]` + "\n"},
		"an empty list":                {[]request{}, []string{"--json=status"}, "[]\n"},
		"no list at all":               {[]request(nil), []string{"--json=status"}, "[]\n"},
		"jq: a string is raw":          {first(), []string{"--jq", ".message"}, `Pay <b>"ACME" & Söhne</b>?` + "\n"},
		"jq: one result a line":        {[]request{first(), second()}, []string{"--jq=.[].status"}, "approved\npending\n"},
		"jq: other values are JSON":    {first(), []string{"--jq=.callback,.created,.labels"}, `{"attempts":2,"verified":true}` + "\n1512923419\nnull\n"},
		"jq: over the chosen fields":   {first(), []string{"--json=status", "--jq=keys"}, `["status"]` + "\n"},
		"jq: no result":                {[]request{}, []string{"--jq=.[]"}, ""},
		"jq: halt":                     {first(), []string{"--jq", ".status, halt, .uuid"}, "approved\n"},
		"jq: a big number stays whole": {request{Created: 9007199254740993}, []string{"--jq=.created"}, "9007199254740993\n"},
		"jq: the identity is all":      {second(), []string{"--jq=."}, sorted(all)},
		"template":                     {first(), []string{"--template", "{{.status}} at {{.created}}"}, "approved at 1512923419\n"},
		"template: its own newline":    {first(), []string{"--template", "{{.status}}\n"}, "approved\n"},
		"template: nothing":            {[]request{}, []string{"--template", "{{range .}}{{.uuid}}{{end}}"}, ""},
		"template: over a list":        {[]request{first(), second()}, []string{"--template", "{{range .}}{{.status}};{{end}}"}, "approved;pending;\n"},
		"template: join and json": {
			first(), []string{"--template", `{{join "+" .tags}} {{json .callback}}`},
			`a+b {"attempts":2,"verified":true}` + "\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := run(t, test.data, nil, test.args...)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// sorted returns a JSON object with sorted keys, the way jq prints it.
func sorted(object string) string {
	var values map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &values); err != nil {
		panic(err)
	}
	text, err := json.Marshal(values)
	if err != nil {
		panic(err)
	}
	return string(text) + "\n"
}

func TestFormatOnATerminal(t *testing.T) {
	t.Parallel()
	terminal := func(s *output.Streams) { s.Terminal.Out = true }
	colour := func(s *output.Streams) { s.Terminal.Out, s.Terminal.OutColour = true, true }
	for name, test := range map[string]struct {
		data   any
		adjust func(*output.Streams)
		args   []string
		want   string
	}{
		"indented": {
			first(), terminal, []string{"--json=status,callback"},
			"{\n  \"status\": \"approved\",\n  \"callback\": {\n    \"verified\": true,\n    \"attempts\": 2\n  }\n}\n",
		},
		"coloured": {
			first(), colour, []string{"--json=status"},
			"{\n  \x1b[34;1m\"status\"\x1b[0m: \x1b[32m\"approved\"\x1b[0m\n}\n",
		},
		"JSON is harmless and the same value": {
			second(), terminal, []string{"--json=message"},
			`{` + "\n" + `  "message": "\u202e\u009b\u001b[2J\nx\udb40\udc41"` + "\n}\n",
		},
		"jq keeps the lines that were asked for": {
			second(), terminal, []string{"--jq=.message"},
			"<U+202E><U+009B>␛[2J\nx<U+E0041>\n",
		},
		"a template keeps its tabs": {
			second(), terminal, []string{"--template", "{{.uuid}}\t{{.message}}"},
			"u2\t<U+202E><U+009B>␛[2J\nx<U+E0041>\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := run(t, test.data, test.adjust, test.args...)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// Off a terminal the answer is exact: a program gets the very characters.
func TestFormatForProgramsIsExact(t *testing.T) {
	t.Parallel()
	got, err := run(t, second(), nil, "--jq=.message")
	if err != nil || got != second().Message+"\n" {
		t.Errorf("got %q, %v", got, err)
	}
	text, err := run(t, second(), nil, "--json=message")
	if err != nil {
		t.Fatal(err)
	}
	var decoded request
	if err := json.Unmarshal([]byte(text), &decoded); err != nil || decoded.Message != second().Message {
		t.Errorf("decoded %+q, %v", decoded.Message, err)
	}
}

func TestFormatErrors(t *testing.T) {
	t.Parallel()
	const fields = "uuid, status, message, created, details, callback, tags, labels"
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"unknown field":         {[]string{"--json", "status,colour"}, `unknown field "colour", choose from ` + fields},
		"empty field":           {[]string{"--json", "status,"}, `unknown field "", choose from ` + fields},
		"no fields":             {[]string{"--json"}, "--json needs a comma-separated list of fields, choose from " + fields},
		"a flag for a field":    {[]string{"--json", "--jq"}, `unknown field "--jq", choose from ` + fields},
		"the secret is none":    {[]string{"--json", "Secret"}, `unknown field "Secret"`},
		"jq that does not read": {[]string{"--jq", ".["}, `"--jq" flag: unexpected EOF`},
		"jq, unknown function":  {[]string{"--jq", "nosuch"}, "function not defined: nosuch/0"},
		"jq without a value":    {[]string{"--jq"}, "flag needs an argument: --jq"},
		"jq on the wrong value": {[]string{"--jq", ".status[]"}, `running --jq: cannot iterate over: string ("approved")`},
		"jq's own error":        {[]string{"--jq", `error("two\nlines")`}, `two`},
		"template not closed":   {[]string{"--template", "{{"}, `line:1: unclosed action`},
		"template, no function": {[]string{"--template", "{{nosuch}}"}, `function "nosuch" not defined`},
		"template, no field":    {[]string{"--template", "a\n{{.colour}}"}, "running --template: line:2:2: .colour does not fit the data"},
		"template, wrong value": {[]string{"--template", "{{.status.x}}"}, ".status.x does not fit the data"},
		"template, join":        {[]string{"--template", `{{join "," .status}}`}, "running --template: join needs a list"},
		"template of a list":    {[]string{"--template", `{{template "x"}}`}, "running --template:"},
		"jq and template":       {[]string{"--jq=.", "--template=x"}, "it cannot be combined with --jq"},
		"template and jq":       {[]string{"--template=x", "--jq=."}, "it cannot be combined with --template"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := run(t, first(), nil, test.args...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("err = %v, want %q in it", err, test.want)
			}
			if strings.ContainsAny(err.Error(), "\n\x1b") || strings.Contains(err.Error(), "interface {}") {
				t.Errorf("err is not one line for people: %q", err)
			}
			if got != "" {
				t.Errorf("wrote %q before the error", got)
			}
		})
	}
}

// The parent command decides what a usage error is; the explanation of --json must reach it.
func TestFormatLeavesFlagErrorsToTheParent(t *testing.T) {
	t.Parallel()
	errUsage := errors.New("usage")
	root := &cobra.Command{Use: "onetouch", SilenceErrors: true, SilenceUsage: true}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w: %w", errUsage, err) })
	list := &cobra.Command{Use: "list", RunE: func(*cobra.Command, []string) error { return nil }}
	output.AddFormatFlags(list, []string{"id"})
	root.AddCommand(list)
	for _, args := range [][]string{{"list", "--json"}, {"list", "--json=x"}, {"list", "--jq=("}, {"list", "--nosuch"}} {
		root.SetArgs(args)
		if err := root.Execute(); !errors.Is(err, errUsage) {
			t.Errorf("%v: err = %v, want a usage error", args, err)
		}
	}
}

func TestFormatCompletesFields(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string][]string{
		"":          {"uuid", "status", "message", "created", "details", "callback", "tags", "labels"},
		"st":        {"status"},
		"status,":   {"status,uuid", "status,message", "status,created", "status,details", "status,callback", "status,tags", "status,labels"},
		"uuid,c":    {"uuid,created", "uuid,callback"},
		"nosuch,st": {"nosuch,status"},
		"zzz":       nil,
	} {
		cmd := &cobra.Command{Use: "list"}
		output.AddFormatFlags(cmd, output.FieldsOf(request{}))
		complete, ok := cmd.GetFlagCompletionFunc("json")
		if !ok {
			t.Fatal("--json has no completion")
		}
		got, _ := complete(cmd, nil, typed)
		if !slices.Equal(got, want) {
			t.Errorf("completing %q = %v, want %v", typed, got, want)
		}
	}
}

func TestFormatStopsWithItsContext(t *testing.T) {
	t.Parallel()
	cmd := &cobra.Command{Use: "list"}
	format := output.AddFormatFlags(cmd, output.FieldsOf(request{}))
	if err := cmd.ParseFlags([]string{"--jq", "last(repeat(1))"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, _, _, _ := output.Test()
	if err := format.Write(ctx, s, first()); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
}

func TestFormatReportsABrokenPipe(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"--json=status", "--jq=.", "--jq=.status", "--template=x"} {
		_, err := run(t, first(), func(s *output.Streams) { s.Out = failingWriter{} }, flag)
		if !errors.Is(err, errBroken) {
			t.Errorf("%s: err = %v, want the writer's own", flag, err)
		}
	}
}
