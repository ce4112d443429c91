package migrate_test

import (
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/migrate"
)

// Whatever is given as a recording, it is read or refused in one line.
func FuzzReadRecording(f *testing.F) {
	for _, seed := range []string{
		"", "{}", "null", `{"log":{"entries":[{"request":{"method":"GET","url":"http://a/b?c=d"},"response":{"status":200}}]}}`,
		`{"calls":[{"method":"POST","path":"/a","status":200}]}`, `{"log":{"entries":[{"request":{"postData":{"params":[{"name":"a"}]}}}]}}`,
		"\uFEFF{}", `{"log":`, `[1]`, `{"log":{"entries":null}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := migrate.ReadRecording(strings.NewReader(text)); err != nil && strings.Contains(err.Error(), "\n") {
			t.Fatalf("%q: %q", text, err)
		}
	})
}
