package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// A full or read-only disk is told in one way, whichever file met it.
func TestDisksThatTakeNothing(t *testing.T) {
	t.Parallel()
	full := "There is no space left in /data/default. Free some space and try again."
	readOnly := "Nothing can be written in /data: its file system is read-only. Choose another place, such as with XDG_DATA_HOME."
	for _, test := range []struct {
		err  error
		want string
	}{
		{
			fmt.Errorf("making the control token: %w", errors.Join(
				&fs.PathError{Op: "write", Path: "/data/default/.control-token-1", Err: syscall.ENOSPC}, nil)), full,
		},
		{fmt.Errorf("announcing: %w", &fs.PathError{Op: "open", Path: "/data/default/.server-1", Err: syscall.EDQUOT}), full},
		{&os.LinkError{Op: "rename", Old: "/data/default/a", New: "/data/default/b", Err: syscall.ENOSPC}, full},
		{&exitError{code: ExitFailed, err: &fs.PathError{Op: "mkdir", Path: "/data/default", Err: syscall.EROFS}}, readOnly},
		{&fs.PathError{Op: "open", Path: "/data/default/x", Err: syscall.EACCES}, "open /data/default/x: permission denied"},
		{&fs.PathError{Op: "write", Path: os.Stdout.Name(), Err: syscall.ENOSPC}, "write /dev/stdout: no space left on device"},
		{&net.OpError{Op: "listen", Net: "tcp", Err: syscall.EROFS}, "listen tcp: read-only file system"},
		{
			&onetouch.Error{Message: "Database d is full.", Err: &fs.PathError{Op: "open", Path: "/d", Err: syscall.ENOSPC}},
			"Database d is full.",
		},
		{errors.New("anything else"), "anything else"},
	} {
		if got := inWords(test.err); got != test.want {
			t.Errorf("%v\n got %s\nwant %s", test.err, got, test.want)
		}
	}
}
