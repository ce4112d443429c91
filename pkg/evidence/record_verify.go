package evidence

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// maxRecordSkew is how far the time that a device signed may be from the time at which the answer was taken. Source: device
// API, version 1.
const maxRecordSkew = 5 * time.Minute

// Verify checks that what was shown is what was signed, by the record's own key, and that the record says nothing else than
// what was signed. Otherwise the error is a [*RecordError], which names every member that was changed. Where one signature
// covers several members the checksums tell which it was; if they were changed too, all that it can have been are named.
func (r *Record) Verify() error {
	parts, err := r.parts()
	if err != nil {
		return changed([]Change{{"", "cannot be read: " + err.Error()}})
	}
	findings := &findings{
		suspects: r.suspects(parts), proven: map[string]bool{}, doubted: map[string]bool{}, reasons: map[string]string{},
	}
	r.check(findings)
	findings.addSuspects(r.Checksums, parts)
	return changed(findings.inOrder(parts))
}

// suspects are the paths whose checksum is not that of the value: changed values, or changed checksums.
func (r *Record) suspects(parts []part) map[string]bool {
	suspects, actual := map[string]bool{}, checksumsOf(parts)
	for path, sum := range actual {
		suspects[path] = r.Checksums[path] != sum
	}
	for path := range r.Checksums {
		if _, known := actual[path]; !known {
			suspects[path] = true
		}
	}
	return suspects
}

// findings collect what is wrong.
type findings struct {
	suspects map[string]bool
	proven   map[string]bool   // paths for which a check has passed
	doubted  map[string]bool   // paths for which one has not
	reasons  map[string]string // by path, for those that are wrong
}

// expect notes the outcome of a check in which the paths take part. Those of them whose checksum is wrong are to blame; when
// none is, whoever changed one has changed its checksum too, and blame says what it can have been.
func (f *findings) expect(holds bool, reason string, paths []string, blame ...string) {
	if holds {
		for _, path := range paths {
			f.proven[path] = true
		}
		return
	}
	for _, path := range paths {
		f.doubted[path] = true
	}
	suspected := slices.DeleteFunc(slices.Clone(paths), func(path string) bool { return !f.suspects[path] })
	if len(suspected) == 0 {
		suspected = blame
	}
	for _, path := range suspected {
		if f.reasons[path] == "" {
			f.reasons[path] = reason
		}
	}
}

// addSuspects blames for a wrong checksum what no check has blamed yet.
func (f *findings) addSuspects(checksums map[string]string, parts []part) {
	known := map[string]bool{}
	for _, p := range parts {
		known[p.path] = true
	}
	for path, wrong := range f.suspects {
		_, given := checksums[path]
		own := pathChecksums + "." + path
		switch {
		case !wrong || f.reasons[path] != "":
		case !known[path]:
			f.reasons[own] = "belongs to no member of the record"
		case !given:
			f.reasons[own] = "is missing"
		case f.proven[path] && !f.doubted[path]:
			f.reasons[own] = "was changed: the member itself is as it was"
		default:
			f.reasons[path] = "was changed, or its checksum was"
		}
	}
}

// inOrder lists what is wrong in the order of the file.
func (f *findings) inOrder(parts []part) []Change {
	position := map[string]int{}
	for i, p := range parts {
		position[p.path] = i - len(parts)
		if object, _, inside := strings.Cut(p.path, "."); inside && position[object] == 0 {
			position[object] = i - len(parts)
		}
	}
	paths := slices.SortedFunc(maps.Keys(f.reasons), func(a, b string) int {
		if position[a] != position[b] {
			return position[a] - position[b]
		}
		return strings.Compare(a, b)
	})
	changes := make([]Change, len(paths))
	for i, path := range paths {
		changes[i] = Change{path, f.reasons[path]}
	}
	return changes
}

func (r *Record) check(f *findings) {
	isChallenge := r.Version == ChallengeRecordVersion
	f.expect(r.Version == RecordVersion || isChallenge,
		fmt.Sprintf("is neither %d nor %d, the only ones known", RecordVersion, ChallengeRecordVersion), []string{"version"}, "version")
	key := r.checkKey(f)
	if isChallenge {
		r.checkJWT(f, key)
		return
	}
	signed, err := Parse(r.JWS)
	whole := []string{pathHeader, pathPayload, pathSignature}
	if f.expect(err == nil, "cannot be read", whole, pathJWS); err != nil {
		return
	}
	if key != nil {
		id := signed.jws.Signatures[0].Protected.KeyID
		f.expect(id == key.ID(), "names another key", []string{pathHeader, "public_key"}, pathHeader, "public_key")
		f.expect(verify(signed.jws, key, answerType) == nil, "was not signed like that by this key",
			append(whole, "public_key"), pathJWS, "public_key")
	}
	r.checkStatement(f, signed.Statement)
	r.checkShown(f, signed.Statement)
}

// checkJWT checks the answer of a factor.
func (r *Record) checkJWT(f *findings, key *PublicKey) {
	whole := []string{pathHeader, pathPayload, pathSignature}
	jws, err := parseCompact(r.JWS)
	var signed ChallengeAnswer
	if err == nil {
		signed, err = parseChallengeAnswer(jws)
	}
	if f.expect(err == nil, "cannot be read", whole, pathJWS); err != nil {
		return
	}
	if key != nil {
		f.expect(verify(jws, key, jwtType) == nil, "was not signed like that by this key",
			append(whole, "public_key"), pathJWS, "public_key")
	}
	r.checkChallenge(f, signed)
}

// checkKey returns the key, or nil when there is none.
func (r *Record) checkKey(f *findings) *PublicKey {
	paths := []string{"public_key"}
	key, err := ParsePublicKey(r.PublicKey)
	if f.expect(err == nil, "is no key of a device", paths, paths...); err != nil {
		return nil
	}
	own, ownErr := canonicalOf(key)
	given, givenErr := canonicalJSON(r.PublicKey)
	if ownErr != nil || givenErr != nil || !bytes.Equal(own, given) {
		f.expect(false, "is not in the form that records have", paths, paths...)
	}
	f.expect(r.KeyID == key.ID(), "is not of this key", []string{"key_id", "public_key"}, "key_id", "public_key")
	return key
}

// checkStatement compares what the record says with what was signed.
func (r *Record) checkStatement(f *findings, signed Statement) {
	const differs = "is not what was signed"
	for _, pair := range []struct {
		path string
		same bool
	}{
		{"uuid", r.UUID == signed.UUID},
		{"status", r.Status == signed.Status},
		{"device.id", r.Device.ID == signed.DeviceID},
		{"statement.uuid", r.Statement.UUID == signed.UUID},
		{"statement.status", r.Statement.Status == signed.Status},
		{"statement.challenge", r.Statement.Challenge == signed.Challenge},
		{"statement.device_id", r.Statement.DeviceID == signed.DeviceID},
		{"statement.iat", r.Statement.IssuedAt == signed.IssuedAt},
		{"statement.details_sha256", r.Statement.DetailsSHA256 == signed.DetailsSHA256},
		{"statement.reason", r.Statement.Reason == signed.Reason},
	} {
		f.expect(pair.same, differs, []string{pair.path, pathPayload}, pair.path)
	}
	known := signed.Status == Approved || signed.Status == Denied
	f.expect(known, "has no answer that there is", []string{pathPayload}, pathPayload)
	// That the times are near does not prove when the answer was taken, so nothing is noted for the better.
	if apart := r.AnsweredAt.Sub(time.Unix(signed.IssuedAt, 0)).Abs(); apart > maxRecordSkew {
		f.expect(false, "is too far from the time that was signed", []string{"answered_at", pathPayload}, "answered_at")
	}
}

func (r *Record) checkShown(f *findings, signed Statement) {
	paths := []string{pathPayload, "shown.app_name", "shown.message"}
	for path := range f.suspects {
		if strings.HasPrefix(path, pathDetails+".") {
			paths = append(paths, path)
		}
	}
	digest, err := r.Shown.Digest()
	f.expect(err == nil && digest == signed.DetailsSHA256, "is not what was signed", paths, "shown")
}
