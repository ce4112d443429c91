package cli

import (
	"context"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/callbackaudit"
	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

type callbackAuditOptions struct {
	display
	settings func() (config.Settings, error)
	keyChoice
	url            string
	method         string
	publicURL      string
	cases          []string
	probe, prepare string
	authyID        int64
	timeout        time.Duration
	junit          string
	yes            bool
}

// NewCmdCallbackAudit returns the command that attacks a handler of callbacks.
func NewCmdCallbackAudit(f *Factory) *cobra.Command {
	o := &callbackAuditOptions{display: f.display(), settings: func() (config.Settings, error) { return f.Settings(nil) }}
	cmd := &cobra.Command{
		Use:   "audit URL",
		Short: "Play an attacker and a bad network against your handler, and report what it accepts",
		Long: "Play an attacker and a bad network against your handler, and report what it accepts: forged, changed, stale,\n" +
			"replayed, doubled, huge and slow callbacks. For each case the report says what a safe handler does, what this one\n" +
			"did, how bad that is and how to mend it. The exit code is 1 when something severe was found.\n\n" +
			"A callback counts as accepted when it is answered with success (2xx) or, with --probe, when the command prints\n" +
			"something else after it than before: it has to print all that a callback changes. Commands get ONETOUCH_CASE,\n" +
			"ONETOUCH_UUID and ONETOUCH_STATUS. A backend that answers only to requests it has made needs --prepare, a command\n" +
			"that makes one and prints its UUID. docs/callbacks.md explains the cases.",
		Example: "onetouch callback audit http://127.0.0.1:3000/callback --probe 'curl -s 127.0.0.1:3000/state/$ONETOUCH_UUID'",
		Args:    takeText(&o.url, "the URL of the handler"),
		RunE:    runWith(o, callbackAuditRun),
	}
	addKeyFlags(f, cmd, &o.keyChoice, false)
	addMethodFlag(cmd, &o.method)
	flags := cmd.Flags()
	flags.StringVar(&o.publicURL, "public-url", "", "`URL` that the service was told, which is signed (default the handler's)")
	flags.StringArrayVar(&o.cases, "case", nil, "only this `CASE`; may be repeated")
	flags.StringVar(&o.probe, "probe", "", "shell `COMMAND` that prints what the handler believes about a request")
	flags.StringVar(&o.prepare, "prepare", "", "shell `COMMAND` that makes a request and prints its UUID")
	addUserFlag(f, cmd, &o.authyID, "Authy `ID` of the user in the callbacks (default 1000)")
	flags.DurationVar(&o.timeout, "timeout", callbackaudit.DefaultTimeout, "longest `DURATION` of a request")
	flags.StringVar(&o.junit, "junit", "", "write the report to this `FILE` too, as JUnit's XML")
	flags.BoolVar(&o.yes, "yes", false, "audit a handler that is not on this machine")
	o.answer = addAnswerFlags(cmd, callbackaudit.Report{}, "the names of the cases with a fault")
	completes(cmd, "case", completeWords(auditCases()...))
	return cmd
}

// auditCases are the names of the cases, each with what it is.
func auditCases() []string {
	var words []string
	for _, c := range callbackaudit.Cases() {
		words = append(words, c.Name+"\t"+c.Title)
	}
	return words
}

func callbackAuditRun(ctx context.Context, o *callbackAuditOptions) error {
	options, err := o.options(ctx)
	if err != nil {
		return err
	}
	hint(o.streams, "Auditing %s. Nothing but this handler is sent anything.", output.Sanitise(redacted(o.url)))
	report, err := callbackaudit.Run(ctx, options)
	if errors.Is(err, callbackaudit.ErrUnreachable) {
		return failedWith(ExitUnreachable, "%w", err)
	}
	if errors.Is(err, callbackaudit.ErrUnsteadyProbe) {
		return usageError("--probe: %w", err)
	}
	if err != nil && ctx.Err() != nil && len(report.Results) > 0 && o.answer.forPeople() { // no program takes a part for all
		return errors.Join(writeCutAudit(o.streams, report), ctx.Err())
	}
	if err != nil {
		return err
	}
	var faults []string
	for _, result := range report.Results {
		if result.Verdict == callbackaudit.Fault {
			faults = append(faults, result.Case)
		}
	}
	err = o.show(ctx, shown{data: report, ids: faults, people: output.TextFunc(func(s *output.Streams) error {
		return writeAudit(s, report)
	})})
	if err == nil { // after what was found: a file that cannot be written loses no audit
		err = writeJUnitFile(o.junit, report)
	}
	if err == nil && !report.Passed() {
		err = &exitError{code: ExitFailed}
	}
	return err
}

func (o *callbackAuditOptions) options(ctx context.Context) (callbackaudit.Options, error) {
	settings, err := o.settings()
	if err != nil {
		return callbackaudit.Options{}, err
	}
	if err := o.validate(settings); err != nil {
		return callbackaudit.Options{}, err
	}
	if err := o.mayAttack(ctx); err != nil {
		return callbackaudit.Options{}, err
	}
	keys, err := o.read(ctx, &o.keyChoice)
	if err != nil {
		return callbackaudit.Options{}, err
	}
	options := callbackaudit.Options{
		URL: o.url, PublicURL: o.publicURL, Method: o.method, APIKey: keys[0], AuthyID: o.authyID, Cases: o.cases, Timeout: o.timeout,
	}
	if o.probe != "" {
		options.Probe = shellFunction("--probe", o.probe, true)
	}
	if o.prepare != "" {
		options.Prepare = shellFunction("--prepare", o.prepare, false)
	}
	return options, nil
}

func (o *callbackAuditOptions) validate(settings config.Settings) error {
	for _, address := range []struct{ flag, url string }{{"the URL of the handler", o.url}, {"--public-url", o.publicURL}} {
		if address.url == "" {
			continue
		}
		if _, err := callback.SigningURL(address.url); err != nil {
			return usageError("%s: %s", address.flag, withoutKind(err))
		}
	}
	for _, name := range o.cases {
		known := slices.ContainsFunc(callbackaudit.Cases(), func(c callbackaudit.Case) bool { return c.Name == name })
		if !known {
			return usageError("--case %q is none: choose from %s", name, strings.Join(caseNames(), ", "))
		}
	}
	if o.timeout <= 0 {
		return usageError("--timeout %s must be above 0", o.timeout)
	}
	var err error
	o.method, err = methodOr(o.method, settings)
	return err
}

func caseNames() []string {
	var names []string
	for _, c := range callbackaudit.Cases() {
		names = append(names, c.Name)
	}
	return names
}

// mayAttack makes sure that nobody attacks another machine by mistake.
func (o *callbackAuditOptions) mayAttack(ctx context.Context) error {
	u, err := url.Parse(o.url)
	if err != nil || o.yes || ofThisMachine(ctx, u.Hostname()) {
		return err
	}
	return usageError("%s is not on this machine: attack only what is yours; --yes says that it is", u.Hostname())
}

// ofThisMachine reports whether a host's every address is one of this machine's. One that nobody knows attacks nobody.
func ofThisMachine(ctx context.Context, host string) bool {
	addresses, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return true
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		own = nil // loopback is known without them
	}
	for _, address := range addresses {
		isOwn := func(a net.Addr) bool {
			network, ok := a.(*net.IPNet)
			return ok && network.IP.Equal(address.IP)
		}
		if !address.IP.IsLoopback() && !address.IP.IsUnspecified() && !slices.ContainsFunc(own, isOwn) {
			return false
		}
	}
	return true
}
