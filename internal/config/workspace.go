package config

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Workspace is one set of files, in a folder that only the user can enter. Nothing is made until it is needed.
type Workspace struct {
	Name string
	dir  string
}

// workspaceName is also the name of a folder, on every system.
const workspaceName = `^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`

func validWorkspace(name string) error {
	if !regexp.MustCompile(workspaceName).MatchString(name) {
		return fmt.Errorf("workspace %q: a name has 1 to 64 letters, digits, dots, hyphens and underscores, "+
			"and begins with a letter or digit", name)
	}
	return nil
}

// Workspace finds the files of a workspace.
func (e Environment) Workspace(name string) (Workspace, error) {
	if err := validWorkspace(name); err != nil {
		return Workspace{}, err
	}
	folder, err := e.dataFolder()
	if err != nil {
		return Workspace{}, err
	}
	return Workspace{Name: name, dir: filepath.Join(folder, name)}, nil
}

// Workspaces lists the names of the workspaces there are, in order.
func (e Environment) Workspaces() ([]string, error) {
	folder, err := e.dataFolder()
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() && validWorkspace(entry.Name()) == nil {
			names = append(names, entry.Name())
		}
	}
	return names, err
}

// Dir is the workspace's folder.
func (w Workspace) Dir() string { return w.dir }

// Database is the server's database, unless the user keeps it elsewhere.
func (w Workspace) Database() string { return filepath.Join(w.dir, "server.db") }

// Devices is the folder with the keys of the devices that are simulated here and registered in a database. No server reads
// it. Devices are numbered anew in every database, so one that is not the workspace's own has a folder for itself.
func (w Workspace) Devices(database string) string {
	const folder, shortDigest = "devices", 6
	if database == w.Database() {
		return filepath.Join(w.dir, folder)
	}
	digest := sha256.Sum256([]byte(database))
	return filepath.Join(w.dir, folder+"-"+hex.EncodeToString(digest[:shortDigest]))
}

// Announcement is the file in which the workspace's server says where it is.
func (w Workspace) Announcement() string { return filepath.Join(w.dir, "server.json") }

// CertificateAuthority is the file with the authority that vouches for the workspace's server, and its key.
func (w Workspace) CertificateAuthority() string { return filepath.Join(w.dir, "local-ca.pem") }

func (w Workspace) controlToken() string { return filepath.Join(w.dir, "control-token") }

// Prepare makes the folder, for the user alone.
func (w Workspace) Prepare() error {
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return fmt.Errorf("making the folder of the workspace: %w (XDG_DATA_HOME names another place)", err)
	}
	return nil
}

// ErrNoControlToken says that the workspace has had no server yet.
var ErrNoControlToken = errors.New("the workspace has no control token yet: its first server makes one")

// ControlToken reads the secret that lets commands in to the workspace's server.
func (w Workspace) ControlToken() (string, error) {
	content, err := os.ReadFile(w.controlToken())
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrNoControlToken
	}
	if err != nil {
		return "", fmt.Errorf("reading the control token: %w", err)
	}
	token := strings.TrimSpace(string(content))
	if token == "" {
		return "", fmt.Errorf("reading the control token: %s is empty, remove it and start the server again", w.controlToken())
	}
	return token, nil
}

// EnsureControlToken reads the secret, and makes one where there is none. Whoever reads meanwhile finds a whole one.
func (w Workspace) EnsureControlToken() (string, error) {
	if err := w.Prepare(); err != nil {
		return "", err
	}
	token, err := w.ControlToken()
	if !errors.Is(err, ErrNoControlToken) {
		return token, err
	}
	if err := w.writeControlToken(rand.Text()); err != nil {
		return "", fmt.Errorf("making the control token: %w", err)
	}
	return w.ControlToken() // another process may have been first
}

func (w Workspace) writeControlToken(token string) error {
	fresh, err := os.CreateTemp(w.dir, ".control-token-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(fresh.Name()) }()
	_, err = fresh.WriteString(token + "\n")
	if err := errors.Join(err, fresh.Close()); err != nil {
		return err
	}
	err = os.Link(fresh.Name(), w.controlToken()) // unlike a rename it never replaces the token of another process
	if err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return os.Rename(fresh.Name(), w.controlToken()) // a file system without links
}
