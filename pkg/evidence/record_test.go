package evidence_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// newRecord is the sound record of an answer.
func newRecord(t testing.TB, alg evidence.Algorithm) *evidence.Record {
	t.Helper()
	key := newKey(t, alg)
	shown := evidence.Shown{AppName: "Acme Bank", Message: "Send $12,400 to “ACME”? <b>",
		Details: details.List{{Name: "To", Value: "ACME"}, {Name: "Amount", Value: "$12,400"}, {Name: "a.b/c", Value: "\x1b[2J"}}}
	digest, err := shown.Digest()
	if err != nil {
		t.Fatal(err)
	}
	said := statement()
	said.DetailsSHA256 = digest
	jws, err := evidence.Sign(key, said)
	if err != nil {
		t.Fatal(err)
	}
	r := &evidence.Record{
		UUID: said.UUID, Status: said.Status, AnsweredAt: time.Unix(said.IssuedAt+2, 123456000).UTC(), Shown: shown,
		Device: evidence.RecordDevice{ID: said.DeviceID, UUID: "8f4e1b0a-7a52-4b1e-9c6d-1f2a3b4c5d6e", Name: "Ada's Pixel",
			Platform: "android", RegisteredAt: time.Unix(1512900000, 0).UTC()},
		PublicKey: publicJWK(t, key), KeyID: key.Public().ID(), JWS: jws,
	}
	if err := r.Seal(); err != nil {
		t.Fatal(err)
	}
	return r
}

func fileOf(t testing.TB, r *evidence.Record) []byte {
	t.Helper()
	file, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// check is what a user of the file does.
func check(file []byte) error {
	r, err := evidence.ParseRecord(file)
	if err != nil {
		return err
	}
	return r.Verify()
}

// named are the members that an error names.
func named(t testing.TB, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var wrong *evidence.RecordError
	if !errors.As(err, &wrong) || !errors.Is(err, evidence.ErrRecord) || len(wrong.Changes) == 0 {
		t.Fatalf("an error of another kind: %v", err)
	}
	var members []string
	for _, change := range wrong.Changes {
		if change.Reason == "" || !strings.Contains(err.Error(), change.String()) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v is not told in one line: %v", change, err)
		}
		members = append(members, change.Member)
	}
	return members
}

func TestRecordHoldsAndIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms() {
		file := fileOf(t, newRecord(t, alg))
		r, err := evidence.ParseRecord(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Verify(); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		if again := fileOf(t, r); !bytes.Equal(again, file) {
			t.Errorf("%s: written\n%s\nread\n%s", alg, file, again)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, file); err != nil {
			t.Fatal(err)
		}
		if err := check(compact.Bytes()); err != nil {
			t.Errorf("%s without white space: %v", alg, err)
		}
	}
}

// at finds an object inside a file by the names of members that lead to it.
func at(file map[string]any, path ...string) map[string]any {
	for _, name := range path {
		file = file[name].(map[string]any)
	}
	return file
}

// changesOfRecord has one change for each member that a record has, by the name that the member is called by.
func changesOfRecord() map[string]func(map[string]any) {
	set := func(value any, path ...string) func(map[string]any) {
		return func(file map[string]any) { at(file, path[:len(path)-1]...)[path[len(path)-1]] = value }
	}
	changes := map[string]func(map[string]any){
		"version": set(2, "version"), "uuid": set("9d7b2e1a-4c7b-4f0e-8a53-0c8f2b1d6e78", "uuid"),
		"status": set("denied", "status"), "answered_at": set("2017-12-10T16:43:42.123456Z", "answered_at"),
		"shown.app_name": set("Acme bank", "shown", "app_name"), "shown.message": set("", "shown", "message"),
		"shown.details.Amount": set("$1,240,000", "shown", "details", "Amount"),
		"shown.details.a.b/c":  set("", "shown", "details", "a.b/c"),
		"shown.details.new":    set("x", "shown", "details", "new"),
		"device.id":            set(2102944, "device", "id"), "device.uuid": set("x", "device", "uuid"),
		"device.name": set("Ada's pixel", "device", "name"), "device.platform": set("ios", "device", "platform"),
		"device.registered_at": set("2017-12-10T10:00:01Z", "device", "registered_at"),
		"key_id":               set("x", "key_id"),
		"statement.uuid":       set("x", "statement", "uuid"), "statement.status": set("denied", "statement", "status"),
		"statement.challenge": set("x", "statement", "challenge"), "statement.device_id": set(7, "statement", "device_id"),
		"statement.iat": set(1512923420, "statement", "iat"), "statement.details_sha256": set("x", "statement", "details_sha256"),
		"statement.reason": set("", "statement", "reason"),
	}
	changes["shown.details.To"] = func(file map[string]any) { delete(at(file, "shown", "details"), "To") }
	for i, name := range []string{"jws.header", "jws.payload", "jws.signature"} {
		changes[name] = func(file map[string]any) {
			parts := strings.Split(file["jws"].(string), ".")
			parts[i] = exchange(parts[i], len(parts[i])/2)
			file["jws"] = strings.Join(parts, ".")
		}
	}
	return changes
}

// exchange puts another character of base64url in a place.
func exchange(text string, at int) string {
	other := "A"
	if text[at] == 'A' {
		other = "B"
	}
	return text[:at] + other + text[at+1:]
}

// altered is the file after a change.
func altered(t testing.TB, file []byte, change func(map[string]any)) []byte {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(file))
	decoder.UseNumber()
	var content map[string]any
	if err := decoder.Decode(&content); err != nil {
		t.Fatal(err)
	}
	change(content)
	text, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTheChangedMemberIsNamed(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms() {
		file := fileOf(t, newRecord(t, alg))
		for member, change := range changesOfRecord() {
			if got := named(t, check(altered(t, file, change))); !slices.Equal(got, []string{member}) {
				t.Errorf("%s: %s was changed, %v is named", alg, member, got)
			}
		}
		other := publicJWK(t, newKey(t, alg))
		for what, key := range map[string]any{
			"another key": json.RawMessage(other), "no key": map[string]any{"kty": "EC"}, "no object": 1,
			"twice the same": json.RawMessage(`{"kty":"EC","kty":"EC"}`), "nothing": map[string]any{},
		} {
			change := func(content map[string]any) { content["public_key"] = key }
			if got := named(t, check(altered(t, file, change))); !slices.Equal(got, []string{"public_key"}) {
				t.Errorf("%s: public key is %s, %v is named", alg, what, got)
			}
		}
		more := func(content map[string]any) { at(content, "public_key")["use"] = "sig" }
		if got := named(t, check(altered(t, file, more))); !slices.Equal(got, []string{"public_key"}) {
			t.Errorf("%s: public key has more members, %v is named", alg, got)
		}
	}
}

// Both ends of two changes are named.
func TestSeveralChangesAreNamedInOrder(t *testing.T) {
	t.Parallel()
	file := fileOf(t, newRecord(t, evidence.ES256))
	changes := changesOfRecord()
	got := named(t, check(altered(t, file, func(content map[string]any) {
		for _, member := range []string{"statement.reason", "device.name", "shown.message", "shown.details.Amount", "jws.signature"} {
			changes[member](content)
		}
	})))
	want := []string{"shown.message", "shown.details.Amount", "device.name", "jws.signature", "statement.reason"}
	if !slices.Equal(got, want) {
		t.Errorf("named are %v, want %v", got, want)
	}
}

// Who changes a checksum too is found out by the signature, where it covers the member.
func TestChecksumsProveNothing(t *testing.T) {
	t.Parallel()
	for member, want := range map[string][]string{
		"uuid": {"uuid"}, "status": {"status"}, "device.id": {"device.id"}, "key_id": {"public_key", "key_id"},
		"shown.message": {"shown"}, "shown.details.Amount": {"shown"}, "shown.details.new": {"shown"},
		"shown.details.To": {"shown"}, "jws.signature": {"public_key", "jws"},
		"statement.reason": nil, // Seal reads the statement again
		"device.name":      nil, // nothing but its checksum vouches for it
	} {
		var content []byte
		r := newRecord(t, evidence.ES256)
		content = altered(t, fileOf(t, r), changesOfRecord()[member])
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
	late := newRecord(t, evidence.ES256)
	late.AnsweredAt = late.AnsweredAt.Add(time.Hour)
	if err := late.Seal(); err != nil {
		t.Fatal(err)
	}
	if got := named(t, late.Verify()); !slices.Equal(got, []string{"answered_at"}) {
		t.Errorf("an hour after the signature: named is %v", got)
	}
}

func TestChangedChecksumsAreNamed(t *testing.T) {
	t.Parallel()
	file := fileOf(t, newRecord(t, evidence.ES256))
	var record evidence.Record
	if err := json.Unmarshal(file, &record); err != nil {
		t.Fatal(err)
	}
	vouched := []string{ // by nothing but its checksum, so that nobody can say which of both was changed
		"answered_at", "device.uuid", "device.name", "device.platform", "device.registered_at",
	}
	for member := range record.Checksums {
		want := "checksums." + member
		if slices.Contains(vouched, member) {
			want = member
		}
		got := named(t, check(altered(t, file, func(content map[string]any) { at(content, "checksums")[member] = "" })))
		if !slices.Equal(got, []string{want}) {
			t.Errorf("the checksum of %s was changed: named is %v", member, got)
		}
		got = named(t, check(altered(t, file, func(content map[string]any) { delete(at(content, "checksums"), member) })))
		if !slices.Equal(got, []string{"checksums." + member}) {
			t.Errorf("the checksum of %s is missing: named is %v", member, got)
		}
	}
	got := named(t, check(altered(t, file, func(content map[string]any) { at(content, "checksums")["x"] = "" })))
	if !slices.Equal(got, []string{"checksums.x"}) {
		t.Errorf("a checksum too many: named is %v", got)
	}
}

// No byte of the file can become another one without being noticed, except for what no reader sees.
func TestEveryChangedByteOfARecordIsNoticed(t *testing.T) {
	t.Parallel()
	record := newRecord(t, evidence.ES256)
	file := fileOf(t, record)
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

func TestRecordsHaveOneForm(t *testing.T) {
	t.Parallel()
	file := string(fileOf(t, newRecord(t, evidence.ES256)))
	replace := func(from, to string) string {
		if !strings.Contains(file, from) {
			t.Fatalf("there is no %q", from)
		}
		return strings.Replace(file, from, to, 1)
	}
	for name, test := range map[string]struct {
		file string
		want []string
	}{
		"nothing":            {"", []string{""}},
		"no JSON":            {"{", []string{""}},
		"null":               {"null", []string{""}},
		"a list":             {"[]", []string{""}},
		"two records":        {file + file, []string{""}},
		"too much":           {strings.Repeat(" ", evidence.MaxRecordSize) + file, []string{""}},
		"twice":              {replace(`"uuid":`, `"uuid": "x", "uuid":`), []string{""}},
		"a detail twice":     {replace(`"Amount":`, `"Amount": "x", "Amount":`), []string{"shown.details"}},
		"empty":              {"{}", []string{"version"}},
		"a future version":   {replace(`"version": 1`, `"version": 2, "more": 1`), []string{"version"}},
		"a wrong case":       {replace(`"uuid":`, `"UUID":`), []string{"uuid", "UUID"}},
		"a stranger":         {replace(`"uuid":`, `"more": 1, "uuid":`), []string{"more"}},
		"a stranger inside":  {replace(`"app_name":`, `"more": 1, "app_name":`), []string{"shown.more"}},
		"an object missing":  {replace(`"device":`, `"Device":`), []string{"device", "Device"}},
		"null for a text":    {replace(`"name": "Ada's Pixel"`, `"name": null`), []string{"device.name"}},
		"number for a text":  {replace(`"To": "ACME"`, `"To": 1`), []string{"shown.details.To"}},
		"text for a number":  {replace(`"id": 2102943`, `"id": "2102943"`), []string{"device.id"}},
		"broken for a text":  {replace(`"Ada's Pixel"`, "\"\xff\""), []string{"device.name"}},
		"half a character":   {replace(`"Ada's Pixel"`, `"\ud83d"`), []string{"device.name"}},
		"text for an object": {replace(`"checksums": {`, `"checksums": "", "x": {`), []string{"checksums", "x"}},
		"another time zone":  {replace(`"2017-12-10T10:00:00Z"`, `"2017-12-10T11:00:00+01:00"`), []string{"device.registered_at"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := check([]byte(test.file))
			if got := named(t, err); !slices.Equal(got, test.want) {
				t.Errorf("named are %q, want %q: %v", got, test.want, err)
			}
		})
	}
}

func TestByteOrderMarkIsNamed(t *testing.T) {
	t.Parallel()
	_, err := evidence.ParseRecord(append([]byte("\uFEFF"), fileOf(t, newRecord(t, evidence.ES256))...))
	if err == nil || !strings.Contains(err.Error(), "begins with a byte order mark") {
		t.Errorf("got %v", err)
	}
}

func TestSealRefusesWhatIsNoAnswer(t *testing.T) {
	t.Parallel()
	r := newRecord(t, evidence.ES256)
	r.JWS = "x"
	if err := r.Seal(); !errors.Is(err, evidence.ErrMalformed) {
		t.Errorf("got %v, want ErrMalformed", err)
	}
	r = newRecord(t, evidence.ES256)
	r.Shown.Message = "\xff"
	if err := r.Seal(); err == nil || !strings.Contains(err.Error(), "shown.message") {
		t.Errorf("broken text: %v", err)
	}
	if err := r.Verify(); !errors.Is(err, evidence.ErrRecord) {
		t.Errorf("broken text: %v", err)
	}
}

// Whatever the file, reading and checking it does not panic, and what holds says what the key signed.
func FuzzParseRecord(f *testing.F) {
	record := newRecord(f, evidence.ES256)
	file := fileOf(f, record)
	f.Add(file)
	for _, change := range changesOfRecord() {
		f.Add(altered(f, file, change))
	}
	f.Add(fileOf(f, challengeRecord(f, asItIs)))
	for _, seed := range []string{"", "{}", "null", `{"version":1}`, `{"version":1,"shown":null,"checksums":{"a":{}}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := evidence.ParseRecord(text)
		if err != nil {
			named(t, err)
			return
		}
		if err := r.Verify(); err != nil {
			named(t, err)
			return
		}
		if r.JWS != record.JWS {
			return // another key's: there is no other that the fuzzer could sign with
		}
		if digest, err := r.Shown.Digest(); err != nil || digest != record.Statement.DetailsSHA256 {
			t.Errorf("%q holds, though it shows something else", text)
		}
	})
}
