package device_test

import (
	"context"
	"net/http/httptest"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/deviceapi"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/server/verifyapi"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// exampleBackend is the server of the examples, and the backend that asks its one user.
type exampleBackend struct {
	server  string
	stop    func()
	service *onetouch.Service
	app     onetouch.Application
	user    onetouch.User
}

// startExample starts the server of an example. It panics when it cannot: there is no test to fail.
func startExample() *exampleBackend {
	ctx := context.Background()
	db := must(store.Open(ctx, ":memory:"))
	b := &exampleBackend{service: onetouch.NewService(db, onetouch.Options{})}
	b.app = must(b.service.EnsureApplication(ctx, onetouch.ApplicationSettings{Name: "Acme Bank"}))
	b.user = must(b.service.AddUser(ctx, b.app.ID, onetouch.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"}))
	stopping := make(chan struct{})
	listening := httptest.NewServer(route.Handler(deviceapi.New(b.service, deviceapi.Options{Stopping: stopping}).Family(),
		verifyapi.New(b.service, verifyapi.Options{}).Family()))
	b.server = listening.URL
	b.stop = func() {
		close(stopping)
		listening.CloseClientConnections()
		listening.Close()
		_ = db.Close()
	}
	return b
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func (b *exampleBackend) registrationToken() string {
	return must(b.service.StartRegistration(context.Background(), b.app.ID, b.user.AuthyID))
}

// accessToken is what a backend of the Verify API asks for.
func (b *exampleBackend) accessToken() string {
	token, _, err := b.service.CreateAccessToken(context.Background(), b.app.ID, onetouch.NewAccessToken{
		Identity: b.user.Identity, Life: onetouch.DefaultAccessTokenLife,
	})
	return must(token, err)
}

func (b *exampleBackend) serviceSID() string { return verifywire.ServiceSID(b.app.ID) }

func (b *exampleBackend) phone() *device.Device {
	return must(device.Register(context.Background(), device.Registration{Server: b.server, Token: b.registrationToken()}))
}

// ask creates an approval request with details given as names and values.
func (b *exampleBackend) ask(message string, namesAndValues ...string) (uuid string) {
	var list details.List
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		list.Set(namesAndValues[i], namesAndValues[i+1])
	}
	request := onetouch.NewApprovalRequest{Message: message, Details: list}
	return must(b.service.CreateApprovalRequest(context.Background(), b.app, b.user.AuthyID, request)).UUID
}

// takes reports whether a code is taken.
func (b *exampleBackend) takes(code string) bool {
	check := onetouch.TokenCheck{Token: code, Force: true}
	_, err := b.service.VerifyToken(context.Background(), b.app, b.user.AuthyID, check)
	return err == nil
}
