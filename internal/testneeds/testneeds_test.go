package testneeds_test

import (
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/testneeds"
)

// recorder is a test that writes down how it ended.
type recorder struct{ outcome string }

func (r *recorder) Helper() {}

func (r *recorder) Skipf(format string, args ...any) { r.end("skipped: "+format, args) }

func (r *recorder) Fatalf(format string, args ...any) { r.end("failed: "+format, args) }

func (r *recorder) end(format string, args []any) {
	if r.outcome == "" { // a real test would have stopped here
		r.outcome = fmt.Sprintf(format, args...)
	}
}

func TestNode(t *testing.T) {
	t.Parallel()
	const absent = "the program npm is not on the PATH"
	for _, test := range []struct {
		name     string
		missing  string
		required string
		outcome  string // its beginning; "" for a test that goes on
	}{
		{name: "there", required: "all"},
		{name: "there, nothing required"},
		{name: "missing", missing: "npm", outcome: "skipped: " + absent},
		{name: "missing and all required", missing: "npm", required: "all", outcome: "failed: " + absent},
		{name: "missing and required by name", missing: "npm", required: "node", outcome: "failed: " + absent},
		{name: "missing and listed", missing: "npm", required: "node,all", outcome: "failed: " + absent},
		{name: "unknown name", missing: "npm", required: "nodejs", outcome: `failed: ONETOUCH_TEST_REQUIRE names "nodejs"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			finder := testneeds.Finder{Required: test.required, LookPath: func(program string) (string, error) {
				if program == test.missing {
					return "", exec.ErrNotFound
				}
				return "/bin/" + program, nil
			}}
			var r recorder
			node, npm := finder.Node(&r)
			if test.outcome == "" && (r.outcome != "" || node != "/bin/node" || npm != "/bin/npm") {
				t.Fatalf("found %q and %q, outcome %q", node, npm, r.outcome)
			}
			if !strings.HasPrefix(r.outcome, test.outcome) {
				t.Fatalf("outcome %q, want %q…", r.outcome, test.outcome)
			}
		})
	}
}

func TestChromium(t *testing.T) {
	t.Parallel()
	for installed, outcome := range map[string]string{
		"chromium": "", "google-chrome": "", "firefox": "failed: the program chromium is not on the PATH",
	} {
		finder := testneeds.Finder{Required: "browser", LookPath: func(program string) (string, error) {
			if program != installed {
				return "", exec.ErrNotFound
			}
			return "/bin/" + program, nil
		}}
		var r recorder
		path := finder.Chromium(&r)
		if !strings.HasPrefix(r.outcome, outcome) || outcome == "" && (r.outcome != "" || path != "/bin/"+installed) {
			t.Errorf("with %s: %q, outcome %q", installed, path, r.outcome)
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for installed, outcome := range map[string]string{
		"python3": "", "python2": "skipped: the program python3 is not on the PATH (set ONETOUCH_TEST_REQUIRE=python ",
	} {
		finder := testneeds.Finder{LookPath: func(program string) (string, error) {
			if program != installed {
				return "", exec.ErrNotFound
			}
			return "/bin/" + program, nil
		}}
		var r recorder
		path := finder.Language(&r, testneeds.Python)
		if !strings.HasPrefix(r.outcome, outcome) || outcome == "" && (r.outcome != "" || path != "/bin/python3") {
			t.Errorf("with %s: %q, outcome %q", installed, path, r.outcome)
		}
	}
}

func TestBuildah(t *testing.T) {
	t.Parallel()
	for user, outcome := range map[int]string{0: "", 1000: "skipped: images are built and entered by root"} {
		finder := testneeds.Finder{UserID: user, LookPath: func(program string) (string, error) { return "/bin/" + program, nil }}
		var r recorder
		path := finder.Buildah(&r)
		if !strings.HasPrefix(r.outcome, outcome) || outcome == "" && (r.outcome != "" || path != "/bin/buildah") {
			t.Errorf("as user %d: %q, outcome %q", user, path, r.outcome)
		}
	}
}

func TestMounting(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		user             int
		missing, outcome string
	}{
		{0, "", ""},
		{1000, "", "skipped: file systems are mounted by root"},
		{0, "mkfs.ext4", "skipped: the program mkfs.ext4 is not on the PATH"},
	} {
		finder := testneeds.Finder{UserID: test.user, LookPath: func(program string) (string, error) {
			if program == test.missing {
				return "", exec.ErrNotFound
			}
			return "/sbin/" + program, nil
		}}
		var r recorder
		finder.Mounting(&r)
		if !strings.HasPrefix(r.outcome, test.outcome) || test.outcome == "" && r.outcome != "" {
			t.Errorf("user %d without %q: outcome %q", test.user, test.missing, r.outcome)
		}
	}
}

func TestShell(t *testing.T) {
	t.Parallel()
	for missing, outcome := range map[string]string{
		"":                       "",
		"bash":                   "failed: the program bash is not on the PATH",
		testneeds.BashCompletion: "failed: there is no /usr/share/bash-completion/bash_completion",
	} {
		finder := testneeds.Finder{Required: "all", LookPath: func(program string) (string, error) {
			switch program {
			case missing:
				return "", exec.ErrNotFound
			case testneeds.BashCompletion: // is there, and no program
				return "", fs.ErrPermission
			}
			return "/bin/" + program, nil
		}}
		var r recorder
		path := finder.Shell(&r, testneeds.Bash)
		if !strings.HasPrefix(r.outcome, outcome) || outcome == "" && (r.outcome != "" || path != "/bin/bash") {
			t.Errorf("without %q: %q, outcome %q", missing, path, r.outcome)
		}
	}
}
