package authy_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phonetest"
	"github.com/onetouchkit/onetouch/internal/server/authyapi"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// server is the real Authy API on a database in memory, with what is behind it.
type server struct {
	*httptest.Server
	service *onetouch.Service
	app     onetouch.Application
	db      *store.DB
}

func startServer(ctx context.Context) (*server, error) {
	db, err := store.Open(ctx, ":memory:")
	if err != nil {
		return nil, err
	}
	s := &server{db: db, service: onetouch.NewService(db, onetouch.Options{})}
	s.app, err = s.service.EnsureApplication(ctx, onetouch.ApplicationSettings{Name: "Acme Bank", APIKey: "the-secret-key"})
	if err != nil {
		return nil, err
	}
	s.Server = httptest.NewServer(route.Handler(authyapi.New(s.service, authyapi.Options{}).Family()))
	return s, nil
}

func (s *server) stop() error {
	s.Close()
	return s.db.Close()
}

func newServer(t *testing.T) *server {
	t.Helper()
	s, err := startServer(t.Context())
	must(t, err)
	t.Cleanup(func() { must(t, s.stop()) })
	return s
}

func (s *server) client() *authy.Client {
	return authy.New(s.app.APIKey, authy.WithBaseURL(s.URL), authy.WithHTTPClient(s.Client()))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// register does what the user's app does with a registration token.
func (s *server) register(ctx context.Context, token string) (phonetest.Phone, error) {
	return phonetest.Register(ctx, s.service, token, func(n *onetouch.NewDevice) { n.Platform = "ios" })
}

// answer does what the user's app does when the user has decided.
func (s *server) answer(ctx context.Context, p phonetest.Phone, uuid string, status approval.Status) error {
	record, err := s.service.DeviceApprovalRequest(ctx, p.Device, uuid)
	if err == nil {
		_, err = p.Answer(ctx, s.service, record.Request, status, "")
	}
	return err
}
