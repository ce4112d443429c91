package authy_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// exampleServer stands for the server on this machine.
func exampleServer(ctx context.Context) *server {
	s, err := startServer(ctx)
	if err != nil {
		panic(err)
	}
	return s
}

// signedUp is a server and the client of a backend that has added a user, as in [Example].
func signedUp(ctx context.Context) (*server, *authy.Client, int64) {
	s := exampleServer(ctx)
	client := authy.New("the-secret-key", authy.WithBaseURL(s.URL))
	authyID, err := client.CreateUser(ctx, authy.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"})
	if err != nil {
		panic(err)
	}
	return s, client, authyID
}

// A backend adds a user, lets their app register, asks a question and reads the answer.
func Example() {
	ctx := context.Background()
	server := exampleServer(ctx)
	defer func() { _ = server.stop() }()

	client := authy.New("the-secret-key", authy.WithBaseURL(server.URL))
	authyID, err := client.CreateUser(ctx, authy.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := client.StartRegistration(ctx, authyID) // give it to the user's app, which registers with it
	if err != nil {
		fmt.Println(err)
		return
	}
	phone, err := server.register(ctx, token)
	if err != nil {
		fmt.Println(err)
		return
	}

	uuid, err := client.CreateApprovalRequest(ctx, authyID, authy.NewApprovalRequest{
		Message: "Send $12,400 to ACME?",
		Details: details.List{{Name: "Amount", Value: "$12,400"}, {Name: "To", Value: "ACME"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := server.answer(ctx, phone, uuid, "approved"); err != nil { // the user decides
		fmt.Println(err)
		return
	}
	request, err := client.ApprovalRequest(ctx, uuid)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(request.AppName, "asked", request.UserEmail)
	fmt.Println(request.Status, "on", request.Device.OSType)
	// Output:
	// Acme Bank asked ada@example.com
	// approved on ios
}

// A refusal says which parameters were wrong.
func ExampleClient_CreateUser_invalid() {
	ctx := context.Background()
	server := exampleServer(ctx)
	defer func() { _ = server.stop() }()

	client := authy.New("the-secret-key", authy.WithBaseURL(server.URL))
	_, err := client.CreateUser(ctx, authy.NewUser{Email: "ada", Cellphone: "123"})
	var refusal *authy.Error
	if errors.Is(err, authy.ErrUserNotValid) && errors.As(err, &refusal) {
		fmt.Println(refusal.StatusCode, refusal.ErrorCode, refusal.Fields["cellphone"])
	}
	fmt.Println(err)
	// Output:
	// 400 60027 is invalid
	// User was not valid: cellphone is invalid, email is invalid
}

func ExampleClient_CreateApprovalRequest() {
	ctx := context.Background()
	server, client, authyID := signedUp(ctx)
	defer func() { _ = server.stop() }()

	twoMinutes := int64(120)
	uuid, err := client.CreateApprovalRequest(ctx, authyID, authy.NewApprovalRequest{
		Message:         "Log in?",
		Details:         details.List{{Name: "City", Value: "Bogotá"}},
		HiddenDetails:   details.List{{Name: "ip", Value: "10.0.0.1"}},
		Logos:           []approval.Logo{{Resolution: "default", URL: "https://example.com/logo.png"}},
		SecondsToExpire: &twoMinutes,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	request, err := client.ApprovalRequest(ctx, uuid)
	fmt.Println(request.Status, request.SecondsToExpire, err)
	// Output: pending 120 <nil>
}

func ExampleClient_UserStatus() {
	ctx := context.Background()
	server, client, authyID := signedUp(ctx)
	defer func() { _ = server.stop() }()

	status, err := client.UserStatus(ctx, authyID)
	fmt.Println(status.PhoneNumber, status.Registered, err)
	_, err = client.UserStatus(ctx, 999)
	fmt.Println(errors.Is(err, authy.ErrUserNotFound), err)
	// Output:
	// XXX-XXX-0158 false <nil>
	// true User not found.
}
