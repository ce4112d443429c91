package packaging_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/onetouchkit/onetouch/internal/testneeds"
)

// image is one that buildah has built from a Containerfile: its files, and what it says of itself.
type image struct {
	root   string
	config imageConfig
}

type imageConfig struct {
	User            string
	Env             []string
	Entrypoint, Cmd []string
	Volumes         map[string]struct{}
	ExposedPorts    map[string]struct{}
	Healthcheck     struct{ Test []string }
}

// TestImage builds the image, all but for the stage that needs the image of Go: what that one runs is run here. Then it
// starts what is in the image as its user, with nothing around it.
func TestImage(t *testing.T) {
	t.Parallel()
	i := buildImage(t, "Containerfile")
	if i.config.User != "65532:65532" {
		t.Errorf("the image runs as %q", i.config.User)
	}
	if _, exposed := i.config.ExposedPorts["8181/tcp"]; !exposed || len(i.config.Volumes) != 1 {
		t.Errorf("the image has %v and %v", i.config.ExposedPorts, i.config.Volumes)
	}
	if len(i.config.Healthcheck.Test) < 2 || i.config.Healthcheck.Test[0] != "CMD" {
		t.Fatalf("the image is checked by %q", i.config.Healthcheck.Test)
	}
	command := strings.Join(i.config.Cmd, " ")
	if command != "serve --addr 0.0.0.0:8181" {
		t.Fatalf("the image runs %q", command)
	}
	healthy := i.config.Healthcheck.Test[1:]
	if out, err := i.command(t, healthy...).CombinedOutput(); err == nil {
		t.Errorf("healthy before there is a server: %s", out)
	}
	server := i.command(t, append(i.config.Entrypoint, "serve", "--addr", "127.0.0.1:0")...)
	address := start(t, server, `^Authy API\s+(http://\S+)`)
	if out, err := i.command(t, healthy...).CombinedOutput(); err != nil {
		t.Errorf("not healthy: %v\n%s", err, out)
	}
	response, err := http.Get(address + "/protected/json/app/details")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("without an API key: %s", response.Status)
	}
	if _, err := os.Stat(filepath.Join(i.root, "data", "onetouch", "default", "server.db")); err != nil {
		t.Errorf("the database is not in the volume: %v", err)
	}
}

// TestImageOfTheLoginExample: it has one program, which runs as nobody in particular.
func TestImageOfTheLoginExample(t *testing.T) {
	t.Parallel()
	i := buildImage(t, "docs/examples/login/Containerfile")
	backend := i.command(t, i.config.Entrypoint...)
	backend.Env = append(backend.Env, "LISTEN=127.0.0.1:0", "AUTHY_API_KEY=key")
	address := start(t, backend, `listening on (http://\S+)$`)
	response, err := http.Get(address + "/login/none")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusNotFound || i.config.User != "65532:65532" {
		t.Errorf("answered %s, as %s", response.Status, i.config.User)
	}
}

// command runs a program of the image as a container would: its root, its user, its variables, and nothing else.
func (i *image) command(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), arguments[0], arguments[1:]...)
	command.Path, command.Err = arguments[0], nil // it is looked for in the image
	command.Dir, command.Env = "/", i.config.Env
	command.SysProcAttr = &syscall.SysProcAttr{Chroot: i.root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	return command
}

func buildImage(t *testing.T, containerfile string) *image {
	t.Helper()
	b := builder{program: testneeds.Buildah(t), store: t.TempDir()}
	top := testneeds.RepositoryTop(t)
	content, err := os.ReadFile(filepath.Join(top, containerfile))
	if err != nil {
		t.Fatal(err)
	}
	stage := t.TempDir()
	runFirstStage(t, string(content), top, filepath.Join(stage, "image"))
	b.run(t, "bud", "--isolation", "chroot", "--format", "docker", "--build-context", "build="+stage, "--tag", "tried",
		"--file", filepath.Join(top, containerfile), t.TempDir())
	var inspected struct {
		Docker struct{ Config imageConfig }
	}
	if err := json.Unmarshal([]byte(b.run(t, "inspect", "--type", "image", "tried")), &inspected); err != nil {
		t.Fatal(err)
	}
	container := b.run(t, "from", "tried")
	return &image{root: b.run(t, "mount", container), config: inspected.Docker.Config}
}

// runFirstStage runs what the stage "build" runs, in the repository instead of a copy, and below folder instead of /image.
func runFirstStage(t *testing.T, containerfile, top, folder string) {
	t.Helper()
	first, _, found := strings.Cut(containerfile, "\nFROM scratch\n")
	if !found {
		t.Fatal("the image is no longer made from scratch")
	}
	first = strings.ReplaceAll(first, "\\\n", "")
	runs := regexp.MustCompile(`(?m)^RUN (.*)$`).FindAllStringSubmatch(first, -1)
	for _, run := range runs {
		command := exec.CommandContext(t.Context(), "sh", "-ec", strings.ReplaceAll(run[1], "/image", folder))
		command.Dir, command.Env = top, append(os.Environ(), "TARGETOS=linux", "TARGETARCH=", "VERSION=1.2.3")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("RUN %s: %v\n%s", run[1], err, out)
		}
	}
}

// builder is buildah with a store of its own.
type builder struct{ program, store string }

func (b builder) run(t *testing.T, arguments ...string) (printed string) {
	t.Helper()
	own := []string{
		"--root", filepath.Join(b.store, "root"), "--runroot", filepath.Join(b.store, "run"), "--storage-driver", "vfs",
	}
	command := exec.CommandContext(t.Context(), b.program, append(own, arguments...)...)
	var complaints strings.Builder
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		t.Fatalf("buildah %s: %v\n%s%s", arguments[0], err, out, &complaints)
	}
	return strings.TrimSpace(string(out))
}
