package evidence_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// challengeRecord is the sound record of the answer of a factor, which signs the payload after a change.
func challengeRecord(t testing.TB, change func(map[string]any)) *evidence.Record {
	t.Helper()
	key := newKey(t, evidence.ES256)
	signed := map[string]any{
		"sid": "YC9d7b2e1a4c7b4f0e8a530c8f2b1d6e77", "service_sid": "VA00000000582380eb7e1caa03317ec08c",
		"entity_sid": "YE000000005823a0eb7e1caa03317ec08d", "factor_sid": "YF8f4e1b0a7a524b1e9c6d1f2a3b4c5d6e",
		"details": map[string]any{
			"message": "Send $12,400?", "date": "2017-12-10T16:30:00Z",
			"fields": []any{map[string]any{"label": "To", "value": "ACME"}, map[string]any{"label": "Amount", "value": "$12,400"}},
		},
		"date_created": "2017-12-10T16:30:00Z", "expiration_date": "2017-12-10T16:35:00Z", "status": "approved",
	}
	change(signed)
	payload, err := json.Marshal(signed)
	if err != nil {
		t.Fatal(err)
	}
	jwt, err := evidence.SignJWT(key, "CR8f4e1b0a7a524b1e9c6d1f2a3b4c5d6e", payload)
	if err != nil {
		t.Fatal(err)
	}
	r := &evidence.Record{
		UUID: "9d7b2e1a-4c7b-4f0e-8a53-0c8f2b1d6e77", Status: "approved", AnsweredAt: time.Date(2017, 12, 10, 16, 31, 0, 0, time.UTC),
		Shown: evidence.Shown{AppName: "Acme Bank", Message: "Send $12,400?",
			Details: details.List{{Name: "To", Value: "ACME"}, {Name: "Amount", Value: "$12,400"}}},
		Device: evidence.RecordDevice{ID: 2102943, UUID: "8f4e1b0a-7a52-4b1e-9c6d-1f2a3b4c5d6e", Name: "Ada's Pixel",
			Platform: "android", RegisteredAt: time.Unix(1512900000, 0).UTC()},
		PublicKey: publicJWK(t, key), KeyID: key.Public().ID(), JWS: jwt,
	}
	if err := r.Seal(); err != nil {
		t.Fatal(err)
	}
	return r
}

func asItIs(map[string]any) {}

func TestChallengeRecordHolds(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(map[string]any){
		"as it is": asItIs, "without end": func(m map[string]any) { m["expiration_date"] = nil },
		"without a date": func(m map[string]any) { delete(m["details"].(map[string]any), "date") },
		"with more":      func(m map[string]any) { m["url"] = "http://127.0.0.1" },
	} {
		record := challengeRecord(t, change)
		file := fileOf(t, record)
		if record.Version != evidence.ChallengeRecordVersion || bytes.Contains(file, []byte(`"statement"`)) {
			t.Errorf("%s: it has the form of another:\n%s", name, file)
		}
		read, err := evidence.ParseRecord(file)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, file)
		}
		if err := read.Verify(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if again := fileOf(t, read); !bytes.Equal(again, file) {
			t.Errorf("%s: written\n%s\nread\n%s", name, file, again)
		}
	}
}

// changesOfChallengeRecord has one change for each member that a record of a challenge has.
func changesOfChallengeRecord() map[string]func(map[string]any) {
	set := func(value any, path ...string) func(map[string]any) {
		return func(file map[string]any) { at(file, path[:len(path)-1]...)[path[len(path)-1]] = value }
	}
	changes := changesOfRecord()
	maps.DeleteFunc(changes, func(member string, _ func(map[string]any)) bool {
		return strings.HasPrefix(member, "statement.") || strings.HasSuffix(member, "a.b/c")
	})
	changes["version"] = set(1, "version")
	changes["challenge.details"] = func(file map[string]any) { at(file, "challenge", "details")["message"] = "Send $1?" }
	changes["challenge.expiration_date"] = set(nil, "challenge", "expiration_date")
	for _, name := range []string{"sid", "service_sid", "entity_sid", "factor_sid", "date_created", "status"} {
		changes["challenge."+name] = set("x", "challenge", name)
	}
	return changes
}

func TestTheChangedMemberOfAChallengeRecordIsNamed(t *testing.T) {
	t.Parallel()
	file := fileOf(t, challengeRecord(t, asItIs))
	for member, change := range changesOfChallengeRecord() {
		if got := named(t, check(altered(t, file, change))); !slices.Equal(got, []string{member}) {
			t.Errorf("%s was changed, %v is named", member, got)
		}
	}
	twice := strings.Replace(string(file), `"label": "To"`, `"label": "To", "label": "To"`, 1)
	if got := named(t, check([]byte(twice))); !slices.Equal(got, []string{"challenge.details"}) {
		t.Errorf("a label twice: %v is named", got)
	}
}

// Who changes a checksum too is found out by the signature, where it covers the member.
func TestChecksumsOfAChallengeRecordProveNothing(t *testing.T) {
	t.Parallel()
	for member, want := range map[string][]string{
		"uuid": {"uuid"}, "status": {"status"}, "device.uuid": {"device.uuid"}, "shown.message": {"shown.message"},
		"shown.details.Amount": {"shown.details"}, "shown.details.new": {"shown.details"}, "shown.details.To": {"shown.details"},
		"jws.signature": {"public_key", "jws"}, "challenge.sid": nil, // Seal reads it again
		"device.id": nil, "shown.app_name": nil, // nothing but their checksums vouches for them
	} {
		content := altered(t, fileOf(t, challengeRecord(t, asItIs)), changesOfChallengeRecord()[member])
		var forged evidence.Record
		if err := json.Unmarshal(content, &forged); err != nil {
			t.Fatal(err)
		}
		if err := forged.Seal(); err != nil {
			t.Fatal(err)
		}
		if got := named(t, check(fileOf(t, &forged))); !slices.Equal(got, want) {
			t.Errorf("%s and its checksum: named are %v, want %v", member, got, want)
		}
	}
	for what, answered := range map[string]time.Time{
		"before it was asked": time.Date(2017, 12, 10, 16, 29, 59, 0, time.UTC),
		"after its end":       time.Date(2017, 12, 10, 16, 35, 1, 0, time.UTC),
	} {
		r := challengeRecord(t, asItIs)
		r.AnsweredAt = answered
		if err := r.Seal(); err != nil {
			t.Fatal(err)
		}
		if got := named(t, r.Verify()); !slices.Equal(got, []string{"answered_at"}) {
			t.Errorf("%s: named is %v", what, got)
		}
	}
}

// What is signed as one thing is no evidence of another.
func TestFormsOfRecordsAreNotExchanged(t *testing.T) {
	t.Parallel()
	answer, challenge := newRecord(t, evidence.ES256), challengeRecord(t, asItIs)
	answer.JWS = challenge.JWS
	challenge.JWS = newRecord(t, evidence.ES256).JWS
	for _, r := range []*evidence.Record{answer, challenge} {
		if got := named(t, r.Verify()); len(got) == 0 {
			t.Errorf("version %d holds with the signature of the other", r.Version)
		}
	}
	r := challengeRecord(t, func(m map[string]any) { m["status"] = "expired" })
	if got := named(t, r.Verify()); len(got) == 0 {
		t.Error("an answer that there is not holds")
	}
	for _, name := range []string{"sid", "factor_sid", "status"} {
		r := *challengeRecord(t, asItIs)
		key := newKey(t, evidence.ES256)
		payload := map[string]string{"sid": "YC1", "factor_sid": "YF1", "status": "approved"}
		delete(payload, name)
		text, err := json.Marshal(payload)
		if err != nil {
			t.Fatal(err)
		}
		if r.JWS, err = evidence.SignJWT(key, "CR1", text); err != nil {
			t.Fatal(err)
		}
		if err := r.Seal(); !errors.Is(err, evidence.ErrMalformed) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

func TestEveryChangedByteOfAChallengeRecordIsNoticed(t *testing.T) {
	t.Parallel()
	file := fileOf(t, challengeRecord(t, asItIs))
	for at := range file {
		changed := slices.Clone(file)
		changed[at] = []byte{file[at] ^ 1, file[at] ^ 0x20, 0xff}[at%3]
		if err := check(changed); err != nil {
			named(t, err)
			continue
		}
		read, err := evidence.ParseRecord(changed)
		if err != nil || !bytes.Equal(fileOf(t, read), file) {
			t.Errorf("byte %d: %q became %q, and nobody noticed", at, file[at], changed[at])
		}
	}
}

// No two readers may see different answers in one signature.
func TestOpenJWTRefusesRepeatedMembers(t *testing.T) {
	t.Parallel()
	key := newKey(t, evidence.ES256)
	for _, payload := range []string{
		`{"status":"approved","status":"denied"}`, `{"details":{"message":"a","message":"b"}}`, `{"fields":[{"a":1,"a":2}]}`, `x`,
	} {
		jwt, err := evidence.SignJWT(key, "CR1", []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := evidence.OpenJWT(jwt, key.Public()); !errors.Is(err, evidence.ErrMalformed) {
			t.Errorf("%s: %v", payload, err)
		}
	}
}
