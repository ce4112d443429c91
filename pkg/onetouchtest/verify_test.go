package onetouchtest_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/onetouchtest"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

// A phone of either API answers by its rules what is asked through the Verify API.
func TestChallenges(t *testing.T) {
	t.Parallel()
	srv := onetouchtest.New(t)
	user := srv.NewUser()
	for phone, want := range map[*onetouchtest.Device]device.API{
		user.NewDevice("approve"): device.Authy, user.NewFactor("approve"): device.Verify,
	} {
		asked, err := srv.Verify().CreateChallenge(t.Context(), srv.ServiceSID(), user.Identity, verify.NewChallenge{
			FactorSID: phone.FactorSID(), Message: "Log in?",
		})
		if err != nil {
			t.Fatal(err)
		}
		request := phone.NextRequest()
		if !srv.WaitCallback(request.UUID).Approved() || phone.API() != want {
			t.Errorf("%v: %+v", phone, phone.Request(request.UUID))
		}
		now, err := srv.Verify().Challenge(t.Context(), srv.ServiceSID(), user.Identity, asked.SID)
		if err != nil || now.Status != "approved" || now.FactorSID != phone.FactorSID() {
			t.Errorf("%v: %+v, %v", phone, now, err)
		}
	}
}

// The test answers on a factor what is asked through the Authy API.
func TestFactorOfAUser(t *testing.T) {
	t.Parallel()
	srv := onetouchtest.New(t)
	user := srv.NewUser()
	phone := user.NewFactor()
	uuid, err := srv.Client().CreateApprovalRequest(t.Context(), user.AuthyID, authy.NewApprovalRequest{Message: "Log in?"})
	if err != nil {
		t.Fatal(err)
	}
	phone.Deny(phone.NextRequest(), "")
	if srv.WaitCallback(uuid).Approved() {
		t.Error("it is approved")
	}
	accountSID, authToken := srv.Account()
	factors, err := verify.New(accountSID, authToken, verify.WithBaseURL(srv.URL)).Factors(t.Context(), srv.ServiceSID(), user.Identity)
	if err != nil || len(factors) != 1 || factors[0].SID != phone.FactorSID() {
		t.Errorf("the factors are %+v, %v", factors, err)
	}
}
