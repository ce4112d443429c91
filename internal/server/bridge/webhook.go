package bridge

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

// Path is where webhooks of Verify are taken.
const Path = "/bridge/verify/webhook"

// Heard is told that Verify has news of a request.
type Heard func(ctx context.Context, uuid string) error

// Family takes Verify's webhooks. A webhook only says that there is news: what it is, Verify itself is asked.
func Family(o Options, heard Heard) route.Family {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	w := &receiver{
		verifier: verify.Verifier{AuthToken: o.AuthToken, URL: o.WebhookURL}, service: o.ServiceSID, heard: heard, log: o.Logger,
	}
	return route.Family{Prefix: "/bridge", Routes: []route.Route{
		{Method: http.MethodPost, Path: Path, Access: route.Public, Handle: w.take},
	}}
}

type receiver struct {
	verifier verify.Verifier
	service  string
	heard    Heard
	log      *slog.Logger
}

func (w *receiver) take(out http.ResponseWriter, r *http.Request) {
	event, err := w.verifier.Verify(r)
	switch {
	case errors.Is(err, verify.ErrSignature):
		http.Error(out, "The signature is missing or wrong.", http.StatusForbidden)
		return
	case err != nil:
		http.Error(out, "The webhook cannot be read.", http.StatusBadRequest)
		return
	}
	uuid := verifywire.RequestUUID(event.ChallengeSID)
	if !strings.HasPrefix(event.Type, "challenge.") || uuid == "" || event.ServiceSID != "" && event.ServiceSID != w.service {
		out.WriteHeader(http.StatusNoContent) // news of nothing that concerns us
		return
	}
	if err := w.heard(r.Context(), uuid); err != nil {
		p := problem.Of(err)
		w.log.WarnContext(r.Context(), "a webhook of Verify was not taken", "challenge", event.ChallengeSID, "error", err)
		http.Error(out, p.Message, p.Status)
		return
	}
	out.WriteHeader(http.StatusNoContent)
}

var _ onetouch.Upstream = (*Upstream)(nil)
