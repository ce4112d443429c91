package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// checkedEvidence is evidence with what its check has said.
type checkedEvidence struct {
	*evidence.Record                   // nil when the file cannot be read
	Valid            bool              `json:"valid"`
	Changes          []evidence.Change `json:"changes"` // what is wrong with it
}

type requestEvidenceOptions struct {
	tools
	uuid string
	file string // to verify
}

const aboutEvidence = `Print all that it takes to check the answer to a request later, without any server: a JSON file with what
the user was shown, what the phone signed, and the phone's public key.

--verify checks such a file, offline: that what was shown is what was signed. The exit code says whether it
holds: 0 yes, 1 no. A changed member is named, such as shown.details.Amount or jws.payload.

The signature covers what was shown, the request's UUID, the status, the phone's ID, the challenge, the time and
the reason. The phone's name and UUID are what the server says; a checksum finds changes by accident there, no
forger. A phone of the Verify API signs message and details, the UUIDs of request and phone, and the status.
Nor can a file say whose key it is: compare its key_id with the one of 'onetouch device show'.`

// NewCmdRequestEvidence returns the command that prints and checks evidence.
func NewCmdRequestEvidence(f *Factory) *cobra.Command {
	o := &requestEvidenceOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "evidence UUID | --verify FILE",
		Short: "Print the evidence of an answer as a file, or check such a file offline",
		Long:  aboutEvidence,
		Example: "onetouch request evidence $R > answer.json\n" +
			"onetouch request evidence --verify answer.json",
		ValidArgsFunction: f.completeFirst(answeredUUIDs),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed("verify") {
			return verifyEvidence(cmd.Context(), o)
		}
		return runOn(o, requestEvidenceRun)(cmd, args)
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().Changed("verify") {
			return noArguments(cmd, args)
		}
		return takeUUID(&o.uuid)(cmd, args)
	}
	cmd.Flags().StringVar(&o.file, "verify", "", "check this `FILE` instead (- for standard input)")
	o.answer = addAnswerFlags(cmd, checkedEvidence{}, "the UUID")
	return cmd
}

func answeredUUIDs(ctx context.Context, c *Connection) ([]string, error) {
	return uuids(ctx, c, string(onetouch.StatusApproved), string(onetouch.StatusDenied))
}

func requestEvidenceRun(ctx context.Context, o *requestEvidenceOptions, c *Connection) error {
	if _, err := c.request(ctx, o.uuid); err != nil {
		return err
	}
	record, err := c.Control.Evidence(ctx, o.uuid)
	if err != nil {
		return err
	}
	// What the server keeps may have been changed: it is printed all the same, and told.
	return o.answerChecked(ctx, checkedEvidence{Record: record}, record.Verify(), output.Document{Value: record})
}

// verifyEvidence checks a file.
func verifyEvidence(ctx context.Context, o *requestEvidenceOptions) error {
	file, err := readEvidence(o.streams, o.file)
	if err != nil {
		return err
	}
	record, wrong := evidence.ParseRecord(file)
	if wrong == nil {
		wrong = record.Verify()
	}
	var text output.Lines // what is wrong the error says
	if wrong == nil {
		text = output.Lines{sentenceOfEvidence(o.streams, record)}
	}
	return o.answerChecked(ctx, checkedEvidence{Record: record}, wrong, text)
}

// answerChecked gives the answer, and fails when something is wrong.
func (o *requestEvidenceOptions) answerChecked(
	ctx context.Context, checked checkedEvidence, wrong error, people output.Text,
) error {
	checked.Valid, checked.Changes = wrong == nil, []evidence.Change{}
	var record *evidence.RecordError
	if errors.As(wrong, &record) {
		checked.Changes = record.Changes
	}
	if o.answer.quiet && wrong != nil {
		return wrong
	}
	answer := shown{data: checked, people: people}
	if checked.Record != nil {
		answer.ids = []string{checked.UUID}
	}
	if err := o.show(ctx, answer); err != nil {
		return err
	}
	if wrong != nil && o.answer.format.Requested() {
		return &exitError{code: ExitFailed} // the answer has said why
	}
	return wrong
}

func readEvidence(s *output.Streams, name string) ([]byte, error) {
	in := s.In
	if name != "-" {
		opened, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("reading the evidence: %w", err)
		}
		defer func() { _ = opened.Close() }()
		in = opened
	}
	file, err := io.ReadAll(io.LimitReader(in, evidence.MaxRecordSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading the evidence: %w", err)
	}
	return file, nil
}

func sentenceOfEvidence(s *output.Streams, r *evidence.Record) string {
	return fmt.Sprintf("The evidence holds: device %d (%s) %s request %s at %s, with the key %s.", r.Device.ID,
		output.Sanitise(r.Device.Name), r.Status, r.UUID, moment(s, r.AnsweredAt), r.KeyID)
}
