package authy_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/evidence"
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

// phone is a registered device with its key.
type phone struct {
	onetouch.Device
	key *evidence.PrivateKey
}

// register does what the user's app does with a registration token.
func (s *server) register(ctx context.Context, token string) (phone, error) {
	key, err := evidence.GenerateKey(evidence.ES256)
	if err != nil {
		return phone{}, err
	}
	proof, err := evidence.SignProof(key, token)
	if err != nil {
		return phone{}, err
	}
	public, err := key.Public().MarshalJSON()
	if err != nil {
		return phone{}, err
	}
	device, err := s.service.CompleteRegistration(ctx, onetouch.NewDevice{
		RegistrationToken: token, Platform: "ios", PublicKey: public, Proof: proof,
	})
	return phone{device.Device, key}, err
}

// answer does what the user's app does when the user has decided.
func (s *server) answer(ctx context.Context, p phone, uuid, status string) error {
	record, err := s.service.DeviceApprovalRequest(ctx, p.Device, uuid)
	if err != nil {
		return err
	}
	digest, err := record.Request.Shown().Digest()
	if err != nil {
		return err
	}
	jws, err := evidence.Sign(p.key, evidence.Statement{
		UUID: uuid, Status: status, Challenge: record.Request.Challenge, DeviceID: p.ID,
		IssuedAt: s.service.Clock().Now().Unix(), DetailsSHA256: digest,
	})
	if err != nil {
		return err
	}
	_, err = s.service.Answer(ctx, p.Device, uuid, jws)
	return err
}
