package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/fixture"
)

type execOptions struct {
	display
	build     Build
	settings  func() (config.Settings, error)
	workspace func(folder string) (config.Workspace, error)
	command   []string
	drain     time.Duration
	auto      string // what phones without a policy of their own answer; "": nothing
	seed      string // name of a file of what is there from the start; "": nothing
	report    reportFile
	intercept bool
	around    []around
}

// drainTime is how long 'onetouch exec' waits, after the command, for callbacks and pushes that are due.
const drainTime = 5 * time.Second

// NewCmdExec returns the command that runs another one with a server of its own.
func NewCmdExec(f *Factory) *cobra.Command {
	o := &execOptions{display: f.display(), build: f.Build, drain: drainTime, workspace: f.workspaceIn}
	cmd := &cobra.Command{
		Use:   "exec [flags] -- COMMAND [ARGUMENT…]",
		Short: "Run a command, such as a test suite, with a fresh server of its own",
		Long: "Run a command, such as a test suite, with a fresh server of its own on a free port, which keeps everything in\n" +
			"memory and is gone afterwards. The command has standard input and output for itself, is passed the signals, and\n" +
			"its exit code is that of onetouch: 127 when there is no such command, 126 when it cannot be run, 128+N when the\n" +
			"signal N has ended it. Callbacks and pushes that are due when it ends are still sent.\n\n" +
			"Its environment tells it about the server:\n\n" + aboutVariables() +
			"\nCommands of this program that it runs reach that server, too; the phones that they register are kept in a folder\n" +
			"that is removed at the end (" + config.DataVariable + "). Settings of this folder and of the environment hold for the\n" +
			"server, apart from its address and its database.\n\n" +
			"With --auto every request is answered as soon as it is asked: by the phones of its user that were registered with\n" +
			"this program and have no policy of their own, and for a user without any device by one that is registered then.\n" +
			"A product that registers a device itself answers itself.\n\n" +
			"With --intercept the command needs no setting of its own: calls for api.authy.com and sandbox-api.authy.com, over\n" +
			"HTTPS too, are answered by the server. Its environment names a proxy, which lets everything else pass, and\n" +
			"certificates of an authority that is made for the one run and vouches for these two names only.\n\n" +
			"--report says what happened, whatever the exit code is. As JUnit's XML it has a case for the command and one for\n" +
			"each approval request, which fails when a callback was not taken and is skipped when nobody answered. It tells no\n" +
			"ports, no durations and how often a backend has polled, so that runs can be compared, and no passwords and values\n" +
			"of queries in URLs. The command line stands in it as it is.",
		Example: "onetouch exec -- npm test\n" +
			"onetouch exec --auto approve -- npm test\n" +
			"onetouch exec --intercept -- npm test\n" +
			"onetouch exec -- sh -c 'curl -s $AUTHY_API_URL/healthz'",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError("say which command to run: onetouch exec -- COMMAND")
			}
			o.command = args
			return nil
		},
		RunE: runWith(o, execRun),
	}
	flags := cmd.Flags()
	flags.SetInterspersed(false) // what follows the command is the command's own
	config.AddFlags(flags, execSettings()...)
	for _, key := range execSettings() {
		if words := config.Words(key); words != nil {
			completes(cmd, key, completeWords(words...))
		}
	}
	o.addFlags(cmd)
	o.settings = func() (config.Settings, error) {
		settings, err := f.Settings(flags)
		if !flags.Changed(config.KeyAddr) {
			settings.Addr = anyLocalPort
		}
		if !flags.Changed(config.KeyLogLevel) && settings.LogLevel == ordinaryLog {
			settings.LogLevel = quietLog
		}
		return settings, err
	}
	return cmd
}

// addFlags adds those that are not settings of the server.
func (o *execOptions) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	addWordFlag(cmd, &o.auto, "auto", []string{autoApprove, autoDeny},
		"have phones `ANSWER` that have no policy of their own: approve or deny; who has no phone gets one")
	flags.StringVar(&o.seed, "seed", "", "`FILE` of users, phones and faults that are there from the start ('onetouch seed')")
	flags.StringVar(&o.report.path, "report", "", "`FILE` to write what happened to: requests, callbacks, calls, faults")
	addWordFlag(cmd, &o.report.format, "report-format", []string{reportJSON, reportJUnit},
		"`FORMAT` of the report: json or junit (default what the name of the file says, .json or .xml)")
	flags.BoolVar(&o.intercept, "intercept", false, "answer for api.authy.com, too: sets proxies and certificates for the command")
	flags.Var(spanFlag{&o.drain, "is in the past"}, "drain", "how long to wait at the end for callbacks and pushes that are due")
	o.report.given = func() bool { return flags.Changed("report") }
}

// The log of a server stands among the output of the command, so that it says less than it would elsewhere.
const (
	ordinaryLog = "info"
	quietLog    = "warn"
)

// execSettings are those of the server. What it keeps and whom it serves beside this machine is fixed.
func execSettings() []string {
	return []string{
		config.KeyAddr, config.KeyProfile, config.KeyAPIKey, config.KeyCallbackURL, config.KeyCallbackMethod, config.KeyPush,
		config.KeyDeterministic, config.KeyClock, config.KeyLogLevel, config.KeyLogFormat,
	}
}

// workspaceIn is a workspace in a folder of its own.
func (f *Factory) workspaceIn(folder string) (config.Workspace, error) {
	env := config.Environment{Dir: f.Env.Dir, Lookup: func(name string) (string, bool) {
		if name == config.DataVariable {
			return folder, true
		}
		return f.Env.Lookup(name)
	}}
	return env.Workspace(config.DefaultWorkspace)
}

func execRun(ctx context.Context, o *execOptions) error {
	settings, err := o.settings()
	if err != nil {
		return err
	}
	if err := o.report.check(); err != nil {
		return err
	}
	seed, err := o.readSeed()
	if err != nil {
		return err
	}
	command, err := findCommand(o.command)
	if err != nil {
		return err
	}
	if err := o.report.prepare(); err != nil {
		return err
	}
	caught, release := catchSignals()
	defer release()
	if err := ctx.Err(); err != nil {
		return err // it was interrupted before
	}
	// From here on a signal is the command's.
	ctx = context.WithoutCancel(ctx)
	if o.intercept {
		o.around = append(o.around, interception{})
	}
	stage, err := o.openStage(ctx, settings, seed)
	if err != nil {
		return err
	}
	code, err := command.run(o.streams, caught, stage.environment)
	if err == nil {
		stage.drain(ctx, o.drain, caught) // what is not sent by then was said
		err = o.tell(ctx, stage, code)
	}
	if err := errors.Join(err, stage.close()); err != nil {
		return err
	}
	if code != ExitDone {
		return &exitError{code: code}
	}
	return nil
}

// readSeed reads the seed file; nil when there is none.
func (o *execOptions) readSeed() (*fixture.File, error) {
	switch o.seed {
	case "":
		return nil, nil
	case "-":
		return nil, usageError("--seed - would take the standard input of the command: name a file")
	default:
		return readSeed(o.seed, nil)
	}
}

// tell writes the report, if one is wanted.
func (o *execOptions) tell(ctx context.Context, stage *execStage, code ExitCode) error {
	if stage.reporter == nil {
		return nil
	}
	report, err := stage.reporter.report(ctx, o.command, code)
	if err != nil {
		return err
	}
	return o.report.write(report)
}
