package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// File is a file of settings. It need not exist.
type File struct {
	Path    string
	Project bool // whether it is that of the folder that a command is run in; the other is the user's own
}

const indent = 2 // as people write it

// userFile is the user's own file, in their folder of settings.
const userFile = "config.yaml"

// Files are the files of settings; a later one stands in for an earlier one.
func (e Environment) Files() []File {
	project := File{Path: filepath.Join(e.Dir, projectFile), Project: true}
	user, err := e.UserFile()
	if err != nil {
		return []File{project}
	}
	return []File{user, project}
}

// UserFile is the user's own file.
func (e Environment) UserFile() (File, error) {
	folder, err := e.configFolder()
	if err != nil {
		return File{}, err
	}
	return File{Path: filepath.Join(folder, userFile)}, nil
}

// ProjectFile is the file of the folder that a command is run in.
func (e Environment) ProjectFile() File {
	return File{Path: filepath.Join(e.Dir, projectFile), Project: true}
}

// Values are the settings that stand in the file; none when there is no file.
func (f File) Values() (map[string]string, error) {
	one, err := readFile(f.Path)
	values := map[string]string{}
	if err != nil || one == nil {
		return values, err
	}
	for _, key := range one.AllKeys() {
		values[key] = one.GetString(key)
	}
	return values, nil
}

// Set writes a setting into the file, which is made if need be, for the user alone: it may hold secrets. Comments and
// everything else in it stay. The setting is refused when the file would not be read any more.
func (f File) Set(key, value string) error {
	return f.edit(func(settings *yaml.Node) {
		text := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
		text.SetString(value)
		if at := indexOf(settings, key); at >= 0 {
			text.LineComment = settings.Content[at+1].LineComment
			settings.Content[at+1] = text
			return
		}
		name := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}
		settings.Content = append(settings.Content, name, text)
	})
}

// Unset removes a setting from the file.
func (f File) Unset(key string) error {
	return f.edit(func(settings *yaml.Node) {
		if at := indexOf(settings, key); at >= 0 {
			settings.Content = slices.Delete(settings.Content, at, at+2)
		}
	})
}

// indexOf is where a key stands among the nodes of a mapping, -1 when it does not. Keys are read whatever their case.
func indexOf(settings *yaml.Node, key string) int {
	for i := 0; i+1 < len(settings.Content); i += 2 {
		if strings.EqualFold(settings.Content[i].Value, key) {
			return i
		}
	}
	return -1
}

func (f File) edit(change func(settings *yaml.Node)) error {
	if _, err := readFile(f.Path); err != nil {
		return err // nothing of a file that is not understood is written anew
	}
	content, err := os.ReadFile(f.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading settings: %w", err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return fmt.Errorf("reading settings from %s: %s", f.Path, oneLine(err))
	}
	var written bytes.Buffer
	if len(document.Content) == 0 { // comments at most
		written.Write(content)
		if len(content) > 0 && !bytes.HasSuffix(content, []byte("\n")) {
			written.WriteByte('\n')
		}
	}
	if len(document.Content) == 0 || document.Content[0].Kind != yaml.MappingNode {
		document = yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.MappingNode}}}
	}
	change(document.Content[0])
	if len(document.Content[0].Content) > 0 {
		encoder := yaml.NewEncoder(&written)
		encoder.SetIndent(indent)
		if err := errors.Join(encoder.Encode(&document), encoder.Close()); err != nil {
			return fmt.Errorf("writing settings to %s: %w", f.Path, err)
		}
	}
	return f.write(written.Bytes())
}

// write replaces the file, whole or not at all. What was open to others stays so; a new file is for the user alone.
func (f File) write(content []byte) error {
	path := f.Path
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // a link stays one
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("writing settings: %w", err)
	}
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	fresh, err := os.CreateTemp(folder, ".settings-*")
	if err != nil {
		return fmt.Errorf("writing settings: %w", err)
	}
	defer func() { _ = os.Remove(fresh.Name()) }()
	_, err = fresh.Write(content)
	if err := errors.Join(err, fresh.Chmod(mode), fresh.Sync(), fresh.Close()); err != nil {
		return fmt.Errorf("writing settings to %s: %w", f.Path, err)
	}
	if err := os.Rename(fresh.Name(), path); err != nil {
		return fmt.Errorf("writing settings to %s: %w", f.Path, err)
	}
	return nil
}
