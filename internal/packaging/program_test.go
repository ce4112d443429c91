package packaging_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/onetouchkit/onetouch/internal/testneeds"
)

// readYAML reads a file of the repository.
func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(testneeds.RepositoryTop(t), name))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(content, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// start starts a server, waits until a line of what it prints matches, and returns what the pattern's group has taken. The
// server is ended with the test.
func start(t *testing.T, server *exec.Cmd, pattern string) (announced string) {
	t.Helper()
	reader, writer := io.Pipe()
	server.Stdout, server.Stderr = writer, writer
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Wait() // how it ends says the state
		_ = writer.Close()
	}()
	t.Cleanup(func() {
		_ = server.Process.Kill() // it may have ended
		_ = reader.Close()
		<-ended
	})
	lines, told := bufio.NewScanner(reader), regexp.MustCompile(pattern)
	var said strings.Builder
	for lines.Scan() {
		if found := told.FindStringSubmatch(lines.Text()); found != nil {
			go func() { _, _ = io.Copy(io.Discard, reader) }() // or it would block when it says more
			return found[1]
		}
		said.WriteString(lines.Text() + "\n")
	}
	t.Fatalf("%s ended before it was ready:\n%s", server.Path, &said)
	return ""
}
