package postgres_test

import (
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/store/postgres"
)

func FuzzEscaped(f *testing.F) {
	for _, text := range []string{"", "Ada", "\x00", "\x01", "\x01\x01", "\x00\x01\x02\x00", "é\x00"} {
		f.Add(text, "a")
	}
	f.Fuzz(func(t *testing.T, text, other string) {
		kept := postgres.Escaped(text)
		if strings.Contains(kept, "\x00") || postgres.Unescaped(kept) != text {
			t.Errorf("%q is kept as %q, which is read as %q", text, kept, postgres.Unescaped(kept))
		}
		if got, want := strings.Compare(kept, postgres.Escaped(other)), strings.Compare(text, other); got != want {
			t.Errorf("%q and %q compare as %d, and are kept so that they compare as %d", text, other, want, got)
		}
	})
}

func TestDialect(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"SELECT 1":                            "SELECT 1",
		"SELECT a FROM b WHERE c = ? LIMIT ?": "SELECT a FROM b WHERE c = $1 LIMIT $2",
		"INSERT INTO a (b) VALUES (?, ?)":     "INSERT INTO a (b) VALUES ($1, $2)",
	} {
		if got := postgres.Dialect(query); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}
