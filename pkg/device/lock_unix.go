//go:build unix

package device

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lockFile waits for the exclusive lock of a file, which it makes when it is missing. The lock goes with its process,
// however that ends.
func lockFile(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, fileMode)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return func() { _ = file.Close() }, nil
}

// syncFolder makes a rename in the folder durable.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return cmp.Or(folder.Sync(), folder.Close())
}

// tooOpen says whom a file or folder lets in beyond its user, of the given permissions; "" when nobody.
func tooOpen(info os.FileInfo, permissions os.FileMode) string {
	if info.Mode().Perm()&permissions == 0 {
		return ""
	}
	return fmt.Sprintf("is open to other users (mode %04o)", info.Mode().Perm())
}
