package authy_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// lastCode is what the user reads on their phone: on a developer's machine, in the server's inbox.
func (s *server) lastCode(ctx context.Context, to string) string {
	messages, err := s.service.Messages(ctx, onetouch.MessageFilter{To: to, Limit: 1})
	if err != nil || len(messages) == 0 {
		return ""
	}
	return messages[0].Code
}

// A user gets a one-time password in a text. It is good once.
func ExampleClient_SendSMS() {
	ctx := context.Background()
	server, client, authyID := signedUp(ctx)
	defer func() { _ = server.stop() }()

	sent, err := client.SendSMS(ctx, authyID, authy.SendToken{Action: "log in"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sent.Message, "to", sent.Cellphone)

	typed := authy.VerifyToken{Token: server.lastCode(ctx, "+12025550158"), Force: true}
	_, err = client.VerifyToken(ctx, authyID, typed)
	fmt.Println("first:", err)
	_, err = client.VerifyToken(ctx, authyID, typed)
	fmt.Println("second:", err, errors.Is(err, authy.ErrTokenReused))
	// Output:
	// SMS token was sent to +1-XXX-XXX-XX58
	// first: <nil>
	// second: Token is invalid. Token was used recently. true
}

// Somebody proves that a phone is theirs, before there is any user.
func ExampleClient_StartPhoneVerification() {
	ctx := context.Background()
	server := exampleServer(ctx)
	defer func() { _ = server.stop() }()

	client := authy.New("the-secret-key", authy.WithBaseURL(server.URL))
	phone := authy.Phone{CountryCode: "1", Number: "775-461-5609"}
	started, err := client.StartPhoneVerification(ctx, authy.NewPhoneVerification{Phone: phone, Locale: "es"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(started.Message)
	err = client.CheckPhoneVerification(ctx, phone, "wrong")
	fmt.Println(err, errors.Is(err, authy.ErrVerificationCodeIncorrect))
	fmt.Println(client.CheckPhoneVerification(ctx, phone, server.lastCode(ctx, "+17754615609")))
	status, err := client.PhoneVerificationStatusByUUID(ctx, started.UUID)
	fmt.Println(status.Status, err)
	// Output:
	// Mensaje de texto enviado a +1 775-461-5609.
	// Verification code is incorrect true
	// <nil>
	// verified <nil>
}

// A webhook is managed with keys of its own.
func ExampleClient_CreateWebhook() {
	ctx := context.Background()
	server := exampleServer(ctx)
	defer func() { _ = server.stop() }()

	client := authy.New("the-secret-key", authy.WithBaseURL(server.URL),
		authy.WithAccessKey(server.app.AccessKey, server.app.SigningKey))
	webhook, err := client.CreateWebhook(ctx, authy.NewWebhook{
		Name: "audit", URL: "http://127.0.0.1:3000/authy/events", Events: []string{"user_added", "token_verified"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(webhook.Name, webhook.URL, webhook.Events)
	fmt.Println(client.DeleteWebhook(ctx, webhook.ID))
	// Output:
	// audit http://127.0.0.1:3000/authy/events [user_added token_verified]
	// <nil>
}

// A banned user gets no codes and no approval requests until they are unbanned.
func ExampleClient_RegisterActivity() {
	ctx := context.Background()
	server, client, authyID := signedUp(ctx)
	defer func() { _ = server.stop() }()

	fmt.Println(client.RegisterActivity(ctx, authyID, authy.Activity{Type: authy.ActivityBanned}))
	_, err := client.SendSMS(ctx, authyID, authy.SendToken{})
	fmt.Println(err, errors.Is(err, authy.ErrUserSuspended))
	// Output:
	// <nil>
	// User has been suspended. true
}
