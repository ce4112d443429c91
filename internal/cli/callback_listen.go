package cli

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

type callbackListenOptions struct {
	display
	keyChoice
	addr        string
	url, method string
	forwardTo   string
	status      int
	delay       time.Duration
	hang, reset bool
	count       int
}

// defaultReceiver is where most examples have their callback URL.
const defaultReceiver = "127.0.0.1:3000"

// NewCmdCallbackListen returns the command that receives callbacks.
func NewCmdCallbackListen(f *Factory) *cobra.Command {
	return newCmdCallbackListen(f, &callbackListenOptions{display: f.display()})
}

func newCmdCallbackListen(f *Factory, o *callbackListenOptions) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "listen",
		Short: "Receive callbacks where you have no handler yet: print, verify, answer as told",
		Long: "Receive callbacks on every path, print and verify them, until interrupted. A right one is answered 200, another\n" +
			"403, or all as told: with --answer, late with --delay, never with --hang, by a reset of the connection with\n" +
			"--reset.\n\n" +
			"--forward-to passes them on to your handler, byte for byte, and its answer back. The Host header stays, so that\n" +
			"the handler finds in its request the URL that was signed; so does the path, unless the URL has one of its own.",
		Example: "onetouch callback listen --forward-to http://127.0.0.1:4000",
		Args:    noArguments,
		RunE:    runWith(o, callbackListenRun),
	}
	addKeyFlags(f, cmd, &o.keyChoice, true)
	flags := cmd.Flags()
	flags.StringVar(&o.addr, "addr", defaultReceiver, "`HOST:PORT` to listen on; port 0 picks a free one")
	flags.StringVar(&o.url, "url", "", "public `URL` that the service was told to call (default that of each request)")
	addMethodFlag(cmd, &o.method)
	cmd.Flags().Lookup("method").Usage = "only this `METHOD` is right: POST or GET (default both)"
	flags.StringVar(&o.forwardTo, "forward-to", "", "pass callbacks on to this `URL`, and its answers back")
	flags.IntVar(&o.status, "answer", 0, "answer every callback with this HTTP `STATUS`")
	flags.DurationVar(&o.delay, "delay", 0, "answer after this `DURATION`, such as 5s")
	flags.BoolVar(&o.hang, "hang", false, "do not answer at all")
	flags.BoolVar(&o.reset, "reset", false, "reset the connection instead of answering")
	flags.IntVar(&o.count, "count", 0, "end after this `NUMBER` of callbacks (default when interrupted)")
	o.answer = addAnswerFlags(cmd, receivedCallback{}, "the UUIDs of the requests of right callbacks")
	return cmd
}

func (o *callbackListenOptions) validate() error {
	const lowest, highest = 200, 599
	switch {
	case o.status != 0 && (o.status < lowest || o.status > highest):
		return usageError("--answer %d is no HTTP status of an answer: that is %d to %d", o.status, lowest, highest)
	case o.delay < 0:
		return usageError("--delay %s is in the past", o.delay)
	case o.count < 0:
		return usageError("--count %d is below 0", o.count)
	case o.hang && o.reset:
		return usageError("--hang and --reset cannot be combined")
	case (o.hang || o.reset) && (o.status != 0 || o.forwardTo != ""):
		return usageError("--hang and --reset give no answer: leave out --answer and --forward-to")
	}
	return o.validateTarget()
}

// validateTarget checks what a right callback is said to be.
func (o *callbackListenOptions) validateTarget() (err error) {
	if o.url != "" {
		if _, err := callback.SigningURL(o.url); err != nil {
			return usageError("--url: %s", withoutKind(err))
		}
	}
	if o.method != "" {
		o.method, err = methodOr(o.method, config.Settings{})
	}
	return err
}

// forwardTarget is the URL of --forward-to, nil when there is none.
func (o *callbackListenOptions) forwardTarget() (*url.URL, error) {
	if o.forwardTo == "" {
		return nil, nil
	}
	target, err := url.Parse(o.forwardTo)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return nil, usageError("--forward-to %q must be an http or https URL, such as http://127.0.0.1:4000", o.forwardTo)
	}
	return target, nil
}

func callbackListenRun(ctx context.Context, o *callbackListenOptions) error {
	if err := o.validate(); err != nil {
		return err
	}
	target, err := o.forwardTarget()
	if err != nil {
		return err
	}
	keys, err := o.read(ctx, &o.keyChoice)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, o.addr)
	if err != nil {
		return err
	}
	receiver := newCallbackListener(ctx, o, keys, target)
	say(o.streams, "Callbacks are received at %s. Ctrl-C stops it.", urlOf(listener.Addr()))
	return receiver.serve(ctx, listener)
}

// callbackListener receives callbacks, tells of them and answers as told.
type callbackListener struct {
	*callbackListenOptions
	keys     []string
	verifier *callback.Verifier
	target   *url.URL
	client   *http.Client
	stopping <-chan struct{} // closed when nobody is to be kept waiting any more

	mu     sync.Mutex
	left   int           // callbacks still to come; counts only with --count
	failed error         // of writing
	done   chan struct{} // closed after the last callback, or when writing failed
	end    func()        // closes done
}

func newCallbackListener(ctx context.Context, o *callbackListenOptions, keys []string, target *url.URL) *callbackListener {
	done := make(chan struct{})
	return &callbackListener{
		callbackListenOptions: o, keys: keys, target: target, stopping: ctx.Done(), left: o.count, done: done,
		end:      sync.OnceFunc(func() { close(done) }),
		verifier: &callback.Verifier{APIKey: keys[0], URL: o.url, Method: o.method},
		client: &http.Client{
			Transport:     &http.Transport{DisableCompression: true},
			Timeout:       forwardTime,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Bounds of a receiver. They are far above what a service waits.
const (
	forwardTime = time.Minute
	headerTime  = 10 * time.Second
	closingTime = 2 * time.Second
)

// serve receives callbacks until ctx ends, or the last of --count was answered.
func (l *callbackListener) serve(ctx context.Context, listener net.Listener) error {
	s := &http.Server{Handler: l, ReadHeaderTimeout: headerTime, ErrorLog: log.New(io.Discard, "", 0)}
	var work sync.WaitGroup
	work.Go(func() { _ = s.Serve(listener) }) // it ends when it is closed
	defer work.Wait()
	defer func() { _ = s.Close() }()
	defer l.client.CloseIdleConnections()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-l.done:
	}
	closing, cancel := context.WithTimeout(ctx, closingTime)
	defer cancel()
	_ = s.Shutdown(closing) // what is not over by then is closed
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// ServeHTTP receives a callback.
func (l *callbackListener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	shown, body, verified := l.look(r)
	reply := l.replyTo(r, body, &shown)
	l.tell(r.Context(), shown)
	if verified != nil && (reply.status < http.StatusOK || reply.status >= http.StatusMultipleChoices) {
		_ = l.verifier.Forget(r.Context(), verified) // the service may send it again; it fails never here
	}
	l.give(w, r, reply)
	l.countDown()
}

// countDown ends the receiver after the last of --count.
func (l *callbackListener) countDown() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left--; l.left == 0 {
		l.end()
	}
}

// tell prints a callback.
func (l *callbackListener) tell(ctx context.Context, received receivedCallback) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed != nil {
		return
	}
	answer := shown{data: received, people: output.TextFunc(func(s *output.Streams) error { return writeReceived(s, received) })}
	if received.Valid() {
		answer.ids = []string{received.UUID}
	}
	if err := l.show(context.WithoutCancel(ctx), answer); err != nil { // whoever read has gone away
		l.failed = err
		l.end()
	}
}

// statusWord is an HTTP status for people.
func statusWord(status int) string {
	if text := http.StatusText(status); text != "" {
		return strconv.Itoa(status) + " " + text
	}
	return strconv.Itoa(status)
}

// isTooLong reports whether a body was longer than the receiver takes.
func isTooLong(err error) bool {
	var tooLong *http.MaxBytesError
	return errors.As(err, &tooLong)
}
