package cli

import (
	"context"

	"github.com/charmbracelet/lipgloss"
	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

// finding is how one look of the doctor ended.
type finding string

// Findings. Only a problem keeps something from working.
const (
	findingFine    finding = "ok"
	findingWarning finding = "warning"
	findingProblem finding = "problem"
)

// diagnosis is what the doctor says of one thing.
type diagnosis struct {
	Check   string  `json:"check"`
	Finding finding `json:"finding"` // ok, warning or problem
	Detail  string  `json:"detail"`
	Advice  string  `json:"advice"` // what to do; "" when nothing has to be
}

type doctorOptions struct {
	display
	patient *patient
}

// NewCmdDoctor returns the command that looks for what is wrong with this machine.
func NewCmdDoctor(f *Factory) *cobra.Command {
	o := &doctorOptions{display: f.display(), patient: &patient{f: f}}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look for what keeps things from working, and say what to do",
		Long: "Look for what keeps things from working, and say what to do: versions, settings, files and who can read them, the\n" +
			"server, its port, its clock, its certificate. Nothing is started or changed. The exit code is 1 when there is a\n" +
			"problem; a warning is none.",
		Args: noArguments,
		RunE: runWith(o, doctorRun),
	}
	o.answer = addAnswerFlags(cmd, diagnosis{}, "the names of the checks with a problem")
	return cmd
}

func doctorRun(ctx context.Context, o *doctorOptions) error {
	found := o.patient.examine(ctx)
	answer := shown{data: found, people: tableOfDiagnoses(o.streams, found)}
	for _, one := range found {
		if one.Finding == findingProblem {
			answer.ids = append(answer.ids, one.Check)
		}
	}
	if err := o.show(ctx, answer); err != nil {
		return err
	}
	if len(answer.ids) > 0 {
		return &exitError{code: ExitFailed}
	}
	return nil
}

func tableOfDiagnoses(s *output.Streams, found []diagnosis) output.Text {
	return output.TableOf(found,
		output.Whole("", func(d diagnosis) string { return markOf(s, d.Finding) }).Coloured(findingColour),
		output.Whole("Check", func(d diagnosis) string { return d.Check }),
		output.Whole("Finding", func(d diagnosis) string {
			if d.Advice == "" {
				return d.Detail
			}
			return d.Detail + ": " + d.Advice
		}),
	)
}

// markOf is a finding as a sign, or for programs as a word.
func markOf(s *output.Streams, f finding) string {
	if !s.Terminal.Out || !s.Terminal.Unicode {
		return string(f)
	}
	return map[finding]string{findingFine: "✓", findingWarning: "!", findingProblem: "✗"}[f]
}

func findingColour(mark string) lipgloss.TerminalColor {
	switch mark {
	case "✓", string(findingFine):
		return lipgloss.Color("2") // green
	case "!", string(findingWarning):
		return lipgloss.Color("3") // yellow
	default:
		return lipgloss.Color("1") // red
	}
}
