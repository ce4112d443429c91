package config_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/config"
)

func TestSetKeepsTheRestOfTheFile(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.writeProjectFile(t, "# the shop\naddr: 127.0.0.1:1 # near\n\n# who pushes\npush: authy\n")
	file := p.environment().ProjectFile()
	for key, value := range map[string]string{"addr": "127.0.0.1:2", "api-key": "007", "callback-url": ""} {
		if err := file.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(file.Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# the shop\n", "addr: 127.0.0.1:2 # near\n", "# who pushes\npush: authy\n", "api-key: \"007\"\n"} {
		if !strings.Contains(string(content), want) {
			t.Errorf("the file is\n%s\nwant %q in it", content, want)
		}
	}
	settings, err := config.Load(p.environment(), nil)
	if err != nil || settings.APIKey != "007" || settings.CallbackURL == nil || *settings.CallbackURL != "" {
		t.Errorf("settings %+v, %v", settings, err)
	}
	for _, key := range []string{"api-key", "addr", "push", "callback-url", "tls"} {
		if err := file.Unset(key); err != nil {
			t.Fatal(err)
		}
	}
	if values, err := file.Values(); err != nil || len(values) != 0 {
		t.Errorf("values %v, %v, want none", values, err)
	}
}

func TestNewFileIsForTheUserAlone(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	file, err := p.environment().UserFile()
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Set("api-key", "a secret: with # everything \"in\" it\n"); err != nil {
		t.Fatal(err)
	}
	if values, err := file.Values(); err != nil || values["api-key"] != "a secret: with # everything \"in\" it\n" {
		t.Errorf("values %q, %v", values, err)
	}
	entries, err := os.ReadDir(filepath.Dir(file.Path))
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	info, err := os.Stat(file.Path)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// A file that is not understood stays as it is.
func TestSetLeavesABrokenFileAlone(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"addr: [\n", "adr: x\n", "text\n"} {
		p := newPlace(t)
		p.writeProjectFile(t, content)
		file := p.environment().ProjectFile()
		if err := file.Set("addr", "127.0.0.1:2"); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: err = %v, want one of one line", content, err)
		}
		if left, err := os.ReadFile(file.Path); err != nil || string(left) != content {
			t.Errorf("%q became %q, %v", content, left, err)
		}
	}
}

func TestSetKeepsAFileOfComments(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.writeProjectFile(t, "# nothing yet\n")
	file := p.environment().ProjectFile()
	if err := file.Set("push", "backend"); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file.Path)
	if err != nil || !strings.Contains(string(content), "# nothing yet") || !strings.Contains(string(content), "push: backend\n") {
		t.Errorf("the file is %q, %v", content, err)
	}
}

func TestValuesSayWhereTheyAreFrom(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.writeUserFile(t, "push: backend\nlog-level: debug\n")
	p.writeProjectFile(t, "push: authy\n")
	p.variables["ONETOUCH_ADDR"] = "127.0.0.1:3"
	values, err := p.environment().Values()
	if err != nil || len(values) != len(config.Keys()) {
		t.Fatalf("values %v, %v", values, err)
	}
	want := map[string]config.Value{
		"push":       {Key: "push", Text: "authy", Origin: config.FromProjectFile},
		"log-level":  {Key: "log-level", Text: "debug", Origin: config.FromUserFile},
		"addr":       {Key: "addr", Text: "127.0.0.1:3", Origin: config.FromEnvironment, Where: "ONETOUCH_ADDR"},
		"log-format": {Key: "log-format", Text: "text", Origin: config.FromDefault},
	}
	for i, value := range values {
		if value.Key != config.Keys()[i] {
			t.Errorf("%d is %s", i, value.Key)
		}
		one, asked := want[value.Key]
		if !asked {
			continue
		}
		if value.Text != one.Text || value.Origin != one.Origin || one.Where != "" && value.Where != one.Where {
			t.Errorf("%+v, want %+v", value, one)
		}
	}
}

// A wrong secret is not repeated on a screen.
func TestCheckHidesSecrets(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"api-key", "control-token"} {
		if err := config.Check(key, "very secret"); err == nil || strings.Contains(err.Error(), "very secret") {
			t.Errorf("%s: err = %v", key, err)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, good := range [][2]string{{"push", "backend"}, {"lan", "true"}, {"lan", "false"},
		{"addr", ":0"}, {"addr", "[::1]:http"}, {"callback-url", ""}, {"callback-url", "https://bank.example/callback"},
		{"server", "http://127.0.0.1:1"}, {"api-key", "007"}, {"clock", "2026-11-25T12:00:00Z"}, {"app", "My shop"},
	} {
		if err := config.Check(good[0], good[1]); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
	for _, wrong := range [][2]string{{"push", "google"}, {"lan", "perhaps"}, {"workspace", "../x"}, {"adr", "x"},
		{"addr", ""}, {"addr", "x"}, {"addr", "127.0.0.1:65536"}, {"addr", "127.0.0.1:-1"}, {"addr", "127.0.0.1:"},
		{"callback-url", "ftp://bank.example"}, {"callback-url", "bank.example/callback"}, {"callback-url", "http://\xff/"},
		{"server", "nope"}, {"api-key", "a\nb"}, {"api-key", "a b"}, {"api-key", "a\u200bb"}, {"db", "a\x00b"},
		{"app", "\xff"}, {"clock", "noon"}, {"clock", ""}, {"deterministic", ""},
	} {
		if err := config.Check(wrong[0], wrong[1]); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: err = %v", wrong, err)
		}
	}
}
