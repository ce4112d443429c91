package cli

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/terminal"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// signedCallback is a callback that can be sent.
type signedCallback struct {
	Method       string `json:"method"`
	URL          string `json:"url"` // with the query of a GET
	Nonce        string `json:"nonce"`
	Signature    string `json:"signature"`
	StringToSign string `json:"string_to_sign"`
}

type callbackSignOptions struct {
	display
	settings func() (config.Settings, error)
	keyChoice
	callbackTarget
	query string
	nonce string
	curl  bool
}

// NewCmdCallbackSign returns the command that signs a callback.
func NewCmdCallbackSign(f *Factory) *cobra.Command {
	o := &callbackSignOptions{display: f.display(), settings: func() (config.Settings, error) { return f.Settings(nil) }}
	cmd := &cobra.Command{
		Use:   "sign --url URL <PAYLOAD",
		Short: "Sign a callback as the service does",
		Long: "Sign a callback as the service does. The payload is JSON on the standard input; a GET carries it in its query. The\n" +
			"answer are the two headers of the signature or, with --curl, a command that sends the callback.",
		Example: "onetouch callback sign --url http://127.0.0.1:3000/callback --curl <callback.json | sh",
		Args:    noArguments,
		RunE:    runWith(o, callbackSignRun),
	}
	addKeyFlags(f, cmd, &o.keyChoice, false)
	addTargetFlags(cmd, &o.callbackTarget)
	flags := cmd.Flags()
	flags.StringVar(&o.query, "query", "", "sign this `QUERY` of a GET, instead of a payload")
	flags.StringVar(&o.nonce, "nonce", "", "`TEXT` that makes the signature differ from others (default the time in epoch seconds)")
	flags.BoolVar(&o.curl, "curl", false, "print a curl command that sends the callback")
	o.answer = addAnswerFlags(cmd, signedCallback{}, "the signature")
	refuseBeside(cmd, "curl", "quiet", "json", "jq", "template")
	return cmd
}

// refuseBeside makes flags that contradict another one a wrong usage.
func refuseBeside(cmd *cobra.Command, name string, others ...string) {
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		for _, other := range others {
			if cmd.Flags().Changed(name) && cmd.Flags().Changed(other) {
				return usageError("--%s cannot be combined with --%s", other, name)
			}
		}
		return before(cmd, args)
	}
}

func callbackSignRun(ctx context.Context, o *callbackSignOptions) error {
	settings, err := o.settings()
	if err != nil {
		return err
	}
	if err := o.complete(settings); err != nil {
		return err
	}
	if o.query != "" && o.method != http.MethodGet {
		return usageError("--query is for a GET: add --method GET")
	}
	keys, err := o.read(ctx, &o.keyChoice)
	if err != nil {
		return err
	}
	if o.nonce == "" {
		o.nonce = newNonce()
	}
	payload := []byte("{}")
	if o.query == "" {
		if payload, err = readPayload(o.streams); err != nil {
			return err
		}
	}
	request, signed, err := o.sign(ctx, keys[0], payload)
	if err != nil {
		return callbackError(err)
	}
	answer := shown{data: signed, ids: []string{signed.Signature}}
	answer.people = output.Lines{callback.NonceHeader + ": " + signed.Nonce, callback.SignatureHeader + ": " + signed.Signature}
	switch {
	case o.curl:
		answer.people = output.Lines{curlOf(request, payload)}
	case o.method == http.MethodGet && o.answer.forPeople():
		say(o.streams, "Of GET %s", output.Sanitise(signed.URL))
	}
	return o.show(ctx, answer)
}

func (o *callbackSignOptions) sign(ctx context.Context, key string, payload []byte) (*http.Request, signedCallback, error) {
	target := o.url
	if o.query != "" {
		u, err := url.Parse(target)
		if err != nil {
			return nil, signedCallback{}, err
		}
		u.RawQuery = strings.Trim(u.RawQuery+"&"+strings.TrimPrefix(o.query, "?"), "&")
		target = u.String()
	}
	request, err := callback.NewRequest(ctx, key, o.nonce, o.method, target, payload)
	if err != nil {
		return nil, signedCallback{}, err
	}
	shown := signedCallback{
		Method: o.method, URL: request.URL.String(), Nonce: o.nonce,
		Signature: request.Header.Get(callback.SignatureHeader),
	}
	if o.method == http.MethodGet {
		shown.StringToSign, err = callback.QueryStringToSign(o.nonce, o.method, target, request.URL.RawQuery)
	} else {
		shown.StringToSign, err = callback.StringToSign(o.nonce, o.method, target, payload)
	}
	return request, shown, err
}

// curlOf is a command for a POSIX shell that sends a request.
func curlOf(r *http.Request, payload []byte) string {
	words := []string{"curl", "-i"}
	for _, name := range []string{"Content-Type", callback.NonceHeader, callback.SignatureHeader} {
		if value := r.Header.Get(name); value != "" {
			words = append(words, "-H", terminal.ShellWord(name+": "+value))
		}
	}
	if r.Method == http.MethodPost {
		words = append(words, "--data-binary", terminal.ShellWord(string(payload)))
	}
	return strings.Join(append(words, terminal.ShellWord(r.URL.String())), " ")
}
