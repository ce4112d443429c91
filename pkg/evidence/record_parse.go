package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	josejson "github.com/go-jose/go-jose/v4/json"
)

// MaxRecordSize is the most that a record's file may have, in bytes.
const MaxRecordSize = 16 << 20

// ParseRecord reads a record's file, without verifying it. It is strict, so that no two readers can see two records in one
// file: every member stands there exactly once, under its own name and in the form that [Record.Encode] gives it, and there
// are no others. What is wrong otherwise is a [*RecordError]. White space, the order of members and the spelling of characters
// in strings do not matter.
func ParseRecord(file []byte) (*Record, error) {
	if len(file) > MaxRecordSize {
		return nil, changed([]Change{{"", fmt.Sprintf("has more than %d bytes", MaxRecordSize)}})
	}
	if bytes.HasPrefix(file, []byte("\uFEFF")) {
		return nil, changed([]Change{{"", "begins with a byte order mark, which JSON does not: save it as UTF-8 without one"}})
	}
	r := &Record{}
	reading := &recordReader{found: map[string]json.RawMessage{}}
	reading.object("", file)
	if reading.failed() {
		return nil, changed(reading.changes)
	}
	signed := reading.takeVersion(r)
	if reading.failed() {
		return nil, changed(reading.changes)
	}
	for _, inner := range []string{"shown", "device", signed} {
		reading.inner(inner)
	}
	for _, m := range append(r.members()[1:], member{pathChecksums, &r.Checksums}) {
		reading.take(m)
	}
	for _, path := range slices.Sorted(maps.Keys(reading.found)) {
		reading.fail(path, "is no member of a record")
	}
	if reading.failed() {
		return nil, changed(reading.changes)
	}
	return r, nil
}

// takeVersion reads the version, and returns the member that has what was signed in it.
func (r *recordReader) takeVersion(record *Record) (signed string) {
	r.take(member{"version", &record.Version})
	if r.failed() {
		return ""
	}
	var other string
	switch record.Version {
	case RecordVersion:
		signed, other = "statement", "challenge"
	case ChallengeRecordVersion:
		signed, other = "challenge", "statement"
	default:
		r.fail("version", "is %d, but %d and %d are the only ones known", record.Version, RecordVersion, ChallengeRecordVersion)
		return ""
	}
	_, isThere := r.found[signed]
	if _, otherIsThere := r.found[other]; otherIsThere && !isThere {
		r.fail("version", "is %d, but the record has the form of the other version", record.Version)
	}
	return signed
}

// recordReader takes the members of a file one by one, and collects what is wrong.
type recordReader struct {
	found   map[string]json.RawMessage // by path, until they are taken
	missing []string                   // objects that were not there, so their members need not be missed one by one
	changes []Change
}

func (r *recordReader) fail(path, format string, args ...any) {
	r.changes = append(r.changes, Change{path, fmt.Sprintf(format, args...)})
}

func (r *recordReader) failed() bool { return len(r.changes) > 0 }

// object finds the members of an object. go-jose's decoder takes names as they are written and refuses repeated ones.
func (r *recordReader) object(path string, text []byte) {
	var members map[string]josejson.RawMessage
	if err := josejson.Unmarshal(text, &members); err != nil || members == nil {
		r.missing = append(r.missing, path)
		r.fail(path, "is not a JSON object%s", because(err))
		return
	}
	for name, value := range members {
		r.found[joined(path, name)] = json.RawMessage(value)
	}
}

func (r *recordReader) inner(path string) {
	text, given := r.found[path]
	if !given {
		r.missing = append(r.missing, path)
		r.fail(path, "is missing")
		return
	}
	delete(r.found, path)
	r.object(path, text)
}

// take reads the value of one member.
func (r *recordReader) take(m member) {
	text, given := r.found[m.path]
	delete(r.found, m.path)
	parent, _, _ := strings.Cut(m.path, ".")
	switch {
	case !given && slices.Contains(r.missing, parent):
	case !given:
		r.fail(m.path, "is missing")
	case m.path == pathDetails || m.path == pathChecksums:
		r.takeTexts(m, text)
	default:
		r.takeValue(m, text)
	}
}

func (r *recordReader) takeValue(m member, text []byte) {
	written, err := canonicalJSON(text)
	if err == nil {
		err = json.Unmarshal(text, m.value)
	}
	if err != nil {
		r.fail(m.path, "has a value of the wrong kind")
		return
	}
	if read, err := canonicalOf(m.value); err != nil || !bytes.Equal(read, written) {
		r.fail(m.path, "is not in the form that records have")
	}
}

// takeTexts reads an object of strings.
func (r *recordReader) takeTexts(m member, text []byte) {
	before := len(r.changes)
	values := &recordReader{found: map[string]json.RawMessage{}}
	values.object(m.path, text)
	for _, path := range slices.Sorted(maps.Keys(values.found)) {
		var value string
		values.takeValue(member{path, &value}, values.found[path])
	}
	if r.changes = append(r.changes, values.changes...); len(r.changes) == before {
		r.takeValue(m, text)
	}
}

func joined(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// because says why, when encoding/json said it.
func because(err error) string {
	if err == nil {
		return ""
	}
	return " (" + strings.TrimPrefix(err.Error(), "json: ") + ")"
}
