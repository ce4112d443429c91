//go:build unix

package packaging_test

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/onetouchkit/onetouch/internal/testneeds"
)

// action is the part of action.yml that the tests follow.
type action struct {
	Inputs  map[string]struct{ Description, Default string }
	Outputs map[string]struct{ Value string }
	Runs    struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	Name, ID, If, Shell, Run string
	Env                      map[string]string
}

func readAction(t *testing.T) (install, run actionStep) {
	t.Helper()
	var a action
	readYAML(t, "action.yml", &a)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) != 2 {
		t.Fatalf("the action has become another one: %+v", a.Runs)
	}
	return a.Runs.Steps[0], a.Runs.Steps[1]
}

// runner is a machine that runs steps as GitHub's do: it says where a step leaves its outputs.
type runner struct {
	folder string
	env    []string
}

// newRunner returns one whose PATH begins with the folders.
func newRunner(t *testing.T, path ...string) *runner {
	t.Helper()
	r := &runner{folder: t.TempDir()}
	architecture := map[string]string{"amd64": "X64", "arm64": "ARM64"}[runtime.GOARCH]
	system := map[string]string{"linux": "Linux", "darwin": "macOS"}[runtime.GOOS]
	r.env = append(os.Environ(),
		"PATH="+strings.Join(append(path, os.Getenv("PATH")), string(os.PathListSeparator)),
		"RUNNER_OS="+system, "RUNNER_ARCH="+architecture, "RUNNER_TEMP="+r.folder,
		"GITHUB_OUTPUT="+filepath.Join(r.folder, "output"), "GITHUB_PATH="+filepath.Join(r.folder, "path"))
	return r
}

// run runs a step, with the variables of its env given by the test.
func (r *runner) run(t *testing.T, step actionStep, env map[string]string) (printed string, code int) {
	t.Helper()
	if len(env) != len(step.Env) {
		t.Fatalf("the step has the variables %v", step.Env)
	}
	command := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.Run)
	command.Dir, command.Env = r.folder, r.env
	for name, value := range env {
		if _, known := step.Env[name]; !known {
			t.Fatalf("the step has no variable %s", name)
		}
		command.Env = append(command.Env, name+"="+value)
	}
	out, err := command.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return string(out), command.ProcessState.ExitCode()
}

// left is what a step has left in a file of the runner, "" for nothing.
func (r *runner) left(file string) string {
	content, err := os.ReadFile(filepath.Join(r.folder, file))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(content))
}

// stubProgram stands for onetouch: it says its version, and otherwise each of its arguments on a line of its own.
const stubProgram = `#!/bin/sh
case "$*" in
version) echo onetouch 1.2.3 ;;
"version --jq .version") echo 1.2.3 ;;
*) for argument; do printf '<%s>\n' "$argument"; done; exit 4 ;;
esac
`

// Both steps as they are: what is built from the Action's own source runs commands with a server around them.
func TestActionBuildsItsOwnSource(t *testing.T) {
	t.Parallel()
	install, run := readAction(t)
	r := newRunner(t)
	printed, code := r.run(t, install, map[string]string{
		"ACTION_SOURCE": testneeds.RepositoryTop(t), "ACTION_RELEASE": "", "ACTION_SHA256": "", "ACTION_RELEASES": "http://127.0.0.1:1",
	})
	if code != 0 {
		t.Fatalf("exit %d:\n%s", code, printed)
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(r.left("path"), "onetouch"), "version", "-q").Output()
	if err != nil || r.left("output") != "version="+strings.TrimSpace(string(out)) {
		t.Errorf("output %q, the program says %q (%v)", r.left("output"), out, err)
	}
	later := newRunner(t, r.left("path"))
	const commands = "curl -fsS -H \"X-Authy-API-Key: $AUTHY_API_KEY\" $AUTHY_API_URL/protected/json/app/details\nexit 3"
	printed, code = later.run(t, run, map[string]string{"ACTION_RUN": commands, "ACTION_FLAGS": "--auto approve"})
	if code != 3 || !strings.Contains(printed, `"success":true`) {
		t.Errorf("exit %d:\n%s", code, printed)
	}
}

func TestActionInstallsReleases(t *testing.T) {
	t.Parallel()
	install, _ := readAction(t)
	archive := fmt.Sprintf("onetouch_1.2.3_%s_%s.tar.gz", runtime.GOOS, runtime.GOARCH)
	content := stubArchive(t)
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		files := map[string]string{
			"/v1.2.3/" + archive: string(content), "/v1.2.3/checksums.txt": "00  another.zip\n" + hash + "  " + archive + "\n",
			"/swapped/v1.2.3/" + archive:     "something else",
			"/swapped/v1.2.3/checksums.txt":  hash + "  " + archive + "\n",
			"/unlisted/v1.2.3/" + archive:    string(content),
			"/unlisted/v1.2.3/checksums.txt": hash + "  another.zip\n",
		}
		file, found := files[r.URL.Path]
		if !found {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(file)) // the caller's curl says when it is gone
	}))
	t.Cleanup(server.Close)
	for _, test := range []struct{ name, version, sha256, releases, says string }{
		{name: "by the release's checksums", version: "1.2.3"},
		{name: "by its tag", version: "v1.2.3"},
		{name: "pinned", version: "1.2.3", sha256: hash},
		{name: "not what is pinned", version: "1.2.3", sha256: strings.Repeat("0", 64), says: "is not what was released"},
		{name: "swapped", version: "1.2.3", releases: "/swapped", says: "is not what was released"},
		{name: "not in checksums.txt", version: "1.2.3", releases: "/unlisted", says: "it should be in checksums.txt"},
		{name: "no such release", version: "9.9.9", says: "there is no " + server.URL + "/v9.9.9/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t)
			printed, code := r.run(t, install, map[string]string{
				"ACTION_SOURCE": "/nowhere", "ACTION_RELEASE": test.version, "ACTION_SHA256": test.sha256,
				"ACTION_RELEASES": server.URL + test.releases,
			})
			if test.says == "" && (code != 0 || r.left("output") != "version=1.2.3" || r.left("path") == "") {
				t.Errorf("exit %d, output %q, path %q:\n%s", code, r.left("output"), r.left("path"), printed)
			}
			if test.says != "" && (code == 0 || !strings.Contains(printed, "::error::") || !strings.Contains(printed, test.says) ||
				r.left("path") != "") {
				t.Errorf("exit %d, path %q:\n%s", code, r.left("path"), printed)
			}
		})
	}
}

func TestActionKnowsItsLimits(t *testing.T) {
	t.Parallel()
	install, _ := readAction(t)
	r := newRunner(t)
	r.env = append(r.env, "RUNNER_ARCH=ARM")
	printed, code := r.run(t, install, map[string]string{
		"ACTION_SOURCE": "/nowhere", "ACTION_RELEASE": "1.2.3", "ACTION_SHA256": "", "ACTION_RELEASES": "http://127.0.0.1:1",
	})
	if code == 0 || !strings.Contains(printed, "::error::no release of onetouch is for ARM: it has to be X64 or ARM64") {
		t.Errorf("exit %d:\n%s", code, printed)
	}
}

// stubArchive is a release's archive, with the stub as its program.
func stubArchive(t *testing.T) []byte {
	t.Helper()
	var packed strings.Builder
	zip := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zip)
	header := tar.Header{Name: "onetouch", Mode: 0o755, Size: int64(len(stubProgram))}
	if err := archive.WriteHeader(&header); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Write([]byte(stubProgram)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(archive.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	return []byte(packed.String())
}

// The second step hands on flags as a shell would read them, the commands as they are, and the exit code.
func TestActionRuns(t *testing.T) {
	t.Parallel()
	_, run := readAction(t)
	bin := t.TempDir()
	//nolint:gosec // it has to be run
	if err := os.WriteFile(filepath.Join(bin, "onetouch"), []byte(stubProgram), 0o700); err != nil {
		t.Fatal(err)
	}
	const commands = "npm test && echo \"$HOME\"\necho 'done'"
	tail := "<-->\n<bash>\n<--noprofile>\n<--norc>\n<-eo>\n<pipefail>\n<-c>\n<" + commands + ">\n"
	for flags, want := range map[string]string{
		"":                                    "<exec>\n",
		" \n":                                 "<exec>\n",
		"--auto approve":                      "<exec>\n<--auto>\n<approve>\n",
		"--auto approve\n--seed a.yaml\n":     "<exec>\n<--auto>\n<approve>\n<--seed>\n<a.yaml>\n",
		`--seed "a b.yaml" --callback-url ''`: "<exec>\n<--seed>\n<a b.yaml>\n<--callback-url>\n<>\n",
		"--seed $(touch broken) --report *":   "<exec>\n<--seed>\n<$(touch>\n<broken)>\n<--report>\n<*>\n",
	} {
		r := newRunner(t, bin)
		printed, code := r.run(t, run, map[string]string{"ACTION_RUN": commands, "ACTION_FLAGS": flags})
		if code != 4 || printed != want+tail {
			t.Errorf("flags %q: exit %d:\n%s", flags, code, printed)
		}
	}
	r := newRunner(t, bin)
	printed, code := r.run(t, run, map[string]string{"ACTION_RUN": commands, "ACTION_FLAGS": `--seed "a`})
	if code == 0 || strings.Contains(printed, "<exec>") {
		t.Errorf("a quote that is not closed: exit %d:\n%s", code, printed)
	}
}

// What a workflow says is never a part of a script, and every input is there for something.
func TestActionInputs(t *testing.T) {
	t.Parallel()
	var a action
	readYAML(t, "action.yml", &a)
	used := map[string]bool{"working-directory": true}
	for _, step := range a.Runs.Steps {
		if strings.Contains(step.Run, "${{") || step.Shell != "bash" {
			t.Errorf("the step %q (%s) has an expression in its script", step.Name, step.Shell)
		}
		for _, value := range step.Env {
			for _, input := range regexp.MustCompile(`inputs\.([\w-]+)`).FindAllStringSubmatch(value, -1) {
				used[input[1]] = true
			}
		}
	}
	for name, input := range a.Inputs {
		if !used[name] || input.Description == "" {
			t.Errorf("input %q is used: %v, described as %q", name, used[name], input.Description)
		}
		delete(used, name)
	}
	if len(used) > 0 {
		t.Errorf("used, but no inputs: %v", used)
	}
}

// What docs/ci.md shows as a workflow gives the Action inputs that it has.
func TestActionAsShown(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(testneeds.RepositoryTop(t), "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Uses string
				With map[string]string
			}
		}
	}
	_, block, _ := strings.Cut(string(page), "```yaml\n")
	block, _, _ = strings.Cut(block, "```\n")
	if err := yaml.Unmarshal([]byte(block), &workflow); err != nil {
		t.Fatal(err)
	}
	var a action
	readYAML(t, "action.yml", &a)
	shown := 0
	for _, step := range workflow.Jobs["test"].Steps {
		if !strings.HasPrefix(step.Uses, "onetouchkit/onetouch@") {
			continue
		}
		for input := range step.With {
			shown++
			if _, known := a.Inputs[input]; !known {
				t.Errorf("the workflow gives the input %s, which the Action does not have", input)
			}
		}
	}
	if shown == 0 {
		t.Error("the page shows no workflow with the Action")
	}
}
