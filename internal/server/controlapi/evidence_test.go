package controlapi_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// What comes over the wire holds, byte by byte.
func TestEvidence(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	user, _, _ := o.furnish(t)
	request, err := o.CreateApprovalRequest(t.Context(), o.app, user.AuthyID, onetouch.NewApprovalRequest{
		Message: "<Log in>\u2028 & “go”?", Details: details.List{{Name: "To", Value: "\x1b[2J"}, {Name: "From", Value: "🏦"}},
	})
	must(t, err)
	_, err = o.client.Evidence(t.Context(), request.UUID)
	if !errors.Is(err, &onetouch.Error{Code: onetouch.CodeEvidenceNotFound}) {
		t.Errorf("pending: %v", err)
	}
	_, err = o.client.Evidence(t.Context(), "no/such")
	if !errors.Is(err, &onetouch.Error{Code: onetouch.CodeApprovalRequestNotFound}) {
		t.Errorf("unknown: %v", err)
	}
	_, err = o.phone.Answer(t.Context(), o.Service, request, onetouch.StatusApproved, "me")
	must(t, err)

	got, err := o.client.Evidence(t.Context(), request.UUID)
	must(t, err)
	if err := got.Verify(); err != nil {
		t.Error(err)
	}
	status, body := o.send(t, http.MethodGet, "/control/v1/approval_requests/"+request.UUID+"/evidence", token, "")
	read, err := evidence.ParseRecord([]byte(body))
	if status != http.StatusOK || err != nil || read.Verify() != nil || read.Statement.Reason != "me" {
		t.Errorf("answered %d %s: %v", status, body, err)
	}
	status, body = o.send(t, http.MethodGet, "/control/v1/approval_requests/"+request.UUID+"/evidence", "wrong", "")
	if status != http.StatusUnauthorized || strings.Contains(body, "jws") {
		t.Errorf("a stranger is answered %d %s", status, body)
	}
}
