package controlapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Client calls the control API of one server.
type Client struct {
	place string // where the server is, for people
	base  string
	token string
	http  *http.Client
}

// NewClient returns a client of the server at base, such as http://127.0.0.1:8181.
func NewClient(base, token string, client *http.Client) *Client {
	return &Client{place: placeOf(base), base: strings.TrimSuffix(base, "/") + prefix, token: token, http: client}
}

// maxAnswer bounds what is read of one answer, in bytes.
const maxAnswer = 256 << 20

// Server describes the server. Every server has an application.
func (c *Client) Server(ctx context.Context) (Server, error) {
	described, err := read[Server](ctx, c, "/server", nil)
	if err == nil && len(described.Applications) == 0 {
		err = &stranger{c.place}
	}
	return described, err
}

// Users lists the users of an application ("": of all), oldest first.
func (c *Client) Users(ctx context.Context, appID string) ([]User, error) {
	return read[[]User](ctx, c, "/users", url.Values{"app": {appID}})
}

// Devices lists the devices of a user (0: of all), oldest first.
func (c *Client) Devices(ctx context.Context, authyID int64) ([]Device, error) {
	return read[[]Device](ctx, c, "/devices", url.Values{"user": {strconv.FormatInt(authyID, 10)}})
}

// ApprovalRequestQuery chooses approval requests. Zero fields choose all.
type ApprovalRequestQuery struct {
	AppID    string
	AuthyID  int64
	Statuses []string
	Before   string // UUID: only those after it in the list
	Limit    int
}

// ApprovalRequests lists approval requests, newest first.
func (c *Client) ApprovalRequests(ctx context.Context, q ApprovalRequestQuery) ([]ApprovalRequest, error) {
	return read[[]ApprovalRequest](ctx, c, "/approval_requests", url.Values{
		"app": {q.AppID}, "user": {strconv.FormatInt(q.AuthyID, 10)}, "status": {strings.Join(q.Statuses, ",")},
		"before": {q.Before}, "limit": {strconv.Itoa(q.Limit)},
	})
}

// ApprovalRequest returns one approval request.
func (c *Client) ApprovalRequest(ctx context.Context, uuid string) (ApprovalRequest, error) {
	return read[ApprovalRequest](ctx, c, "/approval_requests/"+url.PathEscape(uuid), nil)
}

func read[T any](ctx context.Context, c *Client, path string, query url.Values) (T, error) {
	response, err := c.do(ctx, http.MethodGet, path+"?"+query.Encode(), http.NoBody) //nolint:bodyclose // decoded closes it
	return decoded[T](c, response, err, path)
}

// write sends a value as JSON (nil: none) and returns the answer.
func write[T any](ctx context.Context, c *Client, method, path string, value any) (T, error) {
	var content []byte
	if value != nil {
		var err error
		if content, err = json.Marshal(value); err != nil {
			return *new(T), fmt.Errorf("writing what to send to %s: %w", path, err)
		}
	}
	response, err := c.do(ctx, method, path, bytes.NewReader(content)) //nolint:bodyclose // decoded closes it
	return decoded[T](c, response, err, path)
}

func decoded[T any](c *Client, response *http.Response, err error, path string) (T, error) {
	var result T
	if err != nil {
		return result, err
	}
	defer func() { _ = response.Body.Close() }()
	err = json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&result)
	var syntax *json.SyntaxError
	var otherType *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF) || errors.As(err, &syntax) || errors.As(err, &otherType):
		return result, &stranger{c.place}
	case err != nil:
		return result, fmt.Errorf("reading the server's answer to %s: %w", path, err)
	}
	return result, nil
}

// do returns a 200 answer; the caller closes its body.
func (c *Client) do(ctx context.Context, method, target string, body io.Reader) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+target, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	response, err := c.http.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &unreachable{place: c.place, cause: err}
	}
	if response.StatusCode == http.StatusOK {
		return response, nil
	}
	defer func() { _ = response.Body.Close() }()
	var f failure
	err = json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&f)
	if err != nil || f.Message == "" || f.Code == "" {
		return nil, &stranger{c.place}
	}
	return nil, &onetouch.Error{Code: f.Code, Message: f.Message, Parameter: f.Parameter, Reason: f.Reason}
}
