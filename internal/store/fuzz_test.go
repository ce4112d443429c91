package store_test

import (
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/store"
)

// A location that is read is written so that it is read as the same; what is shown of it never has its password.
func FuzzLocation(f *testing.F) {
	for _, seed := range []string{
		"", ":memory:", "server.db", "postgres://u:hush-secret@h/d?sslmode=disable", "postgres://h/d?password=hush-secret",
		"postgres://u:hush-secret@[::1", "mysql://hush-secret", "postgres://%zz:hush-secret@h", "a://b?host=c;password=hush-secret",
		"postgres://h/d?sslpassword=hush-secret", "://", "\x00",
		"aaa#://:hush-secret@", "a:b://:hush-secret@c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		location, err := store.ParseLocation(text)
		if err != nil {
			return
		}
		again, err := store.ParseLocation(location.String())
		if err != nil || again != location {
			t.Fatalf("%q: is %+v, then %+v, %v", text, location, again, err)
		}
		before, _, hasUser := strings.Cut(text, "@")
		_, user, isURL := strings.Cut(before, "://")
		if hasUser && isURL && !strings.ContainsAny(user, "/?#") && strings.HasSuffix(user, ":hush-secret") &&
			strings.Contains(store.Shown(text), "hush-secret") && strings.Count(text, "hush-secret") == 1 {
			t.Fatalf("%q is shown as %q", text, store.Shown(text))
		}
	})
}
