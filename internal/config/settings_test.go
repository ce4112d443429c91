package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/onetouchkit/onetouch/internal/config"
)

// place is a home, a project folder and an environment of a test's own.
type place struct {
	variables map[string]string
	home, dir string
}

func newPlace(t *testing.T) place {
	t.Helper()
	p := place{home: t.TempDir(), dir: t.TempDir()}
	p.variables = map[string]string{
		"HOME": p.home, "USERPROFILE": p.home,
		"XDG_CONFIG_HOME": filepath.Join(p.home, "config"), "XDG_DATA_HOME": filepath.Join(p.home, "data"),
	}
	return p
}

func (p place) environment() config.Environment {
	return config.Environment{Dir: p.dir, Lookup: func(name string) (string, bool) {
		value, set := p.variables[name]
		return value, set
	}}
}

func (p place) writeUserFile(t *testing.T, content string) {
	t.Helper()
	write(t, filepath.Join(p.home, "config", "onetouch", "config.yaml"), content)
}

func (p place) writeProjectFile(t *testing.T, content string) {
	t.Helper()
	write(t, filepath.Join(p.dir, "onetouch.yaml"), content)
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// flags are those of a command, parsed.
func flags(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	set := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	set.String(config.KeyAddr, config.DefaultAddr, "")
	set.String(config.KeyCallbackURL, "", "")
	config.AddFlags(set, config.KeyWorkspace, config.KeyServer)
	set.Bool("quiet", false, "") // no setting
	if err := set.Parse(args); err != nil {
		t.Fatal(err)
	}
	return set
}

// Each source stands in for the ones after it.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	const flag, variable, project, user = 1, 2, 4, 8
	for given := range 16 {
		p := newPlace(t)
		want, args := config.DefaultAddr, []string{}
		if given&user != 0 {
			p.writeUserFile(t, "addr: user:1\n")
			want = "user:1"
		}
		if given&project != 0 {
			p.writeProjectFile(t, "addr: project:1\n")
			want = "project:1"
		}
		if given&variable != 0 {
			p.variables["ONETOUCH_ADDR"] = "variable:1"
			want = "variable:1"
		}
		if given&flag != 0 {
			args = []string{"--addr", "flag:1"}
			want = "flag:1"
		}
		settings, err := config.Load(p.environment(), flags(t, args...))
		if err != nil {
			t.Fatal(err)
		}
		if settings.Addr != want {
			t.Errorf("with sources %04b: addr = %q, want %q", given, settings.Addr, want)
		}
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	settings, err := config.Load(newPlace(t).environment(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Settings{Workspace: "default", Addr: "127.0.0.1:8181", LogLevel: "info", LogFormat: "text"}
	if settings != want {
		t.Errorf("settings = %+v, want %+v", settings, want)
	}
}

func TestFilesAreMergedSettingBySetting(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.writeUserFile(t, "api-key: 12345\npush: backend\nlog-level: debug\n")
	p.writeProjectFile(t, "# the shop\npush: authy\ndb: shop.db\n")
	p.variables["ONETOUCH_LOG_LEVEL"] = "" // says nothing
	settings, err := config.Load(p.environment(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Settings{
		Workspace: "default", Addr: config.DefaultAddr, LogFormat: "text",
		APIKey: "12345", Push: "authy", LogLevel: "debug", Database: "shop.db",
	}
	if settings != want {
		t.Errorf("settings = %+v, want %+v", settings, want)
	}
}

// That there is no callback URL is something else than that nobody said anything.
func TestCallbackURL(t *testing.T) {
	t.Parallel()
	const url = "http://127.0.0.1:3000/callback"
	for name, test := range map[string]struct {
		project  string
		variable *string
		args     []string
		want     *string
	}{
		"nobody":            {},
		"file":              {project: "callback-url: " + url, want: pointer(url)},
		"file: none":        {project: `callback-url: ""`, want: pointer("")},
		"variable":          {variable: pointer(url), want: pointer(url)},
		"variable: none":    {project: "callback-url: " + url, variable: pointer(""), want: pointer("")},
		"flag":              {args: []string{"--callback-url", url}, want: pointer(url)},
		"flag: none":        {project: "callback-url: " + url, args: []string{"--callback-url="}, want: pointer("")},
		"flag of something": {args: []string{"--addr", "127.0.0.1:0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.writeProjectFile(t, test.project)
			if test.variable != nil {
				p.variables["ONETOUCH_CALLBACK_URL"] = *test.variable
			}
			settings, err := config.Load(p.environment(), flags(t, test.args...))
			if err != nil {
				t.Fatal(err)
			}
			if got := settings.CallbackURL; (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
				t.Errorf("callback URL = %s, want %s", shown(got), shown(test.want))
			}
		})
	}
}

func pointer(text string) *string { return &text }

func shown(text *string) string {
	if text == nil {
		return "nothing"
	}
	return `"` + *text + `"`
}

func TestWrongSettingsSayWhereAndWhat(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		user, project string
		variables     map[string]string
		want          []string
	}{
		"unknown":              {project: "adr: x", want: []string{"onetouch.yaml", `unknown setting "adr"`, "addr, api-key"}},
		"unknown inside":       {user: "serve:\n  addr: x", want: []string{"config.yaml", `unknown setting "serve.addr"`}},
		"a list":               {project: "addr: [a, b]", want: []string{"onetouch.yaml", "addr must have one value"}},
		"no YAML":              {project: "addr: x\n  push: y", want: []string{"onetouch.yaml", "line 2"}},
		"text":                 {project: "127.0.0.1:8181", want: []string{"onetouch.yaml"}},
		"days in words":        {project: "keep: 30 days", want: []string{"ONETOUCH_KEEP (or --keep)", `"30 days"`, "30d or 12h"}},
		"no days":              {user: "keep: 0d", want: []string{"ONETOUCH_KEEP", `"0d"`, "from 1m to 36500d"}},
		"days below none":      {user: "keep: -1d", want: []string{"ONETOUCH_KEEP", `"-1d"`}},
		"a moment":             {user: "keep: 59s", want: []string{"ONETOUCH_KEEP", `"59s"`}},
		"half a day":           {user: "keep: 0.5d", want: []string{"ONETOUCH_KEEP", `"0.5d"`, "12h"}},
		"longer than lives":    {user: "keep: 36501d", want: []string{"ONETOUCH_KEEP", `"36501d"`}},
		"longer than numbers":  {user: "keep: 99999999999999999999d", want: []string{"ONETOUCH_KEEP", "36500d"}},
		"days without a unit":  {variables: map[string]string{"ONETOUCH_KEEP": "30"}, want: []string{"ONETOUCH_KEEP", `"30"`}},
		"workspace from file":  {project: "workspace: ../x", want: []string{`workspace "../x"`, "letters"}},
		"workspace from shell": {variables: map[string]string{"ONETOUCH_WORKSPACE": "a/b"}, want: []string{`workspace "a/b"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.writeUserFile(t, test.user)
			p.writeProjectFile(t, test.project)
			for variable, value := range test.variables {
				p.variables[variable] = value
			}
			_, err := config.Load(p.environment(), nil)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("error %q: want %q in it, on one line", err, want)
				}
			}
		})
	}
}

func TestKeep(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"30d": 30 * 24 * time.Hour, "720h": 720 * time.Hour, "1m": time.Minute, "1h30m": 90 * time.Minute,
		"36500d": 36500 * 24 * time.Hour,
	} {
		p := newPlace(t)
		p.writeProjectFile(t, "keep: "+text)
		settings, err := config.Load(p.environment(), nil)
		if err != nil || settings.Keep != want {
			t.Errorf("%s: kept for %s, %v, want %s", text, settings.Keep, err, want)
		}
	}
	settings, err := config.Load(newPlace(t).environment(), nil)
	if err != nil || settings.Keep != 0 {
		t.Errorf("kept for %s, %v, want for ever", settings.Keep, err)
	}
}

func TestUnreadableFile(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	if err := os.Mkdir(filepath.Join(p.dir, "onetouch.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Load(p.environment(), nil); err == nil || !strings.Contains(err.Error(), "onetouch.yaml") {
		t.Errorf("err = %v, want one that names the file", err)
	}
}

// A workspace that is named now is meant rather than the server that was exported once.
func TestExportedServer(t *testing.T) {
	t.Parallel()
	const exported, named = "http://127.0.0.1:1", "http://127.0.0.1:2"
	for name, test := range map[string]struct {
		variable, workspace, file string
		args                      []string
		want                      string
		wantExported              bool
	}{
		"nothing":                      {},
		"exported":                     {variable: exported, want: exported, wantExported: true},
		"exported, with its workspace": {variable: exported, workspace: "shop", want: exported, wantExported: true},
		"and a workspace":              {variable: exported, args: []string{"--workspace", "shop"}},
		"and a server":                 {variable: exported, args: []string{"--server", named}, want: named},
		"and both":                     {variable: exported, args: []string{"--server", named, "--workspace", "shop"}, want: named},
		"in a file, and a workspace":   {file: "server: " + named, args: []string{"--workspace", "shop"}, want: named},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.writeProjectFile(t, test.file)
			p.variables["ONETOUCH_URL"], p.variables["ONETOUCH_WORKSPACE"] = test.variable, test.workspace
			settings, err := config.Load(p.environment(), flags(t, test.args...))
			if err != nil || settings.Server != test.want || settings.ServerExported != test.wantExported {
				t.Errorf("server %q, exported: %t, %v", settings.Server, settings.ServerExported, err)
			}
		})
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		config.KeyServer: "ONETOUCH_URL", config.KeyWorkspace: "ONETOUCH_WORKSPACE",
		config.KeyCallbackURL: "ONETOUCH_CALLBACK_URL", config.KeyDatabase: "ONETOUCH_DB",
	} {
		if got := config.Variable(key); got != want {
			t.Errorf("Variable(%q) = %q, want %q", key, got, want)
		}
	}
}

// A phone's browser wants HTTPS, so a server of the local network has it unless it is told not to.
func TestLANAndTLS(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file, lan, tls   string
		wantLAN, wantTLS bool
	}{
		"nobody":             {},
		"lan":                {lan: "true", wantLAN: true, wantTLS: true},
		"lan in a file":      {file: "lan: true\n", wantLAN: true, wantTLS: true},
		"lan without tls":    {lan: "1", tls: "false", wantLAN: true},
		"tls alone":          {tls: "true", wantTLS: true},
		"tls off in a file":  {file: "tls: false\nlan: true\n", wantLAN: true},
		"a variable is last": {file: "lan: true\n", lan: "false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.writeProjectFile(t, test.file)
			p.variables["ONETOUCH_LAN"], p.variables["ONETOUCH_TLS"] = test.lan, test.tls
			settings, err := config.Load(p.environment(), nil)
			if err != nil || settings.LAN != test.wantLAN || settings.TLS != test.wantTLS {
				t.Errorf("LAN = %t, TLS = %t, %v", settings.LAN, settings.TLS, err)
			}
		})
	}
	for key, value := range map[string]string{"ONETOUCH_LAN": "everywhere", "ONETOUCH_TLS": "sometimes"} {
		p := newPlace(t)
		p.variables[key] = value
		if _, err := config.Load(p.environment(), nil); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s=%s: err = %v, want one that names it", key, value, err)
		}
	}
}
