package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/gowebpki/jcs"

	"github.com/onetouchkit/onetouch/pkg/details"
)

// Shown is what a device shows its user before an answer. Hidden details are not part of it.
type Shown struct {
	AppName string       `json:"app_name"`
	Message string       `json:"message"`
	Details details.List `json:"details"`
}

// Digest is the lower-case hexadecimal SHA-256 over the canonical JSON (RFC 8785) of what was shown:
// {"app_name":…,"details":{…},"message":…}. The order of the details does not matter, each of their bytes does. It is an
// error when a text is not valid UTF-8 or a detail's name stands twice: neither has a canonical form.
func (s Shown) Digest() (string, error) {
	if err := s.checkEncoding(); err != nil {
		return "", err
	}
	plain, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("encode what was shown: %w", err)
	}
	canonical, err := jcs.Transform(plain)
	if err != nil {
		return "", fmt.Errorf("canonical JSON of what was shown: %w", err)
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}

// checkEncoding refuses broken UTF-8. encoding/json would replace it, and two different texts would share a digest.
func (s Shown) checkEncoding() error {
	if !utf8.ValidString(s.AppName) {
		return errors.New("application name is not valid UTF-8")
	}
	if !utf8.ValidString(s.Message) {
		return errors.New("message is not valid UTF-8")
	}
	for _, d := range s.Details {
		if !utf8.ValidString(d.Name) || !utf8.ValidString(d.Value) {
			return fmt.Errorf("detail %q is not valid UTF-8", d.Name)
		}
	}
	return nil
}
