package callbackaudit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// network are requests that keep a handler busy.
func network() []Case {
	return []Case{
		{
			Name: "huge-body", Title: "A forged callback of 64 MiB", Severity: Warning, Safe: "stops reading and answers 413",
			Mend: "Bound the body before it is read (http.MaxBytesReader, Verifier.MaxBody): who has no key can fill the memory.",
			play: func(r *round) (finding, error) { return r.huge() },
		},
		{
			Name: "slow-drip", Title: "A body that comes byte by byte", Severity: Note, only: http.MethodPost,
			Safe: "gives up after some seconds: 408, or an end of the connection",
			Mend: "Bound the time for a request (http.Server.ReadTimeout), or have the proxy before it do so.",
			play: func(r *round) (finding, error) { return r.drip() },
		},
	}
}

// huge sends more than anybody should read.
func (r *round) huge() (finding, error) {
	m := r.message(approved)
	m.signed = r.payload(newUUID(), approved) // so that the signature is wrong
	m.special = fmt.Sprintf("forged, %d bytes long", r.HugeBody)
	if r.Method == http.MethodGet {
		return r.hugeQuery(m)
	}
	m.special += ", in chunks"
	f, err := r.hugeBody(m, false) // so that nobody can refuse it by its length
	if err != nil || f.verdict != Safe {
		return f, err
	}
	m.special = strings.Replace(m.special, "in chunks", "with its Content-Length", 1)
	return r.hugeBody(m, true) // for who reads by it, and takes chunks for an empty body
}

// hugeBody sends a body that is too long: with its length told beforehand, or in chunks.
func (r *round) hugeBody(m message, told bool) (finding, error) {
	request, err := r.request(m)
	if err != nil {
		return finding{}, err
	}
	head, tail := string(bytes.TrimSuffix(m.sent, []byte("}")))+`,"padding":"`, `"}`
	read := &counted{Reader: io.MultiReader(
		strings.NewReader(head), io.LimitReader(letters{}, r.HugeBody), strings.NewReader(tail),
	)}
	request.Body, request.GetBody, request.ContentLength = io.NopCloser(read), nil, -1
	if told {
		request.ContentLength = int64(len(head)) + r.HugeBody + int64(len(tail))
	}
	before, err := r.probe(approved)
	if err != nil {
		return finding{}, err
	}
	sent, err := r.send(request, m.special)
	if err != nil {
		return finding{}, err
	}
	after, err := r.probe(approved)
	if err != nil {
		return finding{}, err
	}
	switch all := read.bytes.Load() > r.HugeBody; {
	case before != after || r.Probe == nil && sent.success():
		return finding{verdict: Fault, severity: Severe, did: sent.words() + " and accepted it"}, nil
	case all:
		return finding{verdict: Fault, did: "read all of it, then " + sent.words()}, nil
	case sent.timeUp():
		return finding{verdict: Fault, did: fmt.Sprintf("still read it after %s", r.Timeout)}, nil
	default:
		return sent.refusal(sent.words() + " without reading all of it"), nil
	}
}

// mostQuery is far above what servers take for a request line, and below what this machine's would not send.
const mostQuery = 2 << 20

// hugeQuery is what a GET has for a huge body.
func (r *round) hugeQuery(m message) (finding, error) {
	m.special = fmt.Sprintf("forged, with a query of %d bytes", mostQuery)
	m.change = func(request *http.Request) {
		request.URL.RawQuery += "&padding=" + string(bytes.Repeat([]byte("a"), mostQuery))
	}
	tried, err := r.try(m, approved)
	if err != nil {
		return finding{}, err
	}
	f := r.judge(tried)
	if f.verdict == Fault {
		f.severity = Severe
	}
	return f, nil
}

// timeUp reports whether a request ended because the audit gave up.
func (o outcome) timeUp() bool { return errors.Is(o.err, context.DeadlineExceeded) }

// drip sends a right callback so slowly that it never ends.
func (r *round) drip() (finding, error) {
	m := r.message(approved)
	m.special = "byte by byte"
	request, err := r.request(m)
	if err != nil {
		return finding{}, err
	}
	const steps = 10
	ctx, cancel := context.WithTimeout(r.ctx, r.Timeout)
	defer cancel()
	half := len(m.sent) / 2
	slow := &dripping{ctx: ctx, text: m.sent[half:], every: r.Timeout / steps}
	request.Body, request.GetBody = io.NopCloser(io.MultiReader(bytes.NewReader(m.sent[:half]), slow)), nil
	started := time.Now()
	sent, err := r.send(request, m.special)
	if err != nil {
		return finding{}, err
	}
	switch {
	case sent.err == nil && sent.success():
		return finding{verdict: Fault, did: sent.words() + " before the body was there"}, nil
	case sent.timeUp() || ctx.Err() != nil:
		return finding{verdict: Fault, did: fmt.Sprintf("still waited after %s (--timeout waits longer)", r.Timeout)}, nil
	case sent.status == http.StatusTooManyRequests: // 503 is what http.TimeoutHandler answers
		return sent.refusal(""), nil
	default:
		return finding{verdict: Safe, did: fmt.Sprintf("%s, after %s", sent.words(), time.Since(started).Round(time.Second/steps))}, nil
	}
}

// counted counts what was read.
type counted struct {
	io.Reader
	bytes atomic.Int64
}

// Read counts.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

// letters are letters without end.
type letters struct{}

// Read fills p.
func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// dripping is a text that comes a byte at a time.
type dripping struct {
	ctx   context.Context // of one request
	text  []byte
	every time.Duration
}

// Read waits, and gives one byte.
func (d *dripping) Read(p []byte) (int, error) {
	if len(d.text) == 0 {
		return 0, io.EOF
	}
	next := time.NewTimer(d.every)
	defer next.Stop()
	select {
	case <-next.C:
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
	p[0], d.text = d.text[0], d.text[1:]
	return 1, nil
}
