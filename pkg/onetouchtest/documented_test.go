package onetouchtest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocumented: the tests on the page are those of this package's page_test.go, which run as any other.
func TestDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "testing-in-go.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(page), "```go\npackage bank_test\n")
	shown, _, found := strings.Cut(shown, "```\n")
	compiled, err := os.ReadFile("page_test.go")
	if err != nil {
		t.Fatal(err)
	}
	compiled = bytes.TrimPrefix(compiled, []byte("package onetouchtest_test\n"))
	if !found || shown != string(compiled) {
		t.Error("docs/testing-in-go.md does not show page_test.go: when one changes, change the other")
	}
}
