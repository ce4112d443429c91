package device

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/pkg/internal/httpcall"
)

// client makes the calls of a device, and reads those of the device API.
type client struct {
	server string // as the user gave it
	http   *http.Client
	most   int64 // bytes of an answer
	// authorise says whose call it is; nil before the registration.
	authorise func(*http.Request) error
	// clock is set by the Date of an answer that says 401, after which the call is made once more; nil: there is one try.
	clock *clock
}

// bearer authorises by an access token (RFC 6750).
func bearer(token string) func(*http.Request) error {
	return func(r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
}

const (
	prefix = "/device/v1"
	// maxAnswer bounds an answer in bytes. A backend's request has at most 1 MiB, and grows to at most twice of it on
	// its way here.
	maxAnswer = 4 << 20
	maxError  = 64 << 10
)

func newClient(server string, httpClient *http.Client) (*client, error) {
	if !httpcall.CanBeCalled(server) {
		return nil, fmt.Errorf("server %q must be an absolute http or https URL, such as http://127.0.0.1:8181", server)
	}
	return &client{
		server: strings.TrimSuffix(server, "/"), http: httpcall.Client(httpClient), most: maxAnswer,
	}, nil
}

// reading is the client for answers of at most so many bytes.
func (c *client) reading(most int64) *client {
	own := *c
	own.most = most
	return &own
}

// call makes a call and reads its answer into result. body is nil for none.
func (c *client) call(ctx context.Context, method, path string, body, result any) error {
	request, err := c.request(ctx, method, path, body)
	if err != nil {
		return err
	}
	response, err := c.send(request, c.http)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return c.refusal(response)
	}
	return c.read(response, "the device API", result)
}

// read reads an answer of an API into result.
func (c *client) read(response *http.Response, api string, result any) error {
	answer, err := httpcall.Body(response, c.most)
	if err != nil {
		return unreachable(response.Request.Context(), c.server, err)
	}
	if int64(len(answer)) > c.most {
		return fmt.Errorf("%s answered with more than %d bytes: not a OneTouch server, or a broken one", c.server, c.most)
	}
	if err := json.Unmarshal(answer, result); err != nil {
		return fmt.Errorf("%s answered what is not of %s: %w", c.server, api, plain(err))
	}
	return nil
}

// send sends a call and, when the server does not take who calls and tells its time, once more by that time.
// Source: twilio-verify-android.
func (c *client) send(request *http.Request, by *http.Client) (*http.Response, error) {
	response, err := c.try(request, by)
	if err != nil || response.StatusCode != http.StatusUnauthorized || c.clock == nil || !c.clock.setByDate(response) {
		return response, err
	}
	_ = response.Body.Close()
	again := request.Clone(request.Context())
	if request.GetBody != nil {
		if again.Body, err = request.GetBody(); err != nil {
			return nil, fmt.Errorf("calling %s again: %w", c.server, err)
		}
	}
	return c.try(again, by)
}

func (c *client) try(request *http.Request, by *http.Client) (*http.Response, error) {
	if c.authorise != nil {
		if err := c.authorise(request); err != nil {
			return nil, err
		}
	}
	response, err := by.Do(request)
	if err != nil {
		return nil, unreachable(request.Context(), c.server, err)
	}
	return response, nil
}

func (c *client) request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("writing the call to %s: %w", c.server, err)
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.server+prefix+path, content)
	if err != nil {
		return nil, fmt.Errorf("calling %s: %w", c.server, err)
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// checkText refuses broken UTF-8, which encoding/json would replace without a word.
func checkText(name, text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("%s is not valid UTF-8", name)
	}
	return nil
}

// refusal reads an answer that is not 200.
func (c *client) refusal(response *http.Response) error {
	var body struct {
		ErrorCode string `json:"error_code"`
		Message   string `json:"message"`
		Errors    struct {
			Code      string `json:"code"`
			Parameter string `json:"parameter"`
			Reason    string `json:"reason"`
		} `json:"errors"`
	}
	err := json.NewDecoder(io.LimitReader(response.Body, maxError)).Decode(&body)
	if err != nil || body.Errors.Code == "" || body.Message == "" {
		return &Error{StatusCode: response.StatusCode, Message: fmt.Sprintf(
			"%s answered %s: not a OneTouch server, or another version of it", c.server, response.Status)}
	}
	return &Error{
		StatusCode: response.StatusCode, Code: body.Errors.Code, ErrorCode: body.ErrorCode, Message: body.Message,
		Parameter: body.Errors.Parameter, Reason: body.Errors.Reason,
	}
}

// plain is an error of encoding/json without the names of Go's types.
func plain(err error) error {
	var wrongType *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &wrongType):
		return err
	case wrongType.Field == "":
		return fmt.Errorf("it is a JSON %s where an object belongs", wrongType.Value)
	default:
		return fmt.Errorf("member %q has the wrong type: %s", wrongType.Field, wrongType.Value)
	}
}
