package onetouchtest_test

import (
	"context"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/onetouchtest"
)

// transfer stands for the backend that is tested: any Authy client does, given the base URL and the API key.
func transfer(t *testing.T, srv *onetouchtest.Server, authyID int64, amount string) (uuid string) {
	t.Helper()
	uuid, err := srv.Client().CreateApprovalRequest(t.Context(), authyID, authy.NewApprovalRequest{
		Message: "Transfer money?", Details: details.List{{Name: "Amount", Value: amount}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return uuid
}

// A phone that answers by rules.
func TestLargeTransferIsDenied(t *testing.T) {
	t.Parallel()
	srv := onetouchtest.New(t)
	user := srv.NewUser()
	user.NewDevice(`number(details["Amount"]) > 10000 = deny`, "approve")

	if srv.WaitCallback(transfer(t, srv, user.AuthyID, "$12,400")).Approved() {
		t.Error("a large transfer is approved")
	}
}

// A phone that the test answers on, and the backend's own handler of callbacks.
func TestUserSeesTheAmount(t *testing.T) {
	t.Parallel()
	srv := onetouchtest.New(t)
	verifier := &callback.Verifier{APIKey: srv.APIKey, Now: srv.Clock.Now}
	srv.HandleCallbacks(callback.Handler(verifier, func(context.Context, *callback.Callback) error { return nil }))
	user := srv.NewUser()
	phone := user.NewDevice()
	transfer(t, srv, user.AuthyID, "$40")

	request := phone.NextRequest()
	if amount := request.Details.Get("Amount"); amount != "$40" {
		t.Errorf("the user sees the amount %q", amount)
	}
	phone.Deny(request, "I have not asked for this")
	srv.WaitCallback(request.UUID) // the handler has taken it
}

// A day passes at once.
func TestTransferExpires(t *testing.T) {
	t.Parallel()
	srv := onetouchtest.New(t)
	uuid := transfer(t, srv, srv.NewUser().AuthyID, "$40")

	srv.Clock.Advance(25 * time.Hour)

	if status := srv.WaitStatus(uuid); status != "expired" {
		t.Errorf("it is %s", status)
	}
	srv.NoCallback(uuid)
}

// The service is away for one call.
func TestServiceIsAway(t *testing.T) {
	t.Parallel()
	srv := onetouchtest.New(t)
	srv.AddFault(onetouchtest.Fault{Match: "GET /protected/*", Status: 503, Times: 1})

	if _, err := srv.Client().UserStatus(t.Context(), srv.NewUser().AuthyID); err == nil {
		t.Error("the first call goes well")
	}
}
