package sqlite_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// asNobody runs work without root's right to ignore permissions. It binds one thread only; the goroutine ends with it.
func asNobody(t *testing.T, work func()) {
	t.Helper()
	if os.Getuid() != 0 {
		work()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread is thrown away
		const nobody = 65534
		if err := syscall.Setfsuid(nobody); err != nil {
			t.Errorf("giving up root: %v", err)
			return
		}
		work()
	}()
	<-done
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	const refused = "may not be written"
	for _, test := range []struct {
		name         string
		folder, file os.FileMode
		database     string
		says         string
	}{
		{"read-only file", 0o777, 0o444, "server.db", refused},
		{"secret file", 0o777, 0o000, "server.db", "cannot be opened"},
		{"read-only folder", 0o555, 0o666, "server.db", refused},
		{"new file in a read-only folder", 0o555, 0o666, "new.db", "cannot be created: permission denied"},
		{"new folder in a read-only folder", 0o555, 0o666, "new/server.db", "cannot be created: permission denied"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root, err := os.MkdirTemp("", "onetouch-store-") // t.TempDir is closed to anybody else
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(root) })
			folder := filepath.Join(root, "data")
			path := filepath.Join(folder, "server.db")
			closeDB(t, open(t, path))
			for name, mode := range map[string]os.FileMode{path: test.file, folder: test.folder, root: 0o755} {
				if err := os.Chmod(name, mode); err != nil {
					t.Fatal(err)
				}
			}
			t.Cleanup(func() { _ = os.Chmod(folder, 0o700) })
			asNobody(t, func() {
				db, err := openDatabase(t.Context(), filepath.Join(folder, test.database))
				if err == nil {
					closeDB(t, db)
				}
				expectRefusal(t, err, onetouch.CodeStorageUnavailable, test.says)
			})
		})
	}
}
