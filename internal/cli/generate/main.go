// Command generate writes what is made from the command tree: shell completions and the reference of the commands.
// `go generate ./...` runs it; a test finds out when that was forgotten.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/onetouchkit/onetouch/internal/cli"
	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: generate FOLDER-OF-THE-PROJECT")
	}
	if err := generate(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// Folders of what is generated. They hold nothing else.
const (
	completionsFolder = "completions"
	referenceFolder   = "docs/cli"
)

// generate writes everything below project. The same tree gives the same bytes, on any machine and day.
func generate(project string) error {
	streams, _, _, _ := output.Test()
	nothingSet := config.Environment{Lookup: func(string) (string, bool) { return "", false }}
	root := cli.NewCmdRoot(&cli.Factory{Streams: streams, Env: nothingSet})
	root.InitDefaultCompletionCmd()
	for _, folder := range []string{completionsFolder, referenceFolder} {
		if err := fresh(filepath.Join(project, folder)); err != nil {
			return err
		}
	}
	if err := completions(root, filepath.Join(project, completionsFolder)); err != nil {
		return err
	}
	return doc.GenMarkdownTree(root, filepath.Join(project, referenceFolder))
}

// fresh empties a folder, so that a command that is gone leaves nothing.
func fresh(folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	return os.MkdirAll(folder, 0o755)
}

// completions writes the script of each shell, under the name that shell looks for.
func completions(root *cobra.Command, folder string) error {
	for name, write := range map[string]func(string) error{
		"onetouch.bash": func(file string) error { return root.GenBashCompletionFileV2(file, true) },
		"_onetouch":     root.GenZshCompletionFile,
		"onetouch.fish": func(file string) error { return root.GenFishCompletionFile(file, true) },
		"onetouch.ps1":  root.GenPowerShellCompletionFileWithDesc,
	} {
		if err := write(filepath.Join(folder, name)); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}
