package testneeds

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// RepositoryTop returns the folder of this module, above that of the package whose test asks.
func RepositoryTop(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		above := filepath.Dir(folder)
		if above == folder {
			t.Fatal("there is no go.mod above the test")
		}
		folder = above
	}
}

// Built returns the path of a program that was built from a package of this module, such as ./cmd/onetouch. It is alone in
// its folder, which goes with the test.
func Built(t testing.TB, packagePath string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), filepath.Base(packagePath))
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, packagePath)
	build.Dir = RepositoryTop(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", packagePath, err, out)
	}
	return program
}
