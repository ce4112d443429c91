package authyapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/numbering"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phonetest"
	"github.com/onetouchkit/onetouch/internal/server/authyapi"
	"github.com/onetouchkit/onetouch/internal/server/fault"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/pkg/details"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
	xmlType  = "application/xml"
)

// noon is when everything below happens.
func noon() time.Time { return time.Date(2017, 2, 10, 12, 0, 0, 0, time.UTC) }

// service is the API over HTTP, with what is behind it. app is one application of two.
type service struct {
	*onetouch.Service
	url   string
	db    *store.DB
	clock *onetouch.ManualClock
	app   onetouch.Application
	other onetouch.Application
	log   *logged
	// faults make calls go wrong.
	faults *fault.Faults
}

func newService(t testing.TB) *service {
	t.Helper()
	return newServiceWith(t, nil)
}

// newSeededService gives the same answers as every other one that is asked the same.
func newSeededService(t testing.TB) *service {
	t.Helper()
	return newServiceWith(t, &seeded{source: rand.NewChaCha8([32]byte{})})
}

func newServiceWith(t testing.TB, random io.Reader) *service {
	t.Helper()
	db, err := store.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	s := &service{db: db, clock: onetouch.NewManualClock(noon()), log: &logged{}, faults: &fault.Faults{}}
	s.Service = onetouch.NewService(db, onetouch.Options{
		Clock: s.clock, Random: random, Numbering: &numbering.Plans{},
	})
	s.app = s.addApplication(t, "58a1e4f90000000000000001", "Acme Bank", "the key of Acme")
	s.other = s.addApplication(t, "58a1e4f90000000000000002", "Other", "the key of Other")
	server := httptest.NewServer(s.handler())
	s.url = server.URL
	t.Cleanup(func() {
		server.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// logged is what the API logs.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (s *service) addApplication(t testing.TB, id, name, key string) onetouch.Application {
	t.Helper()
	app := onetouch.Application{
		ID: id, CustomerUUID: 15083, Name: name, APIKey: key, AccessKey: "access " + key, SigningKey: "signing " + key,
		Callback: onetouch.CallbackTarget{Method: "POST"}, PushSender: onetouch.PushByAuthy, CreatedAt: noon(),
		Switches: onetouch.Switches{TokenDigits: 7, VerifyUnconfirmed: true, SMSEnabled: true, CallsEnabled: true},
		Limits:   onetouch.Limits{TokensPerHour: 60, FailuresPerHour: 100},
	}
	must(t, s.db.Update(context.Background(), func(tx onetouch.Transaction) error { return tx.InsertApplication(&app) }))
	return app
}

func (s *service) handler() http.Handler {
	api := authyapi.New(s.Service, authyapi.Options{
		Logger: slog.New(slog.NewTextHandler(s.log, nil)), Faults: s.faults,
	})
	return route.Handler(api.Family())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answer is what a client gets.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.body) }

func (s *service) do(t testing.TB, method, target string, header http.Header, body io.Reader) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.url+target, body)
	must(t, err)
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return answer{response.StatusCode, response.Header, string(text)}
}

// call sends a body with the application's key in the header.
func (s *service) call(t testing.TB, method, target, contentType, body string) answer {
	t.Helper()
	header := http.Header{"X-Authy-API-Key": {s.app.APIKey}}
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	return s.do(t, method, target, header, strings.NewReader(body))
}

func (s *service) get(t testing.TB, target string) answer {
	t.Helper()
	return s.call(t, "GET", target, "", "")
}

func (s *service) post(t testing.TB, target string, parameters url.Values) answer {
	t.Helper()
	return s.call(t, "POST", target, formType, parameters.Encode())
}

// mustBe checks status and whole body.
func (a answer) mustBe(t testing.TB, status int, body string) {
	t.Helper()
	if a.status != status || a.body != body {
		t.Errorf("got  %d %s\nwant %d %s", a.status, a.body, status, body)
	}
}

// mustRefuse checks status, error code and message, and that the whole has the shape of the Authy API.
func (a answer) mustRefuse(t testing.TB, status int, errorCode, message string) {
	t.Helper()
	var failure struct {
		Message   string            `json:"message"`
		Success   *bool             `json:"success"`
		Errors    map[string]string `json:"errors"`
		ErrorCode string            `json:"error_code"`
	}
	if err := json.Unmarshal([]byte(a.body), &failure); err != nil {
		t.Fatalf("%s: %v", a, err)
	}
	if a.status != status || failure.ErrorCode != errorCode || failure.Message != message {
		t.Errorf("got  %s\nwant %d %s %s", a, status, errorCode, message)
	}
	if failure.Success == nil || *failure.Success || failure.Errors == nil {
		t.Errorf("%s is not in Authy's shape", a)
	}
	if failure.Errors["message"] != message && errorCode != "60049" {
		t.Errorf("errors is %v", failure.Errors)
	}
}

func decimal(id int64) string { return strconv.FormatInt(id, 10) }

func (s *service) addUser(t testing.TB) int64 {
	t.Helper()
	user, err := s.AddUser(context.Background(), s.app.ID, onetouch.NewUser{
		Email: "ada@example.com", Cellphone: "305-555-1118", CountryCode: "1",
	})
	must(t, err)
	return user.AuthyID
}

func (s *service) addPhone(t testing.TB, authyID int64, platform string) phonetest.Phone {
	t.Helper()
	token, err := s.StartRegistration(context.Background(), s.app.ID, authyID)
	must(t, err)
	return s.register(t, token, platform)
}

func (s *service) register(t testing.TB, token, platform string) phonetest.Phone {
	t.Helper()
	phone, err := phonetest.Register(context.Background(), s.Service, token, func(n *onetouch.NewDevice) { n.Platform = platform })
	must(t, err)
	return phone
}

func (s *service) ask(t testing.TB, authyID int64, n onetouch.NewApprovalRequest) onetouch.ApprovalRequest {
	t.Helper()
	request, err := s.CreateApprovalRequest(context.Background(), s.app, authyID, n)
	must(t, err)
	return request
}

// answer signs what was asked with the phone's key.
func (s *service) answer(t testing.TB, p phonetest.Phone, r onetouch.ApprovalRequest, status onetouch.Status) {
	t.Helper()
	_, err := p.Answer(context.Background(), s.Service, r, status, "")
	must(t, err)
}

// record is an approval request as the domain has it.
func (s *service) record(t testing.TB, uuid string) onetouch.RequestRecord {
	t.Helper()
	record, err := s.ApprovalRequest(context.Background(), s.app.ID, uuid)
	must(t, err)
	return record
}

func (s *service) lastEvent(t testing.TB) int64 {
	t.Helper()
	last, err := s.LastEvent(context.Background())
	must(t, err)
	return last
}

func uuidOf(t testing.TB, a answer) string {
	t.Helper()
	var created struct {
		ApprovalRequest struct {
			UUID string `json:"uuid"`
		} `json:"approval_request"`
	}
	if err := json.Unmarshal([]byte(a.body), &created); err != nil || created.ApprovalRequest.UUID == "" {
		t.Fatalf("%s: %v", a, err)
	}
	return created.ApprovalRequest.UUID
}

func transfer() onetouch.NewApprovalRequest {
	return onetouch.NewApprovalRequest{
		Message:       "Send $12,400 to ACME?",
		Details:       details.List{{Name: "To", Value: "ACME"}, {Name: "Account Number", Value: "981266321"}},
		HiddenDetails: details.List{{Name: "ip", Value: "10.0.0.1"}},
	}
}
