package device

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// authyDevice speaks the project's device API.
type authyDevice struct {
	id    int64
	api   *client
	key   *evidence.PrivateKey
	clock *clock
}

// requestAnswer is a request on the wire.
type requestAnswer struct {
	UUID   string          `json:"uuid"`
	Status approval.Status `json:"status"`
	approval.Question
	RequesterDetails    map[string]any `json:"requester_details"`
	DeviceDetails       map[string]any `json:"device_details"`
	Location            string         `json:"location"`
	Reason              string         `json:"reason"`
	Flagged             bool           `json:"flagged"`
	Encrypted           bool           `json:"encrypted"`
	CreationDate        int64          `json:"creation_date"`
	ExpirationTimestamp int64          `json:"expiration_timestamp"`
	SigningTime         int64          `json:"signing_time"`
	AppID               string         `json:"app_id"`
	AppName             string         `json:"app_name"`
	AuthyID             int64          `json:"authy_id"`
	CustomerUUID        int64          `json:"customer_uuid"`
	DeviceUUID          string         `json:"device_uuid"`
	Challenge           string         `json:"challenge"`
}

func (a requestAnswer) request() ApprovalRequest {
	return ApprovalRequest{
		UUID: a.UUID, Status: a.Status, Question: a.Question, RequesterDetails: a.RequesterDetails,
		DeviceDetails: a.DeviceDetails, Location: a.Location,
		Reason: a.Reason, Flagged: a.Flagged, Encrypted: a.Encrypted, CreationDate: epoch(a.CreationDate),
		ExpirationTimestamp: epoch(a.ExpirationTimestamp), SigningTime: epoch(a.SigningTime),
		AppID: a.AppID, AppName: a.AppName, AuthyID: a.AuthyID, CustomerUUID: a.CustomerUUID, DeviceUUID: a.DeviceUUID,
		challenge: a.Challenge,
	}
}

// epoch is a time in epoch seconds; 0 is none.
func epoch(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

const (
	// pageSize is how many requests are asked for at once: with [maxAnswer] for each an answer stays bounded.
	pageSize    = 50
	maxPageSize = pageSize * maxAnswer / 2
)

func (q Query) values(cursor string, limit int) url.Values {
	statuses := make([]string, len(q.Statuses))
	for i, status := range q.Statuses {
		statuses[i] = string(status)
	}
	values := url.Values{"limit": {strconv.Itoa(limit)}}
	for name, value := range map[string]string{
		"status": strings.Join(statuses, ","), "since": seconds(q.Since), "until": seconds(q.Until), "cursor": cursor,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return values
}

func seconds(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.Unix(), 10)
}

func (d *authyDevice) approvalRequests(ctx context.Context, q Query) ([]ApprovalRequest, error) {
	var requests []ApprovalRequest
	api := d.api.reading(maxPageSize)
	for cursor := ""; ; {
		limit := pageSize
		if q.Limit > 0 {
			limit = min(pageSize, q.Limit-len(requests))
		}
		var page struct {
			ApprovalRequests []requestAnswer `json:"approval_requests"`
			NextCursor       string          `json:"next_cursor"`
		}
		path := "/approval_requests?" + q.values(cursor, limit).Encode()
		if err := api.call(ctx, http.MethodGet, path, nil, &page); err != nil {
			return nil, err
		}
		for _, answer := range page.ApprovalRequests {
			requests = append(requests, answer.request())
		}
		if page.NextCursor == "" || page.NextCursor == cursor || len(requests) == q.Limit {
			return requests, nil
		}
		cursor = page.NextCursor
	}
}

func (d *authyDevice) approvalRequest(ctx context.Context, uuid string) (ApprovalRequest, error) {
	var answer requestAnswer
	if err := d.api.call(ctx, http.MethodGet, requestPath(uuid), nil, &answer); err != nil {
		return ApprovalRequest{}, err
	}
	if answer.UUID != uuid {
		return ApprovalRequest{}, otherRequest(d.api.server, answer.UUID, uuid)
	}
	return answer.request(), nil
}

func otherRequest(server, got, asked string) error {
	return fmt.Errorf("%s answered with approval request %q when it was asked for %q", server, got, asked)
}

func requestPath(uuid string) string { return "/approval_requests/" + url.PathEscape(uuid) }

func (d *authyDevice) answer(
	ctx context.Context, request *ApprovalRequest, status approval.Status, reason string,
) (ApprovalRequest, error) {
	digest, err := request.Shown().Digest()
	if err != nil {
		return ApprovalRequest{}, fmt.Errorf("approval request %s: %w", request.UUID, err)
	}
	challenge, err := d.challenge(ctx, request)
	if err != nil {
		return ApprovalRequest{}, err
	}
	jws, err := evidence.Sign(d.key, evidence.Statement{
		UUID: request.UUID, Status: string(status), Challenge: challenge, DeviceID: d.id, IssuedAt: d.clock.now().Unix(),
		DetailsSHA256: digest, Reason: reason,
	})
	if err != nil {
		return ApprovalRequest{}, err
	}
	var answer requestAnswer
	body := map[string]string{"jws": jws}
	err = d.api.call(ctx, http.MethodPost, requestPath(request.UUID)+"/response", body, &answer)
	return answer.request(), err
}

// challenge is the request's own. One that came in a list has none: it is fetched, and nothing else is taken from there,
// since the user was shown the one at hand.
func (d *authyDevice) challenge(ctx context.Context, request *ApprovalRequest) (string, error) {
	if request.challenge != "" {
		return request.challenge, nil
	}
	fresh, err := d.approvalRequest(ctx, request.UUID)
	switch {
	case err != nil:
		return "", err
	case fresh.Status.Decided():
		return "", fresh.NotPending()
	default:
		return fresh.challenge, nil
	}
}

func (d *authyDevice) rename(ctx context.Context, name string) (string, error) {
	var answer struct {
		Name string `json:"name"`
	}
	err := d.api.call(ctx, http.MethodPut, "/device", map[string]string{"name": name}, &answer)
	return answer.Name, err
}

func (d *authyDevice) setPush(ctx context.Context, target PushTarget) error {
	return d.api.call(ctx, http.MethodPut, "/push", target, &struct{}{})
}

func (d *authyDevice) pushReceived(ctx context.Context, uuid string) error {
	body := map[string]string{"approval_request_uuid": uuid}
	return d.api.call(ctx, http.MethodPost, "/pushes/received", body, &struct{}{})
}

func (d *authyDevice) unregister(ctx context.Context) error {
	return d.api.call(ctx, http.MethodDelete, "/device", nil, &struct{}{})
}

func (*authyDevice) push(data []byte) (push Push, err error) {
	if err := json.Unmarshal(data, &push); err != nil {
		return Push{}, plain(err)
	}
	if push.Type != ApprovalRequestPush {
		return Push{}, nil
	}
	if push.ApprovalRequestUUID == "" {
		return Push{}, errors.New("approval_request_uuid is missing")
	}
	return push, nil
}
