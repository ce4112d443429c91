package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

const project = "../../.."

// What is checked in is what the command tree gives today.
func TestNothingHasDrifted(t *testing.T) {
	t.Parallel()
	now := t.TempDir()
	if err := generate(now); err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders() {
		made, kept := files(t, filepath.Join(now, folder)), files(t, filepath.Join(project, folder))
		if len(made) < 4 {
			t.Errorf("%s: only %d files were made", folder, len(made))
		}
		for name, content := range made {
			if kept[name] != content {
				t.Errorf("%s/%s is not what the command tree gives: run go generate ./...", folder, name)
			}
			delete(kept, name)
		}
		for name := range kept {
			t.Errorf("%s/%s belongs to no command: run go generate ./...", folder, name)
		}
	}
	made, err := os.ReadFile(filepath.Join(now, schemaFile))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(filepath.Join(project, schemaFile))
	if err != nil || string(made) != string(kept) {
		t.Errorf("%s is not what the code gives: run go generate ./... (%v)", schemaFile, err)
	}
}

func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	contents := map[string]string{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(folder, name))
		contents[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return contents
}
