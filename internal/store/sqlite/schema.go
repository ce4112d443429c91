package sqlite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Errors of [Schema].
var (
	ErrNoDatabase      = errors.New("it is no SQLite database")
	ErrForeignDatabase = errors.New("it belongs to another program")
)

// SchemaVersion is the version of the schema that this program brings every file to.
const SchemaVersion = schemaVersion

// Schema reads the version of a file's schema from its header, without opening the database: nothing is changed, and nobody
// waits. It is 0 for a file whose first changes still stand in its log. Source of the offsets: sqlite.org/fileformat.html, 1.3.
func Schema(path string) (version int64, err error) {
	const length, versionAt, applicationAt = 100, 60, 68
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	found := make([]byte, length)
	n, err := io.ReadFull(file, found)
	switch {
	case n == 0 && errors.Is(err, io.EOF):
		return 0, nil
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return 0, fmt.Errorf("reading the header of the database: %w", err)
	case err != nil || !bytes.HasPrefix(found, []byte("SQLite format 3\x00")):
		return 0, ErrNoDatabase
	}
	number := int64(binary.BigEndian.Uint32(found[versionAt:]))
	application := int64(binary.BigEndian.Uint32(found[applicationAt:]))
	if application != applicationID && (application != 0 || number != 0) {
		return 0, ErrForeignDatabase
	}
	return number, nil
}
