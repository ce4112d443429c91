package device

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// lockFile waits for the exclusive use of a file, which it makes when it is missing. A file that is opened without
// sharing cannot be opened again until its process has closed it or ended.
func lockFile(path string) (unlock func(), err error) {
	const sharingViolation syscall.Errno = 32 // ERROR_SHARING_VIOLATION
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	for {
		handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil,
			syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
		if err == nil {
			return func() { _ = syscall.CloseHandle(handle) }, nil
		}
		if !errors.Is(err, sharingViolation) {
			return nil, fmt.Errorf("locking %s: %w", path, err)
		}
		time.Sleep(time.Millisecond) // there is nothing to wait on
	}
}

// syncFolder does nothing: Windows makes a rename durable by itself.
func syncFolder(string) error { return nil }

// tooOpen knows nothing of Windows' access control lists: the folder's own keep others out of a user's profile.
func tooOpen(os.FileInfo, os.FileMode) string { return "" }
