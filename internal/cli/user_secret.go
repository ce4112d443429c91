package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// shownSecret is what an authenticator app needs.
type shownSecret struct {
	AuthyID int64  `json:"authy_id"`
	Issuer  string `json:"issuer"`
	Label   string `json:"label"`
	Secret  string `json:"secret"` // for those who type it in, in base32
	URI     string `json:"uri"`    // otpauth://totp/…
	QRCode  string `json:"qr_code"`
}

type userSecretOptions struct {
	tools
	authyID int64
	label   string
	qr      bool
}

// NewCmdUserSecret returns the command that sets up an authenticator app.
func NewCmdUserSecret(f *Factory, runF func(context.Context, *userSecretOptions) error) *cobra.Command {
	o := &userSecretOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "secret ID",
		Short: "Show the secret with which any authenticator app makes codes for a user",
		Long: "Show the secret with which any authenticator app makes codes for a user, as a backend does with\n" +
			"users/secret. 'onetouch token verify' takes these codes.",
		Args:              takeID(&o.authyID, anAuthyID),
		ValidArgsFunction: f.completeFirst(userIDs),
		RunE:              runWith(o, userSecretRun, runF),
	}
	cmd.Flags().StringVar(&o.label, "label", "", "`NAME` of the account in the app (default the e-mail address)")
	cmd.Flags().BoolVar(&o.qr, "qr", false, "print the otpauth URI as a QR code, for the app to scan")
	o.answer = addAnswerFlags(cmd, shownSecret{}, "the otpauth URI")
	refuseWithQR(cmd, &o.qr, "quiet", "json", "jq", "template")
	return cmd
}

func userSecretRun(ctx context.Context, o *userSecretOptions) error {
	c, err := o.connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	made, err := c.Backend.CreateAuthenticator(ctx, o.authyID, authy.NewAuthenticator{Label: o.label})
	if err != nil {
		return orUnknownUser(err, o.authyID)
	}
	shown := shownSecret{
		AuthyID: o.authyID, Issuer: made.Issuer, Label: made.Label, Secret: made.Secret, URI: made.URI, QRCode: made.QRCode,
	}
	if c.InProcess {
		shown.QRCode = "" // there is nobody to ask for the picture
	}
	return o.answer.write(ctx, o.streams, shown, func() error {
		if o.qr {
			return writeQR(o.streams, shown.URI)
		}
		record := &output.Record{}
		record.Add("Issuer", shown.Issuer)
		record.Add("Label", shown.Label)
		record.Add("Secret", shown.Secret)
		record.Add("URI", shown.URI)
		record.Add("QR code", shown.QRCode)
		return record.Write(o.streams)
	}, shown.URI)
}
