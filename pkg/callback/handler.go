package callback

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
)

// Handler answers callbacks: handle gets those that the verifier accepts, and none else. The answer is 200 when handle
// returns nil, and 500 otherwise, after which the service sends the callback again. A callback can also come again
// after a success, when its answer was lost: it has another nonce then and is no replay. So handle should make no
// difference between once and twice.
//
// A refused request is answered 400, 403 or 413 without a reason; the verifier's logger gets the reason.
func Handler(v *Verifier, handle func(context.Context, *Callback) error) http.Handler {
	return v.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _ := FromContext(r.Context())
		if err := handle(r.Context(), c); err != nil {
			v.logger().ErrorContext(r.Context(), "callback could not be handled", "uuid", c.UUID, "error", err)
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusOK)
	}))
}

// Middleware lets through to next only requests that the verifier accepts. next finds the callback with [FromContext],
// and can read the body as if nobody had. When it answers with anything but success (2xx), or panics, the same callback may
// come again.
//
// Its type is what routers take as middleware: func([http.Handler]) http.Handler.
func (v *Verifier) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := v.Verify(r)
		if err != nil {
			v.refuse(w, r, err)
			return
		}
		answer := &observed{ResponseWriter: w}
		handled := false
		defer func() {
			if !handled || !answer.success() {
				v.forget(r, c)
			}
		}()
		next.ServeHTTP(answer, r.WithContext(context.WithValue(r.Context(), contextKey{}, c)))
		handled = true
	})
}

// forget lets a callback come again that was not handled, even when the client has gone away.
func (v *Verifier) forget(r *http.Request, c *Callback) {
	ctx := context.WithoutCancel(r.Context())
	if err := v.Forget(ctx, c); err != nil {
		v.logger().ErrorContext(ctx, "callback that could not be handled would be refused as a replay", "uuid", c.UUID,
			"error", err)
	}
}

// observed notices the status of an answer.
type observed struct {
	http.ResponseWriter
	status int // 0: none yet, which is a success
}

// WriteHeader notices the status. One below 200 only announces another.
func (o *observed) WriteHeader(status int) {
	if o.status < http.StatusOK {
		o.status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

// Write is a success, unless WriteHeader said otherwise.
func (o *observed) Write(text []byte) (int, error) {
	if o.status < http.StatusOK {
		o.status = http.StatusOK
	}
	return o.ResponseWriter.Write(text)
}

// Unwrap gives [http.ResponseController] what it looks for.
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }

func (o *observed) success() bool { return o.status < http.StatusMultipleChoices }

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
		{ErrReplayed, http.StatusForbidden},
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
