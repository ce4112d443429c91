package device

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// signatureFields is the header that names what an answer to a challenge signs.
const signatureFields = "Twilio-Verify-Signature-Fields"

// toSign is what an answer to a challenge signs beside the status, and what of it the user is shown.
type toSign struct {
	fields  map[string]json.RawMessage
	message string
	details details.List
}

// challengeAnswer is a challenge on the wire.
type challengeAnswer struct {
	SID             string          `json:"sid"`
	FactorSID       string          `json:"factor_sid"`
	Status          approval.Status `json:"status"`
	RespondedReason string          `json:"responded_reason"`
	Details         struct {
		Message string `json:"message"`
		Fields  []struct {
			Label string `json:"label"`
			Value string `json:"value"`
		} `json:"fields"`
	} `json:"details"`
	DateCreated    time.Time `json:"date_created"`
	DateResponded  time.Time `json:"date_responded"`
	ExpirationDate time.Time `json:"expiration_date"`
}

// request is the challenge in the words of every device. Of whom it is the factor knows itself.
func (a challengeAnswer) request(c Credentials) ApprovalRequest {
	shown := details.List{}
	for _, field := range a.Details.Fields {
		shown = append(shown, details.Detail{Name: field.Label, Value: field.Value})
	}
	request := ApprovalRequest{
		UUID: uuidOf(challengePrefix, a.SID), Status: a.Status,
		Question: approval.Question{
			Message: a.Details.Message, Details: shown, HiddenDetails: details.List{}, Logos: []approval.Logo{},
		},
		DeviceDetails: map[string]any{}, Reason: a.RespondedReason, CreationDate: a.DateCreated,
		ExpirationTimestamp: a.ExpirationDate, SigningTime: a.DateResponded,
		AppID: c.AppID, AppName: c.AppName, AuthyID: c.AuthyID,
	}
	if a.Status.Answered() {
		request.DeviceUUID = uuidOf(factorPrefix, a.FactorSID)
	}
	return request
}

func (f *factor) challengesPath() string {
	return strings.TrimSuffix(factorsPath(f.credentials.Factor.ServiceSID, f.credentials.Factor.Identity), "Factors") + "Challenges"
}

func (f *factor) challengePath(uuid string) string {
	return f.challengesPath() + "/" + url.PathEscape(challengeSID(uuid))
}

// notFound is an error of a call about a challenge, in the word for one that is not there.
func notFound(err error) error {
	var refused *Error
	if errors.As(err, &refused) && refused.StatusCode == http.StatusNotFound && refused.ErrorCode != "" {
		refused.Code = "approval_request_not_found"
	}
	return err
}

func (f *factor) approvalRequest(ctx context.Context, uuid string) (ApprovalRequest, error) {
	response, err := f.verifyAPI.sendForm(ctx, http.MethodGet, f.challengePath(uuid), nil)
	if err != nil {
		return ApprovalRequest{}, notFound(err)
	}
	defer func() { _ = response.Body.Close() }()
	var members map[string]json.RawMessage
	if err := f.verifyAPI.read(response, "the Verify API", &members); err != nil {
		return ApprovalRequest{}, err
	}
	request, err := f.requestOf(members, uuid)
	if err != nil || request.Status.Decided() {
		return request, err
	}
	request.toSign = &toSign{fields: map[string]json.RawMessage{}, message: request.Message, details: slices.Clone(request.Details)}
	for name := range strings.SplitSeq(response.Header.Get(signatureFields), ",") {
		value, there := members[strings.TrimSpace(name)]
		if !there {
			return request, fmt.Errorf("%s wants the field %q of challenge %s signed, which it has not", f.api.server, name,
				challengeSID(uuid))
		}
		request.toSign.fields[strings.TrimSpace(name)] = value
	}
	return request, nil
}

// requestOf reads a challenge that was asked for.
func (f *factor) requestOf(members map[string]json.RawMessage, uuid string) (ApprovalRequest, error) {
	whole, err := json.Marshal(members)
	if err != nil {
		return ApprovalRequest{}, err
	}
	var challenge challengeAnswer
	if err := json.Unmarshal(whole, &challenge); err != nil {
		return ApprovalRequest{}, fmt.Errorf("%s answered what is no challenge: %w", f.api.server, plain(err))
	}
	request := challenge.request(f.credentials)
	if request.UUID != uuid {
		return ApprovalRequest{}, otherRequest(f.api.server, challenge.SID, challengeSID(uuid))
	}
	return request, nil
}

func (f *factor) answer(
	ctx context.Context, r *ApprovalRequest, status approval.Status, reason string,
) (ApprovalRequest, error) {
	if reason != "" {
		return ApprovalRequest{}, &withoutError{Verify, "a reason of an answer"}
	}
	payload, err := f.payload(ctx, r, status)
	if err != nil {
		return ApprovalRequest{}, err
	}
	jwt, err := evidence.SignJWT(f.key, f.credentials.Factor.CredentialSID, payload)
	if err != nil {
		return ApprovalRequest{}, err
	}
	var members map[string]json.RawMessage
	parameters := url.Values{"AuthPayload": {jwt}}
	if err := f.verifyAPI.form(ctx, http.MethodPost, f.challengePath(r.UUID), parameters, &members); err != nil {
		return ApprovalRequest{}, f.whyRefused(ctx, r.UUID, err)
	}
	return f.requestOf(members, r.UUID)
}

// payload is what an answer signs. A request that came in a list does not know what that is: it is fetched. What was shown has
// to be what is signed.
func (f *factor) payload(ctx context.Context, r *ApprovalRequest, status approval.Status) ([]byte, error) {
	signing := r.toSign
	if signing == nil {
		fresh, err := f.approvalRequest(ctx, r.UUID)
		switch {
		case err != nil:
			return nil, err
		case fresh.Status.Decided():
			return nil, fresh.NotPending()
		}
		signing = fresh.toSign
	}
	if r.Message != signing.message || !slices.Equal(r.Details, signing.details) {
		return nil, &Error{Code: "digest_mismatch", Message: fmt.Sprintf(
			"challenge %s: what was shown is not what was asked", challengeSID(r.UUID))}
	}
	signed := map[string]any{}
	for name, value := range signing.fields {
		signed[name] = value
	}
	signed["status"] = status // the user's, though the server may name that field, too
	return json.Marshal(signed)
}

// whyRefused says of a refused answer what the API has no code for.
func (f *factor) whyRefused(ctx context.Context, uuid string, err error) error {
	var refused *Error
	if !errors.As(err, &refused) {
		return err
	}
	switch refused.StatusCode {
	case http.StatusConflict:
		if now, fetching := f.approvalRequest(ctx, uuid); fetching == nil && now.Status.Decided() {
			return now.NotPending()
		}
	case http.StatusBadRequest:
		if f.unverified.Load() {
			refused.Code = "factor_unverified"
		}
	}
	return notFound(err)
}

func (f *factor) approvalRequests(ctx context.Context, q Query) ([]ApprovalRequest, error) {
	for _, status := range q.Statuses {
		if !slices.Contains(approval.Statuses(), status) {
			return nil, fmt.Errorf("status %q is none: must be pending, approved, denied or expired", string(status))
		}
	}
	parameters := url.Values{"FactorSid": {f.credentials.Factor.SID}, "Order": {"desc"}, "PageSize": {strconv.Itoa(pageSize)}}
	if len(q.Statuses) == 1 {
		parameters.Set("Status", string(q.Statuses[0]))
	}
	var requests []ApprovalRequest
	api := f.verifyAPI.reading(maxPageSize)
	for seen := map[string]bool{}; ; {
		var page struct {
			Challenges []challengeAnswer `json:"challenges"`
			Meta       struct {
				NextPageURL string `json:"next_page_url"`
			} `json:"meta"`
		}
		if err := api.form(ctx, http.MethodGet, f.challengesPath(), parameters, &page); err != nil {
			return nil, err
		}
		for _, challenge := range page.Challenges {
			request := challenge.request(f.credentials)
			if q.isOver(request, len(requests)) {
				return requests, nil
			}
			if q.wants(request) {
				requests = append(requests, request)
			}
		}
		next, err := url.Parse(page.Meta.NextPageURL)
		if page.Meta.NextPageURL == "" || err != nil || seen[next.RawQuery] {
			return requests, nil //nolint:nilerr // a page that cannot be named is none
		}
		seen[next.RawQuery] = true
		parameters = next.Query() // whatever else the URL says: the factor's token goes nowhere else
	}
}

// isOver reports whether a list, newest first, has nothing to come at a request.
func (q Query) isOver(r ApprovalRequest, count int) bool {
	return q.Limit > 0 && count == q.Limit || !q.Since.IsZero() && r.CreationDate.Before(q.Since.Truncate(time.Second))
}

func (q Query) wants(r ApprovalRequest) bool {
	return (len(q.Statuses) == 0 || slices.Contains(q.Statuses, r.Status)) &&
		(q.Until.IsZero() || !r.CreationDate.After(q.Until))
}
