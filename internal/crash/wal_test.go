package crash_test

import (
	"encoding/binary"
	"os"
)

// endsWithin reports whether the log of an SQLite database ends within a change: its last frame that counts is not that of
// a commit. Source: the description of the WAL format by SQLite.
func endsWithin(wal string) bool {
	const head, frameHead = 32, 24
	content, err := os.ReadFile(wal)
	if err != nil || len(content) < head {
		return false // the server was killed before it had written
	}
	page := int(binary.BigEndian.Uint32(content[8:]))
	salts := string(content[16:24])
	within := false
	for at := head; at+frameHead <= len(content); at += frameHead + page {
		if string(content[at+8:at+16]) != salts { // left over from the log that this one has overwritten
			break
		}
		within = binary.BigEndian.Uint32(content[at+4:]) == 0
	}
	return within
}
