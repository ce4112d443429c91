// Package testneeds finds the programs that some tests need, and builds those of this module. A test whose program is
// missing is skipped with a reason, so that `go test ./...` passes on any machine; where every test has to run, as on CI, it
// fails instead. Only tests import this package.
package testneeds

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// RequireVariable is the environment variable that names the needs that have to be met: "all", or names joined by commas.
const RequireVariable = "ONETOUCH_TEST_REQUIRE"

// Need is something outside the module that a test cannot do without.
type Need string

// What tests need. A new one is a line here and a function that finds it.
const (
	NodeJS       Need = "node"    // node and npm, and the npm registry
	Browser      Need = "browser" // Chromium
	Python       Need = "python"  // version 3
	Ruby         Need = "ruby"
	PHP          Need = "php"
	Java         Need = "java" // that compiles, too: a JDK of version 11 or later
	CurlProgram  Need = "curl"
	Bash         Need = "bash" // and the package bash-completion
	Zsh          Need = "zsh"
	Fish         Need = "fish"
	PostgreSQL   Need = "postgres"
	ImageBuilder Need = "buildah" // and root, without whom it and chroot(2) do nothing here
	Mount        Need = "mount"   // by root, and the package e2fsprogs
)

// needs lists every need, so that a misspelt one in the variable is noticed.
func needs() []Need {
	programs := []Need{NodeJS, Browser, CurlProgram, Bash, Zsh, Fish, PostgreSQL, ImageBuilder, Mount}
	return append(programs, slices.Sorted(maps.Keys(languages()))...)
}

// languages have a program that runs a file.
func languages() map[Need]string {
	return map[Need]string{Python: "python3", Ruby: "ruby", PHP: "php", Java: "java"}
}

// TB is the part of [testing.TB] that is used.
type TB interface {
	Helper()
	Skipf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Finder looks for programs on behalf of tests.
type Finder struct {
	LookPath func(program string) (string, error)
	Required string // the value of RequireVariable
	UserID   int    // whose process this is
}

// OnThisMachine finds what the machine has.
func OnThisMachine() Finder {
	return Finder{LookPath: exec.LookPath, Required: os.Getenv(RequireVariable), UserID: os.Geteuid()}
}

// Node returns the paths of node and npm, or ends the test.
func Node(t TB) (node, npm string) {
	t.Helper()
	return OnThisMachine().Node(t)
}

// Node returns the paths of node and npm, or ends the test.
func (f Finder) Node(t TB) (node, npm string) {
	t.Helper()
	return f.program(t, NodeJS, "node"), f.program(t, NodeJS, "npm")
}

// Chromium returns the path of Chromium, or ends the test.
func Chromium(t TB) string {
	t.Helper()
	return OnThisMachine().Chromium(t)
}

// Chromium returns the path of Chromium, under whichever of its names, or ends the test.
func (f Finder) Chromium(t TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := f.LookPath(name); err == nil {
			return path
		}
	}
	f.Unmet(t, Browser, "the program chromium is not on the PATH")
	return ""
}

// Curl returns the path of curl, or ends the test.
func Curl(t TB) string {
	t.Helper()
	return OnThisMachine().program(t, CurlProgram, "curl")
}

// Language returns the path of the program that runs a language, or ends the test.
func Language(t TB, need Need) string {
	t.Helper()
	return OnThisMachine().Language(t, need)
}

// Language returns the path of the program that runs a language, or ends the test.
func (f Finder) Language(t TB, need Need) string {
	t.Helper()
	return f.program(t, need, languages()[need])
}

// Shell returns the path of a shell, or ends the test. The bash that is wanted has its package of completions.
func Shell(t TB, need Need) string {
	t.Helper()
	return OnThisMachine().Shell(t, need)
}

// Shell returns the path of a shell, or ends the test.
func (f Finder) Shell(t TB, need Need) string {
	t.Helper()
	if _, err := f.LookPath(BashCompletion); need == Bash && err != nil && !errors.Is(err, fs.ErrPermission) {
		f.Unmet(t, need, "there is no "+BashCompletion+" (the package bash-completion)")
	}
	return f.program(t, need, string(need))
}

// BashCompletion is the file of the package bash-completion that a shell reads.
const BashCompletion = "/usr/share/bash-completion/bash_completion"

// Buildah returns the path of buildah, which builds container images, or ends the test.
func Buildah(t TB) string {
	t.Helper()
	return OnThisMachine().Buildah(t)
}

// Buildah returns the path of buildah, or ends the test.
func (f Finder) Buildah(t TB) string {
	t.Helper()
	if f.UserID != 0 {
		f.Unmet(t, ImageBuilder, "images are built and entered by root")
	}
	return f.program(t, ImageBuilder, "buildah")
}

// Mounting ends the test where no file system can be made and mounted.
func Mounting(t TB) {
	t.Helper()
	OnThisMachine().Mounting(t)
}

// Mounting ends the test where no file system can be made and mounted.
func (f Finder) Mounting(t TB) {
	t.Helper()
	if f.UserID != 0 {
		f.Unmet(t, Mount, "file systems are mounted by root")
		return
	}
	for _, program := range []string{"mount", "umount", "mkfs.ext4", "e2fsck"} {
		f.program(t, Mount, program)
	}
}

func (f Finder) program(t TB, need Need, name string) string {
	t.Helper()
	path, err := f.LookPath(name)
	if err != nil {
		f.Unmet(t, need, "the program "+name+" is not on the PATH")
	}
	return path
}

// Unmet ends a test whose need is not met on this machine: it is skipped or, where the need is required, it fails.
func Unmet(t TB, need Need, reason string) {
	t.Helper()
	OnThisMachine().Unmet(t, need, reason)
}

// Unmet ends a test whose need is not met: it is skipped or, where the need is required, it fails.
func (f Finder) Unmet(t TB, need Need, reason string) {
	t.Helper()
	if f.requires(t, need) {
		t.Fatalf("%s (%s=%s requires it)", reason, RequireVariable, f.Required)
		return
	}
	t.Skipf("%s (set %s=%s to make this a failure)", reason, RequireVariable, need)
}

func (f Finder) requires(t TB, need Need) bool {
	t.Helper()
	if f.Required == "" {
		return false
	}
	required := false
	for name := range strings.SplitSeq(f.Required, ",") {
		switch {
		case name == "all" || name == string(need):
			required = true
		case !slices.Contains(needs(), Need(name)):
			t.Fatalf("%s names %q: it must be all, or some of %v joined by commas", RequireVariable, name, needs())
		}
	}
	return required
}
