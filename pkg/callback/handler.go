package callback

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
)

// Handler answers callbacks: handle gets those that the verifier accepts, and none else. The answer is 200 when handle
// returns nil, and 500 otherwise, after which the service sends the callback again. A callback can also come again
// after a success, when its answer was lost, so handle should make no difference between once and twice.
//
// A refused request is answered 400, 403 or 413 without a reason; the verifier's logger gets the reason.
func Handler(v *Verifier, handle func(context.Context, *Callback) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := v.Verify(r)
		if err != nil {
			v.refuse(w, r, err)
			return
		}
		if err := handle(r.Context(), c); err != nil {
			v.logger().ErrorContext(r.Context(), "callback could not be handled", "uuid", c.UUID, "error", err)
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
}

// Middleware lets through to next only requests that the verifier accepts. next finds the callback with [FromContext],
// and can read the body as if nobody had.
func (v *Verifier) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := v.Verify(r)
		if err != nil {
			v.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, c)))
	})
}

type contextKey struct{}

// FromContext returns the callback that [Verifier.Middleware] accepted.
func FromContext(ctx context.Context) (*Callback, bool) {
	c, ok := ctx.Value(contextKey{}).(*Callback)
	return c, ok
}

// refuse tells the developer why, and the client nothing but that.
func (v *Verifier) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status := refusalStatus(err)
	v.logger().WarnContext(r.Context(), "callback refused", "status", status, "remote", r.RemoteAddr, "error", err)
	http.Error(w, http.StatusText(status), status)
}

func refusalStatus(err error) int {
	for _, refusal := range []struct {
		kind   error
		status int
	}{
		{ErrTooLarge, http.StatusRequestEntityTooLarge},
		{ErrMalformed, http.StatusBadRequest},
		{ErrSignature, http.StatusForbidden},
		{ErrStale, http.StatusForbidden},
	} {
		if errors.Is(err, refusal.kind) {
			return refusal.status
		}
	}
	return http.StatusInternalServerError
}

func (v *Verifier) logger() *slog.Logger {
	if v.Logger == nil {
		return slog.Default()
	}
	return v.Logger
}
