package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/config"
)

// Whatever a file of settings has, it is read or refused in one line.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		"", "addr: user:1\n", "a: b: c", "addr: [1, 2]", "addr: {a: b}", "- a", "\t", "lan: maybe", "max-connections: -1", "? a", "&a *a",
		"api-key: !!binary AA==", "\xff\xfe", "addr: |\n  a\n  b\n", "a: &a [*a]", "log-level: ~",
		"keep: 30d", "keep: 99999999999999999999d", "keep: -1h",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "onetouch.yaml"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		environment := config.Environment{Dir: dir, Lookup: func(name string) (string, bool) { return dir, name == "HOME" }}
		if _, err := config.Load(environment, nil); err != nil && strings.ContainsAny(strings.TrimSpace(err.Error()), "\r\n") {
			t.Fatalf("%q: %q", content, err)
		}
	})
}
