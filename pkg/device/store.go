package device

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Store keeps the credentials of devices in a folder: a file for each device, which only its user can read. A file is
// written whole or not at all. Several processes may use one folder at once.
type Store struct{ dir string }

const (
	folderMode fs.FileMode = 0o700
	fileMode   fs.FileMode = 0o600
	// What nobody but the user may have: any right on a file of secrets, and the right to exchange such files.
	othersReach fs.FileMode = 0o077
	othersWrite fs.FileMode = 0o022

	lockName = ".lock"
	suffix   = ".json"
	// freshSuffix is that of a file which is being written.
	freshSuffix = ".new"
	maxStored   = 64 << 10 // bytes
)

// NewStore returns the store in a folder, which is made when something is saved.
func NewStore(dir string) *Store { return &Store{dir: dir} }

// Save keeps the credentials of a device, in place of what was kept for it. See [Store.Update] for a change to some of
// them.
func (s *Store) Save(c Credentials) error {
	if _, err := c.key(); err != nil {
		return fmt.Errorf("saving device %d: %w", c.DeviceID, err)
	}
	return s.locked(func() error { return s.write(c) })
}

// Update changes what is kept of a device, such as the push it heard last. No other change is lost, whichever process
// makes it. A device that is not kept is [ErrNotFound].
func (s *Store) Update(id int64, change func(*Credentials)) error {
	if !s.has(id) { // no lock, and no folder for it, without a device
		return s.notFound(id)
	}
	return s.locked(func() error {
		c, err := s.Load(id)
		if err != nil {
			return err
		}
		change(&c)
		c.DeviceID = id
		return s.write(c)
	})
}

// Load returns the credentials of a device. A device that is not kept is [ErrNotFound]; a file that is broken, or that
// others can read, is an error that names it.
func (s *Store) Load(id int64) (Credentials, error) {
	path := s.path(id)
	content, err := readSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Credentials{}, s.notFound(id)
	}
	if err != nil {
		return Credentials{}, err
	}
	var c Credentials
	if err := json.Unmarshal(content, &c); err != nil {
		return Credentials{}, broken(path, whyNoJSON(err))
	}
	if _, err := c.key(); err != nil {
		return Credentials{}, broken(path, err.Error())
	}
	if c.DeviceID != id {
		return Credentials{}, fmt.Errorf("%s holds device %d: a file is named after its device", path, c.DeviceID)
	}
	return c, nil
}

// List returns what is kept, by device ID. A file that cannot be used hides no other: the list then comes with an error
// that names the first such file.
func (s *Store) List() ([]Credentials, error) {
	entries, err := os.ReadDir(s.dir) // sorted by name
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing devices: %w", err)
	}
	var list []Credentials
	var first error
	for _, id := range ids(entries) {
		c, err := s.Load(id)
		switch {
		case err == nil:
			list = append(list, c)
		case first == nil && !errors.Is(err, ErrNotFound): // removed meanwhile
			first = err
		}
	}
	return list, first
}

// Remove forgets a device. One that is not kept is [ErrNotFound].
func (s *Store) Remove(id int64) error {
	if !s.has(id) {
		return s.notFound(id)
	}
	return s.locked(func() error {
		err := os.Remove(s.path(id))
		if errors.Is(err, fs.ErrNotExist) {
			return s.notFound(id)
		}
		if err != nil {
			return fmt.Errorf("forgetting device %d: %w", id, err)
		}
		return nil
	})
}

// Clear forgets every device of the store, with key, access token and secret of one-time codes: the SDK's clearLocalData. As
// with the SDK the server is told nothing: to it the devices stay registered, and nobody can answer with them any more. Call
// [Device.Unregister] for each before, if that is wanted. Files that are broken go too.
func (s *Store) Clear() error {
	if _, err := os.Stat(s.dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return s.locked(func() error {
		entries, err := os.ReadDir(s.dir)
		if err != nil {
			return fmt.Errorf("forgetting devices: %w", err)
		}
		for _, id := range ids(entries) {
			for _, path := range []string{s.path(id), s.path(id) + freshSuffix} {
				if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return fmt.Errorf("forgetting device %d: %w", id, err)
				}
			}
		}
		return nil
	})
}

func (s *Store) path(id int64) string { return filepath.Join(s.dir, strconv.FormatInt(id, 10)+suffix) }

func (s *Store) has(id int64) bool {
	_, err := os.Lstat(s.path(id))
	return !errors.Is(err, fs.ErrNotExist)
}

func (s *Store) notFound(id int64) error {
	return &missingError{fmt.Sprintf("no device %d in %s", id, s.dir)}
}

// missingError is [ErrNotFound] in words that say what and where.
type missingError struct{ message string }

func (e *missingError) Error() string { return e.message }
func (e *missingError) Is(target error) bool {
	return target == ErrNotFound || target == fs.ErrNotExist
}

// ids are the numbers of the devices that have a file, in order.
func ids(entries []fs.DirEntry) []int64 {
	var numbers []int64
	for _, entry := range entries {
		name, isDevice := strings.CutSuffix(entry.Name(), suffix)
		id, err := strconv.ParseInt(name, 10, 64)
		if isDevice && err == nil && id > 0 && strconv.FormatInt(id, 10) == name {
			numbers = append(numbers, id)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// readSecret reads a file that must be the user's alone.
func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, broken(path, "it is no file")
	}
	if wrong := tooOpen(info, othersReach); wrong != "" {
		return nil, fmt.Errorf("%s %s, but holds a private key: run chmod 600 on it", path, wrong)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, maxStored+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if len(content) > maxStored {
		return nil, broken(path, fmt.Sprintf("it has more than %d bytes", maxStored))
	}
	return content, nil
}

// broken says which file cannot be used, why, and what helps.
func broken(path, why string) error {
	return fmt.Errorf("%s is broken: %s. Restore the file, or move it away and register the device again", path, why)
}

// whyNoJSON says in one line what is wrong with a file, whatever encoding/json calls it.
func whyNoJSON(err error) string {
	if errors.As(err, new(*json.UnmarshalTypeError)) {
		return plain(err).Error()
	}
	return "it is not JSON"
}

// locked makes a change while no other process makes one.
func (s *Store) locked(change func() error) error {
	if err := s.prepare(); err != nil {
		return err
	}
	unlock, err := lockFile(filepath.Join(s.dir, lockName))
	if err != nil {
		return fmt.Errorf("keeping devices: %w", err)
	}
	defer unlock()
	return change()
}

// prepare makes the folder. One that was there keeps its permissions, unless they let others exchange the files.
func (s *Store) prepare() error {
	if err := os.MkdirAll(s.dir, folderMode); err != nil {
		return fmt.Errorf("keeping devices: %w", err)
	}
	info, err := os.Stat(s.dir)
	if err != nil {
		return fmt.Errorf("keeping devices: %w", err)
	}
	if wrong := tooOpen(info, othersWrite); wrong != "" {
		return fmt.Errorf("%s %s, but is to hold private keys: run chmod 700 on it", s.dir, wrong)
	}
	return nil
}

// write replaces the file of a device. It is called under the lock, so that a file of the same name that a crash has left
// half written is nobody's.
func (s *Store) write(c Credentials) error {
	var content bytes.Buffer
	encoder := json.NewEncoder(&content)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(c); err != nil {
		return fmt.Errorf("saving device %d: %w", c.DeviceID, err)
	}
	path := s.path(c.DeviceID)
	fresh := path + freshSuffix
	err := writeSecret(fresh, content.Bytes())
	if err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		_ = os.Remove(fresh)
		return fmt.Errorf("saving device %d: %w", c.DeviceID, err)
	}
	if err := syncFolder(s.dir); err != nil {
		return fmt.Errorf("saving device %d: %w", c.DeviceID, err)
	}
	return nil
}

func writeSecret(path string, content []byte) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return cmp.Or(err, file.Sync(), file.Close())
}
