package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"
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
	if err != nil {
		return err
	}
	if err := writeJUnitFile(o.junit, report); err != nil {
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

func writeJUnitFile(file string, report callbackaudit.Report) error {
	if file == "" {
		return nil
	}
	var text bytes.Buffer
	if err := callbackaudit.WriteJUnit(&text, report); err != nil {
		return err
	}
	const readable = 0o644 // a report for others to read; it has no secrets
	if err := os.WriteFile(file, text.Bytes(), readable); err != nil {
		return fmt.Errorf("writing --junit: %w", err)
	}
	return nil
}

// severityColour is the colour of a result, from the user's own theme.
func severityColour(word string) lipgloss.TerminalColor {
	colours := map[string]lipgloss.TerminalColor{
		string(callbackaudit.Severe):  lipgloss.Color("1"), // red
		string(callbackaudit.Warning): lipgloss.Color("3"), // yellow
		string(callbackaudit.Note):    lipgloss.Color("4"), // blue
		string(callbackaudit.Safe):    lipgloss.Color("2"), // green
	}
	return colours[word]
}

// wordOf is what a result comes to: safe, unknown, or how bad the fault is.
func wordOf(result callbackaudit.Result) string {
	if result.Verdict == callbackaudit.Fault {
		return string(result.Severity)
	}
	return string(result.Verdict)
}

// writeAudit writes the report: a table and, for people, the faults with what to do about them.
func writeAudit(s *output.Streams, report callbackaudit.Report) error {
	table := output.NewTable(
		output.Column{Title: "Case", Whole: true}, output.Column{Title: "Result", Whole: true, Colour: severityColour},
		output.Column{Title: "The handler"},
	)
	for _, result := range report.Results {
		table.AddRow(result.Case, wordOf(result), result.Did)
	}
	if err := table.Write(s); err != nil {
		return err
	}
	if s.Terminal.Out {
		if err := writeFaults(s, report); err != nil {
			return err
		}
	}
	say(s, "%s", summaryOf(report))
	if !report.Probed && report.Told {
		hint(s, "With --probe the audit sees what the handler does, not only its answers.")
	}
	return nil
}

// writeFaults says of every fault what it is and how to mend it, the severe ones first.
func writeFaults(s *output.Streams, report callbackaudit.Report) error {
	faults := slices.DeleteFunc(slices.Clone(report.Results), func(r callbackaudit.Result) bool {
		return r.Verdict != callbackaudit.Fault
	})
	order := []callbackaudit.Severity{callbackaudit.Severe, callbackaudit.Warning, callbackaudit.Note}
	slices.SortStableFunc(faults, func(a, b callbackaudit.Result) int {
		return cmp.Compare(slices.Index(order, a.Severity), slices.Index(order, b.Severity))
	})
	style := s.OutRenderer().NewStyle()
	for _, fault := range faults {
		word := style.Foreground(severityColour(string(fault.Severity))).Render(string(fault.Severity))
		lines := []string{"", word + "  " + style.Bold(true).Render(output.Sanitise(fault.Case))}
		for _, part := range []string{
			fault.Title + ".", "This handler " + fault.Did + ".", "A safe one " + fault.Safe + ".", fault.Mend,
		} {
			lines = append(lines, wrapped(s, "  ", "  ", part)...)
		}
		if err := writeLines(s, lines...); err != nil {
			return err
		}
	}
	return writeLines(s, "")
}

// wrapped breaks a text into lines that fit on a terminal; its first line begins with one text, the others with another.
func wrapped(s *output.Streams, first, others, text string) []string {
	const least = 40
	text = output.Sanitise(text)
	if !s.Terminal.Out {
		return []string{first + text}
	}
	width := max(s.Terminal.Width, least)
	var lines []string
	line := first
	for _, word := range strings.Fields(text) {
		next := line + " " + word
		if line == first || line == others {
			next = line + word
		}
		if lipgloss.Width(next) > width && line != first && line != others {
			lines, next = append(lines, line), others+word
		}
		line = next
	}
	return append(lines, line)
}

func summaryOf(report callbackaudit.Report) string {
	if !report.Told {
		return "Nothing can be told: the handler does not accept a right callback."
	}
	return fmt.Sprintf("%d severe, %s, %s; %d safe, %d not known.", report.Severe, counted(report.Warning, "warning"),
		counted(report.Note, "note"), report.Safe, report.Unknown)
}

func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
