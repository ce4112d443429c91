// Package snapshot reads and writes the files of 'onetouch snapshot': a database with the keys of the phones that are simulated
// beside it, as a compressed archive that tar can list.
package snapshot

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// Format is the version of the files that are written. Newer ones are refused.
const Format = 1

// Manifest comes first in a file and says what it is.
type Manifest struct {
	Format  int       `json:"onetouch_snapshot"`
	Version string    `json:"version"` // of the program that wrote it
	SavedAt time.Time `json:"saved_at"`
}

// Errors of [Read].
var (
	ErrNoSnapshot = errors.New("it is no snapshot")
	ErrNewer      = errors.New("it was written by a newer onetouch")
)

// Names in the archive.
const (
	manifestName  = "onetouch-snapshot.json"
	databaseName  = "server.db"
	devicesFolder = "devices/"
	fileMode      = 0o600
	largestDevice = 64 << 10
	mostDevices   = 100_000
)

// Write writes a snapshot: the file of the database, and the devices as JSON.
func Write(w io.Writer, m Manifest, database string, devices [][]byte) error {
	m.Format = Format
	packed := gzip.NewWriter(w)
	archive := tar.NewWriter(packed)
	manifest, err := json.Marshal(m)
	if err == nil {
		err = add(archive, manifestName, manifest)
	}
	if err == nil {
		err = addFile(archive, databaseName, database)
	}
	for i, device := range devices {
		if err == nil {
			err = add(archive, fmt.Sprintf("%s%d.json", devicesFolder, i+1), device)
		}
	}
	if err == nil {
		err = archive.Close()
	}
	if err == nil {
		err = packed.Close()
	}
	if err != nil {
		return fmt.Errorf("writing the snapshot: %w", err)
	}
	return nil
}

func add(archive *tar.Writer, name string, content []byte) error {
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: fileMode, Size: int64(len(content))}); err != nil {
		return err
	}
	_, err := archive.Write(content)
	return err
}

func addFile(archive *tar.Writer, name, file string) error {
	opened, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }()
	info, err := opened.Stat()
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: fileMode, Size: info.Size()}); err != nil {
		return err
	}
	_, err = io.Copy(archive, opened)
	return err
}

// Contents are what a snapshot holds.
type Contents struct {
	Manifest Manifest
	Database string // path of its file
	Devices  [][]byte
}

// Read reads a whole snapshot, and puts the file of its database into a folder. A file that is none is [ErrNoSnapshot], as is one
// that is cut off; one of a newer format is [ErrNewer].
func Read(r io.Reader, folder string) (Contents, error) {
	packed, err := gzip.NewReader(r)
	if err != nil {
		return Contents{}, ErrNoSnapshot
	}
	archive := tar.NewReader(packed)
	c := Contents{Database: filepath.Join(folder, databaseName)}
	if c.Manifest, err = readManifest(archive); err != nil {
		return Contents{}, err
	}
	found := false
	for {
		header, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF) && found:
			if _, err := io.Copy(io.Discard, packed); err != nil { // up to the check sum
				return Contents{}, fmt.Errorf("%w: it is broken or cut off", ErrNoSnapshot)
			}
			return c, nil
		case err != nil:
			return Contents{}, fmt.Errorf("%w: it is broken or cut off", ErrNoSnapshot)
		case header.Name == databaseName && !found:
			found, err = true, extract(archive, c.Database)
		case strings.HasPrefix(header.Name, devicesFolder) && path.Clean(header.Name) == header.Name:
			err = c.addDevice(archive)
		default:
			return Contents{}, fmt.Errorf("%w: it holds %q", ErrNoSnapshot, header.Name)
		}
		if err != nil {
			return Contents{}, err
		}
	}
}

func readManifest(archive *tar.Reader) (m Manifest, err error) {
	header, err := archive.Next()
	if err != nil || header.Name != manifestName {
		return m, ErrNoSnapshot
	}
	if err := json.NewDecoder(io.LimitReader(archive, largestDevice)).Decode(&m); err != nil || m.Format < 1 {
		return m, ErrNoSnapshot
	}
	if m.Format > Format {
		return m, ErrNewer
	}
	return m, nil
}

func (c *Contents) addDevice(archive *tar.Reader) error {
	content, err := io.ReadAll(io.LimitReader(archive, largestDevice+1))
	if err != nil || len(content) > largestDevice || !json.Valid(content) || len(c.Devices) >= mostDevices {
		return fmt.Errorf("%w: the keys of a device are broken", ErrNoSnapshot)
	}
	c.Devices = append(c.Devices, content)
	return nil
}

func extract(archive *tar.Reader, name string) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return fmt.Errorf("reading the snapshot: %w", err)
	}
	_, err = io.Copy(file, archive)
	if closed := file.Close(); err == nil && closed != nil {
		return fmt.Errorf("reading the snapshot: %w", closed)
	}
	if err != nil {
		return fmt.Errorf("%w: it is broken or cut off", ErrNoSnapshot)
	}
	return nil
}
