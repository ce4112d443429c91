package authy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"unicode"

	"github.com/onetouchkit/onetouch/pkg/internal/httpcall"
)

// DefaultBaseURL is Authy's production service.
const DefaultBaseURL = "https://api.authy.com"

// Limits of one call.
const (
	maxAnswer = 16 << 20 // bytes; an approval request with all that the server lets it hold is a quarter of it
	userAgent = "onetouch-authy/1"
)

// Client calls the Authy API for one application. It is safe for concurrent use. Printing it never shows its keys.
type Client struct {
	apiKey string
	base   string
	http   *http.Client
	// Of the dashboard API; see [WithAccessKey].
	accessKey, signingKey string
}

// Option changes a new client.
type Option func(*Client)

// WithBaseURL calls another service than Authy's own, such as the server on this machine: http://127.0.0.1:8181.
func WithBaseURL(base string) Option {
	return func(c *Client) { c.base = strings.TrimRight(base, "/") }
}

// WithHTTPClient uses the HTTP client's transport, cookies and timeout. Its redirects are not followed: they would
// carry the API key to another place. The default client gives up after 30 seconds.
func WithHTTPClient(client *http.Client) Option {
	return func(c *Client) { c.http = client }
}

// New returns a client for the application that owns the API key.
func New(apiKey string, options ...Option) *Client {
	c := &Client{apiKey: apiKey, base: DefaultBaseURL}
	for _, option := range options {
		option(c)
	}
	c.http = httpcall.Client(c.http)
	return c
}

// Format prints the client without its keys, whatever the verb.
func (c Client) Format(out fmt.State, _ rune) { _, _ = fmt.Fprintf(out, "authy.Client(%s)", c.place()) }

// place is where the client calls, without what may be secret in a URL.
func (c Client) place() string { return httpcall.Place(c.base) }

// answer is what a call is answered with.
type answer interface {
	// whole reports whether all is there that a caller relies on.
	whole() bool
}

// done is the answer of calls that only have to succeed.
type done struct{}

func (done) whole() bool { return true }

// ask makes one call and reads its answer.
func (c *Client) ask(ctx context.Context, method, path string, parameters form, result answer) error {
	return c.askWith(ctx, method, path, parameters, result, nil)
}

// askWith is ask with more headers.
func (c *Client) askWith(
	ctx context.Context, method, path string, parameters form, result answer, header map[string]string,
) error {
	request, err := c.request(ctx, method, path, parameters)
	if err != nil {
		return err
	}
	for name, value := range header {
		request.Header.Set(name, value)
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

func (c *Client) request(ctx context.Context, method, path string, parameters form) (*http.Request, error) {
	if c.apiKey == "" || strings.ContainsFunc(c.apiKey, unicode.IsControl) {
		return nil, fmt.Errorf("%w: it is empty or has a line break", ErrInvalidAPIKey)
	}
	if !httpcall.CanBeCalled(c.base) {
		return nil, errors.New("the base URL of the Authy API must be an http or https URL, such as " + DefaultBaseURL)
	}
	target, body := c.base+path, parameters.body()
	if method == http.MethodGet && len(parameters) > 0 { // what stands between may drop the body of a GET
		target, body = target+"?"+string(parameters), nil
	}
	request, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", c.place(), err)
	}
	request.Header.Set("X-Authy-API-Key", c.apiKey)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", userAgent)
	if body != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return request, nil
}

// outcome is what all answers have.
type outcome struct {
	Success   success `json:"success"`
	Message   string  `json:"message"`
	ErrorCode text    `json:"error_code"`
	Errors    fields  `json:"errors"`
}

func (c *Client) read(response *http.Response, body []byte, result answer) error {
	if len(body) > maxAnswer {
		return c.unexpected(response, fmt.Sprintf("more than %d bytes", maxAnswer))
	}
	var o outcome
	mediaType, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if mediaType != "application/json" || json.Unmarshal(body, &o) != nil {
		return c.unexpected(response, "no JSON of the Authy API")
	}
	if response.StatusCode != http.StatusOK || !bool(o.Success) {
		return o.refusal(response)
	}
	if json.Unmarshal(body, result) != nil || !result.whole() {
		return c.unexpected(response, "other members than the Authy API's")
	}
	return nil
}

// unexpected is an answer that no Authy API gives.
func (c *Client) unexpected(response *http.Response, content string) error {
	return fmt.Errorf("%w: %s answered %s with %s", ErrUnexpectedAnswer, c.place(), response.Status, content)
}
