package readme_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/testneeds"
	"github.com/onetouchkit/onetouch/internal/testneeds/clients"
)

// file is a block of a page that begins with "```LANGUAGE NAME": the sessions below it find it in their folder.
type file struct {
	language, name, content string
}

func fileShown(line string) (shown file, ok bool) {
	info, isBlock := strings.CutPrefix(line, "```")
	language, name, hasName := strings.Cut(info, " ")
	return file{language: language, name: name}, isBlock && hasName
}

func (f *file) add(line string) { f.content += line + "\n" }

// folder holds the files of the session, and what goes without saying in their language.
func (s session) folder(t *testing.T, top string) string {
	t.Helper()
	folder := t.TempDir()
	for _, f := range s.files {
		if err := os.WriteFile(filepath.Join(folder, f.name), []byte(f.content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if s.shows("go") {
		writeGoModule(t, top, folder)
	}
	return folder
}

func (s session) shows(language string) bool {
	return slices.ContainsFunc(s.files, func(f file) bool { return f.language == language })
}

// needs ends the test where the languages of the files cannot be run, and returns the variables that they want.
func (s session) needs(t *testing.T) (environment []string) {
	t.Helper()
	for language, need := range map[string]testneeds.Need{
		"python": testneeds.Python, "ruby": testneeds.Ruby, "php": testneeds.PHP, "java": testneeds.Java,
	} {
		if s.shows(language) {
			testneeds.Language(t, need)
		}
	}
	if s.shows("js") {
		_, npm := testneeds.Node(t)
		environment = append(environment, "NODE_PATH="+clients.Install(t, npm, filepath.Join("..", "conformance", "clients")))
	}
	return environment
}

// writeGoModule makes the folder a module that takes this one from the file system, with the modules that are pinned here.
func writeGoModule(t *testing.T, top, folder string) {
	t.Helper()
	const own = "github.com/onetouchkit/onetouch"
	pinned := regexp.MustCompile(`(?m)^module .*$`).ReplaceAllString(readPage(t, top, "go.mod"), "module bank.example")
	module := pinned + "\nrequire " + own + " v0.0.0\n\nreplace " + own + " => " + top + "\n"
	for name, content := range map[string]string{"go.mod": module, "go.sum": readPage(t, top, "go.sum")} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFilesAreRead(t *testing.T) {
	t.Parallel()
	page := "# One\n```js a.js\nlet a\n# no heading\n```\n```console\n$ node a.js\n```\n## Two\n```console\n$ true\n```\n"
	sessions := consoleSessions(page)
	want := []file{{language: "js", name: "a.js", content: "let a\n# no heading\n"}}
	if len(sessions) != 2 || !slices.Equal(sessions[0].files, want) || len(sessions[1].files) != 0 {
		t.Fatalf("sessions: %+v", sessions)
	}
	written, err := os.ReadFile(filepath.Join(sessions[0].folder(t, ""), "a.js"))
	if err != nil || !bytes.Equal(written, []byte(want[0].content)) {
		t.Errorf("wrote %q, %v", written, err)
	}
}
