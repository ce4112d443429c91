// Package clients installs the published Node.js clients of the Authy API and of the Verify API for tests.
// internal/conformance/clients pins them and everything they bring with them.
package clients

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/onetouchkit/onetouch/internal/testneeds"
)

// manifests pin the clients. What is overridden there is wanted by one of nodeunit's reporters only, which is not used
// here: older versions of it bring less.
func manifests() []string { return []string{"package.json", "package-lock.json"} }

// Install returns a node_modules folder with the clients that the manifests in the folder pin. It is kept in the user's
// cache, under the hash of what pins it, so that only the first run on a machine needs the npm registry.
func Install(t *testing.T, npm, folder string) (modules string) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatalf("no folder to keep the clients in: %v", err)
	}
	cache = filepath.Join(cache, "onetouch-conformance")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		t.Fatal(err)
	}
	defer lockCache(t, cache)()
	installed := filepath.Join(cache, manifestHash(t, folder))
	if _, err := os.Stat(installed); errors.Is(err, fs.ErrNotExist) {
		install(t, npm, folder, cache, installed)
	}
	return filepath.Join(installed, "node_modules")
}

// lockCache keeps other test processes waiting while one installs.
func lockCache(t *testing.T, cache string) (unlock func()) {
	t.Helper()
	lock := flock.New(filepath.Join(cache, "lock"))
	if _, err := lock.TryLockContext(t.Context(), 50*time.Millisecond); err != nil {
		t.Fatalf("waiting for another test that installs the clients: %v", err)
	}
	return func() { _ = lock.Unlock() }
}

func manifestHash(t *testing.T, folder string) string {
	t.Helper()
	hash := sha256.New()
	for _, name := range manifests() {
		hash.Write(readManifest(t, folder, name))
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
}

func readManifest(t *testing.T, folder, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// install has npm fetch the clients beside their place, then moves them there, so that what is there is whole.
func install(t *testing.T, npm, folder, cache, installed string) {
	t.Helper()
	fresh, err := os.MkdirTemp(cache, "installing-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(fresh) }() // gone already after a move
	for _, name := range manifests() {
		if err := os.WriteFile(filepath.Join(fresh, name), readManifest(t, folder, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), npm, "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund")
	command.Dir = fresh
	if output, err := command.CombinedOutput(); err != nil {
		testneeds.Unmet(t, testneeds.NodeJS, "npm could not install the clients: "+err.Error()+"\n"+string(output))
	}
	if err := os.Rename(fresh, installed); err != nil {
		t.Fatal(err)
	}
}
