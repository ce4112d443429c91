package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// verifiedToken is what the service says of a code.
type verifiedToken struct {
	AuthyID int64  `json:"authy_id"`
	Valid   bool   `json:"valid"`
	Result  string `json:"result"` // valid, invalid or used
	Message string `json:"message"`
}

// Results of a check, in a word.
const (
	resultValid   = "valid"
	resultInvalid = "invalid"
	resultUsed    = "used"
)

type tokenVerifyOptions struct {
	tools
	authyID int64
	authy.VerifyToken
}

// NewCmdTokenVerify returns the command that checks a code.
func NewCmdTokenVerify(f *Factory) *cobra.Command {
	o := &tokenVerifyOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "verify --user ID CODE",
		Short: "Check a code that a user typed",
		Long: "Check a code that a user typed: one that was sent, one of a device, or one of an authenticator app. Each is\n" +
			"good once. The exit code says what it is: 0 valid, 1 not valid or used before.\n\n" +
			"As most clients do, this forces the check also for a user who has never used a valid code. With --force=false\n" +
			"such a user passes with any code, unless the application checks always (--verify-unconfirmed=false).",
		Example: "onetouch token verify --user 1000 1234567 && echo \"Welcome!\"",
		Args:    takeText(&o.Token, "the code"),
		RunE:    runOn(o, tokenVerifyRun),
	}
	flags := cmd.Flags()
	addUserFlag(f, cmd, &o.authyID, "Authy `ID` of the user")
	flags.BoolVar(&o.Force, "force", true, "check it also for a user who has never used a valid code")
	flags.StringVar(&o.Action, "action", "", "what the code is for, a `WORD`: one that was sent for another action is not valid")
	o.answer = addAnswerFlags(cmd, verifiedToken{}, "one word: valid, invalid or used")
	return cmd
}

func (o *tokenVerifyOptions) check() error {
	if o.authyID == 0 {
		return usageError("--user is missing: say who typed the code ('onetouch user list' shows the users)")
	}
	return nil
}

func tokenVerifyRun(ctx context.Context, o *tokenVerifyOptions, c *Connection) error {
	_, err := c.Backend.VerifyToken(ctx, o.authyID, o.VerifyToken)
	verified, known := resultOf(err)
	if !known {
		return orUnknownUser(err, o.authyID)
	}
	verified.AuthyID = o.authyID
	err = o.show(ctx, shown{data: verified, ids: []string{verified.Result}, people: output.Lines{verified.sentence()}})
	if err == nil && !verified.Valid {
		err = &exitError{code: ExitFailed}
	}
	return err
}

// resultOf is what a check of a code says; known is false when there was none.
func resultOf(err error) (result verifiedToken, known bool) {
	switch {
	case err == nil:
		return verifiedToken{Valid: true, Result: resultValid, Message: "Token is valid."}, true
	case errors.Is(err, authy.ErrTokenReused):
		return verifiedToken{Result: resultUsed, Message: err.Error()}, true
	case errors.Is(err, authy.ErrTokenInvalid):
		return verifiedToken{Result: resultInvalid, Message: err.Error()}, true
	default:
		return verifiedToken{}, false
	}
}

// sentence tells people the result.
func (v verifiedToken) sentence() string {
	sentences := map[string]string{
		resultValid:   "The code is valid for user %d.",
		resultInvalid: "The code is not valid for user %d.",
		resultUsed:    "The code is not valid for user %d any more: it was used before.",
	}
	return output.Sanitise(fmt.Sprintf(sentences[v.Result], v.AuthyID))
}
