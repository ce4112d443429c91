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

// client makes the calls of the device API.
type client struct {
	server string // as the user gave it
	token  string // access token; "" before the registration
	http   *http.Client
	most   int64 // bytes of an answer
}

const (
	prefix = "/device/v1"
	// maxAnswer bounds an answer in bytes. A backend's request has at most 1 MiB, and grows to at most twice of it on
	// its way here.
	maxAnswer = 4 << 20
	maxError  = 64 << 10
)

func newClient(server, token string, httpClient *http.Client) (*client, error) {
	if !httpcall.CanBeCalled(server) {
		return nil, fmt.Errorf("server %q must be an absolute http or https URL, such as http://127.0.0.1:8181", server)
	}
	return &client{
		server: strings.TrimSuffix(server, "/"), token: token, http: httpcall.Client(httpClient), most: maxAnswer,
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
	response, err := c.http.Do(request)
	if err != nil {
		return unreachable(ctx, c.server, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return c.refusal(response)
	}
	answer, err := httpcall.Body(response, c.most)
	if err != nil {
		return unreachable(ctx, c.server, err)
	}
	if int64(len(answer)) > c.most {
		return fmt.Errorf("%s answered with more than %d bytes: not a OneTouch server, or a broken one", c.server, c.most)
	}
	if err := json.Unmarshal(answer, result); err != nil {
		return fmt.Errorf("%s answered what is not of the device API: %w", c.server, plain(err))
	}
	return nil
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
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
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
