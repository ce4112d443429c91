package device_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// What a backend sends to the push service of Google or Apple goes to the endpoint instead. The service itself sends
// nothing: its application is set to --push backend.
func ExamplePushEndpoint() {
	ctx := context.Background()
	backend := startExample()
	defer backend.stop()
	backend.app = must(backend.service.UpdateApplication(ctx, backend.app.ID,
		onetouch.ApplicationSettings{PushSender: onetouch.PushByBackend}))
	phone := backend.phone()

	var endpoint *device.PushEndpoint
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { endpoint.ServeHTTP(w, r) }))
	defer server.Close()
	endpoint = device.NewPushEndpoint(server.URL)
	receiver := must(endpoint.Open(ctx, phone, "secret-push-token"))

	uuid := backend.ask("Log in?")
	payload := `{"message":{"token":"secret-push-token","data":{"type":"onetouch_approval_request",` +
		`"approval_request_uuid":"` + uuid + `","alert":"Log in?"}}}`
	sent, err := http.Post(server.URL+"/v1/projects/acme/messages:send", "application/json", strings.NewReader(payload))
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = sent.Body.Close()
	fmt.Println("the endpoint answers", sent.Status)

	ctx, heardEnough := context.WithCancel(ctx)
	err = receiver.Pushes(ctx, func(_ context.Context, push device.Push) error {
		fmt.Println("heard:", push.Alert)
		heardEnough()
		return nil
	})
	fmt.Println(err)
	// Output:
	// the endpoint answers 200 OK
	// heard: Log in?
	// context canceled
}

func ExampleDevice_ApprovalRequestLists() {
	ctx := context.Background()
	backend := startExample()
	defer backend.stop()
	phone := backend.phone()
	backend.ask("Log in from Bogotá?")
	backend.ask("Send $12,400 to ACME?")

	lists := must(phone.ApprovalRequestLists(ctx, device.Query{Since: time.Now().Add(-time.Hour)}))
	if err := phone.Deny(ctx, &lists.Pending[0], "not mine"); err != nil {
		fmt.Println(err)
	}
	lists = must(phone.ApprovalRequestLists(ctx, device.Query{Since: time.Now().Add(-time.Hour)}))
	fmt.Println(len(lists.Pending), "pending,", len(lists.Approved), "approved,", len(lists.Denied), "denied")
	// Output: 1 pending, 0 approved, 1 denied
}

// To start afresh, an app clears its local data. Whoever wants the server to know unregisters before.
func ExampleStore_Clear() {
	ctx := context.Background()
	backend := startExample()
	defer backend.stop()
	folder := must(os.MkdirTemp("", "devices"))
	defer func() { _ = os.RemoveAll(folder) }()
	kept := device.NewStore(folder)
	phone := backend.phone()
	if err := kept.Save(phone.Credentials()); err != nil {
		fmt.Println(err)
	}

	if err := phone.Unregister(ctx); err != nil {
		fmt.Println(err)
	}
	if err := kept.Clear(); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(must(kept.List())), "devices are left")
	fmt.Println("registered:", must(phone.Registered(ctx)))
	// Output:
	// 0 devices are left
	// registered: false
}

func ExampleOneTimeCodes() {
	backend := startExample()
	defer backend.stop()
	phone := backend.phone()

	codes, err := device.OneTimeCodes(time.Now(), phone)
	if err != nil {
		fmt.Println(err)
	}
	for _, code := range codes {
		fmt.Println(code.AppName, "has a code of", len(code.Code), "digits every", code.Period)
	}
	// Output: Acme Bank has a code of 7 digits every 10s
}
