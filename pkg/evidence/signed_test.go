package evidence_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

func TestSignedAnswerIsReadAndVerified(t *testing.T) {
	t.Parallel()
	for _, alg := range algorithms() {
		key := newKey(t, alg)
		jws, err := evidence.Sign(key, statement())
		if err != nil {
			t.Fatal(err)
		}
		signed := parse(t, jws)
		if diff := cmp.Diff(statement(), signed.Statement); diff != "" {
			t.Error(diff)
		}
		if err := signed.Verify(key.Public()); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
		if err := signed.Verify(newKey(t, alg).Public()); !errors.Is(err, evidence.ErrSignature) {
			t.Errorf("%s with another key: got %v, want ErrSignature", alg, err)
		}
	}
}

// What the device API documents for headers and payload, byte for byte.
func TestSignedAnswerLooksAsDocumented(t *testing.T) {
	t.Parallel()
	key := newKey(t, evidence.ES256)
	jws, err := evidence.Sign(key, statement())
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(jws, ".")
	header := fmt.Sprintf(`{"alg":"ES256","kid":%q,"typ":"onetouch-answer+jws"}`, key.Public().ID())
	if diff := cmp.Diff(header, string(decode(t, parts[0]))); diff != "" {
		t.Error(diff)
	}
	payload := `{"uuid":"9d7b2e1a-4c7b-4f0e-8a53-0c8f2b1d6e77","status":"approved","challenge":"c29tZSBjaGFsbGVuZ2U",` +
		`"device_id":2102943,"iat":1512923419,` +
		`"details_sha256":"b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c","reason":"It was me — gewiß"}`
	if diff := cmp.Diff(payload, string(decode(t, parts[1]))); diff != "" {
		t.Error(diff)
	}
}

// Replaces each character by every other one that may stand in a JWS, and by a few that may not.
func TestEveryChangedByteIsRefused(t *testing.T) {
	t.Parallel()
	key := newKey(t, evidence.ES256)
	jws, err := evidence.Sign(key, statement())
	if err != nil {
		t.Fatal(err)
	}
	for at := range jws {
		for _, other := range changesOf(jws, at) {
			changed := jws[:at] + string(other) + jws[at+1:]
			if err := judge(changed, key.Public()); !refused(err) {
				t.Fatalf("byte %d changed from %q to %q: got %v", at, jws[at], other, err)
			}
		}
		for name, changed := range map[string]string{
			"without":              jws[:at] + jws[at+1:],
			"with a line break at": jws[:at] + "\n" + jws[at:],
			"cut off at":           jws[:at],
		} {
			if err := judge(changed, key.Public()); !refused(err) {
				t.Fatalf("%s byte %d: got %v", name, at, err)
			}
		}
	}
}

// changesOf is every character for the last byte of a part, whose unused bits are the ones that decoders overlook, and a
// few for the others.
func changesOf(jws string, at int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	candidates := "AQgw7-_. =\r\x00"
	if at == len(jws)-1 || jws[at+1] == '.' {
		candidates += alphabet
	}
	return strings.ReplaceAll(candidates, jws[at:at+1], "")
}

func refused(err error) bool {
	return errors.Is(err, evidence.ErrMalformed) || errors.Is(err, evidence.ErrSignature)
}

func judge(jws string, key *evidence.PublicKey) error {
	signed, err := evidence.Parse(jws)
	if err != nil {
		return err
	}
	return signed.Verify(key)
}

// Every forgery is readable, so that a service can refuse it for its signature and not for its form.
func TestVerifyRefusesConfusedAlgorithms(t *testing.T) {
	t.Parallel()
	ec, rsaKey := newKey(t, evidence.ES256), newKey(t, evidence.RS256)
	ecJWK, rsaJWK := publicJWK(t, ec), publicJWK(t, rsaKey)
	jwsOfRSA, err := evidence.Sign(rsaKey, statement())
	if err != nil {
		t.Fatal(err)
	}
	id := ec.Public().ID()
	header := func(alg, kid string) string {
		return fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":"onetouch-answer+jws"}`, alg, kid)
	}
	tests := map[string]struct {
		jws string
		key *evidence.PrivateKey
	}{
		"none, unsigned":                 {compact(t, header("none", id), "", nil), ec},
		"NONE, unsigned":                 {compact(t, header("NONE", id), "", nil), ec},
		"empty alg":                      {compact(t, header("", id), "", nil), ec},
		"unknown alg":                    {compact(t, header("ES1024", id), "x", nil), ec},
		"no alg":                         {compact(t, `{"kid":"`+id+`","typ":"onetouch-answer+jws"}`, "x", nil), ec},
		"ES256, no signature":            {compact(t, header("ES256", id), "", nil), ec},
		"ES256, zero signature":          {compact(t, header("ES256", id), string(make([]byte, 64)), nil), ec},
		"HS256 with the EC key's JWK":    {compact(t, header("HS256", id), "", ecJWK), ec},
		"HS256 with the RSA key's JWK":   {compact(t, header("HS256", rsaKey.Public().ID()), "", rsaJWK), rsaKey},
		"HS256 with the RSA modulus":     {compact(t, header("HS256", rsaKey.Public().ID()), "", modulusOf(t, rsaJWK)), rsaKey},
		"HMAC under the name ES256":      {compact(t, header("ES256", id), "", ecJWK), ec},
		"RS256 for an EC key":            {rename(t, jwsOfRSA, header("RS256", id)), ec},
		"PS256 by the right RSA key":     {joseSign(t, jose.PS256, rsaKey, answerHeaders(rsaKey)), rsaKey},
		"RS512 by the right RSA key":     {joseSign(t, jose.RS512, rsaKey, answerHeaders(rsaKey)), rsaKey},
		"RS256 renamed to ES256":         {rename(t, jwsOfRSA, header("ES256", rsaKey.Public().ID())), rsaKey},
		"lower-case es256":               {compact(t, header("es256", id), "x", nil), ec},
		"key embedded by the forger":     {embedded(t, id), ec},
		"signature of another statement": {compact(t, header("ES256", id), signatureOf(t, ec), nil), ec},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signed, err := evidence.Parse(test.jws)
			if err != nil {
				t.Fatalf("Parse: %v", err)
			}
			if err := signed.Verify(test.key.Public()); !errors.Is(err, evidence.ErrSignature) {
				t.Errorf("got %v, want ErrSignature", err)
			}
		})
	}
}

// Each of these is soundly signed by the right key; the header alone is at fault.
func TestVerifyRefusesHeaders(t *testing.T) {
	t.Parallel()
	key := newKey(t, evidence.ES256)
	set := func(name jose.HeaderKey, value any) map[jose.HeaderKey]any {
		headers := answerHeaders(key)
		headers[name] = value
		if value == nil {
			delete(headers, name)
		}
		return headers
	}
	if err := judge(joseSign(t, jose.ES256, key, set("x-note", "ignored")), key.Public()); err != nil {
		t.Fatalf("an unknown header must be ignored: %v", err)
	}
	for name, headers := range map[string]map[jose.HeaderKey]any{
		"no typ":                set("typ", nil),
		"typ of a registration": set("typ", "onetouch-registration+jws"),
		"typ JWT":               set("typ", "JWT"),
		"typ of another type":   set("typ", 7),
		"no kid":                set("kid", nil),
		"empty kid":             set("kid", ""),
		"kid of another key":    set("kid", newKey(t, evidence.ES256).Public().ID()),
		"crit of an unknown":    set("crit", []string{"exp"}),
		"empty crit":            set("crit", []string{}),
		"crit of no list":       set("crit", "exp"),
		"b64 without crit":      set("b64", true),
	} {
		if err := judge(joseSign(t, jose.ES256, key, headers), key.Public()); !errors.Is(err, evidence.ErrSignature) {
			t.Errorf("%s: got %v, want ErrSignature", name, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const header = `{"alg":"ES256","typ":"onetouch-answer+jws"}`
	sound := statementJSON(t)
	payload := func(text string) string { return encode([]byte(header)) + "." + encode([]byte(text)) + ".AAAA" }
	plain := members(t, sound)
	tests := map[string]struct{ jws, want string }{
		"nothing":               {"", "must be a JSON header"},
		"a word":                {"aGVsbG8", "must be a JSON header"},
		"two parts":             {"e30.e30", "must be a JSON header"},
		"four parts":            {"e30.e30.e30.e30", "must be a JSON header"},
		"JSON serialization":    {`{"payload":"e30","protected":"e30","signature":""}`, "base64url"},
		"header is no JSON":     {encode([]byte("alg")) + "." + encode(sound) + ".AAAA", "JSON header"},
		"header is a list":      {encode([]byte("[]")) + "." + encode(sound) + ".AAAA", "JSON header"},
		"repeated alg":          {encode([]byte(`{"alg":"ES256","alg":"none"}`)) + "." + encode(sound) + ".AAAA", "JSON header"},
		"padding":               {payload("{}") + "=", "base64url"},
		"standard base64":       {payload("{}") + "+/==", "base64url"},
		"a space before":        {" " + payload("{}"), "base64url"},
		"unused bits set":       {encode([]byte(header)) + "." + encode(sound) + ".AB", "base64url"},
		"more than 16 KiB":      {payload(with(t, plain, "reason", strings.Repeat("x", 16<<10))), "at most 16384"},
		"payload is no JSON":    {payload("approved"), "JSON object"},
		"payload is null":       {payload("null"), "lacks uuid"},
		"payload is a list":     {payload("[]"), "JSON object"},
		"payload is empty":      {payload(""), "JSON object"},
		"two payloads":          {payload(string(sound) + string(sound)), "JSON object"},
		"repeated status":       {payload(strings.Replace(string(sound), "{", `{"status":"denied",`, 1)), "JSON object"},
		"broken UTF-8":          {payload(strings.Replace(string(sound), "gewi", "\xff", 1)), "not valid UTF-8"},
		"uuid is a number":      {payload(with(t, plain, "uuid", 7)), "JSON object"},
		"device_id is a string": {payload(with(t, plain, "device_id", "2102943")), "JSON object"},
		"iat is a fraction":     {payload(with(t, plain, "iat", 1.5)), "JSON object"},
		"iat is too large":      {payload(strings.Replace(string(sound), "1512923419", "9223372036854775808", 1)), "JSON object"},
		"Status for status":     {payload(strings.Replace(string(sound), `"status"`, `"Status"`, 1)), "lacks status"},
		"no uuid":               {payload(with(t, plain, "uuid", nil)), "lacks uuid"},
		"no status":             {payload(with(t, plain, "status", "")), "lacks status"},
		"no challenge":          {payload(with(t, plain, "challenge", nil)), "lacks challenge"},
		"no device":             {payload(with(t, plain, "device_id", nil)), "lacks device_id"},
		"no digest":             {payload(with(t, plain, "details_sha256", nil)), "lacks details_sha256"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signed, err := evidence.Parse(test.jws)
			if !errors.Is(err, evidence.ErrMalformed) || !strings.Contains(fmt.Sprint(err), test.want) {
				t.Errorf("got %v, %v; want an ErrMalformed with %q", signed, err, test.want)
			}
		})
	}
}

func TestParseIgnoresUnknownMembers(t *testing.T) {
	t.Parallel()
	sound := statementJSON(t)
	text := with(t, members(t, sound), "location", map[string]any{"lat": 4.7})
	signed := parse(t, encode([]byte(`{"alg":"ES256"}`))+"."+encode([]byte(text))+".AAAA")
	if diff := cmp.Diff(statement(), signed.Statement); diff != "" {
		t.Error(diff)
	}
}

func TestSignRefusesBrokenText(t *testing.T) {
	t.Parallel()
	s := statement()
	s.Reason = "\xff"
	if jws, err := evidence.Sign(newKey(t, evidence.ES256), s); err == nil || !strings.Contains(err.Error(), "not valid UTF-8") {
		t.Errorf("got %q, %v; want an error that says so", jws, err)
	}
}

// compact puts a JWS of the sound statement together by hand. With a secret the signature is an HMAC by it.
func compact(t *testing.T, header, signature string, secret []byte) string {
	t.Helper()
	input := encode([]byte(header)) + "." + encode(statementJSON(t))
	if secret != nil {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(input))
		signature = string(mac.Sum(nil))
	}
	return input + "." + encode([]byte(signature))
}

func rename(t *testing.T, jws, header string) string {
	t.Helper()
	_, rest, _ := strings.Cut(jws, ".")
	return encode([]byte(header)) + "." + rest
}

// signatureOf is a sound signature of a statement that differs from the others in one word.
func signatureOf(t *testing.T, key *evidence.PrivateKey) string {
	t.Helper()
	s := statement()
	s.Status = evidence.Denied
	jws, err := evidence.Sign(key, s)
	if err != nil {
		t.Fatal(err)
	}
	return string(decode(t, jws[strings.LastIndex(jws, ".")+1:]))
}

func modulusOf(t *testing.T, jwk []byte) []byte {
	t.Helper()
	return decode(t, members(t, jwk)["n"].(string))
}

func answerHeaders(key *evidence.PrivateKey) map[jose.HeaderKey]any {
	return map[jose.HeaderKey]any{"kid": key.Public().ID(), "typ": "onetouch-answer+jws"}
}

// joseSign signs the sound statement with headers and an algorithm of the caller's choice.
func joseSign(t *testing.T, alg jose.SignatureAlgorithm, key *evidence.PrivateKey, headers map[jose.HeaderKey]any) string {
	t.Helper()
	var private jose.JSONWebKey
	if err := private.UnmarshalJSON(privateJWK(t, key)); err != nil {
		t.Fatal(err)
	}
	options := &jose.SignerOptions{ExtraHeaders: headers}
	return joseCompact(t, jose.SigningKey{Algorithm: alg, Key: private.Key}, options)
}

// embedded carries the forger's own public key in its header and names the victim's.
func embedded(t *testing.T, victim string) string {
	t.Helper()
	var forger jose.JSONWebKey
	if err := forger.UnmarshalJSON(privateJWK(t, newKey(t, evidence.ES256))); err != nil {
		t.Fatal(err)
	}
	options := &jose.SignerOptions{EmbedJWK: true,
		ExtraHeaders: map[jose.HeaderKey]any{"kid": victim, "typ": "onetouch-answer+jws"}}
	return joseCompact(t, jose.SigningKey{Algorithm: jose.ES256, Key: forger.Key}, options)
}

func joseCompact(t *testing.T, key jose.SigningKey, options *jose.SignerOptions) string {
	t.Helper()
	signer, err := jose.NewSigner(key, options)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(statementJSON(t))
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}
