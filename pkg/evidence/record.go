package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Versions of the form of a [Record].
const (
	RecordVersion          = 1 // with a statement of a device
	ChallengeRecordVersion = 2 // with the answer of a factor of the Verify API to a challenge
)

// Record is an answer with all that it takes to check it later, without any server or database: its JSON form is the file
// that 'onetouch request evidence' prints.
//
// The signature covers what was shown, the request's UUID, the status, the device's ID, the challenge, the time and the
// reason; the key ID follows from the public key. The rest is what the service says of the device, and when it took the
// answer. Whose the key is no file can prove by itself: compare KeyID with the one that the device registered with.
//
// Of the answer of a factor of the Verify API the signature covers message and details of what was shown, the UUIDs of the
// request and of the device, the status, and when the request was made and ends.
type Record struct {
	Version    int               `json:"version"` // [RecordVersion] or [ChallengeRecordVersion]
	UUID       string            `json:"uuid"`    // of the approval request
	Status     string            `json:"status"`  // [Approved] or [Denied]
	AnsweredAt time.Time         `json:"answered_at"`
	Shown      Shown             `json:"shown"`
	Device     RecordDevice      `json:"device"`
	PublicKey  json.RawMessage   `json:"public_key"`         // JWK, as [PublicKey.MarshalJSON] writes it
	KeyID      string            `json:"key_id"`             // [PublicKey.ID]
	JWS        string            `json:"jws"`                // the answer itself, compact
	Statement  Statement         `json:"statement,omitzero"` // payload of the JWS, to read
	Challenge  ChallengeAnswer   `json:"challenge,omitzero"` // in its place, that of the JWT of a factor
	Checksums  map[string]string `json:"checksums"`          // see [Record.Seal]
}

// RecordDevice is the device that answered, as the service knows it.
type RecordDevice struct {
	ID           int64     `json:"id"`
	UUID         string    `json:"uuid"`
	Name         string    `json:"name"`
	Platform     string    `json:"platform"`
	RegisteredAt time.Time `json:"registered_at"`
}

// Seal completes a record: it sets version, statement or challenge, and checksums. It does not judge the answer, but one whose
// JWS cannot be read is [ErrMalformed].
//
// A checksum is the lower-case hexadecimal SHA-256 of the canonical JSON (RFC 8785) of one member's value. Members are named
// by their path, joined by dots: shown.message, shown.details.Amount, device.id. The JWS has three: jws.header, jws.payload
// and jws.signature. Checksums prove nothing, since whoever changes a record can make new ones; they let
// [Record.Verify] tell which of the members behind one signature it was that changed.
func (r *Record) Seal() error {
	if err := r.readJWS(); err != nil {
		return fmt.Errorf("sealing a record: %w", err)
	}
	parts, err := r.parts()
	if err != nil {
		return fmt.Errorf("sealing a record: %w", err)
	}
	r.Checksums = checksumsOf(parts)
	return nil
}

// readJWS takes over what was signed.
func (r *Record) readJWS() error {
	jws, err := parseCompact(r.JWS)
	if err != nil {
		return err
	}
	r.Statement, r.Challenge = Statement{}, ChallengeAnswer{}
	if isJWT(jws) {
		r.Version = ChallengeRecordVersion
		r.Challenge, err = parseChallengeAnswer(jws)
		return err
	}
	signed, err := Parse(r.JWS)
	if err == nil {
		r.Version, r.Statement = RecordVersion, signed.Statement
	}
	return err
}

// Encode writes the record as a file: indented JSON in UTF-8, with a newline at the end.
func (r *Record) Encode() ([]byte, error) {
	var file bytes.Buffer
	encoder := json.NewEncoder(&file)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return nil, fmt.Errorf("writing a record: %w", err)
	}
	return file.Bytes(), nil
}

// member is one value of a record, under its path.
type member struct {
	path  string
	value any // pointer
}

// members are all values of a record in the order of its file, but for the checksums. shown.details and jws are split further
// by [Record.parts].
func (r *Record) members() []member {
	signed := r.statementMembers()
	if r.Version == ChallengeRecordVersion {
		signed = r.challengeMembers()
	}
	return append([]member{
		{"version", &r.Version}, {"uuid", &r.UUID}, {"status", &r.Status}, {"answered_at", &r.AnsweredAt},
		{"shown.app_name", &r.Shown.AppName}, {"shown.message", &r.Shown.Message}, {pathDetails, &r.Shown.Details},
		{"device.id", &r.Device.ID}, {"device.uuid", &r.Device.UUID}, {"device.name", &r.Device.Name},
		{"device.platform", &r.Device.Platform}, {"device.registered_at", &r.Device.RegisteredAt},
		{"public_key", &r.PublicKey}, {"key_id", &r.KeyID}, {pathJWS, &r.JWS},
	}, signed...)
}

func (r *Record) statementMembers() []member {
	return []member{
		{"statement.uuid", &r.Statement.UUID}, {"statement.status", &r.Statement.Status},
		{"statement.challenge", &r.Statement.Challenge}, {"statement.device_id", &r.Statement.DeviceID},
		{"statement.iat", &r.Statement.IssuedAt}, {"statement.details_sha256", &r.Statement.DetailsSHA256},
		{"statement.reason", &r.Statement.Reason},
	}
}

// Paths that several rules know.
const (
	pathDetails   = "shown.details"
	pathJWS       = "jws"
	pathHeader    = "jws.header"
	pathPayload   = "jws.payload"
	pathSignature = "jws.signature"
	pathChecksums = "checksums"
)
