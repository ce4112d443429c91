package cli_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/testneeds"
)

// PowerShell is in no repository of Debian's. What can be found out without it is that its script is one.
func TestScriptOfPowerShellParses(t *testing.T) {
	t.Parallel()
	node, npm := testneeds.Node(t)
	folder := t.TempDir()
	install := exec.CommandContext(t.Context(), npm, "install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund",
		"--legacy-peer-deps", "tree-sitter-powershell@0.26.4", "web-tree-sitter@0.27.2")
	install.Dir = folder
	if output, err := install.CombinedOutput(); err != nil {
		testneeds.Unmet(t, testneeds.NodeJS, "npm could not install the grammar: "+err.Error()+"\n"+string(output))
	}
	parser, err := os.ReadFile(filepath.Join("testdata", "powershell", "parse.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join("..", "..", "completions", "onetouch.ps1"))
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(
		os.WriteFile(filepath.Join(folder, "parse.mjs"), parser, 0o600),
		os.WriteFile(filepath.Join(folder, "good.ps1"), script, 0o600),
		os.WriteFile(filepath.Join(folder, "bad.ps1"), append(script, "if ($a { 1 }\n"...), 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	for name, good := range map[string]bool{"good.ps1": true, "bad.ps1": false} {
		parse := exec.CommandContext(t.Context(), node, "parse.mjs", name)
		parse.Dir = folder
		output, err := parse.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, output)
		}
		if found := strings.TrimSpace(string(output)); (found == "ok") != good {
			t.Errorf("%s: %s", name, found)
		}
	}
}
