package authyapi

import (
	"time"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func approvalRequestEndpoints() []Endpoint {
	return []Endpoint{
		{
			Method: "POST", Path: "/onetouch/{format}/users/{id}/approval_requests", Does: "asks a user for approval",
			Parameters: []Parameter{
				required(text("message", "what is asked")),
				names("details", "what the user is shown beside it"),
				names("hidden_details", "what is kept with it and not shown"),
				parameter(Objects, "logos", "pictures: res is default, low, med or high; url"),
				integer("seconds_to_expire", "default 86400; 0 is never"),
			},
			Source: "authy-ruby, authy-python, authy-java, npm authy, authy-client, authy-php",
			handle: (*API).createApprovalRequest,
		},
		{
			Method: "GET", Path: "/onetouch/{format}/approval_requests/{uuid}", Does: "says how an approval request stands",
			Source: "authy-java (recorded), authy-client (checks every member)", handle: (*API).approvalRequest,
		},
	}
}

// createApprovalRequest: POST /onetouch/{format}/users/{id}/approval_requests. The answer has no message.
func (a *API) createApprovalRequest(c *call) (authywire.Object, error) {
	n, err := c.newApprovalRequest()
	if err != nil {
		return nil, err
	}
	request, err := a.phones.CreateApprovalRequest(c.Context(), c.app, c.userID(), n)
	if err != nil {
		return nil, err
	}
	if c.app.Callback.URL != "" {
		for _, warning := range c.app.ClientWarnings(n.Details, n.HiddenDetails) {
			a.log.WarnContext(c.Context(), "a client will refuse the callback", "request", request.UUID, "warning", warning.String())
		}
	}
	return authywire.Object{
		{Name: "approval_request", Value: authywire.Object{{Name: "uuid", Value: request.UUID}}},
	}, nil
}

func (c *call) newApprovalRequest() (n onetouch.NewApprovalRequest, err error) {
	n.Message = c.text("message")
	if n.Details, err = c.details("details"); err != nil {
		return n, err
	}
	if n.HiddenDetails, err = c.details("hidden_details"); err != nil {
		return n, err
	}
	if seconds, given := c.integer("seconds_to_expire"); given {
		n.SecondsToExpire = &seconds
	}
	n.Logos, err = c.logos()
	return n, err
}

func (c *call) logos() ([]onetouch.Logo, error) {
	items, err := c.objects("logos")
	if err != nil {
		return nil, err
	}
	var list []onetouch.Logo
	for _, item := range items {
		var logo onetouch.Logo
		if logo.Resolution, _, err = item.String("res"); err != nil {
			return nil, err
		}
		if logo.URL, _, err = item.String("url"); err != nil {
			return nil, err
		}
		list = append(list, logo)
	}
	return list, nil
}

// approvalRequest: GET /onetouch/{format}/approval_requests/{uuid}. Source of the members: the recording in
// authy-java, and authy-client, which checks the type of each.
func (a *API) approvalRequest(c *call) (authywire.Object, error) {
	record, err := a.phones.ApprovalRequest(c.Context(), c.app.ID, c.PathValue("uuid"))
	if err != nil {
		return nil, err
	}
	r := record.Request
	request := authywire.Object{
		{Name: "_app_name", Value: r.AppName},
		{Name: "_app_serial_id", Value: record.Application.SerialID},
		{Name: "_authy_id", Value: r.AuthyID},
		{Name: "_id", Value: r.ID},
		{Name: "_user_email", Value: record.User.Email},
		{Name: "app_id", Value: r.AppID},
		{Name: "created_at", Value: wireTime(r.CreatedAt)},
		{Name: "notified", Value: r.Notified},
		{Name: "processed_at", Value: wireTime(r.ProcessedAt)},
		{Name: "seconds_to_expire", Value: r.SecondsToExpire},
		{Name: "status", Value: string(r.Status)},
		{Name: "updated_at", Value: wireTime(r.UpdatedAt)},
		{Name: "user_id", Value: record.User.ID},
		{Name: "uuid", Value: r.UUID},
	}
	if r.Answer.DeviceID != 0 { // both are on record for answered requests only
		request = append(request,
			authywire.Member{Name: "hidden_details", Value: r.HiddenDetails},
			authywire.Member{Name: "device", Value: authywire.Device(record.Device)},
		)
	}
	return authywire.Object{{Name: "approval_request", Value: request}}, nil
}

// wireTime is ISO 8601 in UTC with seconds; null for no time.
func wireTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
