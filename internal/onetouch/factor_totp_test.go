package onetouch_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// createTOTP gives the user a TOTP factor whose app has shown no code yet.
func (w *world) createTOTP(user onetouch.User, change func(*onetouch.NewFactor)) onetouch.Device {
	w.Helper()
	n := onetouch.NewFactor{Type: onetouch.FactorTOTP, FriendlyName: "Ada's app", FactorConfig: onetouch.FactorConfig{TOTP: w.app.Verify.TOTP()}}
	if change != nil {
		change(&n)
	}
	factor, err := w.CreateFactor(w.Context(), user.AppID, user.Identity, "", n)
	if err != nil {
		w.Fatal(err)
	}
	return factor
}

// code is what the app of a TOTP factor by SHA-1 shows so many steps from now.
func (w *world) code(factor onetouch.Device, steps int) string {
	period := time.Duration(factor.Factor.TOTP.TimeStep) * time.Second
	at := w.clock.Now().Add(time.Duration(steps) * period)
	return onetouch.OneTimeCode(factor.TOTPSecret, factor.Factor.TOTP.CodeLength, period, at)
}

func (w *world) showCode(factor onetouch.Device, code string) (onetouch.Device, error) {
	return w.UpdateFactor(w.Context(), factor, onetouch.FactorChange{Proof: &onetouch.FactorProof{Code: code}})
}

// registerTOTP gives the user a verified TOTP factor. The code of this moment is used up.
func (w *world) registerTOTP(user onetouch.User) onetouch.Device {
	w.Helper()
	factor := w.createTOTP(user, nil)
	verified, err := w.showCode(factor, w.code(factor, 0))
	if err != nil || !verified.Verified() {
		w.Fatalf("verifying a TOTP factor: %+v, %v", verified, err)
	}
	return verified
}

func (w *world) challengeCode(factor onetouch.Device, code string) onetouch.ApprovalRequest {
	w.Helper()
	made, err := w.CreateChallenge(w.Context(), w.app, factor, onetouch.NewChallenge{Code: code})
	if err != nil {
		w.Fatal(err)
	}
	return made
}

func TestTOTPFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	factor := w.createTOTP(ada, nil)
	secret, uri := factor.TOTPSetup(w.app)
	want := "otpauth://totp/Acme%20Bank:Ada%27s%20app?algorithm=SHA1&digits=6&issuer=Acme%20Bank&period=30&secret=" + secret
	if strings.ReplaceAll(uri, "'", "%27") != want {
		t.Errorf("the app is set up with %s, want %s", uri, want)
	}
	if parsed, err := onetouch.ParseTOTPSecret(secret); err != nil || string(parsed) != string(factor.TOTPSecret) {
		t.Errorf("the secret is %s, %v", secret, err)
	}
	_, err := w.CreateChallenge(t.Context(), w.app, factor, onetouch.NewChallenge{Code: w.code(factor, 0)})
	w.refused("unverified", err, onetouch.CodeFactorUnverified)
	if wrong, err := w.showCode(factor, w.code(factor, 5)); err != nil || wrong.Verified() {
		t.Errorf("a wrong code: %+v, %v", wrong, err)
	}
	verified, err := w.showCode(factor, w.code(factor, 0))
	if err != nil || !verified.Verified() {
		t.Fatalf("the right code: %+v, %v", verified, err)
	}
	_, err = w.showCode(verified, w.code(factor, 1))
	w.refused("verified already", err, onetouch.CodeInvalidParameter)

	// Right, wrong, and used: at once, and later.
	if used := w.challengeCode(verified, w.code(factor, 0)); used.Status != onetouch.StatusPending {
		t.Errorf("the code that has verified the factor is taken again: %s", used.Status)
	}
	right := w.challengeCode(verified, w.code(factor, 1))
	if right.Status != onetouch.StatusApproved || w.status(right) != onetouch.StatusApproved || right.Answer.DeviceID != factor.ID {
		t.Errorf("a right code: %+v", right)
	}
	w.clock.Advance(time.Minute)
	later := w.challengeCode(verified, "")
	for name, code := range map[string]string{"wrong": w.code(factor, 5), "used": w.code(factor, -1)} {
		record, err := w.AnswerWithCode(t.Context(), ada, later.UUID, code)
		if err != nil || record.Request.Status != onetouch.StatusPending {
			t.Errorf("%s: %+v, %v", name, record.Request, err)
		}
	}
	record, err := w.AnswerWithCode(t.Context(), ada, later.UUID, w.code(factor, 0))
	if _, err := w.Evidence(t.Context(), later.UUID); onetouch.CodeOf(err) != onetouch.CodeEvidenceNotFound {
		t.Errorf("a code is evidence: %v", err)
	}
	if err != nil || record.Request.Status != onetouch.StatusApproved || record.Device.ID != factor.ID {
		t.Errorf("a right code later: %+v, %v", record, err)
	}
	_, err = w.AnswerWithCode(t.Context(), ada, later.UUID, w.code(factor, 1))
	w.refused("answered", err, onetouch.CodeApprovalRequestNotPending)
	late := w.challengeCode(verified, "")
	w.clock.Advance(5 * time.Minute)
	_, err = w.AnswerWithCode(t.Context(), ada, late.UUID, w.code(factor, 0))
	w.refused("expired", err, onetouch.CodeApprovalRequestExpired)
	_, err = w.Notify(t.Context(), ada, w.challengeCode(verified, "").UUID, time.Minute)
	w.refused("a push", err, onetouch.CodeInvalidRequest)
}

// To everybody but the Verify API an authenticator app is no device: it is not listed, not asked, and hears nothing.
func TestTOTPFactorIsNoDevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.ApplicationSettings{RequireDevice: new(true)})
	ada := w.addUser("202-555-0158")
	factor := w.registerTOTP(ada)
	status, err := w.UserStatus(t.Context(), w.app.ID, ada.AuthyID)
	if err != nil || len(status.Devices) != 0 || !status.Confirmed() {
		t.Errorf("the user's status is %+v, %v", status, err)
	}
	_, err = w.CreateApprovalRequest(t.Context(), w.app, ada.AuthyID, lasting(60))
	w.refused("asked", err, onetouch.CodeUserWithoutDevice)
	w.register(ada)
	asked := w.ask(ada, lasting(60))
	own := w.challengeCode(factor, "")
	_, err = w.AnswerWithCode(t.Context(), ada, asked.UUID, w.code(factor, 1))
	w.refused("a code for an approval request", err, onetouch.CodeInvalidParameter)
	_, err = w.AnswerWithCode(t.Context(), ada, asked.UUID, "approved") // by who takes the status for the answer of a push factor
	if w.refused("a word for an approval request", err, onetouch.CodeInvalidParameter); !strings.Contains(fmt.Sprint(err), "a JWT") {
		t.Errorf("a word for an approval request: %v", err)
	}
	list, err := w.Challenges(t.Context(), ada, onetouch.ApprovalRequestFilter{}.ByFactor(factor))
	if err != nil || len(list) != 1 || list[0].Request.UUID != own.UUID {
		t.Errorf("the factor's challenges are %+v, %v", list, err)
	}
	if _, err := w.AuthenticateFactor(t.Context(), factor.UUID, "a.b.c"); onetouch.CodeOf(err) != onetouch.CodeCredentialsInvalid {
		t.Errorf("the factor calls: %v", err)
	}
	if err := w.RemoveUser(t.Context(), w.app.ID, ada.AuthyID); err != nil {
		t.Fatal(err)
	}
	all, err := w.Devices(t.Context(), onetouch.DeviceFilter{AuthyID: ada.AuthyID, WithUnverified: true, WithTOTP: true})
	if err != nil || len(all) != 0 {
		t.Errorf("left of the user: %+v, %v", all, err)
	}
}

// The code of an authenticator app is good at both APIs, and once at either.
func TestTOTPCodeThroughAuthy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	factor := w.registerTOTP(ada)
	verified, err := w.verify(ada, w.code(factor, 1))
	if err != nil || verified.Source != onetouch.SourceAuthenticator {
		t.Errorf("through Authy: %+v, %v", verified, err)
	}
	if again := w.challengeCode(factor, w.code(factor, 1)); again.Status != onetouch.StatusPending {
		t.Error("it is taken again by Verify")
	}
	w.clock.Advance(time.Minute)
	if once := w.challengeCode(factor, w.code(factor, 0)); once.Status != onetouch.StatusApproved {
		t.Error("Verify does not take the next one")
	}
	_, err = w.verify(ada, w.code(factor, 0))
	w.refused("again through Authy", err, onetouch.CodeTokenReused)
}

func TestTOTPSkew(t *testing.T) {
	t.Parallel()
	for skew := range 3 {
		for steps := -3; steps <= 3; steps++ {
			w := newWorld(t)
			factor := w.createTOTP(w.addUser("202-555-0158"), func(n *onetouch.NewFactor) { n.TOTP.Skew = skew })
			shown, err := w.showCode(factor, w.code(factor, steps))
			if want := max(steps, -steps) <= skew; err != nil || shown.Verified() != want {
				t.Errorf("skew %d: a code of %d steps from now: verified %t, %v", skew, steps, shown.Verified(), err)
			}
		}
	}
}

// The vectors of RFC 6238, Appendix B, of the two moments that are still to come.
func TestTOTPAlgorithmsOfRFC6238(t *testing.T) {
	t.Parallel()
	digits := strings.Repeat("1234567890", 7)
	for _, c := range []struct {
		alg     string
		secret  int
		seconds int64
		code    string
	}{
		{"sha1", 20, 2000000000, "69279037"}, {"sha1", 20, 20000000000, "65353130"},
		{"sha256", 32, 2000000000, "90698825"}, {"sha256", 32, 20000000000, "77737706"},
		{"sha512", 64, 2000000000, "38618901"}, {"sha512", 64, 20000000000, "47863826"},
	} {
		w := newWorld(t)
		factor := w.createTOTP(w.addUser("202-555-0158"), func(n *onetouch.NewFactor) {
			n.Secret, n.TOTP.Alg, n.TOTP.CodeLength = []byte(digits[:c.secret]), c.alg, 8
		})
		for at := time.Unix(c.seconds, 0); w.clock.Now().Before(at); { // a duration has 292 years at most
			w.clock.Advance(at.Sub(w.clock.Now()))
		}
		if shown, err := w.showCode(factor, c.code); err != nil || !shown.Verified() {
			t.Errorf("%s at %d: %s is not taken: %v", c.alg, c.seconds, c.code, err)
		}
	}
}

func TestTOTPFactorRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	for name, change := range map[string]func(*onetouch.NewFactor){
		"no name":     func(n *onetouch.NewFactor) { n.FriendlyName = "" },
		"time step":   func(n *onetouch.NewFactor) { n.TOTP.TimeStep = 19 },
		"code length": func(n *onetouch.NewFactor) { n.TOTP.CodeLength = 9 },
		"skew":        func(n *onetouch.NewFactor) { n.TOTP.Skew = 3 },
		"alg":         func(n *onetouch.NewFactor) { n.TOTP.Alg = "md5" },
	} {
		n := onetouch.NewFactor{Type: onetouch.FactorTOTP, FriendlyName: "x", FactorConfig: onetouch.FactorConfig{TOTP: w.app.Verify.TOTP()}}
		change(&n)
		w.changesNothing(name, func() {
			_, err := w.CreateFactor(t.Context(), w.app.ID, ada.Identity, "", n)
			w.refused(name, err, onetouch.CodeInvalidParameter)
		})
	}
	for _, secret := range []string{"", "MFRGG", "not base32!", strings.Repeat("A", 105)} {
		_, err := onetouch.ParseTOTPSecret(secret)
		w.refused(secret, err, onetouch.CodeInvalidParameter)
	}
	token, _, err := w.CreateAccessToken(t.Context(), w.app.ID, onetouch.NewAccessToken{Identity: ada.Identity, Life: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	n := onetouch.NewFactor{Type: onetouch.FactorTOTP, FriendlyName: "x", FactorConfig: onetouch.FactorConfig{TOTP: w.app.Verify.TOTP()}}
	_, err = w.CreateFactor(t.Context(), w.app.ID, ada.Identity, token, n)
	w.refused("by an access token", err, onetouch.CodeInvalidParameter)
	factor, push := w.registerTOTP(ada), w.registerFactor(ada)
	_, err = w.CreateChallenge(t.Context(), w.app, push.Device, onetouch.NewChallenge{Message: "m", Code: "123456"})
	w.refused("code of a push factor", err, onetouch.CodeInvalidParameter)
	for _, code := range []string{"12", "123456789"} {
		_, err = w.CreateChallenge(t.Context(), w.app, factor, onetouch.NewChallenge{Code: code})
		w.refused("length of "+code, err, onetouch.CodeInvalidParameter)
	}
	_, err = w.UpdateFactor(t.Context(), factor, onetouch.FactorChange{Platform: "fcm"})
	w.refused("platform", err, onetouch.CodeInvalidParameter)
}

// Codes are made anew when the settings change; what was used before stays used.
func TestUpdateTOTPFactor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	factor := w.registerTOTP(w.addUser("202-555-0158"))
	set := func(change func(*onetouch.TOTPConfig)) {
		t.Helper()
		config := factor.Factor.TOTP
		change(&config)
		changed, err := w.UpdateFactor(t.Context(), factor, onetouch.FactorChange{TOTP: config})
		if err != nil {
			t.Fatal(err)
		}
		factor = changed
	}
	approved := func(code string) bool { return w.challengeCode(factor, code).Status == onetouch.StatusApproved }
	set(func(c *onetouch.TOTPConfig) { c.CodeLength = 8 })
	if approved(w.code(factor, 0)) {
		t.Error("the code of a moment is taken twice, once with six digits and once with eight")
	}
	set(func(c *onetouch.TOTPConfig) { c.TimeStep = 60 })
	if !approved(w.code(factor, 0)) {
		t.Error("a code of the new length of a step is not taken")
	}
	w.clock.Advance(2 * time.Minute)
	set(func(c *onetouch.TOTPConfig) { c.TimeStep = 30 })
	if !approved(w.code(factor, 0)) || approved(w.code(factor, 0)) {
		t.Error("back at the old length, a code is not good once")
	}
	set(func(c *onetouch.TOTPConfig) { c.Skew = 0 })
	if approved(w.code(factor, 1)) {
		t.Error("a code of the next step is taken without a skew")
	}
}

// Wrong codes of all kinds are counted together; when there are too many, a right one is not looked at.
func TestTOTPGuesses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.ApplicationSettings{LimitSettings: onetouch.LimitSettings{FailuresPerHour: new(3)}})
	ada := w.addUser("202-555-0158")
	factor := w.registerTOTP(ada)
	w.clock.Advance(time.Minute)
	pending := w.challengeCode(factor, w.code(factor, 9))
	if _, err := w.AnswerWithCode(t.Context(), ada, pending.UUID, w.code(factor, 9)); err != nil {
		t.Fatal(err)
	}
	_, err := w.verify(ada, w.code(factor, 9))
	w.refused("the third", err, onetouch.CodeTokenInvalid)
	for name, try := range map[string]func(context.Context) error{
		"of a challenge": func(ctx context.Context) error {
			_, err := w.AnswerWithCode(ctx, ada, pending.UUID, w.code(factor, 0))
			return err
		},
		"with a challenge": func(ctx context.Context) error {
			_, err := w.CreateChallenge(ctx, w.app, factor, onetouch.NewChallenge{Code: w.code(factor, 0)})
			return err
		},
	} {
		w.refused(name, try(t.Context()), onetouch.CodeTooManyChecks)
	}
	if got := w.status(pending); got != onetouch.StatusPending {
		t.Errorf("it is %s", got)
	}
	w.clock.Advance(time.Hour)
	if w.challengeCode(factor, w.code(factor, 0)).Status != onetouch.StatusApproved {
		t.Error("an hour later a right code is not taken")
	}
}
