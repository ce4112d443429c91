package callbackaudit_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/onetouchkit/onetouch/internal/callbackaudit"
)

// The page about callbacks lists the cases, in their order and with their severities.
func TestDocumentedCases(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "callbacks.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| .* \\| ([a-z]+) \\|$").FindAllStringSubmatch(string(page), -1)
	if len(rows) != len(callbackaudit.Cases()) {
		t.Fatalf("%d rows for %d cases", len(rows), len(callbackaudit.Cases()))
	}
	for i, c := range callbackaudit.Cases() {
		if rows[i][1] != c.Name || rows[i][2] != string(c.Severity) {
			t.Errorf("row %d says %v, the case is %s, %s", i, rows[i][1:], c.Name, c.Severity)
		}
	}
}
