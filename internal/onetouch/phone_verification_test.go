package onetouch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestPhoneVerification(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started := w.mustStartVerification(" (202) 555-0158 ")
	v := started.Verification
	w.same("verification", v, onetouch.PhoneVerification{
		ID: v.ID, UUID: v.UUID, AppID: w.app.ID, Phone: onetouch.PhoneNumber{CountryCode: 1, National: "2025550158"},
		Via: onetouch.ChannelSMS, Code: v.Code, CreatedAt: noon(), ExpiresAt: noon().Add(10 * time.Minute),
	})
	if len(v.Code) != 4 || len(v.UUID) != 36 || v.SecondsToExpire(noon()) != 599 {
		t.Errorf("started: %+v", started)
	}
	w.same("inbox", w.inbox(), []onetouch.Message{{
		ID: started.Message.ID, AppID: w.app.ID, Channel: onetouch.ChannelSMS, To: "+12025550158",
		Body: "Your Acme Bank verification code is: " + v.Code, Code: v.Code, VerificationUUID: v.UUID, CreatedAt: noon(),
	}})

	_, err := w.checkVerification("2025550158", "x"+v.Code)
	w.refused("wrong code", err, onetouch.CodePhoneVerificationIncorrect)
	verified, err := w.checkVerification("202.555.0158", v.Code)
	if err != nil || verified.UUID != v.UUID || verified.Status(noon()) != onetouch.VerificationVerified {
		t.Errorf("checked: %+v, %v", verified, err)
	}
	_, err = w.checkVerification("202.555.0158", v.Code)
	w.refused("second use", err, onetouch.CodePhoneVerificationNotFound)
	if got := err.Error(); got != "No pending verifications for +1 202.555.0158 found." {
		t.Errorf("the refusal says %q", got)
	}
	w.same("log", w.log(), []onetouch.EventType{
		onetouch.EventVerificationStarted, onetouch.EventVerificationInvalid, onetouch.EventVerificationValid,
		onetouch.EventVerificationMissing,
	})
}

func TestVerificationCodeIsTheSameWithinItsLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.mustStartVerification("202-555-0158")
	w.clock.Advance(10*time.Minute - time.Second)
	n := onetouch.NewPhoneVerification{CountryCode: "+1", PhoneNumber: "2025550158", Via: "call", Locale: "es", CodeLength: set(int64(8))}
	again, err := w.StartPhoneVerification(t.Context(), w.app, n)
	if err != nil {
		t.Fatal(err)
	}
	v := again.Verification
	if v.UUID != first.Verification.UUID || v.Code != first.Verification.Code || v.SecondsToExpire(w.clock.Now()) != 0 ||
		v.Via != onetouch.ChannelCall || v.Locale != "es" {
		t.Errorf("asked again it is %+v, want %+v", again, first)
	}
	spoken := strings.Join(strings.Split(v.Code, ""), " ")
	if body := again.Message.Body; body != "Tu código de verificación de Acme Bank es: "+spoken || again.Message.Channel != "call" {
		t.Errorf("the call says %q", body)
	}
	w.clock.Advance(time.Second)
	_, err = w.checkVerification("2025550158", v.Code)
	w.refused("code whose time is over", err, onetouch.CodePhoneVerificationNotFound)
	third, err := w.StartPhoneVerification(t.Context(), w.app, n)
	if err != nil || third.Verification.UUID == first.Verification.UUID || len(third.Verification.Code) != 8 {
		t.Errorf("after its life it is %+v, %v", third, err)
	}
	if _, err := w.checkVerification("2025550158", third.Verification.Code); err != nil {
		t.Errorf("the new code: %v", err)
	}
}

func TestVerificationStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.mustStartVerification("202-555-0158").Verification
	expect := func(want onetouch.VerificationStatus, seconds int) {
		t.Helper()
		byUUID, err := w.PhoneVerificationStatus(t.Context(), w.app, v.UUID, "", "")
		if err != nil {
			t.Fatal(err)
		}
		byPhone, err := w.PhoneVerificationStatus(t.Context(), w.app, "", "1", "202 555 0158")
		if err != nil {
			t.Fatal(err)
		}
		w.same("by phone", byPhone, byUUID)
		now := w.clock.Now()
		if got := byUUID.Status(now); got != want || byUUID.SecondsToExpire(now) != seconds {
			t.Errorf("it is %s with %d seconds, want %s with %d", got, byUUID.SecondsToExpire(now), want, seconds)
		}
	}
	expect(onetouch.VerificationPending, 599)
	w.clock.Advance(10*time.Minute - time.Millisecond)
	expect(onetouch.VerificationPending, 0)
	w.clock.Advance(time.Millisecond)
	expect(onetouch.VerificationExpired, 0)
	v = w.mustStartVerification("202-555-0158").Verification
	if _, err := w.checkVerification("202-555-0158", v.Code); err != nil {
		t.Fatal(err)
	}
	expect(onetouch.VerificationVerified, 0)
	w.clock.Advance(time.Hour)
	expect(onetouch.VerificationVerified, 0)

	for name, ask := range map[string]func() error{
		"unknown UUID":   func() error { return second(w.PhoneVerificationStatus(t.Context(), w.app, "none", "", "")) },
		"unknown number": func() error { return second(w.PhoneVerificationStatus(t.Context(), w.app, "", "1", "2025550159")) },
	} {
		w.refused(name, ask(), onetouch.CodePhoneVerificationNotFound)
	}
	w.refused("no number", second(w.PhoneVerificationStatus(t.Context(), w.app, "", "1", "")), onetouch.CodeInvalidParameter)
}

// Five wrong codes end a verification, and the right one comes too late; another of the same phone begins with its time.
func TestWrongVerificationCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.mustStartVerification("202-555-0158").Verification.Code
	for range 5 {
		_, err := w.checkVerification("202-555-0158", code+"0")
		w.refused("wrong code", err, onetouch.CodePhoneVerificationIncorrect)
		if got := err.Error(); got != "Verification code is incorrect" {
			t.Errorf("the refusal says %q", got)
		}
	}
	for range 2 {
		_, err := w.checkVerification("202-555-0158", code)
		w.limitedUntil("right code, too late", err, onetouch.CodeTooManyChecks, noon().Add(10*time.Minute))
	}
	again := w.mustStartVerification("202-555-0158") // the same one
	_, err := w.checkVerification("202-555-0158", again.Verification.Code)
	w.refused("code that was sent again", err, onetouch.CodeTooManyChecks)
	log := w.log()
	w.same("log", log[5:9], []onetouch.EventType{
		onetouch.EventVerificationInvalid, onetouch.EventVerificationFailed, onetouch.EventTooManyChecks,
		onetouch.EventTooManyChecks,
	})
	w.clock.Advance(10 * time.Minute)
	next := w.mustStartVerification("202-555-0158")
	if _, err := w.checkVerification("202-555-0158", next.Verification.Code); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

func TestCustomCodesAndMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := onetouch.NewPhoneVerification{CountryCode: "1", PhoneNumber: "2025550158"}
	code, message := n, n
	code.CustomCode, message.CustomMessage = "0123456789", "Acme {{code}}!"
	w.changesNothing("custom code", func() {
		_, err := w.StartPhoneVerification(t.Context(), w.app, code)
		w.refused("custom code", err, onetouch.CodePhoneVerificationNotCreated)
		if got := err.Error(); got != "Phone verification couldn't be created: custom codes are not allowed." {
			t.Errorf("the refusal says %q", got)
		}
	})
	_, err := w.StartPhoneVerification(t.Context(), w.app, message)
	w.refused("custom message", err, onetouch.CodeCustomMessageNotAllowed)
	w.same("log", w.log(), []onetouch.EventType{onetouch.EventCustomMessage})
	w.same("inbox", w.inbox(), []onetouch.Message(nil))

	w.app = w.ensure(onetouch.ApplicationSettings{CustomCodesEnabled: set(true)})
	first := w.mustStartVerification("2025550158")
	code.CustomMessage, code.CodeLength = "Your code:", set(int64(4))
	second, err := w.StartPhoneVerification(t.Context(), w.app, code)
	if err != nil || second.Verification.UUID != first.Verification.UUID || second.Message.Body != "Your code: 0123456789" {
		t.Errorf("with its own code and message: %+v, %v", second, err)
	}
	third, err := w.StartPhoneVerification(t.Context(), w.app, message)
	if err != nil || third.Message.Body != "Acme 0123456789!" {
		t.Errorf("with its own message: %+v, %v", third.Message, err)
	}
	_, err = w.checkVerification("2025550158", first.Verification.Code)
	w.refused("code that was replaced", err, onetouch.CodePhoneVerificationIncorrect)
	if _, err := w.checkVerification("2025550158", "0123456789"); err != nil {
		t.Errorf("its own code: %v", err)
	}
}

func TestTextsOfPhoneVerification(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for locale, want := range map[string]string{
		"":      "Your Acme Bank verification code is: ",
		"es":    "Tu código de verificación de Acme Bank es: ",
		"fr":    "Votre code de vérification Acme Bank est : ",
		"de":    "Ihr Bestätigungscode für Acme Bank lautet: ",
		"pt-BR": "Seu código de verificação de Acme Bank é: ",
		"it":    "Il tuo codice di verifica Acme Bank è: ",
		"nl":    "Je verificatiecode voor Acme Bank is: ",
		"ja":    "Acme Bank の認証コードは ",
		"zh-HK": "Your Acme Bank verification code is: ",
	} {
		for _, via := range []string{"sms", "call"} {
			started, err := w.StartPhoneVerification(t.Context(), w.app, onetouch.NewPhoneVerification{
				CountryCode: "54", PhoneNumber: "317-338-9302", Via: via, Locale: locale,
			})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(started.Message.Body, want) || started.Message.Locale != locale {
				t.Errorf("%s by %s: %q", locale, via, started.Message.Body)
			}
		}
	}
}

// All 35 tags of the documentation are taken, in any writing.
func TestLocalesOfPhoneVerification(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.ApplicationSettings{LimitSettings: onetouch.LimitSettings{TokensPerHour: set(0)}})
	tags := strings.Fields("af ar ca zh zh-CN zh-HK hr cs da nl en fi fr de el he hi hu id it ja ko ms nb pl pt-BR pt ro ru es sv tl th tr vi")
	if len(tags) != 35 {
		t.Fatalf("%d tags", len(tags))
	}
	for _, tag := range append(tags, "PT_br", "zh-hk", "EN") {
		_, err := w.StartPhoneVerification(t.Context(), w.app, onetouch.NewPhoneVerification{
			CountryCode: "1", PhoneNumber: "2025550158", Locale: tag,
		})
		if err != nil {
			t.Errorf("%s: %v", tag, err)
		}
	}
}

func TestRefusedPhoneVerifications(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.ApplicationSettings{CustomCodesEnabled: set(true)})
	sound := onetouch.NewPhoneVerification{CountryCode: "1", PhoneNumber: "2025550158"}
	for name, test := range map[string]struct {
		change func(*onetouch.NewPhoneVerification)
		want   onetouch.Code
		says   string
	}{
		"no number":           {func(n *onetouch.NewPhoneVerification) { n.PhoneNumber = " " }, onetouch.CodeInvalidParameter, "phone_number - Parameter is required"},
		"no country":          {func(n *onetouch.NewPhoneVerification) { n.CountryCode = "" }, onetouch.CodeInvalidParameter, "country_code - Parameter is required"},
		"short number":        {func(n *onetouch.NewPhoneVerification) { n.PhoneNumber = "123" }, onetouch.CodePhoneNumberInvalid, "Phone number is invalid"},
		"local number":        {func(n *onetouch.NewPhoneVerification) { n.CountryCode, n.PhoneNumber = "54", "555-9302" }, onetouch.CodePhoneNumberInvalid, "invalid"},
		"long number":         {func(n *onetouch.NewPhoneVerification) { n.PhoneNumber = "123456789012345" }, onetouch.CodePhoneNumberInvalid, "invalid"},
		"letters":             {func(n *onetouch.NewPhoneVerification) { n.PhoneNumber = "abc-1234567" }, onetouch.CodePhoneNumberInvalid, "invalid"},
		"no such country":     {func(n *onetouch.NewPhoneVerification) { n.CountryCode = "1234" }, onetouch.CodePhoneNumberInvalid, "invalid"},
		"country in words":    {func(n *onetouch.NewPhoneVerification) { n.CountryCode = "US" }, onetouch.CodePhoneNumberInvalid, "invalid"},
		"unknown way":         {func(n *onetouch.NewPhoneVerification) { n.Via = "fax" }, onetouch.CodePhoneVerificationInvalid, "via - must be sms or call"},
		"locale in bad case":  {func(n *onetouch.NewPhoneVerification) { n.Locale = "x-BR" }, onetouch.CodePhoneVerificationInvalid, "pt-BR, ro"},
		"unknown locale":      {func(n *onetouch.NewPhoneVerification) { n.Locale = "tlh" }, onetouch.CodePhoneVerificationInvalid, "locale - must be one of"},
		"short code":          {func(n *onetouch.NewPhoneVerification) { n.CodeLength = set(int64(3)) }, onetouch.CodePhoneVerificationInvalid, "code_length - must be from 4 to 10"},
		"long code":           {func(n *onetouch.NewPhoneVerification) { n.CodeLength = set(int64(11)) }, onetouch.CodePhoneVerificationInvalid, "code_length"},
		"short custom code":   {func(n *onetouch.NewPhoneVerification) { n.CustomCode = "123" }, onetouch.CodePhoneVerificationInvalid, "custom_code - must be 4 to 10 digits"},
		"custom code letters": {func(n *onetouch.NewPhoneVerification) { n.CustomCode = "12a4" }, onetouch.CodePhoneVerificationInvalid, "custom_code"},
		"long message":        {func(n *onetouch.NewPhoneVerification) { n.CustomMessage = strings.Repeat("m", 1601) }, onetouch.CodePhoneVerificationInvalid, "custom_message"},
	} {
		w.changesNothing(name, func() {
			n := sound
			test.change(&n)
			_, err := w.StartPhoneVerification(t.Context(), w.app, n)
			w.refused(name, err, test.want)
			if err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: the refusal says %q, want %q", name, err, test.says)
			}
		})
	}
	w.changesNothing("checks", func() {
		for code, number := range map[string]string{"1234": "123", "": "2025550158"} {
			_, err := w.checkVerification(number, code)
			want := onetouch.CodePhoneNumberInvalid
			if code == "" {
				want = onetouch.CodeInvalidParameter
			}
			w.refused("check of "+number, err, want)
		}
	})
}

// Numbers that numbering plans do not have are taken, as the service took them.
func TestLenientNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, number := range []string{"111-111-1111", "192-967-1234", "432-123-1211", "305-456-2345", "201-555-0123"} {
		if _, err := w.startVerification(number); err != nil {
			t.Errorf("%s: %v", number, err)
		}
	}
	for country, number := range map[string]string{"298": "201234", "354": "5551234", "45": "20123456"} {
		if _, err := w.PhoneInfo(t.Context(), w.app, country, number); err != nil {
			t.Errorf("+%s %s: %v", country, number, err)
		}
	}
}

// plan is a numbering plan for tests: numbers that begin with 1 do not exist, those with 2 are landlines.
type plan struct{}

func (plan) Line(n onetouch.PhoneNumber) (onetouch.Line, bool) {
	switch n.National[0] {
	case '1':
		return "", false
	case '2':
		return onetouch.LineLandline, true
	case '9':
		return onetouch.LineVoIP, true
	default:
		return onetouch.LineUnknown, true
	}
}

func TestStrictNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Service = onetouch.NewService(w.store, onetouch.Options{Clock: w.clock, Random: newRandom(2), Numbering: plan{}})
	missing, landline, other := "111-111-1111", "202-555-0158", "302-555-0158"
	for _, number := range []string{missing, landline, other} {
		w.addUser(number)
		w.mustStartVerification(number)
	}
	w.app = w.ensure(onetouch.ApplicationSettings{StrictPhoneNumbers: set(true)})
	_, err := w.AddUser(t.Context(), w.app.ID, onetouch.NewUser{Email: "ada@example.com", Cellphone: "112-111-1111"})
	w.refused("user", err, onetouch.CodeUserNotValid)
	w.addUser("212-555-0158")
	for name, err := range map[string]error{
		"start": second(w.startVerification(missing)), "check": second(w.checkVerification(missing, "1234")),
		"info":   second(w.PhoneInfo(t.Context(), w.app, "1", missing)),
		"status": second(w.PhoneVerificationStatus(t.Context(), w.app, "", "1", missing)),
	} {
		w.refused(name, err, onetouch.CodePhoneNumberInvalid)
	}
	_, err = w.startVerification(landline)
	w.refused("text to a landline", err, onetouch.CodeSMSToLandline)
	_, err = w.StartPhoneVerification(t.Context(), w.app, onetouch.NewPhoneVerification{CountryCode: "1", PhoneNumber: landline, Via: "call"})
	if err != nil {
		t.Errorf("call to a landline: %v", err)
	}
	w.mustStartVerification(other)
}

func TestPhoneInfo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lines, providers, ported := map[onetouch.Line]int{}, map[string]bool{}, 0
	for i := range 1000 {
		number := fmt.Sprintf("202555%04d", i)
		info, err := w.PhoneInfo(t.Context(), w.app, "1", number)
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.PhoneInfo(t.Context(), w.app, "+1", "(202) 555-"+number[6:])
		if err != nil || again != info || !info.AsOf.Equal(noon()) {
			t.Fatalf("%s: %+v, then %+v, %v", number, info, again, err)
		}
		lines[info.Line]++
		providers[info.Provider] = true
		if info.Ported {
			ported++
		}
		if info.Provider == "" || info.Ported && info.Line != onetouch.LineCellphone {
			t.Errorf("%s: %+v", number, info)
		}
	}
	if lines["cellphone"] < 500 || lines["landline"] < 50 || lines["voip"] < 20 || len(lines) != 3 || len(providers) < 8 || ported == 0 {
		t.Errorf("lines %v, providers %v, %d ported: want most of them mobiles, of many providers", lines, providers, ported)
	}
	for _, country := range []string{"1", "33", "44", "57", "999"} {
		if info, err := w.PhoneInfo(t.Context(), w.app, country, "20 7946 0958"); err != nil || info.Provider == "" {
			t.Errorf("country %s: %+v, %v", country, info, err)
		}
	}
	_, err := w.PhoneInfo(t.Context(), w.app, "1", "123")
	w.refused("short number", err, onetouch.CodePhoneNumberInvalid)
	w.Service = onetouch.NewService(w.store, onetouch.Options{Clock: w.clock, Numbering: plan{}})
	for number, want := range map[string]onetouch.Line{"202-555-0158": "landline", "902-555-0158": "voip"} {
		if info, err := w.PhoneInfo(t.Context(), w.app, "1", number); err != nil || info.Line != want {
			t.Errorf("%s by its plan: %+v, %v", number, info, err)
		}
	}
}
