package architecture_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/onetouchkit/onetouch"

// source is a file of the module that is no test, whatever its build constraints.
type source struct {
	file    string // from the root of the module
	pkg     string // import path without the module's own
	imports []imported
}

// imported is a package that a file imports.
type imported struct {
	path string // without the module's own, if it is of this module
	ours bool
}

func root() string { return filepath.Join("..", "..") }

func sources(t *testing.T) []source {
	t.Helper()
	var files []source
	err := filepath.WalkDir(root(), func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != root() && notSource(entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		s, err := readSource(file)
		files = append(files, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d files were read: the module is not where this test looks for it", len(files))
	}
	return files
}

// notSource reports whether the go command ignores a folder of that name too.
func notSource(name string) bool {
	return name == "testdata" || name == "vendor" || name == "node_modules" || strings.HasPrefix(name, ".") ||
		strings.HasPrefix(name, "_")
}

func readSource(file string) (source, error) {
	relative, err := filepath.Rel(root(), file)
	if err != nil {
		return source{}, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return source{}, err
	}
	s := source{file: relative, pkg: path.Dir(filepath.ToSlash(relative))}
	for _, spec := range parsed.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, err
		}
		within, ours := strings.CutPrefix(name, module+"/")
		s.imports = append(s.imports, imported{path: within, ours: ours})
	}
	return s, nil
}
