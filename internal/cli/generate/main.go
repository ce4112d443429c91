// Command generate writes what is made from the command tree: shell completions, the reference of the commands, manual
// pages, the schema of seed files.
// `go generate ./...` runs it; a test finds out when that was forgotten.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

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
	manualFolder      = "docs/man"
)

// schemaFile is the schema of seed files.
const schemaFile = "docs/seed.schema.json"

func folders() []string { return []string{completionsFolder, referenceFolder, manualFolder} }

// generate writes everything below project. The same tree gives the same bytes, on any machine and day.
func generate(project string) error {
	streams, _, _, _ := output.Test()
	nothingSet := config.Environment{Lookup: func(string) (string, bool) { return "", false }}
	root := cli.NewCmdRoot(&cli.Factory{Streams: streams, Env: nothingSet})
	root.InitDefaultCompletionCmd()
	for _, folder := range folders() {
		if err := fresh(filepath.Join(project, folder)); err != nil {
			return err
		}
	}
	if err := completions(root, filepath.Join(project, completionsFolder)); err != nil {
		return err
	}
	if err := doc.GenMarkdownTree(root, filepath.Join(project, referenceFolder)); err != nil {
		return err
	}
	if err := manual(root, filepath.Join(project, manualFolder)); err != nil {
		return err
	}
	schema, err := cli.SeedSchema()
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(project, schemaFile), schema, 0o644)
}

// manual writes the page of a command and of those below it, for man(1). A page has no date: what it says is that of the
// program beside it.
func manual(cmd *cobra.Command, folder string) error {
	for _, sub := range cmd.Commands() {
		if !sub.IsAvailableCommand() || sub.IsAdditionalHelpTopicCommand() {
			continue
		}
		if err := manual(sub, folder); err != nil {
			return err
		}
	}
	const section = "1"
	never := time.Time{}
	var page bytes.Buffer
	if err := doc.GenMan(cmd, &doc.GenManHeader{Section: section, Date: &never, Source: "onetouch"}, &page); err != nil {
		return fmt.Errorf("writing the manual page of %s: %w", cmd.CommandPath(), err)
	}
	undated := bytes.Replace(page.Bytes(), []byte(never.Format(`"Jan 2006"`)), []byte(`""`), 1)
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + "." + section
	return os.WriteFile(filepath.Join(folder, name), undated, 0o644)
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
