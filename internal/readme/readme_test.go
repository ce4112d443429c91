package readme_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/testneeds"
)

// sessionTime bounds one session; it ends a session that hangs and asserts nothing.
const sessionTime = 3 * time.Minute

// TestConsoleSessions runs each ```console block of the pages in a shell of its own, with an empty home, from the top of
// the repository or, where the section shows files, from a folder with those. Lines that begin with "$ " are commands; the lines below one are what it prints, where "…" stands for
// any text, over several lines when it stands alone. A command that ends in "# exits N" must do so, every other one 0.
func TestConsoleSessions(t *testing.T) {
	t.Parallel()
	top := testneeds.RepositoryTop(t)
	bin := filepath.Dir(testneeds.Built(t, "./cmd/onetouch"))
	for _, page := range pages() {
		sessions := consoleSessions(readPage(t, top, page))
		if len(sessions) == 0 {
			t.Fatalf("%s shows no console session", page)
		}
		for _, s := range sessions {
			t.Run(page+" line "+strconv.Itoa(s.line), func(t *testing.T) {
				t.Parallel()
				s.run(t, top, bin)
			})
		}
	}
}

// pages are those that show sessions.
func pages() []string {
	return []string{"README.md", "CONTRIBUTING.md", "docs/ci.md", "docs/recipes.md", "docs/fixtures.md", "docs/verify.md", "docs/migrate.md"}
}

func readPage(t *testing.T, top, page string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(top, page))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A link of the pages leads to something.
func TestLinks(t *testing.T) {
	t.Parallel()
	top := testneeds.RepositoryTop(t)
	link := regexp.MustCompile(`\]\(([^)#:]+)[^)]*\)`)
	for _, page := range append(pages(), "docs/architecture.md", "internal/cli/testdata/README.md") {
		for _, found := range link.FindAllStringSubmatch(readPage(t, top, page), -1) {
			if strings.HasPrefix(found[1], "http") {
				continue
			}
			if _, err := os.Stat(filepath.Join(top, filepath.Dir(page), found[1])); err != nil {
				t.Errorf("%s leads to %s: %v", page, found[1], err)
			}
		}
	}
}

// TestSessionsInOneShell runs all blocks one after the other in one shell, as somebody does who reads the README from top to
// bottom.
func TestSessionsInOneShell(t *testing.T) {
	t.Parallel()
	top := testneeds.RepositoryTop(t)
	text, err := os.ReadFile(filepath.Join(top, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var whole session
	for _, s := range consoleSessions(string(text)) {
		whole.steps = append(whole.steps, s.steps...)
	}
	whole.run(t, top, filepath.Dir(testneeds.Built(t, "./cmd/onetouch")))
}

// session is one console block.
type session struct {
	line  int // in the page
	steps []step
	files []file // that its section shows before it
}

// step is one command with what the page says it prints.
type step struct {
	command string
	exit    int
	want    string
}

var exitNote = regexp.MustCompile(`\s+# exits (\d+)$`)

// consoleSessions reads a page: the sessions, each with the files that were shown since the last heading.
func consoleSessions(page string) []session {
	var sessions []session
	var files []file
	var inside func(line string) // what becomes of a line of the block that is open
	for number, line := range strings.Split(page, "\n") {
		shown, isFile := fileShown(line)
		switch {
		case inside != nil && line == "```":
			inside = nil
		case inside != nil:
			inside(line)
		case line == "```console":
			sessions = append(sessions, session{line: number + 1, files: slices.Clone(files)})
			inside = sessions[len(sessions)-1].add
		case isFile:
			files = append(files, shown)
			inside = files[len(files)-1].add
		case strings.HasPrefix(line, "```"):
			inside = func(string) {}
		case strings.HasPrefix(line, "#"):
			files = nil
		}
	}
	return sessions
}

func (s *session) add(line string) {
	command, isCommand := strings.CutPrefix(line, "$ ")
	if !isCommand {
		if len(s.steps) > 0 {
			s.steps[len(s.steps)-1].want += line + "\n"
		}
		return
	}
	next := step{command: command}
	if note := exitNote.FindStringSubmatch(command); note != nil {
		next.command = strings.TrimSuffix(command, note[0])
		next.exit, _ = strconv.Atoi(note[1])
	}
	s.steps = append(s.steps, next)
}

// selfReferences are commands that a test must not run again: this test is part of the second one.
var selfReferences = map[string]bool{"go test ./...": true}

func (s session) run(t *testing.T, top, bin string) {
	ctx, cancel := context.WithTimeout(t.Context(), sessionTime)
	defer cancel()
	home := t.TempDir()
	shell := exec.CommandContext(ctx, "bash", "-c", s.script(home))
	shell.Dir, shell.Env = top, environment(t, home, bin)
	if len(s.files) > 0 {
		shell.Dir = s.folder(t, top)
		shell.Env = append(shell.Env, s.needs(t)...)
	}
	var out bytes.Buffer
	shell.Stdout, shell.Stderr = &out, &out
	if err := shell.Run(); err != nil {
		t.Fatalf("the shell failed: %v\n%s", err, out.String())
	}
	rest := out.String()
	for i, step := range s.steps {
		if selfReferences[step.command] {
			continue
		}
		printed, after, found := strings.Cut(rest, fmt.Sprintf("\n--step %d exits ", i))
		if !found {
			t.Fatalf("$ %s\nnever ended; printed:\n%s", step.command, rest)
		}
		code, next, _ := strings.Cut(after, "\n")
		rest = next
		if code != strconv.Itoa(step.exit) {
			t.Errorf("$ %s\nexits %s, the page says %d; printed:\n%s", step.command, code, step.exit, printed)
		}
		if !matches(step.want, printed+"\n") {
			t.Errorf("$ %s\nprints:\n%s\nthe page says:\n%s", step.command, printed, step.want)
		}
	}
}

// script runs the steps and marks where each ends. A program in the background is given the time to say something, and a
// server to announce itself.
func (s session) script(home string) string {
	var script strings.Builder
	script.WriteString("trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n")
	for i, step := range s.steps {
		if selfReferences[step.command] {
			continue
		}
		command := step.command
		if server, background := strings.CutSuffix(command, " &"); background {
			log := filepath.Join(home, fmt.Sprintf("background-%d.log", i))
			command = server + " >" + log + " 2>&1 &\nuntil [ -s " + log + " ] && onetouch status >/dev/null 2>&1; do read -rt 0.05 <> <(:) || :; done"
		}
		fmt.Fprintf(&script, "%s\nprintf '\\n--step %d exits %%d\\n' $?\n", command, i)
	}
	return script.String()
}

// matches compares what was printed with the README's text, in which "…" stands for anything.
func matches(want, printed string) bool {
	if want == "" {
		return strings.TrimSpace(printed) == ""
	}
	pattern := regexp.QuoteMeta(strings.TrimSpace(want))
	pattern = strings.ReplaceAll(pattern, "…", ".*?")
	return regexp.MustCompile(`(?s)^` + pattern + `$`).MatchString(strings.TrimSpace(printed))
}

// environment is a newcomer's: an empty home, but the module and build caches that are there.
func environment(t *testing.T, home, bin string) []string {
	t.Helper()
	env := []string{"HOME=" + home, "PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "NO_COLOR=1"}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOPROXY", "GOSUMDB", "GOFLAGS"} {
		value, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		var missing *exec.Error
		if errors.As(err, &missing) {
			t.Fatal(err)
		}
		env = append(env, name+"="+strings.TrimSpace(string(value)))
	}
	return env
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want, printed string
		match         bool
	}{
		{"", "", true},
		{"", "text", false},
		{"a b\n", "a b\n", true},
		{"a b\n", "a c\n", false},
		{"a … c\n", "a b b c\n", true},
		{"…\nend\n", "one\ntwo\nend\n", true},
		{"…\nend\n", "one\nending\n", false},
		{"(1)\n", "1\n", false},
	} {
		if got := matches(c.want, c.printed); got != c.match {
			t.Errorf("matches(%q, %q) = %v", c.want, c.printed, got)
		}
	}
}

func TestConsoleSessionsAreRead(t *testing.T) {
	t.Parallel()
	sessions := consoleSessions("text\n```console\n$ one\nout\n$ two # exits 4\n```\n```go\n$ no\n```\n")
	if len(sessions) != 1 || len(sessions[0].steps) != 2 || len(sessions[0].files) != 0 {
		t.Fatalf("sessions: %+v", sessions)
	}
	first, second := sessions[0].steps[0], sessions[0].steps[1]
	if first != (step{command: "one", want: "out\n"}) || second != (step{command: "two", exit: 4}) {
		t.Errorf("steps: %+v", sessions[0].steps)
	}
}
