package callbackaudit

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

// baselineCase is the name of the result that says whether a right callback is accepted.
const baselineCase = "baseline"

// baseline sends a right callback. A handler that refuses it, or does not act on it, tells nothing by refusing others.
func (a *auditor) baseline(ctx context.Context) error {
	started := time.Now()
	r, err := a.newRound(ctx, baselineCase)
	if err != nil {
		return err
	}
	if err := r.steady(); err != nil {
		return err
	}
	tried, err := r.try(r.message(approved), approved)
	if err != nil {
		return err
	}
	result := Result{
		Case: baselineCase, Title: "A right callback", Severity: Severe, Verdict: Safe, Safe: "accepts it", UUID: r.uuid,
		Did: tried.words(),
	}
	switch {
	case tried.accepted:
		a.approved = withoutUUID(tried.after, r.uuid)
		a.report.Told = true
	case tried.success():
		result.Verdict, result.Did = Fault, tried.words()+", but the probe says the same as before"
		result.Mend = "Check the probe: it must print what the handler believes about the approval request $ONETOUCH_UUID. A handler " +
			"that acts only on requests it has made itself needs --prepare."
	case tried.certificate() != nil:
		result.Verdict, result.Did = Fault, tried.words()+", so that nothing was sent"
		result.Mend = "Give the handler a certificate of its host name from an authority that this machine trusts, as the service " +
			"wants one too; or trust its own: SSL_CERT_FILE."
	default:
		err = r.diagnose(&result, tried)
	}
	result.Sent = r.sent
	a.note(result, started)
	return err
}

// steady makes sure that the probe says the same as long as nothing is sent: what changes by itself would look like an action.
func (r *round) steady() error {
	first, err := r.probe(approved)
	if err != nil {
		return err
	}
	second, err := r.probe(approved)
	if err == nil && first != second {
		return ErrUnsteadyProbe
	}
	return err
}

// mostGuesses bounds how often a handler is asked what it would accept instead.
const mostGuesses = 60

// diagnose finds out why a right callback is refused, by trying those that are wrong in the ways in which handlers are. When
// the handler is wrong about its URL, the audit goes on with what it takes for the URL.
func (r *round) diagnose(result *Result, refused attempt) error {
	result.Verdict, result.Did = Fault, refused.words()+" to a right callback"
	result.Mend = "Check the API key, and the URL that the handler verifies with: it must be " + redacted(r.PublicURL) +
		" (--public-url says another, --api-key another key). 'onetouch callback verify' says what is wrong with one that you " +
		"have. A handler that acts only on requests it has made itself needs --prepare."
	m := r.message(approved)
	received, err := r.received(m)
	if err != nil {
		return err
	}
	guesses, err := callback.Guesses(received)
	if err != nil {
		return err
	}
	tries := 0
	for guess := range guesses {
		if len(guess.Mistakes) == 0 {
			continue
		}
		if tries++; len(guess.Mistakes) > 1 || tries > mostGuesses {
			break
		}
		mistake := guess.Mistakes[0]
		m.special = "the same, " + mistake.Text
		m.change = func(request *http.Request) { request.Header.Set(callback.SignatureHeader, guess.Signature) }
		tried, err := r.try(m, approved)
		if err != nil {
			return err
		}
		if tried.accepted {
			r.tell(result, mistake, refused)
			r.approved = withoutUUID(tried.after, r.uuid)
			return nil
		}
	}
	return nil
}

// tell says which mistake the handler makes.
func (r *round) tell(result *Result, mistake callback.Mistake, refused attempt) {
	result.Did = refused.words() + " to a right callback, but accepts a wrong one: " + mistake.Text
	switch mistake.Kind {
	case callback.MistakeScheme, callback.MistakeHost, callback.MistakePath, callback.MistakeQuery:
		result.Mend = "Verify with the URL that the service was told, " + redacted(r.PublicURL) + ", not with one that is put " +
			"together from the request."
		r.mistake, r.report.Told = &mistake, true
	default:
		result.Mend = "Verify by the rules: docs/callbacks.md."
	}
}

// stillAccepts makes sure that what the handler refused in the end was not refused because of who sent it.
func (a *auditor) stillAccepts(ctx context.Context) error {
	started := time.Now()
	r, err := a.newRound(ctx, "afterwards")
	if err != nil {
		return err
	}
	tried, err := r.try(r.message(approved), approved)
	if err != nil || tried.accepted {
		return err
	}
	a.note(Result{
		Case: "afterwards", Title: "A right callback after all others", Severity: Warning, Verdict: Fault, Safe: "accepts it",
		Did: tried.words() + ": it may block who sends wrong ones, so that what it refused above says less than it seems",
		Mend: "Let the audit in: a limit on refused callbacks must not apply to it. If there is none, the handler does not stand " +
			"one of the cases.",
		UUID: r.uuid, Sent: r.sent,
	}, started)
	return nil
}

// attempt is what came of a message.
type attempt struct {
	outcome
	before, after string // what the probe said
	accepted      bool
}

// try sends a message and finds out whether it was accepted: by the probe, or else by the status.
func (r *round) try(m message, status string) (attempt, error) {
	before, err := r.probe(status)
	if err != nil {
		return attempt{}, err
	}
	request, err := r.request(m)
	if err != nil {
		return attempt{}, err
	}
	sent, err := r.send(request, m.special)
	if err != nil {
		return attempt{}, err
	}
	after, err := r.probe(status)
	tried := attempt{outcome: sent, before: before, after: after, accepted: sent.success()}
	if r.Probe != nil {
		tried.accepted = before != after
	}
	return tried, err
}

// withoutUUID makes what is said of one request comparable with what is said of another.
func withoutUUID(text, uuid string) string {
	if uuid == "" {
		return text
	}
	return strings.ReplaceAll(text, uuid, "UUID")
}
