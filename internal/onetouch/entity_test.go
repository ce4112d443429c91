package onetouch_test

import (
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// An identity is 8 to 64 letters, digits and dashes, and is one user.
func TestIdentities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for identity, want := range map[string]onetouch.Code{
		"ff483d1f-f591": "", "12345678": "", "--------": "", strings.Repeat("aZ", 32): "",
		"": onetouch.CodeInvalidParameter, "1234567": onetouch.CodeInvalidParameter,
		strings.Repeat("aZ", 32) + "9": onetouch.CodeInvalidParameter,
		"ada@example.com":              onetouch.CodeInvalidParameter, "ada lovelace": onetouch.CodeInvalidParameter,
		"adalovelace\n": onetouch.CodeInvalidParameter, "ada_lovelace": onetouch.CodeInvalidParameter,
		"adalovelacé": onetouch.CodeInvalidParameter,
	} {
		user, err := w.AddEntity(t.Context(), w.app.ID, identity)
		if onetouch.CodeOf(err) != want {
			t.Errorf("%q: %v, want %q", identity, err, want)
		}
		if want != "" {
			continue
		}
		if user.Identity != identity || user.AuthyID == 0 || user.HasPhone() {
			t.Errorf("%q is %+v", identity, user)
		}
		if _, err := w.AddEntity(t.Context(), w.app.ID, identity); onetouch.CodeOf(err) != onetouch.CodeEntityExists {
			t.Errorf("%q a second time: %v", identity, err)
		}
	}
}
