package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/tui"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// demoResult is how the story ended.
type demoResult struct {
	Status   string       `json:"status"` // as the backend reads it at the end
	UUID     string       `json:"uuid"`
	AuthyID  int64        `json:"authy_id"`
	DeviceID int64        `json:"device_id"`
	Message  string       `json:"message"`
	Details  details.List `json:"details"`
	Callback demoCallback `json:"callback"`
}

// demoCallback is the callback as the backend received it.
type demoCallback struct {
	Verified bool   `json:"verified"` // by its signature
	Method   string `json:"method"`
	URL      string `json:"url"`
	Status   string `json:"status"`
}

type demoOptions struct {
	display
	build Build
	auto  onetouch.Status // what the phone answers by itself; "": nothing
}

// Words for --auto.
const (
	autoApprove = "approve"
	autoDeny    = "deny"
)

// autoFlag is a flag for what a phone answers by itself.
type autoFlag struct{ status *onetouch.Status }

// String names no default.
func (autoFlag) String() string { return "" }

// Type is the placeholder in the help text.
func (autoFlag) Type() string { return "string" }

// Set takes a word for an answer; the empty one is none.
func (f autoFlag) Set(text string) error {
	answers := map[string]onetouch.Status{
		"": "", autoApprove: onetouch.StatusApproved, autoDeny: onetouch.StatusDenied,
	}
	status, known := answers[text]
	if !known {
		return valueError(fmt.Sprintf("%q is not known: approve or deny", text))
	}
	*f.status = status
	return nil
}

// demoTime bounds a story that nobody has to think over.
const demoTime = 30 * time.Second

// NewCmdDemo returns the command that shows the whole story.
func NewCmdDemo(f *Factory) *cobra.Command {
	o := &demoOptions{display: f.display(), build: f.Build}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole story for real: user, phone, request, signed answer, signed callback",
		Long: "Show the whole story for real, on this machine alone: a server, a backend and a phone start in this process,\n" +
			"on free ports, and nothing is left afterwards. On a terminal you answer the request; with --auto, or where\n" +
			"there is no terminal, the phone does.",
		Args: noArguments,
		RunE: runWith(o, demoRun),
	}
	cmd.Flags().Var(autoFlag{&o.auto}, "auto", "let the phone `ANSWER` by itself: approve or deny")
	o.answer = addAnswerFlags(cmd, demoResult{}, "the UUID")
	completes(cmd, "auto", completeWords(autoApprove, autoDeny))
	return cmd
}

func demoRun(ctx context.Context, o *demoOptions) error {
	status := o.auto
	byHand := status == "" && o.answer.forPeople() && o.streams.Terminal.Out && o.streams.CanPrompt()
	s := &story{streams: o.streams, silent: !o.answer.forPeople()}
	if status == "" && !byHand {
		s.remark("There is no terminal to answer on, so the phone will approve by itself (--auto deny lets it deny).")
		status = onetouch.StatusApproved
	}
	stage, err := openStage(ctx, o.build)
	if err != nil {
		return err
	}
	defer stage.close()
	ctx, leave := context.WithCancel(ctx)
	defer leave() // the phone leaves before the server does
	s.stage = stage
	if byHand {
		return demoByHand(ctx, s)
	}
	playing, cancel := context.WithTimeout(ctx, demoTime)
	defer cancel()
	result, err := s.play(playing, status)
	if err != nil {
		return err
	}
	if err := o.show(ctx, shown{data: result, ids: []string{result.UUID}, people: output.Lines{}}); err != nil {
		return err
	}
	return ending(onetouch.Status(result.Status))
}

// demoByHand lets the user answer in the terminal UI.
func demoByHand(ctx context.Context, s *story) error {
	if err := s.ask(ctx); err != nil {
		return err
	}
	err := openTUI(ctx, s.streams, tui.Options{
		Control: s.stage.control, Title: "OneTouch demo at " + s.stage.url, URL: s.stage.url,
		Devices: func(context.Context) ([]*device.Device, error) { return []*device.Device{s.phone}, nil },
	})
	if errors.Is(err, tui.ErrNoTerminal) {
		s.remark("This terminal shows no screen, so the phone approves by itself (--auto deny lets it deny).")
		err = s.answer(ctx, onetouch.StatusApproved)
	}
	if errors.Is(err, tui.ErrInterrupted) {
		return failedWith(ExitInterrupted, "%w", err)
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, demoTime)
	defer cancel()
	result, err := s.end(ctx)
	if err != nil {
		return err
	}
	return ending(onetouch.Status(result.Status))
}
