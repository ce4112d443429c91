package device_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// The whole life of a device: it registers with the token that the backend has asked for, hears of an approval request,
// shows it and answers with its signature.
func Example() {
	ctx := context.Background()
	backend := startExample()
	defer backend.stop()

	phone, err := device.Register(ctx, device.Registration{
		Server: backend.server, Token: backend.registrationToken(), Name: "Ada's Pixel",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	backend.ask("Send $12,400 to ACME?", "Amount", "$12,400")

	answered := errors.New("answered")
	err = phone.Pushes(ctx, func(ctx context.Context, push device.Push) error {
		request, err := phone.ApprovalRequest(ctx, push.ApprovalRequestUUID)
		if err != nil {
			return err
		}
		fmt.Printf("%s asks: %s\n", request.AppName, request.Message)
		for _, detail := range request.Details {
			fmt.Printf("  %s: %s\n", detail.Name, detail.Value)
		}
		if err := phone.Approve(ctx, request); err != nil {
			return err
		}
		fmt.Println("The request is", request.Status)
		return answered
	})
	fmt.Println(errors.Is(err, answered))
	// Output:
	// Acme Bank asks: Send $12,400 to ACME?
	//   Amount: $12,400
	// The request is approved
	// true
}

// A phone that speaks Twilio's Verify API is a device like any other, once it is a factor.
func ExampleRegisterFactor() {
	ctx := context.Background()
	backend := startExample()
	defer backend.stop()

	phone, err := device.RegisterFactor(ctx, device.NewFactor{
		Server: backend.server, ServiceSID: backend.serviceSID(), Identity: backend.user.Identity,
		AccessToken: backend.accessToken(), Name: "Ada's Pixel",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	uuid := backend.ask("Log in from Bogotá?")

	request, err := phone.ApprovalRequest(ctx, uuid)
	if err == nil {
		err = phone.Approve(ctx, request)
	}
	fmt.Println(request.Message, request.Status, err)
	fmt.Println(phone.Deny(ctx, request, "changed my mind"))
	// Output:
	// Log in from Bogotá? approved <nil>
	// the Verify API has no counterpart of a reason of an answer
}

func ExampleDevice_Deny() {
	ctx := context.Background()
	backend := startExample()
	defer backend.stop()
	phone := backend.phone()
	backend.ask("Log in from Bogotá?")

	pending, err := phone.ApprovalRequests(ctx, device.Query{Statuses: []approval.Status{approval.Pending}})
	if err != nil {
		fmt.Println(err)
		return
	}
	request := pending[0]
	fmt.Println(phone.Deny(ctx, &request, "I am in Cambridge"))
	fmt.Println(request.Status, "because:", request.Reason)

	err = phone.Approve(ctx, &request) // an answer cannot be taken back
	fmt.Println(errors.Is(err, device.ErrNotPending), err)
	// Output:
	// <nil>
	// denied because: I am in Cambridge
	// true Approval request is not pending: it was denied.
}

// A device signs what it has shown. Text that was changed on the way is refused by the server.
func ExampleDevice_Approve_tampered() {
	ctx := context.Background()
	backend := startExample()
	defer backend.stop()
	phone := backend.phone()
	uuid := backend.ask("Send $12,400 to ACME?")

	request, err := phone.ApprovalRequest(ctx, uuid)
	if err != nil {
		fmt.Println(err)
		return
	}
	request.Message = "Send $1 to ACME?"
	err = phone.Approve(ctx, request)
	fmt.Println(errors.Is(err, device.ErrDigest), request.Status)
	// Output: true pending
}

// A device that keeps its credentials goes on where it was when its app was closed.
func ExampleStore() {
	ctx := context.Background()
	backend := startExample()
	defer backend.stop()
	folder, err := os.MkdirTemp("", "devices")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()

	kept := device.NewStore(folder)
	if err := kept.Save(backend.phone().Credentials()); err != nil {
		fmt.Println(err)
		return
	}
	backend.ask("First?")
	backend.ask("Second?")

	for range 2 { // two lives of the app
		devices, err := kept.List()
		if err != nil {
			fmt.Println(err)
			return
		}
		phone, err := device.Open(devices[0], backend.server, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		closed := errors.New("closed")
		err = phone.Pushes(ctx, func(_ context.Context, push device.Push) error {
			fmt.Println("Heard:", push.Alert)
			if err := kept.Update(phone.ID(), func(c *device.Credentials) { c.LastEventID = push.ID }); err != nil {
				return err
			}
			return closed
		})
		fmt.Println(err)
	}
	// Output:
	// Heard: First?
	// closed
	// Heard: Second?
	// closed
}

// Errors say in one line what went wrong, and errors.Is what kind of thing it was.
func ExampleRegister_used() {
	ctx := context.Background()
	backend := startExample()
	defer backend.stop()
	registration := device.Registration{Server: backend.server, Token: backend.registrationToken()}

	_, err := device.Register(ctx, registration)
	fmt.Println(err)
	_, err = device.Register(ctx, registration)
	fmt.Println(err)
	fmt.Println(errors.Is(err, device.ErrRegistrationUsed))
	// Output:
	// <nil>
	// Registration token was used before. Ask the backend for a new one.
	// true
}

// A user without a connection reads a code from the phone and types it in.
func ExampleDevice_OneTimeCode() {
	ctx := context.Background()
	backend := startExample()
	defer backend.stop()
	phone := backend.phone()

	if err := phone.LearnTime(ctx); err != nil { // now and then, while there is a connection
		fmt.Println(err)
		return
	}
	code, err := phone.OneTimeCode(time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(code.Code), "digits for", phone.AppName())
	fmt.Println("the backend takes it:", backend.takes(code.Code))
	fmt.Println("and only once:", !backend.takes(code.Code))
	// Output:
	// 7 digits for Acme Bank
	// the backend takes it: true
	// and only once: true
}
