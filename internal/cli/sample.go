package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/sample"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// shownSample is what the sample says when it is ready.
type shownSample struct {
	URL       string `json:"url"`        // of the bank's page
	ServerURL string `json:"server_url"` // of the OneTouch server
	Embedded  bool   `json:"embedded"`   // whether that runs in the same process
	Answers   string `json:"answers"`    // how the bank learns of them
}

type sampleOptions struct {
	display
	factory           *Factory
	addr              string
	answers           string
	limit, jointLimit int64
	lifetime          time.Duration
}

// sampleName is the name of the bank's application, which phones show.
const sampleName = "Sample Bank"

// NewCmdSample returns the command that runs a backend to look at and to copy from.
func NewCmdSample(f *Factory) *cobra.Command {
	o := &sampleOptions{display: f.display(), factory: f, answers: string(sample.ByCallback)}
	cmd := &cobra.Command{
		Use:   "sample",
		Short: "Run a sample backend: the web page of a bank whose logins and transfers a phone approves",
		Long: "Run a sample backend with a web page, until interrupted: a pretend bank where you sign up, log in with two factors\n" +
			"or without a password, and send money that you, or two of three people, approve on their phones. The phones are\n" +
			"pages, too. Its code is made to be copied: docs/sample.md.\n\n" +
			"Nothing else has to run: without a server in the workspace the command brings one of its own, which keeps\n" +
			"everything in memory and which other commands ('onetouch tui', 'onetouch events') find. A server that runs, or\n" +
			"that --server names, is used as it is: the bank is an application of its own there.",
		Example: "onetouch sample\nonetouch sample --answers poll --limit 50",
		Args:    noArguments,
		RunE:    runWith(o, sampleRun),
	}
	flags := cmd.Flags()
	flags.StringVar(&o.addr, "addr", defaultReceiver, "`HOST:PORT` of the bank, on this machine; port 0 picks a free one")
	words := []string{string(sample.ByCallback), string(sample.ByPoll), string(sample.ByBoth)}
	addWordFlag(cmd, &o.answers, "answers", words, "how the bank learns of answers, `HOW`: "+joined(words))
	flags.Int64Var(&o.limit, "limit", sample.DefaultLimit/centsPerDollar, "`DOLLARS` that leave without anybody's approval")
	flags.Int64Var(&o.jointLimit, "joint-limit", sample.DefaultJointLimit/centsPerDollar,
		"`DOLLARS` above which two of three people approve")
	flags.DurationVar(&o.lifetime, "expires-in", sample.DefaultLifetime, "`DURATION` that people have to answer")
	o.answer = addAnswerFlags(cmd, shownSample{}, "the URL")
	return cmd
}

const centsPerDollar = 100

func (o *sampleOptions) check() error {
	const most = 1_000_000_000
	switch {
	case o.limit < 1 || o.limit > most:
		return usageError("--limit %d is no limit: that is 1 to %d dollars", o.limit, most)
	case o.jointLimit < o.limit || o.jointLimit > most:
		return usageError("--joint-limit %d must not be below --limit %d", o.jointLimit, o.limit)
	case o.lifetime < time.Second || o.lifetime > time.Hour || o.lifetime%time.Second != 0:
		return usageError("--expires-in %s must be whole seconds, 1s to 1h", o.lifetime)
	}
	host, _, err := net.SplitHostPort(o.addr)
	if ip := net.ParseIP(host); err == nil && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usageError("--addr %q is not on this machine alone, such as 127.0.0.1:3000: the bank has no HTTPS", o.addr)
	}
	return nil
}

func sampleRun(ctx context.Context, o *sampleOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	err := o.open(ctx)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // whoever stops it has it stopped, however far it was
	}
	return err
}

// open has the bank open until ctx ends.
func (o *sampleOptions) open(ctx context.Context) error {
	listener, err := listen(ctx, o.addr)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	base := "http://localhost:" + portOf(listener.Addr())
	callbackURL := base + sample.CallbackPath
	if o.answers == string(sample.ByPoll) {
		callbackURL = ""
	}
	service, err := o.factory.sampleService(ctx, callbackURL)
	if err != nil {
		return err
	}
	defer service.close()
	bank, err := sample.Open(ctx, sample.Options{
		Authy:  authy.New(service.apiKey, authy.WithBaseURL(service.url), authy.WithHTTPClient(service.http)),
		APIKey: service.apiKey, URL: base, Answers: sample.Answers(o.answers), Limit: o.limit * centsPerDollar,
		JointLimit: o.jointLimit * centsPerDollar, Lifetime: o.lifetime, PhoneLink: phoneLinks(service.phones),
		Clock: service.clock, Logger: service.logger,
	})
	if err != nil {
		return fmt.Errorf("opening the bank: %w", err)
	}
	defer bank.Close()
	if err := service.announce(); err != nil {
		return err
	}
	if err := o.show(ctx, shown{
		data: shownSample{URL: base, ServerURL: service.url, Embedded: service.embedded, Answers: o.answers},
		ids:  []string{base}, people: sentence("%s", base),
		hint: "The sample bank is open: its page is at the URL below. Ctrl-C closes it.",
	}); err != nil {
		return err
	}
	return serveBank(ctx, bank, listener)
}

// serveBank answers until ctx ends.
func serveBank(ctx context.Context, bank *sample.Bank, listener net.Listener) error {
	s := &http.Server{
		Handler: bank.Handler(), ReadHeaderTimeout: headerTime, IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: log.New(io.Discard, "", 0),
	}
	failed := make(chan error, 1)
	var work sync.WaitGroup
	work.Go(func() { failed <- s.Serve(listener) })
	defer work.Wait()
	select {
	case err := <-failed:
		return fmt.Errorf("serving the bank's page: %w", err)
	case <-ctx.Done():
	}
	bank.Close() // its streams end
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closingTime)
	defer cancel()
	if err := s.Shutdown(closing); errors.Is(err, context.DeadlineExceeded) {
		_ = s.Close() // what is not over by then is closed
	}
	return nil
}

// phoneLinks has each customer's phone at a host name of its own below localhost: a browser keeps what belongs to a name
// apart, so that one browser can be the phones of several people.
func phoneLinks(page string) func(customer, token string) string {
	base, err := url.Parse(page)
	if err != nil {
		base = &url.URL{}
	}
	return func(customer, token string) string {
		own := *base
		if base.Hostname() == "localhost" {
			own.Host = customer + "." + base.Host
		}
		if token == "" {
			return linkOf(own.String(), "", "")
		}
		return linkOf(own.String(), token, strings.ToUpper(customer[:1])+customer[1:]+"'s phone")
	}
}
