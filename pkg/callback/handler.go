package callback

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
)

// Handler answers callbacks: handle gets those that the verifier accepts, and none else. The answer is 200 when handle
// returns nil, and 500 otherwise, after which the service sends the callback again. The very same callback once more is not
// handled again: see [Verifier.Middleware]. One can also come again with another nonce, when its answer came too late or was
// lost. So handle should make no difference between once and twice.
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
// The very same callback once more, with the same nonce and signature, is what the service sends when it was interrupted
// before it could note the answer, or what somebody sends who has overheard it. When next has handled the first, the copy is
// answered 200 and next does not hear of it. While it is being handled, the copy waits for MaxWait, and is then answered 503.
//
// Its type is what routers take as middleware: func([http.Handler]) http.Handler.
func (v *Verifier) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := v.verify(r)
		known := Unknown
		if err == nil {
			known, err = v.beginOrAwait(r.Context(), c)
		}
		switch {
		case err != nil:
			v.refuse(w, r, err)
		case known == Handled:
			v.logger().InfoContext(r.Context(), "callback came again after it was handled", "uuid", c.UUID, "nonce", c.Nonce)
			w.WriteHeader(http.StatusOK)
		case known == BeingHandled:
			v.logger().WarnContext(r.Context(), "callback came again while it is being handled", "uuid", c.UUID, "nonce", c.Nonce)
			w.Header().Set("Retry-After", "1")
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		default:
			v.let(next, w, r, c)
		}
	})
}

// let lets next handle a callback, and notes whether it did.
func (v *Verifier) let(next http.Handler, w http.ResponseWriter, r *http.Request, c *Callback) {
	answer := &observed{ResponseWriter: w}
	handled := false
	defer func() { v.ended(r, c, handled && answer.success()) }()
	next.ServeHTTP(answer, r.WithContext(context.WithValue(r.Context(), contextKey{}, c)))
	handled = true
}

// ended notes that a callback was handled or, if it was not, lets it come again; even when the client has gone away.
func (v *Verifier) ended(r *http.Request, c *Callback, handled bool) {
	ctx := context.WithoutCancel(r.Context())
	note, otherwise := v.Forget, "callback that could not be handled is not taken when it comes again"
	if handled {
		note, otherwise = v.done, "callback that was handled is answered 503 when it comes again"
	}
	if err := note(ctx, c); err != nil {
		v.logger().ErrorContext(ctx, otherwise, "uuid", c.UUID, "error", err)
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
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	http.Error(w, http.StatusText(status), status)
}

func refusalStatus(err error) int {
	for _, refusal := range []struct {
		kind   error
		status int
	}{
		{errMemoryFull, http.StatusServiceUnavailable},
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
