package onetouchtest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/onetouchtest"
)

// TestManyAtOnce: servers share nothing, whatever runs beside them. That no goroutine is left TestMain checks.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	for i := range 50 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			srv := onetouchtest.New(t)
			user := srv.NewUser()
			user.NewDevice("approve")
			bank := NewBank(srv.URL, srv.APIKey)
			uuids := []string{bank.Transfer(user.AuthyID, "$1"), bank.Transfer(user.AuthyID, "$2")}
			for _, uuid := range uuids {
				if taken := srv.WaitCallback(uuid); taken.UUID != uuid || !taken.Approved() || taken.AuthyID != user.AuthyID {
					t.Errorf("the callback of %s is %+v", uuid, taken)
				}
			}
		})
	}
}

// The backend may have added the user; and a phone may be there after the request, of which it is not pushed then.
func TestUserOfTheBackend(t *testing.T) {
	t.Parallel()
	srv := onetouchtest.New(t, onetouchtest.WithName("Acme Bank"), onetouchtest.WithAPIKey("acme"))
	id, err := srv.Client().CreateUser(t.Context(), authy.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"})
	if err != nil {
		t.Fatal(err)
	}
	user := srv.User(id)
	if user.Email != "ada@example.com" || user.Cellphone != "2025550158" || user.CountryCode != "1" || srv.APIKey != "acme" {
		t.Errorf("the user is %+v, the API key %q", user, srv.APIKey)
	}
	uuid := NewBank(srv.URL, srv.APIKey).Transfer(id, "$40")
	phone := user.NewDevice()
	request := phone.Request(uuid)
	if request.Status != approval.Pending || request.AppName != "Acme Bank" {
		t.Errorf("the phone is shown %+v", request)
	}
	srv.NoCallback(uuid)
	phone.Approve(request)
	if status := srv.WaitStatus(uuid); status != approval.Approved {
		t.Errorf("it is %s", status)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	t.Cleanup(func() { // after the server's own
		if !strings.Contains(log.String(), "delivered") {
			t.Errorf("the log says %q", log.String())
		}
	})
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	srv := onetouchtest.New(t, onetouchtest.WithDeviceRequired(), onetouchtest.WithCallbackMethod(http.MethodGet),
		onetouchtest.WithLogger(logger))
	user := srv.NewUser()
	question := authy.NewApprovalRequest{Message: "Log in?"}
	_, err := srv.Client().CreateApprovalRequest(t.Context(), user.AuthyID, question)
	if !errors.Is(err, authy.ErrUserWithoutDevice) {
		t.Errorf("without a device it is %v", err)
	}
	user.NewDevice("deny")
	taken := srv.WaitCallback(NewBank(srv.URL, srv.APIKey).Transfer(user.AuthyID, "$40"))
	if taken.Approved() || !strings.Contains(string(taken.Raw), "status=denied") {
		t.Errorf("the callback is %s", taken.Raw)
	}
}

// A handler that fails at first is called again as soon as the clock allows.
func TestCallbackComesAgain(t *testing.T) {
	t.Parallel()
	srv := onetouchtest.New(t)
	var calls atomic.Int64
	failed := make(chan struct{})
	srv.HandleCallbacks(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 1 {
			http.Error(w, "the database is away", http.StatusInternalServerError)
			close(failed)
		}
	}))
	user := srv.NewUser()
	user.NewDevice("approve")
	uuid := NewBank(srv.URL, srv.APIKey).Transfer(user.AuthyID, "$40")
	<-failed
	srv.Clock.Advance(time.Hour)
	if srv.WaitCallback(uuid); calls.Load() != 2 {
		t.Errorf("the handler was called %d times", calls.Load())
	}
	if story := srv.Story(); !strings.Contains(story, "the database is away") || !strings.Contains(story, "attempt 2") {
		t.Errorf("the story has no two attempts:\n%s", story)
	}
}

// What a phone does after a while follows the clock, as do its codes.
func TestClock(t *testing.T) {
	t.Parallel()
	srv := onetouchtest.New(t)
	user := srv.NewUser()
	phone := user.NewDevice("approve after 1h")
	uuid := NewBank(srv.URL, srv.APIKey).Transfer(user.AuthyID, "$40")
	if request := phone.NextRequest(); request.Status != approval.Pending {
		t.Errorf("it is %s at once", request.Status)
	}
	before := srv.Clock.Now()
	srv.Clock.Advance(2 * time.Hour)
	if after := srv.Clock.Now(); after.Sub(before) < 2*time.Hour {
		t.Errorf("the clock went from %s to %s", before, after)
	}
	if status := srv.WaitStatus(uuid); status != approval.Approved {
		t.Errorf("it is %s", status)
	}
	if _, err := srv.Client().VerifyToken(t.Context(), user.AuthyID, authy.VerifyToken{Token: phone.Code()}); err != nil {
		t.Errorf("the phone's code: %v", err)
	}
}

func TestClockGoesForward(t *testing.T) {
	t.Parallel()
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, "does not go back") {
			t.Errorf("it panics with %s", said)
		}
	}()
	onetouchtest.New(t).Clock.Advance(-time.Second)
}

func TestCodes(t *testing.T) {
	t.Parallel()
	srv := onetouchtest.New(t)
	user := srv.NewUser()
	var sent []string
	for range 2 {
		if _, err := srv.Client().SendSMS(t.Context(), user.AuthyID, authy.SendToken{Force: true}); err != nil {
			t.Fatal(err)
		}
		sent = append(sent, user.NextCode())
	}
	if newest := srv.LastCode("+1" + user.Cellphone); newest != sent[1] {
		t.Errorf("sent were %q, the newest is %q", sent, newest)
	}
	phone := authy.Phone{CountryCode: "1", Number: "2025550199"}
	start := authy.NewPhoneVerification{Phone: phone, Via: "sms"}
	if _, err := srv.Client().StartPhoneVerification(t.Context(), start); err != nil {
		t.Fatal(err)
	}
	if err := srv.Client().CheckPhoneVerification(t.Context(), phone, srv.LastCode("+12025550199")); err != nil {
		t.Error(err)
	}
}

// Faults are those of the server, and end.
func TestFaults(t *testing.T) {
	t.Parallel()
	srv := onetouchtest.New(t)
	user := srv.NewUser()
	user.NewDevice("approve")
	srv.AddFault(onetouchtest.Fault{Status: http.StatusServiceUnavailable})
	if _, err := srv.Client().UserStatus(t.Context(), user.AuthyID); err == nil {
		t.Error("the call goes well")
	}
	srv.ClearFaults()
	if _, err := srv.Client().UserStatus(t.Context(), user.AuthyID); err != nil {
		t.Error(err)
	}
	srv.AddFault(onetouchtest.Fault{Callback: "doubled"})
	srv.WaitCallback(NewBank(srv.URL, srv.APIKey).Transfer(user.AuthyID, "$40"))
	if story := srv.Story(); !strings.Contains(story, "503, fault: ") {
		t.Errorf("the story has no fault:\n%s", story)
	}
}

// TestWrongUse: a mistake fails the test in a line that says what to do about it.
func TestWrongUse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		use  func(*onetouchtest.Server)
		says string
	}{
		{"rule", func(s *onetouchtest.Server) { s.NewUser().NewDevice("approve at once") }, "NewDevice: "},
		{"user", func(s *onetouchtest.Server) { s.User(17) }, "no user with Authy ID 17"},
		{"callback URL", func(s *onetouchtest.Server) { s.SetCallback("localhost:80") }, `SetCallback("localhost:80"): `},
		{"callback of nothing", func(s *onetouchtest.Server) { s.WaitCallback("x") }, "callback of approval request x: "},
		{"no callback of nothing", func(s *onetouchtest.Server) { s.NoCallback("x") }, `NoCallback("x"): `},
		{"status of nothing", func(s *onetouchtest.Server) { s.WaitStatus("x") }, "approval request x: "},
		{"request", func(s *onetouchtest.Server) { s.NewUser().NewDevice().Request("x") }, "fetches approval request x: "},
		{"fault", func(s *onetouchtest.Server) { s.AddFault(onetouchtest.Fault{Probability: 2}) }, "AddFault: "},
		{"no number", func(s *onetouchtest.Server) { s.LastCode("ada") }, `sent to "ada": `},
		{"answered twice", func(s *onetouchtest.Server) {
			user := s.NewUser()
			phone := user.NewDevice()
			request := phone.Request(NewBank(s.URL, s.APIKey).Transfer(user.AuthyID, "$40"))
			phone.Deny(request, "")
			phone.Approve(request)
		}, "approves approval request"},
		{"callback although none", func(s *onetouchtest.Server) {
			user := s.NewUser()
			user.NewDevice("deny")
			uuid := NewBank(s.URL, s.APIKey).Transfer(user.AuthyID, "$40")
			s.WaitStatus(uuid)
			s.NoCallback(uuid)
		}, "has a callback"},
		{"callbacks switched off", func(s *onetouchtest.Server) {
			user := s.NewUser()
			user.NewDevice("deny")
			s.SetCallback("")
			s.WaitCallback(NewBank(s.URL, s.APIKey).Transfer(user.AuthyID, "$40"))
		}, "had no callback URL when the request was denied"},
		{"callback of what expires", func(s *onetouchtest.Server) {
			uuid := ask(s)
			s.Clock.Advance(25 * time.Hour)
			s.WaitCallback(uuid)
		}, "the request has expired"},
		{"callback to nobody who takes it", func(s *onetouchtest.Server) {
			s.HandleCallbacks(http.NotFoundHandler())
			s.AddFault(onetouchtest.Fault{Callback: "lost"})
			user := s.NewUser()
			user.NewDevice("deny")
			s.WaitCallback(NewBank(s.URL, s.APIKey).Transfer(user.AuthyID, "$40"))
		}, "it is given up"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			failed := fails(func(t testing.TB) { c.use(onetouchtest.New(t)) })
			if said := failed.failed(); !strings.HasPrefix(said, "onetouchtest: ") || !strings.Contains(said, c.says) ||
				strings.Contains(said, "\n") {
				t.Errorf("it says %q", said)
			}
			if len(failed.log) != 1 || !strings.Contains(failed.log[0], "the story so far") {
				t.Errorf("it logs %q", failed.log)
			}
		})
	}
}

// What never comes is waited for no longer than the test has.
func TestPatience(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]func(*onetouchtest.Server){
		"request": func(s *onetouchtest.Server) { s.NewUser().NewDevice().NextRequest() },
		"code":    func(s *onetouchtest.Server) { s.NewUser().NextCode() },
		"status": func(s *onetouchtest.Server) {
			s.WaitStatus(ask(s))
		},
		"callback": func(s *onetouchtest.Server) {
			s.WaitCallback(ask(s))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := fails(func(t testing.TB) { wait(onetouchtest.New(hurried{t})) })
			if said := failed.failed(); !strings.Contains(said, "it did not happen within") {
				t.Errorf("it says %q", said)
			}
		})
	}
}

// ask asks a new user, who has no phone.
func ask(s *onetouchtest.Server) (uuid string) {
	return NewBank(s.URL, s.APIKey).Transfer(s.NewUser().AuthyID, "$40")
}

// hurried is a test that has no time left.
type hurried struct{ testing.TB }

func (hurried) Deadline() (time.Time, bool) { return time.Now(), true }

// A test that fails tells what has happened; one that passes is silent.
func TestStory(t *testing.T) {
	t.Parallel()
	play := func(t testing.TB) *onetouchtest.Server {
		srv := onetouchtest.New(t)
		user := srv.NewUser()
		user.NewDevice("approve")
		srv.WaitCallback(NewBank(srv.URL, srv.APIKey).Transfer(user.AuthyID, "$40"))
		if _, err := srv.Client().SendSMS(context.Background(), user.AuthyID, authy.SendToken{Force: true}); err != nil {
			t.Errorf("%v", err)
		}
		return srv
	}
	passed := fails(func(t testing.TB) { play(t) })
	if passed.failed() != "" || len(passed.log) > 0 {
		t.Errorf("a test that passes says %q and logs %q", passed.failed(), passed.log)
	}
	failed := fails(func(t testing.TB) { play(t).WaitStatus("x") })
	story := strings.Join(failed.log, "\n")
	for _, part := range []string{
		"approval_requests: 200", `"Transfer money?": approved`, "one_touch_request_created",
		"one_touch_request_responded, device ", "push to device ",
		"callback by POST to http://127.0.0.1:", "attempt 1 at ", "taken with 200", "sms to +12025550101",
	} {
		if !strings.Contains(story, part) {
			t.Errorf("the story does not say %q:\n%s", part, story)
		}
	}
}
