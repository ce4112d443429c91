package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// inWords is an error as a person reads it. Of a file that a full or read-only disk did not take, whichever it is, it says
// where that was and what helps, as the database does of itself.
func inWords(err error) string {
	folder, reason := notWritten(err)
	switch {
	case errors.As(err, new(*onetouch.Error)): // says it already
		return err.Error()
	case reason == syscall.ENOSPC || reason == syscall.EDQUOT:
		return "There is no space left in " + folder + ". Free some space and try again."
	case reason == syscall.EROFS:
		return "Nothing can be written in " + folder + ": its file system is read-only. Choose another place, such as with " +
			"XDG_DATA_HOME."
	default:
		return err.Error()
	}
}

// notWritten returns the folder of the file that an error is about, and the operating system's reason. What is written to
// standard output is in no folder.
func notWritten(err error) (folder string, reason syscall.Errno) {
	var ofPath *fs.PathError
	var ofLink *os.LinkError
	var path string
	switch {
	case errors.As(err, &ofPath):
		path = ofPath.Path
	case errors.As(err, &ofLink):
		path = ofLink.New
	}
	if path == "" || path == os.Stdout.Name() || path == os.Stderr.Name() || !errors.As(err, &reason) {
		return "", 0
	}
	return filepath.Dir(path), reason
}
