package disk_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/onetouchkit/onetouch/internal/testneeds/disk"
)

// writes says what a write to an open file came to.
func writes(t *testing.T, file *os.File, want error) {
	t.Helper()
	if _, err := file.Write(make([]byte, 1<<15)); !errors.Is(err, want) {
		t.Errorf("a write came to %v, want %v", err, want)
	}
}

func create(t *testing.T, folder string) *os.File {
	t.Helper()
	file, err := os.Create(filepath.Join(folder, "file"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func TestSmall(t *testing.T) {
	t.Parallel()
	folder := disk.Small(t, 1<<20)
	file := create(t, folder)
	writes(t, file, nil)
	free := disk.Fill(t, folder)
	writes(t, file, unix.ENOSPC)
	free()
	writes(t, file, nil)
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	writable := disk.ReadOnly(t, folder)
	if _, err := os.Create(filepath.Join(folder, "another")); !errors.Is(err, unix.EROFS) {
		t.Errorf("a new file came to %v", err)
	}
	writable()
	create(t, folder)
}

func TestFailing(t *testing.T) {
	t.Parallel()
	failing := disk.NewFailing(t)
	file := create(t, failing.Folder)
	writes(t, file, nil)
	failing.Fail(t)
	writes(t, file, unix.EROFS)
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	failing.Mend(t)
	writes(t, create(t, failing.Folder), nil)
}
