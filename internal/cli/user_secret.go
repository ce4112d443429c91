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
func NewCmdUserSecret(f *Factory) *cobra.Command {
	o := &userSecretOptions{tools: f.tools()}
	cmd := &cobra.Command{
		Use:   "secret ID",
		Short: "Show the secret with which any authenticator app makes codes for a user",
		Long: "Show the secret with which any authenticator app makes codes for a user, as a backend does with\n" +
			"users/secret. 'onetouch token verify' takes these codes.",
		Args:              takeID(&o.authyID, anAuthyID),
		ValidArgsFunction: f.completeFirst(userIDs),
		RunE:              runOn(o, userSecretRun),
	}
	cmd.Flags().StringVar(&o.label, "label", "", "`NAME` of the account in the app (default the e-mail address)")
	cmd.Flags().BoolVar(&o.qr, "qr", false, "print the otpauth URI as a QR code, for the app to scan")
	o.answer = addAnswerFlags(cmd, shownSecret{}, "the otpauth URI")
	refuseWithQR(cmd, &o.qr, "quiet", "json", "jq", "template")
	return cmd
}

func userSecretRun(ctx context.Context, o *userSecretOptions, c *Connection) error {
	made, err := c.Backend.CreateAuthenticator(ctx, o.authyID, authy.NewAuthenticator{Label: o.label})
	if err != nil {
		return orUnknownUser(err, o.authyID)
	}
	secret := shownSecret{
		AuthyID: o.authyID, Issuer: made.Issuer, Label: made.Label, Secret: made.Secret, URI: made.URI, QRCode: made.QRCode,
	}
	if c.InProcess {
		secret.QRCode = "" // there is nobody to ask for the picture
	}
	if o.qr {
		return writeQR(o.streams, secret.URI)
	}
	return o.show(ctx, shown{data: secret, ids: []string{secret.URI}, people: recordOfSecret(secret)})
}

func recordOfSecret(secret shownSecret) *output.Record {
	record := &output.Record{}
	record.Add("Issuer", secret.Issuer)
	record.Add("Label", secret.Label)
	record.Add("Secret", secret.Secret)
	record.Add("URI", secret.URI)
	record.Add("QR code", secret.QRCode)
	return record
}
