package onetouchtest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/onetouchtest"
)

// Bank is what the examples test: a backend that asks its users before it moves money.
type Bank struct{ client *authy.Client }

func NewBank(baseURL, apiKey string) *Bank {
	return &Bank{client: authy.New(apiKey, authy.WithBaseURL(baseURL), authy.WithHTTPClient(&http.Client{Transport: oneCall}))}
}

// oneCall leaves no connection behind.
var oneCall = &http.Transport{DisableKeepAlives: true}

func (b *Bank) Transfer(authyID int64, amount string) (uuid string) {
	uuid, err := b.client.CreateApprovalRequest(context.Background(), authyID, authy.NewApprovalRequest{
		Message: "Transfer money?", Details: details.List{{Name: "Amount", Value: amount}},
	})
	if err != nil {
		fmt.Println(err)
	}
	return uuid
}

// A backend asks, the user's phone answers by its rules, and the callback comes.
func Example() {
	t := newRecorder() // the *testing.T, in a test
	defer t.finish()

	srv := onetouchtest.New(t)
	user := srv.NewUser()
	user.NewDevice(`number(details["Amount"]) > 10000 = deny`, "approve")
	bank := NewBank(srv.URL, srv.APIKey)

	small := bank.Transfer(user.AuthyID, "$40")
	large := bank.Transfer(user.AuthyID, "$12,400")

	fmt.Println(srv.WaitCallback(small).Status)
	fmt.Println(srv.WaitCallback(large).Status)
	// Output:
	// approved
	// denied
}

// A phone without rules is answered by the test, which sees what its user would.
func ExampleDevice_NextRequest() {
	t := newRecorder() // the *testing.T, in a test
	defer t.finish()

	srv := onetouchtest.New(t)
	user := srv.NewUser()
	phone := user.NewDevice()
	NewBank(srv.URL, srv.APIKey).Transfer(user.AuthyID, "$40")

	request := phone.NextRequest()
	fmt.Println(request.Message, request.Details.Get("Amount"))
	phone.Deny(request, "I have not asked for this")

	answer := srv.WaitCallback(request.UUID)
	fmt.Println(answer.Status, "because:", answer.Reason)
	// Output:
	// Transfer money? $40
	// denied because: I have not asked for this
}

// The backend's own handler gets the callbacks. WaitCallback returns once it has taken one.
func ExampleServer_HandleCallbacks() {
	t := newRecorder() // the *testing.T, in a test
	defer t.finish()

	srv := onetouchtest.New(t)
	verifier := &callback.Verifier{APIKey: srv.APIKey, Now: srv.Clock.Now}
	srv.HandleCallbacks(callback.Handler(verifier, func(_ context.Context, c *callback.Callback) error {
		fmt.Println("the backend knows that it is", c.Status)
		return nil
	}))
	user := srv.NewUser()
	user.NewDevice("approve")

	srv.WaitCallback(NewBank(srv.URL, srv.APIKey).Transfer(user.AuthyID, "$40"))
	// Output: the backend knows that it is approved
}

// Nobody has to wait for a request to expire.
func ExampleClock_Advance() {
	t := newRecorder() // the *testing.T, in a test
	defer t.finish()

	srv := onetouchtest.New(t)
	uuid := NewBank(srv.URL, srv.APIKey).Transfer(srv.NewUser().AuthyID, "$40")

	srv.Clock.Advance(25 * time.Hour)

	fmt.Println(srv.WaitStatus(uuid))
	srv.NoCallback(uuid) // Authy calls back about answers only
	// Output: expired
}

// A code that was sent to a user, or to a phone number.
func ExampleUser_NextCode() {
	t := newRecorder() // the *testing.T, in a test
	defer t.finish()

	srv := onetouchtest.New(t)
	user := srv.NewUser()
	if _, err := srv.Client().SendSMS(context.Background(), user.AuthyID, authy.SendToken{Force: true}); err != nil {
		fmt.Println(err)
	}

	_, err := srv.Client().VerifyToken(context.Background(), user.AuthyID, authy.VerifyToken{Token: user.NextCode()})
	fmt.Println(err)
	// Output: <nil>
}

// The service can fail.
func ExampleServer_AddFault() {
	t := newRecorder() // the *testing.T, in a test
	defer t.finish()

	srv := onetouchtest.New(t)
	user := srv.NewUser()
	srv.AddFault(onetouchtest.Fault{Match: "POST /onetouch/*", ErrorCode: "60050", Times: 1})

	question := authy.NewApprovalRequest{Message: "Log in?"}
	_, err := srv.Client().CreateApprovalRequest(context.Background(), user.AuthyID, question)
	fmt.Println(errors.Is(err, authy.ErrUserWithoutDevice))
	// Output: true
}
