package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/terminal"
	"github.com/onetouchkit/onetouch/internal/terminal/quiet"
)

// Build says what was built. The linker sets it in a release.
type Build struct {
	Version string
	Commit  string
	Date    string
}

// Main runs the command line and returns the exit code.
func Main(args []string, build Build) int {
	quiet.Restore()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	f := &Factory{Build: build.complete(), Streams: output.System(), Env: config.System()}
	return int(run(ctx, f, args))
}

func run(ctx context.Context, f *Factory, args []string) ExitCode {
	root := NewCmdRoot(f)
	addCompletion(root)
	if isCompletion(args) {
		offerNoFiles(root)
	}
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return ExitDone
	}
	code := exitCodeOf(err)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		code, err = ExitInterrupted, errors.New("interrupted")
		endLine(f.Streams)
	}
	complain(f.Streams, cmd, code, err)
	return code
}

// isCompletion reports whether a shell asks what can be typed.
func isCompletion(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// endLine leaves the line on which the terminal has shown the ^C.
func endLine(s *output.Streams) {
	if s.Terminal.Err {
		_, _ = fmt.Fprintln(s.Err)
	}
}

// complain says what went wrong, in one line, and where to look when the command line was wrong.
func complain(s *output.Streams, cmd *cobra.Command, code ExitCode, err error) {
	var exit *exitError
	if errors.As(err, &exit) && exit.err == nil {
		return
	}
	mark := s.ErrRenderer().NewStyle().Bold(true).Render(cmd.CommandPath() + ":")
	_, _ = fmt.Fprintf(s.Err, "%s %s\n", mark, terminal.Sanitise(inWords(err)))
	if code == ExitUsage {
		_, _ = fmt.Fprintf(s.Err, "Try '%s --help'.\n", cmd.CommandPath())
	}
}
