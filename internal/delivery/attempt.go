package delivery

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// sending is one delivery from the reading of it to the writing down of its attempt.
type sending struct {
	parcel  onetouch.Parcel
	mishap  Mishap
	attempt onetouch.Attempt
	// unsent is what became of it when there was no attempt; nil: there was one.
	unsent *outcome
}

// send makes one attempt.
func (w *Worker) send(ctx context.Context, id int64, s *sending) {
	if s.unsent = w.prepare(ctx, id, s); s.unsent == nil {
		s.attempt = w.attempt(ctx, s.parcel)
	}
}

// prepare reads what is to be sent, and returns what became of it if it is not to be sent now.
func (w *Worker) prepare(ctx context.Context, id int64, s *sending) (unsent *outcome) {
	var err error
	s.parcel, err = w.service.Parcel(ctx, id)
	switch {
	case err != nil:
		return &outcome{err: err}
	case !s.parcel.Delivery.Due(w.service.Clock().Now()):
		return &outcome{} // it was postponed or has ended since it was found due
	}
	if reason := s.parcel.Obsolete(); reason != "" {
		w.Logger.LogAttrs(ctx, slog.LevelDebug, "delivery is given up", slog.Int64("delivery", id), slog.String("reason", reason))
		return &outcome{ended: true, err: w.giveUp(ctx, s.parcel.Delivery, reason)}
	}
	var stays bool
	s.mishap, stays, err = w.mishap(ctx, s.parcel.Delivery)
	if err != nil || !stays {
		return &outcome{ended: s.mishap.Lost != "", err: err}
	}
	if err := w.number(ctx, &s.parcel); err != nil {
		return &outcome{err: err}
	}
	return nil
}

// settle writes an attempt down. Once the delivery has ended nothing more of it can become due. The error is the store's.
func (w *Worker) settle(ctx context.Context, s *sending) outcome {
	o := outcome{sent: true, health: healthAfter(s.attempt), took: s.attempt.Duration}
	if s.unsent != nil {
		o = *s.unsent
	} else if o.ended, o.err = w.record(ctx, s.attempt); o.err == nil {
		o.err = w.afterwards(ctx, s.parcel, s.attempt, s.mishap)
	}
	if onetouch.CodeOf(o.err) == onetouch.CodeDeliveryNotFound {
		o.ended, o.err = true, nil // somebody has emptied the store
	}
	return o
}

// oldestNonce is how long ago a try may have been scheduled whose nonce is that second. Careful receivers refuse a nonce that
// is some minutes old.
const oldestNonce = time.Minute

// number gives a callback its nonce: the second in which its try was scheduled. So the one that is sent after a crash, when
// nobody knows whether it was sent before, is the same to the last byte, and receivers that remember do nothing for it; while
// two tries, which are a second apart at least, never have the same. One that had to wait too long is scheduled anew first.
func (w *Worker) number(ctx context.Context, p *onetouch.Parcel) error {
	d := &p.Delivery
	if !d.Kind.Signed() || p.Content.Nonce != "" {
		return nil
	}
	if now := w.service.Clock().Now(); now.Sub(d.NextAttemptAt) > oldestNonce {
		if err := w.service.Postpone(context.WithoutCancel(ctx), d.ID, now); err != nil {
			return err
		}
		d.NextAttemptAt = now
	}
	p.Content.Nonce = strconv.FormatInt(d.NextAttemptAt.Unix(), 10)
	return nil
}

// healthAfter is how a receiver behaves, judged by one attempt.
func healthAfter(a onetouch.Attempt) health {
	if a.StatusCode == 0 {
		return noAnswers
	}
	return answers
}

// attempt sends a delivery and waits for the answer.
func (w *Worker) attempt(ctx context.Context, p onetouch.Parcel) onetouch.Attempt {
	a := onetouch.Attempt{DeliveryID: p.Delivery.ID, StartedAt: w.service.Clock().Now()}
	started := time.Now()
	timeout := p.Application.AttemptTimeout(w.Timeout)
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := write(limited, p, a.StartedAt, w.UserAgent)
	if err != nil {
		a.Error = "cannot be sent: " + oneLine(err.Error())
		return a
	}
	var watch stopwatch
	got := w.exchange(watch.traced(request), p.Delivery)
	a.Duration = time.Since(started)
	a.Exchange = onetouch.Exchange{
		Nonce: request.Header.Get(callback.NonceHeader), Signature: request.Header.Get(callback.SignatureHeader),
		Headers: got.headers, Phases: watch.phases(started, started.Add(a.Duration)),
	}
	a.StatusCode, a.Response = got.status, got.body
	switch {
	case !got.accepted():
		a.Error = got.refusal(request.URL)
	case got.err == nil:
	case ctx.Err() != nil:
		a.CutOff = true
		a.Error = "cut off, because the service stopped before the answer was there"
	case limited.Err() != nil:
		a.Error = got.tooLate(timeout)
	case got.status != 0: // a handler that fails in its middle looks like this
		a.Error = answered(got.status) + ", but the connection was closed in the middle of the answer"
	default:
		a.Error = explain(got.err, request.URL)
	}
	if a.Error != "" && watch.reached(w.own.Load()) {
		a.Error += "; the URL leads back to this server, and must be that of the backend"
	}
	return a
}

const (
	maxAnswer     = 64 << 10 // bytes that are read, so that the connection can be used again
	maxAnswerKept = 4 << 10
	maxHeaderKept = 4 << 10
)

// answer is what came back.
type answer struct {
	status     int // 0: nothing
	body       string
	redirectTo string
	headers    []onetouch.Header
	err        error // why it did not come, or not to its end
}

func (w *Worker) exchange(r *http.Request, d onetouch.Delivery) answer {
	e, err := w.errandOf(r, d)
	if err != nil {
		return answer{err: err}
	}
	transport := w.transport
	if e.foreign {
		transport = w.foreign
	}
	response, err := transport.RoundTrip(r.WithContext(context.WithValue(r.Context(), errandKey{}, e)))
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = response.Body.Close() }() // all of it that matters was read
	var content []byte
	if response.StatusCode != http.StatusSwitchingProtocols { // after that one the connection has no end, and ctx does not end it
		content, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	}
	return answer{
		status: response.StatusCode, body: beginning(content), redirectTo: redirectTarget(response),
		headers: headersOf(response), err: err,
	}
}

// accepted reports whether the status, if there is one, is that of a success.
func (a answer) accepted() bool { return a.status == 0 || a.status >= 200 && a.status <= 299 }

func (a answer) refusal(asked *url.URL) string {
	switch {
	case a.redirectTo != "":
		return answered(a.status) + ", a redirect to " + a.redirectTo + "; redirects are not followed"
	case a.status == http.StatusBadRequest && asked.Scheme == "http" && wantsTLS(a.body):
		return answered(a.status) + ": " + speaksTLS(asked)
	default:
		return answered(a.status)
	}
}

// wantsTLS reports whether an answer is what servers of HTTPS say to a request without TLS: Go, nginx, and Apache.
func wantsTLS(body string) bool {
	for _, says := range []string{
		"HTTP request to an HTTPS server", "plain HTTP request was sent to HTTPS port", "speaking plain HTTP to an SSL",
	} {
		if strings.Contains(body, says) {
			return true
		}
	}
	return false
}

func (a answer) tooLate(limit time.Duration) string {
	if a.status == 0 {
		return "timed out after " + seconds(limit)
	}
	return answered(a.status) + ", but the answer did not end within " + seconds(limit)
}

// answered is the status with the name that everybody knows it by, not the one that the receiver made up.
func answered(status int) string {
	return strings.TrimSpace(fmt.Sprintf("answered %d %s", status, http.StatusText(status)))
}

// redirectTarget is where a redirect points, without what may be secret: a user's password, the query.
func redirectTarget(r *http.Response) string {
	const most = 200
	if r.StatusCode < 300 || r.StatusCode > 399 || r.Header.Get("Location") == "" {
		return ""
	}
	u, err := r.Location()
	if err != nil {
		return "a URL that cannot be read"
	}
	text := (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
	if len(text) > most {
		text = text[:most] + "…"
	}
	return text
}

// headersOf are the header fields of an answer by name, as many as are kept.
func headersOf(r *http.Response) (headers []onetouch.Header) {
	room := maxHeaderKept
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, value := range r.Header[name] {
			if room -= len(name) + len(value); room < 0 {
				return headers
			}
			headers = append(headers, onetouch.Header{Name: name, Value: strings.ToValidUTF8(value, "\uFFFD")})
		}
	}
	return headers
}

// beginning is the part of an answer that is kept, as text that every store takes.
func beginning(content []byte) string {
	cut := len(content) > maxAnswerKept
	if cut {
		content = content[:maxAnswerKept]
	}
	const unreadable = "\uFFFD"
	text := strings.ReplaceAll(strings.ToValidUTF8(string(content), unreadable), "\x00", unreadable)
	if cut {
		text = strings.TrimSuffix(text, unreadable) // the last character may have been cut in two
	}
	return text
}
