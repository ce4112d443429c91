package architecture_test

import (
	"strings"
	"testing"
)

func TestImportDirection(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if folder, _ := place(s.pkg); folder == "" && within(testFolders(), s.pkg) == "" {
			t.Errorf("%s: %s has no place in layers(): give it one", s.file, s.pkg)
		}
		for _, i := range s.imports {
			if wrong := violation(s.pkg, i.path, i.ours); wrong != "" {
				t.Errorf("%s: %s", s.file, wrong)
			}
		}
	}
}

func TestViolation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		from, to string
		other    bool   // to is not of this module
		wrong    string // part of what is said; "" for an import that is right
	}{
		{from: "cmd/onetouch", to: "internal/cli"},
		{from: "cmd/onetouch", to: "os", other: true},
		{from: "cmd/onetouch", to: "internal/server", wrong: "main only runs the root command"},
		{from: "internal/cli", to: "internal/cli/output"},
		{from: "internal/cli/output", to: "internal/cli"},
		{from: "internal/cli", to: "internal/tui"},
		{from: "internal/tui", to: "internal/cli", wrong: "above"},
		{from: "internal/cli", to: "pkg/device"},
		{from: "internal/tui", to: "pkg/authy"},
		{from: "internal/config", to: "internal/tui", wrong: "above"},
		{from: "internal/server", to: "internal/server/authyapi"},
		{from: "internal/server/authyapi", to: "internal/server", wrong: "above"},
		{from: "internal/server/authyapi", to: "internal/server/problem"},
		{from: "internal/server/authyapi", to: "internal/server/deviceapi", wrong: "beside"},
		{from: "internal/server/deviceapi", to: "internal/server/authyapi/codes"},
		{from: "internal/server/problem", to: "internal/server/controlapi", wrong: "above"},
		{from: "internal/server/authyapi/parameters", to: "internal/server/wire"},
		{from: "internal/authywire", to: "internal/server/wire", wrong: "above"},
		{from: "internal/delivery", to: "pkg/callback"},
		{from: "internal/store", to: "internal/onetouch"},
		{from: "internal/store", to: "internal/server", wrong: "above"},
		{from: "internal/store", to: "internal/store/sqlite"},
		{from: "internal/store", to: "modernc.org/sqlite", other: true, wrong: "no driver"},
		{from: "internal/store", to: "database/sql", other: true, wrong: "no driver"},
		{from: "internal/store/sqlite", to: "modernc.org/sqlite", other: true},
		{from: "internal/store/sqlite", to: "database/sql", other: true},
		{from: "internal/store/sqlite", to: "internal/store/engine"},
		{from: "internal/store/sqlite", to: "internal/store", wrong: "above"},
		{from: "internal/store/sqlite", to: "pkg/details", wrong: "no query"},
		{from: "internal/store", to: "pkg/device", wrong: "domain alone"},
		{from: "internal/onetouch", to: "internal/store", wrong: "above"},
		{from: "internal/onetouch", to: "pkg/evidence"},
		{from: "internal/onetouch", to: "pkg/authy", wrong: "no adapter"},
		{from: "internal/onetouch", to: "time", other: true},
		{from: "internal/onetouch", to: "net/http", other: true, wrong: "no adapter"},
		{from: "internal/onetouch", to: "net/url", other: true},
		{from: "internal/onetouch", to: "github.com/google/uuid", other: true, wrong: "no adapter"},
		{from: "internal/onetouchx", to: "pkg/details", wrong: "no place"},
		{from: "internal/onetouch", to: "internal/util", wrong: "no place"},
		{from: "pkg/device", to: "pkg/evidence"},
		{from: "pkg/device", to: "pkg/authy", wrong: "beside"},
		{from: "pkg/device", to: "internal/onetouch", wrong: "above"},
		{from: "pkg/callback", to: "crypto/hmac", other: true},
		{from: "pkg/callback", to: "pkg/details", wrong: "should not have to take"},
		{from: "pkg/callback", to: "github.com/google/uuid", other: true, wrong: "should not have to take"},
		{from: "pkg/onetouchtest", to: "internal/server"},
		{from: "pkg/onetouchtest", to: "internal/cli", wrong: "above"},
		{from: "internal/server", to: "pkg/onetouchtest", wrong: "above"},
		{from: "internal/server", to: "internal/testneeds", wrong: "only tests"},
		{from: "internal/sample", to: "pkg/authy"},
		{from: "internal/sample", to: "pkg/device", wrong: "with the public packages alone"},
		{from: "internal/sample", to: "internal/server", wrong: "with the public packages alone"},
		{from: "internal/conformance", to: "internal/server"},
	} {
		t.Run(test.from+" imports "+test.to, func(t *testing.T) {
			t.Parallel()
			got := violation(test.from, test.to, !test.other)
			if (got == "") != (test.wrong == "") || !strings.Contains(got, test.wrong) {
				t.Errorf("said %q, want %q", got, test.wrong)
			}
		})
	}
}
