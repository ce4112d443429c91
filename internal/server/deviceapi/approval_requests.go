package deviceapi

import (
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// approvalRequest is a request as its device sees it. Requester details, device details, location and the two flags are
// of the SDK's vocabulary; this service knows nothing to put into them.
type approvalRequest struct {
	UUID   string          `json:"uuid"`
	Status onetouch.Status `json:"status"`
	onetouch.Question
	RequesterDetails    *struct{} `json:"requester_details"`
	DeviceDetails       struct{}  `json:"device_details"`
	Location            string    `json:"location"`
	Reason              string    `json:"reason"`
	Flagged             bool      `json:"flagged"`
	Encrypted           bool      `json:"encrypted"`
	CreationDate        int64     `json:"creation_date"`
	ExpirationTimestamp int64     `json:"expiration_timestamp"` // 0: never
	SigningTime         *int64    `json:"signing_time"`
	AppID               string    `json:"app_id"`
	AppName             string    `json:"app_name"`
	AuthyID             int64     `json:"authy_id"`
	CustomerUUID        int64     `json:"customer_uuid"`
	DeviceUUID          *string   `json:"device_uuid"`
	Challenge           string    `json:"challenge,omitempty"`
}

func requestOf(record onetouch.RequestRecord) approvalRequest {
	r := record.Request
	answer := approvalRequest{
		UUID: r.UUID, Status: r.Status, Question: r.Question, Reason: r.Answer.Reason, CreationDate: r.CreatedAt.Unix(),
		AppID: r.AppID, AppName: r.AppName, AuthyID: r.AuthyID, CustomerUUID: record.Application.CustomerUUID,
	}
	if !r.ExpiresAt.IsZero() {
		answer.ExpirationTimestamp = r.ExpiresAt.Unix()
	}
	if r.Answer.DeviceID != 0 {
		signed := r.Answer.SignedAt.Unix()
		answer.SigningTime, answer.DeviceUUID = &signed, &record.Device.UUID
	}
	return answer
}

type page struct {
	ApprovalRequests []approvalRequest `json:"approval_requests"`
	NextCursor       string            `json:"next_cursor"` // "" on the last page
}

// Bounds of a page.
const (
	defaultPage = 50
	longestPage = 200
)

// approvalRequests: GET /approval_requests.
func (a *API) approvalRequests(c *call) (any, error) {
	q := wire.ReadQuery(c.Request)
	limit := int(q.Number("limit", defaultPage, 1, longestPage))
	f := onetouch.ApprovalRequestFilter{
		Statuses: q.Statuses("status"), Since: timeIn(q, "since"), Until: timeIn(q, "until"), Before: q.Get("cursor"),
		Limit: limit + 1, // one more tells whether there is another page
	}
	if !f.Until.IsZero() { // inclusive, and creation times are told in whole seconds
		f.Until = f.Until.Add(time.Second - time.Nanosecond)
	}
	if err := q.Err(); err != nil {
		return nil, err
	}
	records, err := a.service.DeviceApprovalRequests(c.Context(), c.device, f)
	return pageOf(records, limit), err
}

// latest is the last second that a store which counts nanoseconds in 64 bits can hold, in the year 2262.
const latest = 1<<63/1_000_000_000 - 1

// timeIn is a time in epoch seconds; zero when it is not given.
func timeIn(q *wire.Query, name string) time.Time {
	if q.Get(name) == "" {
		return time.Time{}
	}
	return time.Unix(q.Number(name, 0, 0, latest), 0).UTC()
}

func pageOf(records []onetouch.RequestRecord, limit int) page {
	p := page{ApprovalRequests: make([]approvalRequest, min(len(records), limit))}
	for i := range p.ApprovalRequests {
		p.ApprovalRequests[i] = requestOf(records[i])
	}
	if len(records) > limit {
		p.NextCursor = records[limit-1].Request.UUID
	}
	return p
}

// approvalRequest: GET /approval_requests/{uuid}.
func (a *API) approvalRequest(c *call) (any, error) {
	record, err := a.service.DeviceApprovalRequest(c.Context(), c.device, c.PathValue("uuid"))
	answer := requestOf(record)
	answer.Challenge = record.Request.ChallengeToAnswer()
	return answer, err
}

// respond: POST /approval_requests/{uuid}/response.
func (a *API) respond(c *call) (any, error) {
	body, err := c.readBody()
	if err != nil {
		return nil, err
	}
	jws, err := body.text("jws")
	if err != nil {
		return nil, err
	}
	if jws == "" {
		return nil, required("jws")
	}
	record, err := a.service.Answer(c.Context(), c.device, c.PathValue("uuid"), jws)
	return requestOf(record), err
}
