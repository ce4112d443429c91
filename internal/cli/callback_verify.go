package cli

import (
	"context"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// explainedCallback says whether a signature is right and, if not, why.
type explainedCallback struct {
	Valid    bool           `json:"valid"`
	Mistakes []shownMistake `json:"mistakes"`
	// StringToSign is that of the callback as it was given; "" when it cannot be read.
	StringToSign string `json:"string_to_sign"`
	// SignedString is what was signed in fact; "" when nobody can tell.
	SignedString string `json:"signed_string"`
	// Difference is the byte at which the two differ, null when they do not, or one is not known.
	Difference *int `json:"difference"`
}

// shownMistake is one thing that makes a signature wrong.
type shownMistake struct {
	Kind   string `json:"kind"`
	Text   string `json:"text"`
	Advice string `json:"advice"`
}

type callbackVerifyOptions struct {
	display
	settings func() (config.Settings, error)
	keyChoice
	callbackTarget
	query            string
	nonce, signature string
	headers          []string
}

// NewCmdCallbackVerify returns the command that verifies the signature of a callback.
func NewCmdCallbackVerify(f *Factory) *cobra.Command {
	o := &callbackVerifyOptions{display: f.display(), settings: func() (config.Settings, error) { return f.Settings(nil) }}
	cmd := &cobra.Command{
		Use:   "verify --url URL --nonce N --signature S <BODY",
		Short: "Verify the signature of a callback, and say why it is wrong",
		Long: "Verify the signature of a callback, and say why it is wrong: another key, http for https, a host, port or path that\n" +
			"a proxy changed, a body that was changed or written anew, another order or way of escaping. The exit code is 0 or 1.\n\n" +
			"The body is read from the standard input, byte for byte as it came; the parameters of a GET are those of --query,\n" +
			"or of the URL; when there are none, a body tells whether it was a POST. Headers as they came, among them those of\n" +
			"proxies, can be given with -H. That a callback is old, or was seen before, makes no difference here.",
		Example: "onetouch callback verify --url https://example.com/callback -H \"X-Authy-Signature-Nonce: $N\" \\\n" +
			"    -H \"X-Authy-Signature: $S\" <body.json",
		Args: noArguments,
		RunE: runWith(o, callbackVerifyRun),
	}
	addKeyFlags(f, cmd, &o.keyChoice, true)
	addTargetFlags(cmd, &o.callbackTarget)
	flags := cmd.Flags()
	flags.StringVar(&o.query, "query", "", "`QUERY` of a GET (default that of the URL)")
	flags.StringVar(&o.nonce, "nonce", "", "`TEXT` of the header "+callback.NonceHeader)
	flags.StringVar(&o.signature, "signature", "", "`TEXT` of the header "+callback.SignatureHeader)
	flags.StringArrayVarP(&o.headers, "header", "H", nil, "`HEADER` of the request, as in 'Name: value'; may be repeated")
	o.answer = addAnswerFlags(cmd, explainedCallback{}, "valid or invalid")
	return cmd
}

func callbackVerifyRun(ctx context.Context, o *callbackVerifyOptions) error {
	received, err := o.received()
	if err != nil {
		return err
	}
	if received.APIKeys, err = o.read(ctx, &o.keyChoice); err != nil {
		return err
	}
	if received.Method == http.MethodGet && o.hasQuery() {
		received.Payload = []byte(o.query)
	} else if received.Payload, err = readPayload(o.streams); err != nil {
		return err
	}
	explanation, err := callback.Explain(received)
	if err != nil {
		return callbackError(err)
	}
	explained := explainedOf(explanation)
	answer := shown{data: explained, ids: []string{"invalid"}}
	answer.people = output.TextFunc(func(s *output.Streams) error { return writeExplanation(s, explanation) })
	if explained.Valid {
		answer.ids = []string{"valid"}
		answer.people = output.Lines{output.Sanitise("The signature is right: " + received.Method + " " + received.URL +
			signedAgo(received.Nonce, time.Now()) + ".")}
	}
	err = o.show(ctx, answer)
	if err == nil && !explained.Valid {
		err = &exitError{code: ExitFailed}
	}
	return err
}

// hasQuery reports whether a GET has its parameters. One without may be a POST in fact, whose body comes in.
func (o *callbackVerifyOptions) hasQuery() bool {
	return o.query != "" || strings.Contains(o.url, "?") || o.streams.Terminal.In
}

// received is the callback as the flags describe it.
func (o *callbackVerifyOptions) received() (callback.Received, error) {
	settings, err := o.settings()
	if err != nil {
		return callback.Received{}, err
	}
	if err := o.complete(settings); err != nil {
		return callback.Received{}, err
	}
	if o.query != "" && o.method != http.MethodGet {
		return callback.Received{}, usageError("--query is for a GET: add --method GET")
	}
	header, err := headerOf(o.headers)
	if err != nil {
		return callback.Received{}, err
	}
	r := callback.Received{Method: o.method, URL: o.url, Nonce: o.nonce, Signature: o.signature, Header: header}
	for _, one := range []struct {
		value      *string
		name, flag string
	}{{&r.Nonce, callback.NonceHeader, "nonce"}, {&r.Signature, callback.SignatureHeader, "signature"}} {
		if *one.value == "" {
			*one.value = header.Get(one.name)
		}
		if *one.value == "" {
			return r, usageError("--%s is missing: say what the header %s was", one.flag, one.name)
		}
	}
	return r, nil
}

// headerOf reads headers as HTTP writes them.
func headerOf(lines []string) (http.Header, error) {
	header := http.Header{}
	for _, line := range lines {
		name, value, found := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !found || name == "" {
			return nil, usageError("--header %q must be 'Name: value'", line)
		}
		header.Add(textproto.CanonicalMIMEHeaderKey(name), strings.TrimSpace(value))
	}
	return header, nil
}

// signedAgo says when a nonce of epoch seconds was made.
func signedAgo(nonce string, now time.Time) string {
	whole, _, _ := strings.Cut(nonce, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || seconds <= 0 || seconds > now.AddDate(100, 0, 0).Unix() {
		return ""
	}
	return ", signed at " + time.Unix(seconds, 0).UTC().Format(time.RFC3339)
}

func explainedOf(e callback.Explanation) explainedCallback {
	shown := explainedCallback{Valid: e.Valid, Mistakes: []shownMistake{}, StringToSign: e.Expected}
	for _, mistake := range e.Mistakes {
		shown.Mistakes = append(shown.Mistakes, shownMistake{string(mistake.Kind), mistake.Text, adviceOn(mistake.Kind)})
	}
	if e.OtherSigned {
		shown.SignedString = e.Other
	}
	if at := e.Difference(); at >= 0 && e.OtherSigned && e.Expected != "" {
		shown.Difference = &at
	}
	return shown
}

// adviceOn says how to mend a mistake.
func adviceOn(kind callback.MistakeKind) string {
	const theURL = "verify with the URL that the service was told, not with the one that the request came in by"
	return map[callback.MistakeKind]string{
		callback.MistakeKey:        "use the API key of the application that sends: 'onetouch app show'",
		callback.MistakeScheme:     theURL,
		callback.MistakeHost:       theURL,
		callback.MistakePath:       theURL,
		callback.MistakeQuery:      "sign scheme, host, port and path, without query and fragment",
		callback.MistakeMethod:     "verify with the method of the request, in capitals",
		callback.MistakeNonce:      "take the header as it came",
		callback.MistakeBody:       "verify the very bytes of the body, before anything reads or changes them",
		callback.MistakeOrder:      "sort the escaped name=value strings by byte, with their indices",
		callback.MistakeEscaping:   "escape as in docs/callbacks.md",
		callback.MistakeEncoding:   "compare with standard base64, and take the header as it came",
		callback.MistakeIncomplete: "take the header as it came",
	}[kind]
}

// writeExplanation tells people why a signature is wrong, and shows both strings.
func writeExplanation(s *output.Streams, e callback.Explanation) error {
	lines := []string{"The signature is wrong."}
	for _, mistake := range e.Mistakes {
		lines = append(lines, wrapped(s, "  - ", "    ", mistake.Text)...)
		lines = append(lines, wrapped(s, "    mend: ", "    ", adviceOn(mistake.Kind))...)
	}
	name := "Was signed"
	if len(e.Mistakes) == 0 {
		lines = append(lines, wrapped(s, "  - ", "    ", "nothing that is known to go wrong explains it: it was made by an API key "+
			"that was not given, for another URL, or of another payload")...)
	}
	if !e.OtherSigned {
		name = "As given"
	}
	if e.Expected != "" {
		lines = append(lines, "", "To sign:    "+marked(s, e.Expected, e.Difference()))
	}
	lines = append(lines, name+":"+strings.Repeat(" ", len("To sign:    ")-len(name)-1)+marked(s, e.Other, e.Difference()))
	if at := e.Difference(); at >= 0 && e.Expected != "" {
		lines = append(lines, "", "They differ first here, at byte "+strconv.Itoa(at)+":")
		lines = append(lines, differenceLines(s, e, at)...)
	}
	return writeLines(s, lines...)
}

// marked is a string whose end, from the first difference on, has a colour.
func marked(s *output.Streams, text string, at int) string {
	if at < 0 {
		return output.Sanitise(text)
	}
	at = min(at, len(text))
	red := s.OutRenderer().NewStyle().Foreground(lipgloss.Color("1"))
	return output.Sanitise(text[:at]) + red.Render(output.Sanitise(text[at:]))
}

// differenceLines show what stands around the first difference in both strings, with a mark below.
func differenceLines(s *output.Streams, e callback.Explanation, at int) []string {
	const before, indent = 30, "  "
	start := max(0, at-before)
	room := max(s.Terminal.Width, 2*before) - len(indent) - 2
	part := func(text string) string {
		shown := []rune(output.Sanitise(text[start:min(len(text), start+room)]))
		return indent + string(shown[:min(len(shown), room)])
	}
	mark := strings.Repeat(" ", len(indent)+len([]rune(output.Sanitise(e.Expected[start:at])))) + "^"
	return []string{part(e.Expected), part(e.Other), mark}
}
