package onetouch_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func newSandbox(t *testing.T, settings onetouch.ApplicationSettings) *world {
	t.Helper()
	w := bareWorld(t, 1)
	w.app = w.ensure(settings)
	return w
}

func TestSandboxAsItsClientsKnewIt(t *testing.T) {
	t.Parallel()
	w := newSandbox(t, onetouch.SandboxSettings())
	for _, key := range []string{"bf12974d70818a08199d17d5e2bae630", "0cd08abec2e9b9641e40e9470a7fc336"} {
		app, err := w.AuthenticateApplication(t.Context(), key)
		if err != nil || app.Name != "Sandbox App 1" || !app.Sandbox {
			t.Errorf("the key %s is that of %+v, %v", key, app, err)
		}
	}
	user51 := onetouch.User{AuthyID: 51, AppID: w.app.ID}
	ada := w.addUser("305-456-2345")
	if ada.AuthyID < 1000 {
		t.Errorf("the next user is %d", ada.AuthyID)
	}
	for _, user := range []onetouch.User{user51, ada} {
		for _, force := range []bool{false, true} {
			check := onetouch.TokenCheck{Token: "0000000", Force: force}
			for range 2 {
				verified, err := w.VerifyToken(t.Context(), w.app, user.AuthyID, check)
				if err != nil || verified.Source != onetouch.SourceSandbox {
					t.Errorf("0000000 of user %d: %+v, %v", user.AuthyID, verified, err)
				}
			}
		}
	}
	bob := w.addUser("192-967-1234")
	for _, token := range []string{"1111111", "123456", "000000", "1234567", "00000000"} {
		_, err := w.VerifyToken(t.Context(), w.app, bob.AuthyID, onetouch.TokenCheck{Token: token})
		w.refused(token, err, onetouch.CodeTokenInvalid)
	}
	_, err := w.VerifyToken(t.Context(), w.app, 0, onetouch.TokenCheck{Token: "000000"})
	w.refused("user 0", err, onetouch.CodeUserNotFound)
	w.mustVerify(bob, w.sendToken(bob, onetouch.ChannelSMS)) // what was really sent is valid too
}

func TestPhonesOfTheSandbox(t *testing.T) {
	t.Parallel()
	w := newSandbox(t, onetouch.SandboxSettings())
	if _, err := w.checkVerification("111-111-1111", "0000"); err != nil {
		t.Errorf("0000 without a verification: %v", err)
	}
	_, err := w.checkVerification("111-111-1111", "1234")
	w.refused("another code without a verification", err, onetouch.CodePhoneVerificationNotFound)

	n := onetouch.NewPhoneVerification{CountryCode: "1", PhoneNumber: "111-111-1111", CodeLength: set(int64(6)), CustomCode: "12345"}
	started, err := w.StartPhoneVerification(t.Context(), w.app, n)
	if err != nil || started.Info.Provider != "Google Voice" ||
		started.Info.Line != onetouch.LineLandline || started.Info.Ported {
		t.Errorf("started: %+v, %v", started, err)
	}
	_, err = w.checkVerification("111-111-1111", "54321")
	w.refused("wrong code", err, onetouch.CodePhoneVerificationIncorrect)
	for _, code := range []string{"12345", "0000"} {
		w.mustStartVerification("111-111-1111")
		if code == "12345" {
			code = w.inbox()[0].Code
		}
		v, err := w.checkVerification("111-111-1111", code)
		if err != nil || v.Status(noon()) != onetouch.VerificationVerified {
			t.Errorf("%s: %+v, %v", code, v, err)
		}
	}
	info, err := w.PhoneInfo(t.Context(), w.app, "1", "7754615609")
	if err != nil || info.Line != onetouch.LineLandline || info.Ported || info.Provider != "Google Voice" {
		t.Errorf("phone information: %+v, %v", info, err)
	}
	strict := onetouch.ApplicationSettings{StrictPhoneNumbers: set(true)}
	w.Service = onetouch.NewService(w.store, onetouch.Options{Clock: w.clock, Random: newRandom(2), Numbering: plan{}})
	w.app = w.ensure(strict)
	if _, err := w.startVerification("202-555-0158"); err != nil {
		t.Errorf("a text to one of its landlines: %v", err)
	}
}

func TestBareSandbox(t *testing.T) {
	t.Parallel()
	w := newSandbox(t, onetouch.BareSandboxSettings())
	for channel, want := range map[onetouch.Channel]onetouch.Code{
		"sms": onetouch.CodeSMSDisabled, "call": onetouch.CodeCallsDisabled,
	} {
		_, err := w.SendToken(t.Context(), w.app, 51, onetouch.NewToken{Channel: channel})
		w.refused(string(channel), err, want)
	}
	for via, want := range map[string]onetouch.Code{
		"": onetouch.CodeSMSDisabled, "sms": onetouch.CodeSMSDisabled, "call": onetouch.CodeCallsDisabled,
	} {
		w.changesNothing("verification", func() {
			_, err := w.StartPhoneVerification(t.Context(), w.app, onetouch.NewPhoneVerification{
				CountryCode: "1", PhoneNumber: "201-555-0123", Via: via,
			})
			w.refused("verification by "+via, err, want)
		})
	}
	_, err := w.CheckPhoneVerification(t.Context(), w.app, "1", "111-111-1111", "0000") // nothing is sent
	if err != nil {
		t.Errorf("the code of the sandbox: %v", err)
	}
}

// The user of the sandbox is there at each start, also after a suite has removed them.
func TestUserOfTheSandboxComesBack(t *testing.T) {
	t.Parallel()
	w := newSandbox(t, onetouch.SandboxSettings())
	if err := w.RemoveUser(t.Context(), w.app.ID, 51); err != nil {
		t.Fatal(err)
	}
	_, err := w.UserStatus(t.Context(), w.app.ID, 51)
	w.refused("removed user", err, onetouch.CodeUserNotFound)
	w.ensure(onetouch.SandboxSettings())
	if _, err := w.UserStatus(t.Context(), w.app.ID, 51); err != nil {
		t.Errorf("after a new start: %v", err)
	}
	second := w.bystander(onetouch.ApplicationSettings{Name: "Second", Sandbox: set(true)})
	_, err = w.UserStatus(t.Context(), second.ID, 51)
	w.refused("user of the first sandbox in a second", err, onetouch.CodeUserNotFound)
	if _, err := w.UserStatus(t.Context(), w.app.ID, 51); err != nil {
		t.Errorf("after a second sandbox: %v", err)
	}
}

// Only a sandbox with the switch answers for requests that do not exist, and only to backends.
func TestRequestsThatDoNotExist(t *testing.T) {
	t.Parallel()
	const uuid = "550e8400-e29b-41d4-a716-446655440000"
	w := newSandbox(t, onetouch.SandboxSettings())
	for _, test := range []struct{ sandbox, on, pending bool }{
		{false, false, false}, {false, true, false}, {true, false, false}, {true, true, true},
	} {
		w.app = w.ensure(onetouch.ApplicationSettings{Sandbox: &test.sandbox, UnknownRequestsPending: &test.on})
		w.changesNothing("asking", func() {
			record, err := w.ApprovalRequest(t.Context(), w.app.ID, uuid)
			if !test.pending {
				w.refused("unknown request", err, onetouch.CodeApprovalRequestNotFound)
				return
			}
			r := record.Request
			if err != nil || r.UUID != uuid || r.Status != onetouch.StatusPending || len(r.ID) != 24 || r.AppID != w.app.ID ||
				record.User.Email == "" || len(record.User.ID) != 24 || record.Application.ID != w.app.ID {
				t.Errorf("unknown request: %+v, %v", record, err)
			}
		})
		if !test.pending {
			continue
		}
		p := w.register(onetouch.User{AuthyID: 51, AppID: w.app.ID})
		_, err := w.DeviceApprovalRequest(t.Context(), p.Device, uuid)
		w.refused("to a device", err, onetouch.CodeApprovalRequestNotFound)
		asked := w.ask(onetouch.User{AuthyID: 51}, question())
		if got := w.status(asked); got != onetouch.StatusPending {
			t.Errorf("a request that exists is %s", got)
		}
	}
}
