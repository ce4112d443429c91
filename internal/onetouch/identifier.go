package onetouch

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
)

// identifiers makes everything random from one source, so that a seeded source repeats a whole run.
type identifiers struct{ random io.Reader }

func (i identifiers) bytes(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(i.random, b); err != nil {
		// crypto/rand never fails; a seeded source that runs dry is a fault in the program.
		panic(fmt.Sprintf("the source of randomness failed: %v", err))
	}
	return b
}

// secret is 256 random bits in text that needs no escaping in a URL or header.
func (i identifiers) secret() string { return base64.RawURLEncoding.EncodeToString(i.bytes(32)) }

// objectID is 24 hexadecimal digits, the form of Authy's app_id, user_id and _id.
func (i identifiers) objectID() string { return hex.EncodeToString(i.bytes(12)) }

// uuid is a random (version 4) UUID.
func (i identifiers) uuid() string {
	b := i.bytes(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	text := make([]byte, 0, 36)
	for i, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}

// apiKey has the look of Authy's: 32 characters.
func (i identifiers) apiKey() string { return base64.RawURLEncoding.EncodeToString(i.bytes(24)) }

// SecretDigest is the SHA-256 of a secret. Access and registration tokens are kept only in this form; a lookup by digest
// also takes the same time whatever the secret is.
func SecretDigest(secret string) []byte {
	digest := digestOf(secret)
	return digest[:]
}

func digestOf(secret string) [sha256.Size]byte { return sha256.Sum256([]byte(secret)) }

// fraction is a random number in [0,1).
func (i identifiers) fraction() float64 {
	return float64(binary.BigEndian.Uint32(i.bytes(4))) / (1 << 32)
}
