package onetouch_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

func TestAnswer(t *testing.T) {
	t.Parallel()
	for _, status := range []string{evidence.Approved, evidence.Denied} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ada := w.addUser("202-555-0158")
			p, asked := w.register(ada), w.ask(ada, question())
			ada = w.known(ada)
			w.clock.Advance(19 * time.Second)
			statement := w.statement(p, asked, status)
			statement.Reason, statement.IssuedAt = "it is me", w.clock.Now().Unix()-3
			jws, err := evidence.Sign(p.Key, statement)
			if err != nil {
				t.Fatal(err)
			}
			got, err := w.Answer(t.Context(), p.Device, asked.UUID, jws)
			if err != nil {
				t.Fatal(err)
			}
			want := asked
			want.Status, want.ProcessedAt, want.UpdatedAt = onetouch.Status(status), w.clock.Now(), w.clock.Now()
			want.Answer = onetouch.Answer{
				DeviceID: p.ID, Reason: "it is me", SignedAt: w.clock.Now().Add(-3 * time.Second), JWS: jws,
			}
			record := onetouch.RequestRecord{Application: w.app, User: ada, Request: want, Device: p.Device}
			record.Request.Logos = got.Request.Logos
			w.same("what the device is told", got, record)
			read, err := w.ApprovalRequest(t.Context(), w.app.ID, asked.UUID)
			if err != nil {
				t.Fatal(err)
			}
			w.same("what the backend reads", read, record)

			e := w.everything()
			callback := e.Deliveries[0].Delivery
			w.same("the callback that is owed", callback, onetouch.Delivery{
				ID: callback.ID, AppID: w.app.ID, Kind: onetouch.DeliveryCallback, RequestUUID: asked.UUID, Method: "POST",
				URL: callbackURL, State: onetouch.DeliveryPending, NextAttemptAt: w.clock.Now(), CreatedAt: w.clock.Now(),
			})
			last := e.Events[len(e.Events)-1]
			w.same("the event", last, onetouch.Event{
				Sequence: last.Sequence, At: w.clock.Now(), Type: onetouch.EventRequestResponded, AppID: w.app.ID,
				AuthyID: ada.AuthyID, DeviceID: p.ID, RequestUUID: asked.UUID, Note: status,
			})
		})
	}
}

// Years later the answer still proves who said yes to what, without the service.
func TestAnswerIsKeptAsEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, asked := w.register(ada), w.ask(ada, question())
	w.mustAnswer(p, asked, evidence.Approved)
	record, err := w.ApprovalRequest(t.Context(), w.app.ID, asked.UUID)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := evidence.Parse(record.Request.Answer.JWS)
	if err != nil {
		t.Fatal(err)
	}
	key, err := evidence.ParsePublicKey(record.Device.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	digest, err := record.Request.Shown().Digest()
	if err != nil {
		t.Fatal(err)
	}
	if err := signed.Verify(key); err != nil || signed.Statement.DetailsSHA256 != digest || key.ID() != record.Device.KeyID {
		t.Errorf("the evidence does not hold: %v, digest %s of %s", err, signed.Statement.DetailsSHA256, digest)
	}
}

func TestAnswerToAnApplicationThatPolls(t *testing.T) {
	t.Parallel()
	none := ""
	w := newWorld(t, onetouch.ApplicationSettings{CallbackURL: &none})
	ada := w.addUser("202-555-0158")
	p, asked := w.register(ada), w.ask(ada, question())
	w.mustAnswer(p, asked, evidence.Approved)
	callbacks, err := w.Deliveries(t.Context(), onetouch.DeliveryFilter{Kinds: []onetouch.DeliveryKind{onetouch.DeliveryCallback}})
	if err != nil || len(callbacks) != 0 {
		t.Errorf("got %v, %v, want no callbacks", callbacks, err)
	}
}

// An answer that is wrong in every way meets the refusals in the documented order: as each fault is mended, the next one
// shows. None of them changes anything, and the mended answer is taken.
func TestRefusalsOfAnAnswerComeInTheirOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.addUser("202-555-0158"), w.addUser("202-555-0159")
	p, bobs, other := w.register(ada), w.register(bob), w.register(ada)
	foreign, asked := w.ask(bob, question()), w.ask(ada, lasting(3600))
	answered, expired := w.ask(ada, lasting(60)), w.ask(ada, lasting(60))
	w.mustAnswer(other, answered, evidence.Denied)
	w.clock.Advance(time.Minute)

	// The worst answer: nothing in it is right but that it can be read.
	statement := evidence.Statement{
		UUID: "another", Status: "maybe", Challenge: "guessed", DeviceID: other.ID, IssuedAt: noon().Add(-time.Hour).Unix(),
		DetailsSHA256: "0000", Reason: strings.Repeat("r", 201),
	}
	key, uuid, signedText := bobs.Key, foreign.UUID, "not a JWS"
	sign := func() {
		t.Helper()
		var err error
		if signedText, err = evidence.Sign(key, statement); err != nil {
			t.Fatal(err)
		}
	}
	right := w.statement(p, asked, evidence.Approved)
	for _, step := range []struct {
		refusedAs onetouch.Code
		because   string
		mend      func()
	}{
		{onetouch.CodeApprovalRequestNotFound, "the request is another user's", func() { uuid = answered.UUID }},
		{onetouch.CodeApprovalRequestNotPending, "the request was answered", func() { uuid = expired.UUID }},
		{onetouch.CodeApprovalRequestExpired, "the request has expired", func() { uuid = asked.UUID }},
		{onetouch.CodeTokenMalformed, "the text is no JWS", sign},
		{onetouch.CodeTokenMalformed, "the statement is about another request", func() { statement.UUID = asked.UUID; sign() }},
		{onetouch.CodeTokenMalformed, "the statement is by another device", func() { statement.DeviceID = p.ID; sign() }},
		{onetouch.CodeTokenMalformed, "the status is no answer", func() { statement.Status = evidence.Approved; sign() }},
		{onetouch.CodeInvalidParameter, "the reason is too long", func() { statement.Reason = "it is me"; sign() }},
		{onetouch.CodeChallengeMismatch, "the challenge is guessed", func() { statement.Challenge = right.Challenge; sign() }},
		{onetouch.CodeIssuedAtSkewed, "it was signed long ago", func() { statement.IssuedAt = right.IssuedAt; sign() }},
		{onetouch.CodeSignatureInvalid, "it was signed by another's key", func() { key = p.Key; sign() }},
		{onetouch.CodeDigestMismatch, "the user saw something else", func() { statement.DetailsSHA256 = right.DetailsSHA256; sign() }},
	} {
		w.changesNothing(step.because, func() {
			_, err := w.Answer(t.Context(), p.Device, uuid, signedText)
			w.refused(step.because, err, step.refusedAs)
		})
		step.mend()
	}
	if _, err := w.Answer(t.Context(), p.Device, uuid, signedText); err != nil {
		t.Errorf("the mended answer: %v", err)
	}
}

func TestAnswerThatIsNotSignedByTheDevicesOwnKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, other, asked := w.register(ada), w.register(ada), w.ask(ada, question())
	statement, err := json.Marshal(w.statement(p, asked, evidence.Approved))
	if err != nil {
		t.Fatal(err)
	}
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	unsigned := func(header string) string { return encode(header) + "." + encode(string(statement)) + "." }
	byOther, err := evidence.Sign(other.Key, w.statement(p, asked, evidence.Approved))
	if err != nil {
		t.Fatal(err)
	}
	sound := w.sign(p, asked, evidence.Approved)
	head, payload, _ := strings.Cut(sound, ".")
	payload, signature, _ := strings.Cut(payload, ".")
	denied := encode(strings.Replace(string(statement), evidence.Approved, evidence.Denied, 1))
	for what, jws := range map[string]string{
		"algorithm none":                    unsigned(`{"alg":"none","typ":"onetouch-answer+jws"}`),
		"HMAC":                              unsigned(`{"alg":"HS256","typ":"onetouch-answer+jws"}`) + encode(string(p.PublicKey)),
		"another device of the user":        byOther,
		"approval turned into a denial":     head + "." + denied + "." + signature,
		"signature of another answer":       head + "." + payload + "." + strings.Repeat("A", len(signature)),
		"signature of another announcement": encode(`{"alg":"ES256"}`) + "." + payload + "." + signature,
	} {
		w.changesNothing(what, func() {
			_, err := w.Answer(t.Context(), p.Device, asked.UUID, jws)
			w.refused(what, err, onetouch.CodeSignatureInvalid)
		})
	}
	if _, err := w.Answer(t.Context(), p.Device, asked.UUID, sound); err != nil {
		t.Errorf("the sound answer: %v", err)
	}
}

// Each fault alone is enough, in a statement that is signed by the right key.
func TestAnswerWithOneFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, other := w.register(ada), w.register(ada)
	asked, twin := w.ask(ada, question()), w.ask(ada, question())
	for what, test := range map[string]struct {
		spoil func(*evidence.Statement)
		want  onetouch.Code
	}{
		"another request":       {func(s *evidence.Statement) { s.UUID = twin.UUID }, onetouch.CodeTokenMalformed},
		"another device":        {func(s *evidence.Statement) { s.DeviceID = other.ID }, onetouch.CodeTokenMalformed},
		"expired as an answer":  {func(s *evidence.Statement) { s.Status = "expired" }, onetouch.CodeTokenMalformed},
		"pending as an answer":  {func(s *evidence.Statement) { s.Status = "pending" }, onetouch.CodeTokenMalformed},
		"capitals":              {func(s *evidence.Statement) { s.Status = "Approved" }, onetouch.CodeTokenMalformed},
		"challenge of the twin": {func(s *evidence.Statement) { s.Challenge = twin.Challenge }, onetouch.CodeChallengeMismatch},
		"digest in capitals": {func(s *evidence.Statement) {
			s.DetailsSHA256 = strings.ToUpper(s.DetailsSHA256)
		}, onetouch.CodeDigestMismatch},
		"201 characters of reason": {func(s *evidence.Statement) {
			s.Reason = strings.Repeat("é", 201)
		}, onetouch.CodeInvalidParameter},
	} {
		statement := w.statement(p, asked, evidence.Approved)
		test.spoil(&statement)
		jws, err := evidence.Sign(p.Key, statement)
		if err != nil {
			t.Fatal(err)
		}
		w.changesNothing(what, func() {
			_, err = w.Answer(t.Context(), p.Device, asked.UUID, jws)
			w.refused(what, err, test.want)
		})
	}
	statement := w.statement(p, asked, evidence.Approved)
	statement.Reason = strings.Repeat("é", 200)
	jws, err := evidence.Sign(p.Key, statement)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Answer(t.Context(), p.Device, asked.UUID, jws); err != nil {
		t.Errorf("200 characters of reason: %v", err)
	}
}

// risingClock shows each time of a list once, then the last.
type risingClock struct {
	onetouch.Clock
	times chan time.Time
	last  time.Time
}

func (c *risingClock) Now() time.Time {
	select {
	case t := <-c.times:
		return t
	default:
		return c.last
	}
}

// However long the check of an answer takes, the request's end is its end.
func TestRequestThatExpiresWhileItsAnswerIsChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p := w.register(ada)
	for looks := range 4 {
		asked := w.ask(ada, lasting(60)) // another one: that it was over is written down once it was told
		clock := &risingClock{Clock: w.clock, times: make(chan time.Time, 4), last: asked.ExpiresAt}
		for range looks {
			clock.times <- noon()
		}
		service := onetouch.NewService(w.store.Store, onetouch.Options{Clock: clock}) // which runs a change once: so looks are counted
		_, err := service.Answer(t.Context(), p.Device, asked.UUID, w.sign(p, asked, evidence.Approved))
		if looks < 3 { // as it is read, as it is checked, as it is written: the last one counts
			w.refused("answer that becomes late", err, onetouch.CodeApprovalRequestExpired)
		} else if err != nil {
			t.Errorf("answer in time: %v", err)
		}
	}
}

// A service that shows one thing and keeps another cannot use the answer.
func TestAnswerToDetailsThatWereTamperedWith(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, asked := w.register(ada), w.ask(ada, question())
	for what, tamper := range map[string]func(*onetouch.ApprovalRequest){
		"amount":           func(r *onetouch.ApprovalRequest) { r.Details[1].Value = "$1" },
		"detail left out":  func(r *onetouch.ApprovalRequest) { r.Details = r.Details[:1] },
		"message":          func(r *onetouch.ApprovalRequest) { r.Message = "Log in?" },
		"application name": func(r *onetouch.ApprovalRequest) { r.AppName = "Other Bank" },
	} {
		shown := asked
		shown.Details = append(shown.Details[:0:0], asked.Details...)
		tamper(&shown)
		w.changesNothing(what, func() {
			_, err := w.answer(p, shown, evidence.Approved)
			w.refused(what, err, onetouch.CodeDigestMismatch)
		})
	}
	reordered := asked
	reordered.Details = append(reordered.Details[:0:0], asked.Details[1], asked.Details[0])
	w.mustAnswer(p, reordered, evidence.Approved) // the order is a matter of the screen
}

func TestReplayedAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, first, second := w.register(ada), w.ask(ada, question()), w.ask(ada, question())
	jws := w.sign(p, first, evidence.Approved)
	if _, err := w.Answer(t.Context(), p.Device, first.UUID, jws); err != nil {
		t.Fatal(err)
	}
	w.changesNothing("replay", func() {
		_, err := w.Answer(t.Context(), p.Device, first.UUID, jws)
		w.refused("the same answer again", err, onetouch.CodeApprovalRequestNotPending)
		_, err = w.Answer(t.Context(), p.Device, second.UUID, jws)
		w.refused("the same answer to the same question, asked again", err, onetouch.CodeTokenMalformed)
		_, err = w.answer(p, first, evidence.Denied)
		w.refused("another answer", err, onetouch.CodeApprovalRequestNotPending)
	})
	if got := w.status(first); got != onetouch.StatusApproved {
		t.Errorf("the request is %s, want approved", got)
	}
}

func TestClockSkewOfADevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p := w.register(ada)
	for _, test := range []struct {
		skew time.Duration
		want onetouch.Code
	}{
		{onetouch.MaxClockSkew, ""},
		{-onetouch.MaxClockSkew, ""},
		{onetouch.MaxClockSkew + time.Second, onetouch.CodeIssuedAtSkewed},
		{-onetouch.MaxClockSkew - time.Second, onetouch.CodeIssuedAtSkewed},
		{time.Duration(1<<63 - 1), onetouch.CodeIssuedAtSkewed},
	} {
		asked := w.ask(ada, question())
		statement := w.statement(p, asked, evidence.Approved)
		statement.IssuedAt += int64(test.skew / time.Second)
		jws, err := evidence.Sign(p.Key, statement)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Answer(t.Context(), p.Device, asked.UUID, jws)
		if got := onetouch.CodeOf(err); got != test.want {
			t.Errorf("clock that is off by %s: got %q, want %q", test.skew, got, test.want)
		}
	}
}

func TestRemovedDeviceCannotAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, asked := w.register(ada), w.ask(ada, question())
	if err := w.RemoveDevice(t.Context(), w.app.ID, p.ID); err != nil {
		t.Fatal(err)
	}
	w.changesNothing("removed device", func() {
		_, err := w.answer(p, asked, evidence.Approved) // with what the device was when its call began
		w.refused("removed device", err, onetouch.CodeAccessTokenInvalid)
	})
}

// Two devices answer at the same instant, one yes and one no: one is taken, the other is told that it came too late.
func TestDevicesAnswerAtTheSameInstant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	phones := []phone{w.register(ada), w.register(ada)}
	answers := []string{evidence.Approved, evidence.Denied}
	for range 25 {
		asked := w.ask(ada, question())
		var race sync.WaitGroup
		var errs [2]error
		ready := make(chan struct{})
		for i, p := range phones {
			jws := w.sign(p, asked, answers[i])
			race.Go(func() {
				<-ready
				_, errs[i] = w.Answer(t.Context(), p.Device, asked.UUID, jws)
			})
		}
		close(ready)
		race.Wait()
		winner := 0
		if errs[0] != nil {
			winner = 1
		}
		if errs[winner] != nil {
			t.Fatalf("nobody has won: %v", errs)
		}
		w.refused("the slower device", errs[1-winner], onetouch.CodeApprovalRequestNotPending)
		record, err := w.ApprovalRequest(t.Context(), w.app.ID, asked.UUID)
		if err != nil {
			t.Fatal(err)
		}
		if record.Device.ID != phones[winner].ID || string(record.Request.Status) != answers[winner] {
			t.Errorf("device %d has won, and the request is %s by %d", phones[winner].ID, record.Request.Status, record.Device.ID)
		}
		callbacks, err := w.Deliveries(t.Context(),
			onetouch.DeliveryFilter{RequestUUID: asked.UUID, Kinds: []onetouch.DeliveryKind{onetouch.DeliveryCallback}})
		if err != nil || len(callbacks) != 1 {
			t.Errorf("%d callbacks are owed (%v), want one", len(callbacks), err)
		}
	}
}
