package policy_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/policy"
)

// The examples and the names on the page for users are those of the language.
func TestDocumented(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", "policies.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(content)
	_, after, _ := strings.Cut(page, "for example\n\n```\n")
	examples, _, found := strings.Cut(after, "```")
	rules := slices.Collect(strings.Lines(examples))
	if !found || len(rules) < 4 {
		t.Fatalf("the page has %d examples", len(rules))
	}
	if _, err := policy.Parse(rules, ""); err != nil {
		t.Error(err)
	}
	_, after, _ = strings.Cut(page, "Functions: `")
	functions, _, found := strings.Cut(after, "`")
	if !found {
		t.Fatal("the page has no list of functions")
	}
	for _, name := range strings.Fields(functions) {
		// A function that exists is not unknown, whatever it is given.
		_, err := policy.Parse([]string{name + "() == 1 = deny"}, "")
		if err != nil && strings.Contains(err.Error(), "unknown name") {
			t.Errorf("the page has %s, the language has not", name)
		}
	}
}
