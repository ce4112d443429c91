package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// receivedCallback is a callback as 'callback listen' got it.
type receivedCallback struct {
	ReceivedAt time.Time         `json:"received_at"`
	Verdict    string            `json:"verdict"` // see the constants
	Reason     string            `json:"reason"`  // why it is not verified
	Mistakes   []shownMistake    `json:"mistakes"`
	Method     string            `json:"method"`
	URL        string            `json:"url"` // as the request has it
	Status     string            `json:"status"`
	UUID       string            `json:"uuid"`
	AuthyID    int64             `json:"authy_id"`
	Message    string            `json:"message"`
	Details    map[string]string `json:"details"`
	Nonce      string            `json:"nonce"`
	Signature  string            `json:"signature"`
	Body       string            `json:"body"`
	Answered   int               `json:"answered"`  // HTTP status; 0: none
	Forwarded  int               `json:"forwarded"` // HTTP status of the handler it was passed on to; 0: none
	// ForwardError says why the handler could not be reached.
	ForwardError string `json:"forward_error"`
}

// Verdicts on a callback.
const (
	verdictVerified  = "verified"
	verdictSignature = "wrong_signature"
	verdictStale     = "stale"
	verdictReplayed  = "replayed"
	verdictMalformed = "malformed"
	verdictTooLarge  = "too_large"
)

// Valid reports whether a safe handler would act on it.
func (c receivedCallback) Valid() bool { return c.Verdict == verdictVerified }

// look reads and verifies a callback.
func (l *callbackListener) look(r *http.Request) (receivedCallback, []byte, *callback.Callback) {
	shown := receivedCallback{
		ReceivedAt: time.Now().UTC(), Method: r.Method, URL: requestedURL(r), Mistakes: []shownMistake{},
		Nonce: r.Header.Get(callback.NonceHeader), Signature: r.Header.Get(callback.SignatureHeader),
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, callback.DefaultMaxBody))
	shown.Body = string(body)
	if err != nil {
		shown.Verdict, shown.Reason = verdictMalformed, "the body broke off: "+innermost(err).Error()
		if isTooLong(err) {
			shown.Verdict, shown.Reason = verdictTooLarge, fmt.Sprintf("the body has more than %d MiB", callback.DefaultMaxBody>>20)
		}
		return shown, body, nil
	}
	r.Body = newBody(body)
	verified, err := l.verifier.Verify(r)
	if err != nil {
		l.explain(&shown, r, body, err)
		return shown, body, nil
	}
	shown.Verdict, shown.Status, shown.UUID = verdictVerified, string(verified.Status), verified.UUID
	shown.AuthyID, shown.Message, shown.Details = verified.AuthyID, verified.Message, verified.Details
	return shown, body, verified
}

// explain says why a callback is refused.
func (l *callbackListener) explain(shown *receivedCallback, r *http.Request, body []byte, refused error) {
	shown.Verdict, shown.Reason = verdictMalformed, refused.Error()
	for _, known := range []struct {
		kind    error
		verdict string
	}{
		{callback.ErrSignature, verdictSignature}, {callback.ErrStale, verdictStale}, {callback.ErrReplayed, verdictReplayed},
		{callback.ErrTooLarge, verdictTooLarge}, {callback.ErrMalformed, verdictMalformed},
	} {
		if errors.Is(refused, known.kind) {
			shown.Verdict, shown.Reason = known.verdict, strings.TrimPrefix(refused.Error(), known.kind.Error()+": ")
			break
		}
	}
	if shown.Verdict != verdictSignature {
		return
	}
	url := shown.URL
	if l.url != "" {
		url = l.url
	}
	if r.Method == http.MethodGet {
		body = []byte(r.URL.RawQuery)
	}
	header := r.Header.Clone()
	header.Set("Host", r.Host)
	explanation, err := callback.Explain(callback.Received{
		Method: r.Method, URL: url, Payload: body, Nonce: shown.Nonce, Signature: shown.Signature, APIKeys: l.keys, Header: header,
	})
	if err == nil && shown.Signature != "" && shown.Nonce != "" { // otherwise the reason says it all
		shown.Mistakes = explainedOf(explanation).Mistakes
	}
}

// requestedURL is the URL under which a request came in.
func requestedURL(r *http.Request) string {
	if r.URL.IsAbs() {
		return r.URL.String()
	}
	return "http://" + r.Host + r.URL.RequestURI()
}

// newBody is a body of a request; one without bytes must say that it is none.
func newBody(body []byte) io.ReadCloser {
	if len(body) == 0 {
		return http.NoBody
	}
	return io.NopCloser(bytes.NewReader(body))
}

// writeReceived tells people of a callback: in some lines on a terminal, for programs in one.
func writeReceived(s *output.Streams, c receivedCallback) error {
	answered := "no answer"
	if c.Answered != 0 {
		answered = fmt.Sprintf("answered %d", c.Answered)
	}
	if !s.Terminal.Out {
		table := output.NewTable(make([]output.Column, 8)...)
		table.AddRow(moment(s, c.ReceivedAt), c.Verdict, c.Method, shortened(c.URL), c.Status, idText(c.AuthyID), c.UUID,
			c.why(answered))
		return table.Write(s)
	}
	style := s.OutRenderer().NewStyle()
	colour := lipgloss.Color("2")
	if !c.Valid() {
		colour = lipgloss.Color("1")
	}
	first := style.Bold(true).Render(c.ReceivedAt.Local().Format(time.TimeOnly)) + "  " +
		style.Foreground(colour).Render(strings.ReplaceAll(c.Verdict, "_", " ")) + "  " +
		output.Sanitise(c.Method+" "+shortened(c.URL)) + "  " + answered
	lines := []string{first}
	const indent = "          "
	if c.Valid() {
		status := s.OutRenderer().NewStyle().Foreground(statusColour(c.Status)).Render(c.Status)
		lines = append(lines, indent+status+output.Sanitise(fmt.Sprintf(" by user %d: %s", c.AuthyID, c.Message)),
			indent+output.Sanitise("request "+c.UUID))
	} else {
		lines = append(lines, wrapped(s, indent, indent, c.Reason)...)
	}
	for _, mistake := range c.Mistakes {
		lines = append(lines, wrapped(s, indent+"- ", indent+"  ", mistake.Text)...)
		lines = append(lines, wrapped(s, indent+"  mend: ", indent+"  ", mistake.Advice)...)
	}
	if c.Forwarded != 0 {
		lines = append(lines, indent+"the handler answered "+statusWord(c.Forwarded))
	}
	if c.ForwardError != "" {
		lines = append(lines, indent+output.Sanitise(c.ForwardError))
	}
	return writeLines(s, lines...)
}

// why is the last cell of a line: what was answered, or why the callback was refused.
func (c receivedCallback) why(answered string) string {
	parts := []string{answered}
	if c.Reason != "" {
		parts = append(parts, c.Reason)
	}
	for _, mistake := range c.Mistakes {
		parts = append(parts, mistake.Text)
	}
	if c.ForwardError != "" {
		parts = append(parts, c.ForwardError)
	}
	return strings.Join(parts, "; ")
}

// shortened is a URL without the parameters of a GET, which are many.
func shortened(url string) string {
	front, query, found := strings.Cut(url, "?")
	const most = 20
	if !found || len(query) <= most {
		return url
	}
	return front + "?…"
}
