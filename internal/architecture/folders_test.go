package architecture_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestFolders: a newcomer finds only the agreed folders, and anything new is a decision that changes this list.
func TestFolders(t *testing.T) {
	t.Parallel()
	for parent, agreed := range map[string][]string{
		".":   {"cmd", "completions", "docs", "internal", "pkg"},
		"cmd": {"onetouch"},
		"internal": {
			"architecture", "authywire", "callbackaudit", "cli", "config", "conformance", "crash", "delivery", "fixture", "intercept", "junit", "linearizability", "localca", "measure", "migrate", "numbering",
			"onetouch", "packaging", "phone", "phonetest", "policy", "ports",
			"readme", "sample", "sequence", "server", "snapshot", "spelling", "store", "terminal", "terminaltest", "testneeds", "tui",
			"verifywire",
		},
		"pkg": {"approval", "authy", "callback", "details", "device", "evidence", "internal", "onetouchtest", "verify"},
	} {
		t.Run(parent, func(t *testing.T) {
			t.Parallel()
			folders := foldersIn(t, filepath.Join("..", "..", parent))
			if strange := without(folders, agreed); len(strange) > 0 {
				t.Errorf("nobody agreed on %v", strange)
			}
		})
	}
}

// foldersIn lists the folders that git would keep: not hidden ones, and not what a release build leaves behind.
func foldersIn(t *testing.T, parent string) []string {
	t.Helper()
	entries, err := os.ReadDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, entry := range entries {
		if name := entry.Name(); entry.IsDir() && name != "dist" && !strings.HasPrefix(name, ".") {
			folders = append(folders, name)
		}
	}
	return folders
}

// without returns the names that are not in the other list.
func without(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(others, name) })
}

func TestWithout(t *testing.T) {
	t.Parallel()
	if got := without([]string{"cmd", "util", "pkg"}, []string{"cmd", "pkg"}); !slices.Equal(got, []string{"util"}) {
		t.Errorf("found %v, want util", got)
	}
}
