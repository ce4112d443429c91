package output

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Document is a value as a JSON file: indented, for people and files alike. Characters that would act on a terminal are
// written as \u escapes, which are the same value.
type Document struct{ Value any }

// Write writes the document to s.Out.
func (d Document) Write(s *Streams) error {
	compact, err := marshal(d.Value)
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	var document bytes.Buffer
	if err := json.Indent(&document, escapeUnsafe(compact), "", "  "); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	document.WriteByte('\n')
	if _, err := s.Out.Write(document.Bytes()); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}
