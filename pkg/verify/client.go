package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/onetouchkit/onetouch/pkg/internal/httpcall"
)

// DefaultBaseURL is Twilio's production service.
const DefaultBaseURL = "https://verify.twilio.com"

// Limits of one call.
const (
	maxAnswer = 4 << 20 // bytes
	userAgent = "onetouch-verify/1"
)

// Client calls the Verify API for one account. It is safe for concurrent use. Printing it never shows its auth token.
type Client struct {
	accountSID, authToken string
	base                  string
	http                  *http.Client
}

// Option changes a new client.
type Option func(*Client)

// WithBaseURL calls another service than Twilio's own, such as the server on this machine: http://127.0.0.1:8181.
func WithBaseURL(base string) Option {
	return func(c *Client) { c.base = strings.TrimRight(base, "/") }
}

// WithHTTPClient uses the HTTP client's transport, cookies and timeout. Its redirects are not followed: they would
// carry the auth token to another place. The default client gives up after 30 seconds.
func WithHTTPClient(client *http.Client) Option {
	return func(c *Client) { c.http = client }
}

// New returns a client for the account with that SID (AC and 32 hexadecimal digits) and auth token.
func New(accountSID, authToken string, options ...Option) *Client {
	c := &Client{accountSID: accountSID, authToken: authToken, base: DefaultBaseURL}
	for _, option := range options {
		option(c)
	}
	c.http = httpcall.Client(c.http)
	return c
}

// Format prints the client without its auth token, whatever the verb.
func (c Client) Format(out fmt.State, _ rune) {
	_, _ = fmt.Fprintf(out, "verify.Client(%s)", c.place())
}

// place is where the client calls, without what may be secret in a URL.
func (c Client) place() string { return httpcall.Place(c.base) }

// path joins segments below /v2.
func path(segments ...string) string {
	var b strings.Builder
	b.WriteString("/v2")
	for _, segment := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(segment))
	}
	return b.String()
}

// ask makes one call and reads its answer into result, which is nil when there is none to read.
func (c *Client) ask(ctx context.Context, method, path string, parameters url.Values, result resource) error {
	request, err := c.request(ctx, method, path, parameters)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return c.unanswered(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := httpcall.Body(response, maxAnswer)
	if err != nil {
		return c.unanswered(ctx, err)
	}
	return c.read(response, body, result)
}

func (c *Client) request(ctx context.Context, method, path string, parameters url.Values) (*http.Request, error) {
	for _, secret := range []string{c.accountSID, c.authToken} {
		if secret == "" || strings.ContainsFunc(secret, unicode.IsControl) {
			return nil, fmt.Errorf("%w: account SID or auth token is empty or has a line break", ErrCredentials)
		}
	}
	if !httpcall.CanBeCalled(c.base) {
		return nil, errors.New("the base URL of the Verify API must be an http or https URL, such as " + DefaultBaseURL)
	}
	target := c.base + path
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(parameters.Encode())
	} else if len(parameters) > 0 {
		target += "?" + parameters.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", c.place(), err)
	}
	request.SetBasicAuth(c.accountSID, c.authToken)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", userAgent)
	if body != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return request, nil
}

// resource is what a call is answered with.
type resource interface {
	// whole reports whether all is there that a caller relies on.
	whole() bool
}

func (c *Client) read(response *http.Response, body []byte, result resource) error {
	mediaType, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	isJSON := len(body) <= maxAnswer && (mediaType == "application/json" || strings.HasSuffix(mediaType, "+json"))
	if response.StatusCode >= http.StatusMultipleChoices {
		return c.refusal(response, body, isJSON)
	}
	if result == nil {
		return nil
	}
	if !isJSON || json.Unmarshal(body, result) != nil || !result.whole() {
		return c.unexpected(response)
	}
	return nil
}

// unexpected is an answer that no Verify API gives.
func (c *Client) unexpected(response *http.Response) error {
	return fmt.Errorf("%w: %s answered %s with something that is not of the Verify API", ErrUnexpectedAnswer, c.place(),
		response.Status)
}
