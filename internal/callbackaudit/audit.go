package callbackaudit

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

// Defaults of the options.
const (
	DefaultTimeout  = 5 * time.Second
	DefaultHugeBody = 64 << 20 // bytes
	DefaultAuthyID  = 1000
)

// ErrUnreachable means that there is nobody at the URL.
var ErrUnreachable = errors.New("the handler cannot be reached")

// ErrUnsteadyProbe means that the probe says something else each time, though nothing was sent.
var ErrUnsteadyProbe = errors.New("the probe says something else each time it is asked, though nothing was sent: " +
	"it must say only what a callback changes")

// Moment is when somebody is asked about an approval request.
type Moment struct {
	Case   string
	UUID   string // of the approval request; empty before it was prepared
	Status string // approved or denied, of the callback
}

// Options say whom to audit, and how. URL and APIKey must be set.
type Options struct {
	// URL is where the handler is.
	URL string
	// PublicURL is the one that the service was told, which is signed. Empty: URL.
	PublicURL string
	Method    string // POST, which is the default, or GET
	APIKey    string
	AuthyID   int64    // of the user in the callbacks; 0: [DefaultAuthyID]
	Cases     []string // names of those to play; none: all
	// Probe says what the handler believes about an approval request, in any text: it acted when the text has changed. nil: it
	// accepted what it answered with a status of success.
	Probe func(context.Context, Moment) (string, error)
	// Prepare makes an approval request that the handler waits for, and returns its UUID. nil: the UUIDs are made up.
	Prepare func(context.Context, Moment) (string, error)
	// Timeout bounds every request, and how long a slow one is drawn out. 0: [DefaultTimeout].
	Timeout time.Duration
	// HugeBody is how many bytes the longest body has. 0: [DefaultHugeBody].
	HugeBody int64
	Now      func() time.Time // nil: [time.Now]
	// Told hears of every result at once. nil: nobody does.
	Told func(Result)
}

// auditor is an audit that is being made.
type auditor struct {
	Options
	target  *url.URL
	client  *http.Client
	mistake *callback.Mistake // that the handler makes with the URL, so that all is signed with it
	// approved is what the probe says of a request that was approved, with the UUID taken out.
	approved string
	report   Report
}

// Run audits a handler. Errors are [ErrUnreachable], [ErrUnsteadyProbe], those of ctx, of the two functions, and
// options that cannot be.
func Run(ctx context.Context, options Options) (Report, error) {
	a, err := newAuditor(options)
	if err != nil {
		return Report{}, err
	}
	defer a.client.CloseIdleConnections()
	if err := a.baseline(ctx); err != nil || !a.report.Told {
		return a.report, err
	}
	for _, c := range Cases() {
		if c.only != "" && c.only != a.Method || len(a.Cases) > 0 && !slices.Contains(a.Cases, c.Name) {
			continue
		}
		if err := a.play(ctx, c); err != nil {
			return a.report, err
		}
	}
	return a.report, a.stillAccepts(ctx)
}

func newAuditor(options Options) (*auditor, error) {
	a := &auditor{Options: options}
	var err error
	if a.target, err = url.Parse(a.URL); err != nil {
		return nil, fmt.Errorf("the URL of the handler: %w", err)
	}
	if a.PublicURL == "" {
		a.PublicURL = a.URL
	}
	for _, address := range []string{a.URL, a.PublicURL} {
		if _, err := callback.SigningURL(address); err != nil {
			return nil, err
		}
	}
	for _, name := range a.Cases {
		if !slices.ContainsFunc(Cases(), func(c Case) bool { return c.Name == name }) {
			return nil, fmt.Errorf("there is no case %q", name)
		}
	}
	a.setDefaults()
	a.client = &http.Client{
		// Each request has a connection of its own: what one leaves behind is not the next one's.
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	a.report = Report{
		URL: a.target.Redacted(), PublicURL: redacted(a.PublicURL), Method: a.Method, Probed: a.Probe != nil, Results: []Result{},
	}
	return a, nil
}

func (a *auditor) setDefaults() {
	if a.Method == "" {
		a.Method = http.MethodPost
	}
	if a.AuthyID == 0 {
		a.AuthyID = DefaultAuthyID
	}
	if a.Timeout == 0 {
		a.Timeout = DefaultTimeout
	}
	if a.HugeBody == 0 {
		a.HugeBody = DefaultHugeBody
	}
	if a.Now == nil {
		a.Now = time.Now
	}
}

func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Redacted()
}

// round is one case that is being played.
type round struct {
	*auditor
	ctx  context.Context // of the round alone, as are the fields below
	name string
	uuid string
	sent []Exchange
}

// newRound prepares an approval request for a case.
func (a *auditor) newRound(ctx context.Context, name string) (*round, error) {
	r := &round{auditor: a, ctx: ctx, name: name, sent: []Exchange{}}
	if a.Prepare == nil {
		r.uuid = newUUID()
		return r, nil
	}
	uuid, err := a.Prepare(ctx, Moment{Case: name, Status: approved})
	r.uuid = uuid
	return r, err
}

// play plays a case and notes its result.
func (a *auditor) play(ctx context.Context, c Case) error {
	started := time.Now()
	r, err := a.newRound(ctx, c.Name)
	if err != nil {
		return err
	}
	f, err := c.play(r)
	if err != nil {
		return err
	}
	result := Result{
		Case: c.Name, Title: c.Title, Severity: c.Severity, Verdict: f.verdict, Safe: c.Safe, Did: f.did, UUID: r.uuid, Sent: r.sent,
	}
	if f.severity != "" {
		result.Severity = f.severity
	}
	if f.verdict == Fault {
		result.Mend = c.Mend
	}
	a.note(result, started)
	return nil
}

func (a *auditor) note(result Result, started time.Time) {
	result.Took = time.Since(started)
	a.report.add(result)
	if a.Told != nil {
		a.Told(result)
	}
}

// probe asks what the handler believes; without a probe nothing.
func (r *round) probe(status string) (string, error) {
	if r.Probe == nil {
		return "", nil
	}
	return r.Probe(r.ctx, Moment{Case: r.name, UUID: r.uuid, Status: status})
}

// outcome is what came of a request.
type outcome struct {
	status int
	err    error // why there was no answer
}

// success reports whether the handler said that it took the callback.
func (o outcome) success() bool {
	return o.status >= http.StatusOK && o.status < http.StatusMultipleChoices
}

// words say what the handler did.
func (o outcome) words() string {
	switch {
	case o.err == nil:
		return fmt.Sprintf("answered %d", o.status)
	case o.timeUp():
		return "did not answer in time"
	case o.certificate() != nil:
		return fmt.Sprintf("has a certificate that is not accepted (%s)", innermost(o.certificate()))
	default:
		return "closed the connection without an answer"
	}
}

// certificate is what is wrong with the handler's certificate; nil: nothing, or there is none.
func (o outcome) certificate() error {
	if wrong := (*tls.CertificateVerificationError)(nil); errors.As(o.err, &wrong) {
		return wrong
	}
	return nil
}

// send sends a request and notes it. The error is that nobody is there.
func (r *round) send(request *http.Request, special string) (outcome, error) {
	ctx, cancel := context.WithTimeout(r.ctx, r.Timeout)
	defer cancel()
	response, err := r.client.Do(request.WithContext(ctx))
	done := outcome{err: err}
	exchange := Exchange{
		Request: strings.TrimSuffix(request.Method+" "+shownURL(request.URL)+": "+special, ": "),
		Nonce:   request.Header.Get(callback.NonceHeader),
	}
	if err == nil {
		done.status, exchange.Status = response.StatusCode, response.StatusCode
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, mostAnswer))
		_ = response.Body.Close()
	} else {
		exchange.Error = innermost(err).Error()
	}
	r.sent = append(r.sent, exchange)
	if r.ctx.Err() != nil {
		return done, r.ctx.Err()
	}
	if failed := (*net.OpError)(nil); errors.As(err, &failed) && failed.Op == "dial" {
		return done, fmt.Errorf("%w: %s: %w", ErrUnreachable, redacted(r.URL), innermost(err))
	}
	return done, nil
}

// mostAnswer bounds what is read of an answer, in bytes.
const mostAnswer = 1 << 20

// shownURL is a URL without a password, and without the parameters of a GET, which are many.
func shownURL(u *url.URL) string {
	shown := *u
	if shown.RawQuery != "" {
		shown.RawQuery = "…"
	}
	return shown.Redacted()
}

// innermost is the part of a network error that says what went wrong.
func innermost(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err
}

// newUUID is a random one, version 4 of RFC 9562.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
