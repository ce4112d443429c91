package onetouch_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestErrorsTellWhatKindOfRefusalTheyAre(t *testing.T) {
	t.Parallel()
	cause := errors.New("the cause")
	refusal := &onetouch.Error{Code: onetouch.CodeUserNotFound, Message: "User not found.", Err: cause}
	wrapped := fmt.Errorf("reading a user: %w", refusal)
	for _, test := range []struct {
		err  error
		want onetouch.Code
	}{
		{nil, ""}, {cause, onetouch.CodeInternal}, {refusal, onetouch.CodeUserNotFound}, {wrapped, onetouch.CodeUserNotFound},
	} {
		if got := onetouch.CodeOf(test.err); got != test.want {
			t.Errorf("%v: got %q, want %q", test.err, got, test.want)
		}
	}
	if refusal.Error() != "User not found." {
		t.Errorf("a user is shown %q; the cause is for the log", refusal)
	}
	if !errors.Is(wrapped, cause) || !errors.Is(wrapped, &onetouch.Error{Code: onetouch.CodeUserNotFound}) ||
		errors.Is(wrapped, &onetouch.Error{Code: onetouch.CodeDeviceNotFound}) {
		t.Error("a wrapped refusal is not found by its cause or code, or by another code")
	}
}

// Giving out identifiers that are not random would be worse than to stop.
func TestSourceOfRandomnessThatRunsDry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	service := onetouch.NewService(w.store, onetouch.Options{Random: strings.NewReader("short")})
	defer func() {
		if recover() == nil {
			t.Error("the service went on")
		}
	}()
	_, _ = service.StartRegistration(t.Context(), w.app.ID, w.addUser("202-555-0158").AuthyID)
}

func TestServiceHasTheOrdinarySurroundings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	service := onetouch.NewService(w.store, onetouch.Options{})
	if service.Clock() != (onetouch.SystemClock{}) || w.Clock() != w.clock {
		t.Errorf("clocks are %T and %T", service.Clock(), w.Clock())
	}
	one, err := service.StartRegistration(t.Context(), w.app.ID, w.addUser("202-555-0158").AuthyID)
	if err != nil {
		t.Fatal(err)
	}
	two, err := service.StartRegistration(t.Context(), w.app.ID, w.addUser("202-555-0158").AuthyID)
	if err != nil || one == two {
		t.Errorf("tokens %q and %q must differ (%v)", one, two, err)
	}
}
