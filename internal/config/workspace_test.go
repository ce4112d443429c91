package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/config"
)

func workspace(t *testing.T, p place, name string) config.Workspace {
	t.Helper()
	w, err := p.environment().Workspace(name)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestFolders(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		return // other folders, by the same code
	}
	p := newPlace(t)
	for name, test := range map[string]struct {
		xdg, want string
	}{
		"set":      {p.home + "/data", p.home + "/data/onetouch/shop"},
		"unset":    {"", p.home + "/.local/share/onetouch/shop"},
		"relative": {"data", p.home + "/.local/share/onetouch/shop"},
	} {
		p.variables["XDG_DATA_HOME"] = test.xdg
		if got := workspace(t, p, "shop").Dir(); got != test.want {
			t.Errorf("%s: folder = %s, want %s", name, got, test.want)
		}
	}
}

func TestWorkspaceFilesStandInItsFolder(t *testing.T) {
	t.Parallel()
	w := workspace(t, newPlace(t), "default")
	for _, file := range []string{w.Database(), w.Devices(w.Database()), w.Devices(":memory:"), w.Announcement(),
		w.CertificateAuthority(),
	} {
		if filepath.Dir(file) != w.Dir() {
			t.Errorf("%s is not in %s", file, w.Dir())
		}
	}
	if _, err := os.Stat(w.Dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("looking at a workspace made its folder: %v", err)
	}
}

// Devices are numbered anew in every database, so a key of one must not take the place of another's.
func TestEveryDatabaseHasItsOwnDevices(t *testing.T) {
	t.Parallel()
	w := workspace(t, newPlace(t), "default")
	seen := map[string]string{}
	for _, database := range []string{w.Database(), ":memory:", "/srv/a.db", "/srv/b.db", "postgres://localhost/a"} {
		folder := w.Devices(database)
		if other := seen[folder]; other != "" {
			t.Errorf("%s and %s share %s", database, other, folder)
		}
		if seen[folder] = database; w.Devices(database) != folder {
			t.Errorf("the folder of %s is another one each time", database)
		}
	}
	if got := w.Devices(w.Database()); filepath.Base(got) != "devices" {
		t.Errorf("the workspace's own devices are in %s", got)
	}
}

func TestWorkspaceNames(t *testing.T) {
	t.Parallel()
	for name, valid := range map[string]bool{
		"default": true, "a": true, "Shop-2.test_1": true, strings.Repeat("x", 64): true,
		"": false, ".": false, "..": false, ".hidden": false, "a/b": false, `a\b`: false, "a b": false, "é": false,
		"a\n": false, strings.Repeat("x", 65): false,
	} {
		if _, err := newPlace(t).environment().Workspace(name); (err == nil) != valid {
			t.Errorf("workspace %q: err = %v, want valid = %v", name, err, valid)
		}
	}
}

func TestNoHome(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	clear(p.variables)
	if _, err := p.environment().Workspace("default"); err == nil || !strings.Contains(err.Error(), "HOME") {
		t.Errorf("err = %v, want one that names what to set", err)
	}
	if _, err := config.Load(p.environment(), nil); err != nil {
		t.Errorf("settings need no home: %v", err)
	}
}

func TestHomeThatIsNoFolder(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	file := filepath.Join(p.home, "file")
	write(t, file, "")
	p.variables["XDG_DATA_HOME"], p.variables["XDG_CONFIG_HOME"] = file, file
	if _, err := config.Load(p.environment(), nil); err != nil {
		t.Errorf("settings need no home: %v", err)
	}
	w := workspace(t, p, "default")
	if _, err := w.EnsureControlToken(); err == nil || !strings.Contains(err.Error(), "XDG_DATA_HOME") {
		t.Errorf("err = %v, want one that says how to choose another place", err)
	}
}

func TestControlTokenIsMadeOnceAndForTheUserOnly(t *testing.T) {
	t.Parallel()
	w := workspace(t, newPlace(t), "default")
	if _, err := w.ControlToken(); !errors.Is(err, config.ErrNoControlToken) {
		t.Errorf("err = %v, want ErrNoControlToken", err)
	}
	const makers = 16
	tokens := make([]string, makers)
	var work sync.WaitGroup
	for i := range makers {
		work.Go(func() {
			token, err := w.EnsureControlToken()
			if err != nil {
				t.Error(err)
			}
			tokens[i] = token
		})
	}
	work.Wait()
	for _, token := range tokens {
		if token != tokens[0] || len(token) < 26 {
			t.Fatalf("tokens differ or are short: %q", tokens)
		}
	}
	if token, err := w.ControlToken(); err != nil || token != tokens[0] {
		t.Errorf("read %q, %v, want %q", token, err, tokens[0])
	}
	checkModes(t, w)
}

func checkModes(t *testing.T, w config.Workspace) {
	t.Helper()
	entries, err := os.ReadDir(w.Dir())
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != "control-token" {
		t.Errorf("the folder holds %v, want the control token alone", entries)
	}
	if runtime.GOOS == "windows" {
		return // no modes there
	}
	for path, want := range map[string]os.FileMode{
		w.Dir(): 0o700, filepath.Dir(w.Dir()): 0o700, filepath.Join(w.Dir(), "control-token"): 0o600,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("mode of %s = %o, want %o", path, got, want)
		}
	}
}

func TestEmptyControlToken(t *testing.T) {
	t.Parallel()
	w := workspace(t, newPlace(t), "default")
	write(t, filepath.Join(w.Dir(), "control-token"), "\n")
	if _, err := w.ControlToken(); err == nil || !strings.Contains(err.Error(), "control-token is empty") {
		t.Errorf("err = %v, want one that names the file", err)
	}
}
