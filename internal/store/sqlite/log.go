package sqlite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"

	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// A file has a log of changes beside it, as long as it is open and after its server was killed. SQLite takes any log for what it
// can make of it: with one that was removed, or is damaged at its beginning, it goes on as if nothing had been in it, and
// overwrites or removes the rest. So the log is looked at before SQLite does. A log whose end is damaged is a log of that
// length: after a power cut that is how it may be.
//
// Source of its format, and of which file comes and goes when: the description of the WAL format by SQLite, and its code.

func (l location) logPath() string { return l.path + "-wal" }

// sharedPath is the file by which processes share the index of the log. It comes after the log, and goes before it.
func (l location) sharedPath() string { return l.path + "-shm" }

// checkLog says why the log beside a file of some size cannot be the one that its changes were written to. Below 0 there is no
// file.
func (l location) checkLog(size int64) error {
	log := l.readLog(size)
	switch {
	case len(log) == 0 && size >= 0 && l.lostLog():
		return engine.Unavailable(nil, "Database %s cannot be used: it was not closed, and its log %s is gone, with changes that are "+
			"not in the file yet. Put the log back, or remove %s to go on without them.", l.path, l.logPath(), l.sharedPath())
	case len(log) <= logHeadSize: // there is none, or SQLite says what is wrong
		return nil
	case l.size() != size: // another process is making the database
		return nil
	case size < 0:
		return engine.Unavailable(nil, "Database %s cannot be used: it is gone, and its log %s is still there. Put it back, or move "+
			"the log away too to start anew.", l.path, l.logPath())
	case size == 0:
		return engine.Unavailable(nil, "Database %s cannot be used: it is empty, and its log %s is not. Restore a copy, or move "+
			"both away to start anew.", l.path, l.logPath())
	case isDamagedLog(log, size) && l.isStill(log, size):
		return engine.Unavailable(nil, "Database %s cannot be used: its log %s is damaged. Restore a copy of both, or move both "+
			"away to start anew.", l.path, l.logPath())
	default:
		return nil
	}
}

// size is that of the file; below 0 there is none.
func (l location) size() int64 {
	info, err := os.Stat(l.path)
	if err != nil {
		return -1
	}
	return info.Size()
}

// lostLog reports whether a file that is open, or was not closed, has no log. Another process may be opening or closing it.
func (l location) lostLog() bool {
	before, err := os.Stat(l.sharedPath())
	if err != nil {
		return false
	}
	if _, err := os.Stat(l.logPath()); !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	after, err := os.Stat(l.sharedPath())
	return err == nil && os.SameFile(before, after)
}

// readLog reads what has to be looked at: the head, and all of it beside a file of one page at most. Of a log that cannot be read
// it returns nothing.
func (l location) readLog(fileSize int64) []byte {
	file, err := os.Open(l.logPath())
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	most := int64(logHeadSize + 1)
	if fileSize <= largestPage {
		most = math.MaxInt64
	}
	log, err := io.ReadAll(io.LimitReader(file, most))
	if err != nil {
		return nil
	}
	return log
}

// isStill reports whether the log is as it was read: no other process is writing to it.
func (l location) isStill(log []byte, fileSize int64) bool {
	return bytes.Equal(log, l.readLog(fileSize))
}

// Sizes, in bytes.
const (
	logHeadSize   = 32
	frameHeadSize = 24
	smallestPage  = 512
	largestPage   = 65536
)

// isDamagedLog reports whether SQLite would overlook a whole log: because of its head or, where the file itself holds no more
// than the page that every file begins with, because no change in it is whole.
func isDamagedLog(log []byte, fileSize int64) bool {
	sums, whole := readLogHead(log)
	if !whole {
		return true
	}
	pageSize := int(binary.BigEndian.Uint32(log[8:]))
	if fileSize > int64(pageSize) {
		return false
	}
	changes := false
	for frame := log[logHeadSize:]; len(frame) >= frameHeadSize+pageSize; frame = frame[frameHeadSize+pageSize:] {
		if !bytes.Equal(frame[8:16], log[16:24]) { // left over from the log before
			break
		}
		sums.add(frame[:8])
		sums.add(frame[frameHeadSize : frameHeadSize+pageSize])
		ends := binary.BigEndian.Uint32(frame[4:]) != 0
		if ends && sums.are(frame[16:24]) {
			return false
		}
		changes = changes || ends
	}
	return changes
}

// readLogHead reads the head of a log, and returns the sums that its frames go on with.
func readLogHead(log []byte) (sums *checksums, whole bool) {
	magic := binary.BigEndian.Uint32(log)
	sums = &checksums{order: binary.LittleEndian}
	if magic&1 == 1 {
		sums.order = binary.BigEndian
	}
	sums.add(log[:24])
	pageSize := binary.BigEndian.Uint32(log[8:])
	isPageSize := pageSize >= smallestPage && pageSize <= largestPage && pageSize&(pageSize-1) == 0
	return sums, magic&^1 == 0x377f0682 && isPageSize && sums.are(log[24:logHeadSize])
}

// checksums are those of a log, over all that came before.
type checksums struct {
	order binary.ByteOrder
	one   uint32
	two   uint32
}

// add goes on with bytes, of which there are a multiple of 8.
func (c *checksums) add(content []byte) {
	for ; len(content) >= 8; content = content[8:] {
		c.one += c.order.Uint32(content) + c.two
		c.two += c.order.Uint32(content[4:]) + c.one
	}
}

// are compares the sums with those that were written down.
func (c *checksums) are(written []byte) bool {
	return binary.BigEndian.Uint32(written) == c.one && binary.BigEndian.Uint32(written[4:]) == c.two
}
