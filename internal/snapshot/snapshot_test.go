package snapshot_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/snapshot"
)

func written(t testing.TB) []byte {
	t.Helper()
	database := filepath.Join(t.TempDir(), "server.db")
	if err := os.WriteFile(database, []byte("a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	manifest := snapshot.Manifest{Version: "1.2.3", SavedAt: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	err := snapshot.Write(&file, manifest, database, [][]byte{[]byte(`{"device_id":1}`), []byte(`{"device_id":2}`)})
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	got, err := snapshot.Read(bytes.NewReader(written(t)), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	database, err := os.ReadFile(got.Database)
	if err != nil || string(database) != "a database" {
		t.Errorf("the database is %q, %v", database, err)
	}
	if len(got.Devices) != 2 || string(got.Devices[1]) != `{"device_id":2}` {
		t.Errorf("the devices are %q", got.Devices)
	}
	if got.Manifest.Format != snapshot.Format || got.Manifest.Version != "1.2.3" || got.Manifest.SavedAt.Year() != 2026 {
		t.Errorf("the manifest is %+v", got.Manifest)
	}
	if info, err := os.Stat(got.Database); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others can read the database: %v, %v", info.Mode(), err)
	}
}

// archive packs entries as a snapshot is packed.
func archive(t *testing.T, entries ...[2]string) []byte {
	t.Helper()
	var file bytes.Buffer
	packed := gzip.NewWriter(&file)
	out := tar.NewWriter(packed)
	for _, entry := range entries {
		if err := out.WriteHeader(&tar.Header{Name: entry[0], Mode: 0o600, Size: int64(len(entry[1]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write([]byte(entry[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(out.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestWhatIsNoSnapshot(t *testing.T) {
	t.Parallel()
	manifest, database := [2]string{"onetouch-snapshot.json", `{"onetouch_snapshot":1}`}, [2]string{"server.db", "a database"}
	whole := written(t)
	changed := bytes.Clone(whole)
	changed[len(changed)-5]++ // of the check sum
	for name, test := range map[string]struct {
		content []byte
		want    error
	}{
		"nothing":        {nil, snapshot.ErrNoSnapshot},
		"a text":         {[]byte("hello"), snapshot.ErrNoSnapshot},
		"a gzip":         {archive(t), snapshot.ErrNoSnapshot},
		"another tar":    {archive(t, [2]string{"README", "hello"}), snapshot.ErrNoSnapshot},
		"no manifest":    {archive(t, database, manifest), snapshot.ErrNoSnapshot},
		"no format":      {archive(t, [2]string{"onetouch-snapshot.json", "{}"}, database), snapshot.ErrNoSnapshot},
		"no JSON":        {archive(t, [2]string{"onetouch-snapshot.json", "x"}, database), snapshot.ErrNoSnapshot},
		"newer":          {archive(t, [2]string{"onetouch-snapshot.json", `{"onetouch_snapshot":2}`}, database), snapshot.ErrNewer},
		"no database":    {archive(t, manifest), snapshot.ErrNoSnapshot},
		"two databases":  {archive(t, manifest, database, database), snapshot.ErrNoSnapshot},
		"another file":   {archive(t, manifest, database, [2]string{"../x", "x"}), snapshot.ErrNoSnapshot},
		"another folder": {archive(t, manifest, database, [2]string{"devices/../../x", "{}"}), snapshot.ErrNoSnapshot},
		"a broken key":   {archive(t, manifest, database, [2]string{"devices/1.json", "{"}), snapshot.ErrNoSnapshot},
		"a long key": {archive(t, manifest, database,
			[2]string{"devices/1.json", `"` + strings.Repeat("x", 64<<10) + `"`}), snapshot.ErrNoSnapshot},
		"cut off": {whole[:len(whole)/2], snapshot.ErrNoSnapshot},
		"damaged": {changed, snapshot.ErrNoSnapshot},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := snapshot.Read(bytes.NewReader(test.content), t.TempDir()); !errors.Is(err, test.want) {
				t.Errorf("the error is %v, want %v", err, test.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(written(f))
	f.Add([]byte("hello"))
	f.Fuzz(func(t *testing.T, content []byte) {
		_, err := snapshot.Read(bytes.NewReader(content), t.TempDir())
		if err != nil && !errors.Is(err, snapshot.ErrNoSnapshot) && !errors.Is(err, snapshot.ErrNewer) {
			t.Errorf("the error is %v", err)
		}
	})
}
