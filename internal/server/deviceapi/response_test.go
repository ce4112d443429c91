package deviceapi_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

func TestAnswer(t *testing.T) {
	t.Parallel()
	for _, alg := range []evidence.Algorithm{evidence.ES256, evidence.RS256} {
		for _, status := range []string{evidence.Approved, evidence.Denied} {
			t.Run(string(alg)+" "+status, func(t *testing.T) {
				t.Parallel()
				f := setUp(t)
				d := f.register(alg)
				r := f.ask("Send $12,400 to ACME?")
				f.clock.Advance(19 * time.Second)
				s := d.statement(r)
				s.Status, s.IssuedAt = status, f.clock.Now().Unix()-7
				if status == evidence.Denied {
					s.Reason = "It was not me — gewiß"
				}
				jws := d.sign(s)
				got := d.respond(r.UUID, jws).members()
				for name, want := range map[string]any{
					"status": status, "reason": s.Reason, "device_uuid": d.uuid, "signing_time": float64(s.IssuedAt),
				} {
					if got[name] != want {
						t.Errorf("%s is %v, want %v", name, got[name], want)
					}
				}
				if _, given := got["challenge"]; given {
					t.Error("an answered request still has its challenge")
				}
				if diff := cmp.Diff(got, d.call(http.MethodGet, "/approval_requests/"+r.UUID, nil).members()); diff != "" {
					t.Errorf("fetched again (-answer +fetched):\n%s", diff)
				}
				kept := f.state().Requests[0]
				if kept.Answer.JWS != jws || kept.Status != onetouch.Status(status) || !kept.ProcessedAt.Equal(f.clock.Now()) {
					t.Errorf("kept %+v", kept)
				}
			})
		}
	}
}

// The clock of a device may be off by five minutes to either side, and not by a second more.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	for _, seconds := range []int64{-301, 301, -3600, 3600} {
		r := f.ask("Log in?")
		s := d.statement(r)
		s.IssuedAt += seconds
		f.changesNothing(func() {
			d.respond(r.UUID, d.sign(s)).refused("issued_at_skewed", "1512923400")
		})
	}
	for _, seconds := range []int64{-300, 300} {
		r := f.ask("Log in?")
		s := d.statement(r)
		s.IssuedAt += seconds
		d.respond(r.UUID, d.sign(s)).members()
	}
}

// What is wrong with the body is said before anything about the request.
func TestResponseBodyRefused(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	r := f.ask("Log in?")
	path := "/approval_requests/" + r.UUID + "/response"
	for body, code := range map[string]onetouch.Code{
		"":                          "invalid_request",
		"[]":                        "invalid_request",
		`"jws"`:                     "invalid_request",
		`{"jws":"e30`:               "invalid_request",
		`{"jws":7}`:                 "invalid_request",
		`{"jws":["a"]}`:             "invalid_request",
		`{"jws":"a","jws":"b"}`:     "invalid_request",
		`{"jws":"a"} {}`:            "invalid_request",
		`{"jws":"a"}x`:              "invalid_request",
		`{}`:                        "invalid_parameter",
		`{"jws":null}`:              "invalid_parameter",
		`{"JWS":"a"}`:               "invalid_parameter",
		`{"jws":""}`:                "invalid_parameter",
		"{\"jws\":\"\xff\"}":        "invalid_encoding",
		"\xff":                      "invalid_encoding",
		`{"jws":"\ud800"}`:          "invalid_encoding",
		`{"jws":"\ud800\u0041"}`:    "invalid_encoding",
		strings.Repeat("x", 10<<20): "body_too_large",
	} {
		f.changesNothing(func() { d.call(http.MethodPost, path, body).refused(code) })
	}
}

// forgery is one way to answer a request wrongly.
type forgery struct {
	answer func(*testing.T, *fixture, *device, onetouch.ApprovalRequest) string // the JWS
	code   onetouch.Code
	says   string
}

// changed is a sound signature of a wrong statement.
func changed(change func(*evidence.Statement), code onetouch.Code, says string) forgery {
	return forgery{func(_ *testing.T, _ *fixture, d *device, r onetouch.ApprovalRequest) string {
		s := d.statement(r)
		change(&s)
		return d.sign(s)
	}, code, says}
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// compact puts a JWS together by hand. With a secret the signature is an HMAC by it.
func compact(t *testing.T, header map[string]any, s evidence.Statement, signature, secret []byte) string {
	t.Helper()
	input := encode(toJSON(t, header)) + "." + encode(toJSON(t, s))
	if secret != nil {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(input))
		signature = mac.Sum(nil)
	}
	return input + "." + encode(signature)
}

func header(alg, kid string) map[string]any {
	return map[string]any{"alg": alg, "kid": kid, "typ": "onetouch-answer+jws"}
}

func forgeries() map[string]forgery {
	return map[string]forgery{
		"not a JWS": {func(*testing.T, *fixture, *device, onetouch.ApprovalRequest) string { return "yes" },
			"token_malformed", "compact JWS"},
		"payload is no statement": {func(t *testing.T, _ *fixture, d *device, _ onetouch.ApprovalRequest) string {
			return encode(toJSON(t, header("ES256", d.key.Public().ID()))) + "." + encode([]byte("{}")) + ".AAAA"
		}, "token_malformed", ""},
		"a JWS of 17 KiB": {func(_ *testing.T, _ *fixture, d *device, r onetouch.ApprovalRequest) string {
			s := d.statement(r)
			s.Reason = strings.Repeat("x", 13<<10)
			return d.sign(s)
		}, "token_malformed", ""},
		"for another request": changed(func(s *evidence.Statement) { s.UUID = "00000000-0000-4000-8000-000000000000" },
			"token_malformed", "uuid"),
		"by another device": changed(func(s *evidence.Statement) { s.DeviceID++ }, "token_malformed", "device_id"),
		"status expired":    changed(func(s *evidence.Statement) { s.Status = "expired" }, "token_malformed", "status"),
		"status APPROVED":   changed(func(s *evidence.Statement) { s.Status = "APPROVED" }, "token_malformed", "status"),
		"long reason": changed(func(s *evidence.Statement) { s.Reason = strings.Repeat("ä", 201) },
			"invalid_parameter", "reason"),
		"another challenge": changed(func(s *evidence.Statement) { s.Challenge = "c29tZSBjaGFsbGVuZ2U" }, "challenge_mismatch", "Fetch"),
		"challenge cut off": changed(func(s *evidence.Statement) { s.Challenge = s.Challenge[:10] }, "challenge_mismatch", ""),
		"no digest":         changed(func(s *evidence.Statement) { s.DetailsSHA256 = "" }, "token_malformed", ""),
		"digest in capitals": changed(func(s *evidence.Statement) { s.DetailsSHA256 = strings.ToUpper(s.DetailsSHA256) },
			"digest_mismatch", ""),
		"tampered amount":                    tampered(func(s *evidence.Shown) { s.Details = s.Details[:1]; s.Details[0].Value = "$1" }),
		"tampered message":                   tampered(func(s *evidence.Shown) { s.Message += " " }),
		"tampered sender":                    tampered(func(s *evidence.Shown) { s.AppName = "ACME Bank" }),
		"answer to another request, renamed": {replayed, "signature_invalid", "own key"},
		"answer to another request, as it is": {func(_ *testing.T, f *fixture, d *device, r onetouch.ApprovalRequest) string {
			other := f.ask(r.Message)
			jws := d.sign(d.statement(other))
			d.respond(other.UUID, jws).members()
			return jws
		}, "token_malformed", "another request"},
		"key of another device": {func(t *testing.T, _ *fixture, d *device, r onetouch.ApprovalRequest) string {
			jws, err := evidence.Sign(newKey(t, evidence.ES256), d.statement(r))
			if err != nil {
				t.Fatal(err)
			}
			return jws
		}, "signature_invalid", ""},
		"alg none":                 forged("none", func(*testing.T, *device) ([]byte, []byte) { return nil, nil }),
		"alg None, some signature": forged("None", func(*testing.T, *device) ([]byte, []byte) { return []byte("x"), nil }),
		"HS256 keyed with the public JWK": forged("HS256", func(t *testing.T, d *device) ([]byte, []byte) {
			return nil, toJSON(t, d.key.Public())
		}),
		"HS256 keyed with the stored JWK": {func(t *testing.T, f *fixture, d *device, r onetouch.ApprovalRequest) string {
			return compact(t, header("HS256", d.key.Public().ID()), d.statement(r), nil, f.state().Devices[0].PublicKey)
		}, "signature_invalid", ""},
		"RS256 header on an EC key": forged("RS256", soundSignature),
		"ES256, zero signature":     forged("ES256", func(*testing.T, *device) ([]byte, []byte) { return make([]byte, 64), nil }),
		"kid of another key":        headed(func(h map[string]any) { h["kid"] = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" }),
		"no kid":                    headed(func(h map[string]any) { delete(h, "kid") }),
		"typ of a registration":     headed(func(h map[string]any) { h["typ"] = "onetouch-registration+jws" }),
		"proof of the registration": {registrationProof, "token_malformed", ""},
		"signature of another status": {func(t *testing.T, _ *fixture, d *device, r onetouch.ApprovalRequest) string {
			denied := d.statement(r)
			denied.Status = evidence.Denied
			signature := d.sign(denied)
			return compact(t, header("ES256", d.key.Public().ID()), d.statement(r), signatureOf(t, signature), nil)
		}, "signature_invalid", ""},
	}
}

// tampered is an answer by a device that showed something else than what was asked.
func tampered(change func(*evidence.Shown)) forgery {
	return forgery{func(t *testing.T, _ *fixture, d *device, r onetouch.ApprovalRequest) string {
		shown := r.Shown()
		shown.Details = append(shown.Details[:0:0], shown.Details...)
		change(&shown)
		digest, err := shown.Digest()
		if err != nil {
			t.Fatal(err)
		}
		s := d.statement(r)
		s.DetailsSHA256 = digest
		return d.sign(s)
	}, "digest_mismatch", "not what was asked"}
}

// replayed is the old answer to another request, its payload edited to be for this one.
func replayed(t *testing.T, f *fixture, d *device, r onetouch.ApprovalRequest) string {
	other := f.ask(r.Message)
	old := d.sign(d.statement(other))
	d.respond(other.UUID, old).members()
	return compact(t, header("ES256", d.key.Public().ID()), d.statement(r), signatureOf(t, old), nil)
}

func signatureOf(t *testing.T, jws string) []byte {
	t.Helper()
	signature, err := base64.RawURLEncoding.DecodeString(jws[strings.LastIndex(jws, ".")+1:])
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// forged is the sound statement under a header of the forger's choice.
func forged(alg string, sign func(*testing.T, *device) (signature, secret []byte)) forgery {
	return forgery{func(t *testing.T, _ *fixture, d *device, r onetouch.ApprovalRequest) string {
		signature, secret := sign(t, d)
		return compact(t, header(alg, d.key.Public().ID()), d.statement(r), signature, secret)
	}, "signature_invalid", ""}
}

func soundSignature(t *testing.T, d *device) (signature, secret []byte) {
	return signatureOf(t, d.sign(evidence.Statement{})), nil
}

// headed is the sound answer with one header changed afterwards.
func headed(change func(map[string]any)) forgery {
	return forgery{func(t *testing.T, _ *fixture, d *device, r onetouch.ApprovalRequest) string {
		h := header("ES256", d.key.Public().ID())
		change(h)
		_, rest, _ := strings.Cut(d.sign(d.statement(r)), ".")
		return encode(toJSON(t, h)) + "." + rest
	}, "signature_invalid", ""}
}

func registrationProof(t *testing.T, _ *fixture, d *device, _ onetouch.ApprovalRequest) string {
	proof, err := evidence.SignProof(d.key, "a registration token")
	if err != nil {
		t.Fatal(err)
	}
	return proof
}

func TestAnswerRefused(t *testing.T) {
	t.Parallel()
	for name, test := range forgeries() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setUp(t)
			d := f.newDevice()
			r := f.ask("Send $12,400 to ACME?")
			jws := test.answer(t, f, d, r)
			f.changesNothing(func() { d.respond(r.UUID, jws).refused(test.code, test.says) })
			// The request still waits for its one answer.
			d.approve(r).members()
		})
	}
}

// An RSA device's answer under the names of other RSA algorithms.
func TestRSAAnswerRefused(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.register(evidence.RS256)
	r := f.ask("Log in?")
	for _, alg := range []string{"RS512", "PS256", "ES256", "HS256", "none"} {
		jws := compact(t, header(alg, d.key.Public().ID()), d.statement(r), signatureOf(t, d.sign(d.statement(r))), nil)
		f.changesNothing(func() { d.respond(r.UUID, jws).refused("signature_invalid") })
	}
	f.changesNothing(func() {
		jws := compact(t, header("HS256", d.key.Public().ID()), d.statement(r), nil, toJSON(t, d.key.Public()))
		d.respond(r.UUID, jws).refused("signature_invalid")
	})
	d.approve(r).members()
}

func TestAnswerOnce(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d, second := f.newDevice(), f.newDevice()
	r := f.ask("Log in?")
	jws := d.sign(d.statement(r))
	d.respond(r.UUID, jws).members()
	f.changesNothing(func() {
		d.respond(r.UUID, jws).refused("approval_request_not_pending", "approved")
		second.approve(r).refused("approval_request_not_pending", "approved")
		d.respond(r.UUID, "junk").refused("approval_request_not_pending")
	})
	f.clock.Advance(48 * time.Hour) // answered is answered for ever
	f.changesNothing(func() { d.approve(r).refused("approval_request_not_pending") })
}

// A request is expired from its second on, whether or not that has been written down.
func TestAnswerAfterExpiry(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	seconds := int64(60)
	ask := func() onetouch.ApprovalRequest {
		return f.askWith(f.user, onetouch.NewApprovalRequest{Message: "Log in?", SecondsToExpire: &seconds})
	}
	early, late := ask(), ask()
	f.clock.Advance(time.Minute - time.Second)
	d.approve(early).members()
	f.clock.Advance(time.Second)
	refuse := func() { d.approve(late).refused("approval_request_expired", "2017-12-10T16:31:00Z") }
	f.changesNothing(refuse)
	if _, err := f.service.ExpireDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.changesNothing(refuse)
	got := d.call(http.MethodGet, "/approval_requests/"+late.UUID, nil).members()
	if _, given := got["challenge"]; given || got["status"] != "expired" {
		t.Errorf("an expired request is fetched as %v", got)
	}
}

// Each answer here is wrong in two ways: in one of the checks and in all that come after it.
func TestOrderOfRefusals(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d, revoked := f.newDevice(), f.newDevice()
	other := f.addUser("202-555-0199")
	revoked.call(http.MethodDelete, "/device", nil).members()
	seconds := int64(60)
	foreign := f.askWith(other, onetouch.NewApprovalRequest{Message: "Log in?", SecondsToExpire: &seconds})
	answered := f.askWith(f.user, onetouch.NewApprovalRequest{Message: "Log in?", SecondsToExpire: &seconds})
	expired := f.askWith(f.user, onetouch.NewApprovalRequest{Message: "Log in?", SecondsToExpire: &seconds})
	d.approve(answered).members()
	f.clock.Advance(time.Minute)
	pending := f.ask("Log in?")

	forger := &device{f: f, key: newKey(t, evidence.ES256), id: d.id}
	wrong := evidence.Statement{UUID: pending.UUID, Status: "approved", Challenge: "x", DeviceID: d.id, DetailsSHA256: "x"}
	step := func(change func(*evidence.Statement)) string {
		change(&wrong)
		return forger.sign(wrong)
	}
	f.changesNothing(func() {
		revoked.respond(foreign.UUID, "junk").refused("access_token_invalid")
		revoked.call(http.MethodPost, "/approval_requests/"+foreign.UUID+"/response", "junk").refused("access_token_invalid")
		d.call(http.MethodPost, "/approval_requests/"+foreign.UUID+"/response", "junk").refused("invalid_request")
		d.respond(foreign.UUID, "junk").refused("approval_request_not_found")
		d.respond(answered.UUID, "junk").refused("approval_request_not_pending")
		d.respond(expired.UUID, "junk").refused("approval_request_expired")
		d.respond(pending.UUID, "junk").refused("token_malformed")
		d.respond(pending.UUID, forger.sign(byAnother(wrong))).refused("token_malformed")
		d.respond(pending.UUID, step(func(*evidence.Statement) {})).refused("challenge_mismatch")
		d.respond(pending.UUID, step(func(s *evidence.Statement) { s.Challenge = pending.Challenge })).refused("issued_at_skewed")
		jws := step(func(s *evidence.Statement) { s.IssuedAt = f.clock.Now().Unix() })
		d.respond(pending.UUID, jws).refused("signature_invalid")
		d.respond(pending.UUID, d.sign(wrong)).refused("digest_mismatch")
	})
}

// byAnother is the statement for another device too.
func byAnother(s evidence.Statement) evidence.Statement {
	s.DeviceID++
	return s
}

// Two devices answer at the same instant: one wins, and the other is told that it came too late.
func TestRace(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	devices := []*device{f.newDevice(), f.newDevice()}
	for range 100 {
		r := f.ask("Log in?")
		release := make(chan struct{})
		var racing sync.WaitGroup
		answers := make([]answer, len(devices))
		for i, d := range devices {
			s := d.statement(r)
			if i == 1 {
				s.Status = evidence.Denied
			}
			jws := d.sign(s)
			racing.Go(func() {
				<-release
				answers[i] = d.respond(r.UUID, jws)
			})
		}
		close(release)
		racing.Wait()
		winner, loser := 0, 1
		if answers[0].status != http.StatusOK {
			winner, loser = 1, 0
		}
		var told struct {
			Status     onetouch.Status `json:"status"`
			DeviceUUID string          `json:"device_uuid"`
		}
		answers[winner].into(&told)
		answers[loser].refused("approval_request_not_pending")
		kept := f.state().Requests[0]
		if kept.Status != told.Status || kept.Answer.DeviceID != devices[winner].id || told.DeviceUUID != devices[winner].uuid {
			t.Fatalf("device %d won with %s, but %s by %d is kept", winner, told.Status, kept.Status, kept.Answer.DeviceID)
		}
	}
	responded := 0
	for _, e := range f.state().Events {
		if e.Type == onetouch.EventRequestResponded {
			responded++
		}
	}
	if responded != 100 {
		t.Errorf("%d answers were recorded to 100 requests", responded)
	}
}

// A device is removed while its answer is on the way: either both take effect in that order, or the answer is refused.
func TestRemovalRacesAnswer(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	for range 50 {
		d, r := f.newDevice(), f.ask("Log in?")
		jws := d.sign(d.statement(r))
		release := make(chan struct{})
		var racing sync.WaitGroup
		var answered, removed answer
		racing.Go(func() { <-release; answered = d.respond(r.UUID, jws) })
		racing.Go(func() { <-release; removed = d.call(http.MethodDelete, "/device", nil) })
		close(release)
		racing.Wait()
		removed.members()
		kept := f.state().Requests[0]
		if answered.status == http.StatusOK {
			if kept.Status != onetouch.StatusApproved {
				t.Fatalf("the answer was taken, but the request is %s", kept.Status)
			}
			continue
		}
		answered.refused("access_token_invalid")
		if kept.Status != onetouch.StatusPending {
			t.Fatalf("the answer was refused, but the request is %s", kept.Status)
		}
	}
}

// The payload is signed as bytes: its own order and spacing are the device's business.
func TestAnswerInAnyWriting(t *testing.T) {
	t.Parallel()
	f := setUp(t)
	d := f.newDevice()
	r := f.ask("Log in?")
	var members map[string]any
	if err := json.Unmarshal(toJSON(t, d.statement(r)), &members); err != nil {
		t.Fatal(err)
	}
	delete(members, "reason")
	members["location"] = "Bogotá"
	d.respond(r.UUID, joseSign(t, d.key, toJSON(t, members))).members()
}
