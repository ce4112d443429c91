// Package disk gives tests file systems of their own that can be full, or fail, as disks do. They take root to be mounted. Only
// tests import it.
package disk

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/onetouchkit/onetouch/internal/testneeds"
)

// Small mounts an empty file system of so many bytes that goes with the test, and returns its folder.
func Small(t testing.TB, size int) (folder string) {
	t.Helper()
	testneeds.Mounting(t)
	folder = t.TempDir()
	if err := unix.Mount("tmpfs", folder, "tmpfs", 0, "mode=0755,size="+strconv.Itoa(size)); err != nil {
		testneeds.Unmet(t, testneeds.Mount, "mounting a file system: "+err.Error())
	}
	t.Cleanup(func() { unmount(t, folder) })
	return folder
}

// Fill takes all space that is left in a folder's file system, until it is freed.
func Fill(t testing.TB, folder string) (free func()) {
	t.Helper()
	path := filepath.Join(folder, "fills the disk")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for piece := 1 << 16; piece > 0; {
		switch _, err := file.Write(make([]byte, piece)); {
		case errors.Is(err, unix.ENOSPC):
			piece /= 2
		case err != nil:
			t.Fatal(err)
		}
	}
	return func() {
		// Truncated first: as long as some program has the file open, it keeps its space when it is removed.
		if err := errors.Join(os.Truncate(path, 0), os.Remove(path)); err != nil {
			t.Fatal(err)
		}
	}
}

// patience is how long a file that was closed may be open still: a program that another test starts has those of this process
// for as long as it takes from fork to exec.
const patience = 10 * time.Second

// ReadOnly has nothing written to a file system any more that no file is open on.
func ReadOnly(t testing.TB, folder string) (writable func()) {
	t.Helper()
	remount := func(flags uintptr) {
		began := time.Now()
		for {
			err := unix.Mount("", folder, "", unix.MS_REMOUNT|flags, "")
			if err == nil {
				return
			}
			if !errors.Is(err, unix.EBUSY) || time.Since(began) > patience {
				t.Fatalf("mounting %s anew: %v", folder, err)
			}
			runtime.Gosched()
		}
	}
	remount(unix.MS_RDONLY)
	return func() { remount(0) }
}

// Failing is a file system that becomes read-only by itself, as Linux does with one whose disk has failed, while files are open
// on it.
type Failing struct {
	Folder string
	image  string
}

// NewFailing mounts one that goes with the test.
func NewFailing(t testing.TB) *Failing {
	t.Helper()
	testneeds.Mounting(t)
	f := &Failing{Folder: t.TempDir(), image: filepath.Join(t.TempDir(), "image")}
	if err := os.WriteFile(f.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(f.image, 16<<20); err != nil {
		t.Fatal(err)
	}
	run(t, 0, "mkfs.ext4", "-q", "-F", f.image)
	f.mount(t)
	t.Cleanup(func() { unmount(t, f.Folder) })
	return f
}

func (f *Failing) mount(t testing.TB) {
	t.Helper()
	run(t, 0, "mount", "-t", "ext4", "-o", "loop,errors=remount-ro", f.image, f.Folder)
}

// Fail has the kernel find an error of the file system.
func (f *Failing) Fail(t testing.TB) {
	t.Helper()
	device, err := f.device()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("/sys/fs/ext4/"+device+"/trigger_fs_error", []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
}

// Mend repairs it. No file is open on it.
func (f *Failing) Mend(t testing.TB) {
	t.Helper()
	run(t, 0, "umount", f.Folder)
	run(t, 1, "e2fsck", "-f", "-y", f.image) // 1: errors were corrected
	f.mount(t)
}

// device is the name of the one that is mounted.
func (f *Failing) device() (string, error) {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return "", err
	}
	for line := range strings.SplitSeq(string(mounts), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[1] == f.Folder {
			return filepath.Base(fields[0]), nil
		}
	}
	return "", fmt.Errorf("nothing is mounted at %s", f.Folder)
}

// run runs a program, which may end with a code up to worst.
func run(t testing.TB, worst int, program string, args ...string) {
	t.Helper()
	out, err := exec.Command(program, args...).CombinedOutput() //nolint:noctx // it ends by itself
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.ExitCode() <= worst {
		return
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// unmount takes a file system away, also from those that still have files on it.
func unmount(t testing.TB, folder string) {
	t.Helper()
	if err := unix.Unmount(folder, unix.MNT_DETACH); err != nil {
		t.Errorf("unmounting %s: %v", folder, err)
	}
}
