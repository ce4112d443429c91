package device_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/pkg/device"
)

// numbered are sound credentials of another device.
func numbered(t testing.TB, id int64) device.Credentials {
	t.Helper()
	c := credentials(t)
	c.DeviceID = id
	return c
}

// newStore is a store in a folder that does not exist yet.
func newStore(t testing.TB) (s *device.Store, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "profile", "devices")
	return device.NewStore(dir), dir
}

func save(t testing.TB, s *device.Store, ids ...int64) {
	t.Helper()
	for _, id := range ids {
		if err := s.Save(numbered(t, id)); err != nil {
			t.Fatal(err)
		}
	}
}

// compact is credentials as they are written, for comparison.
func compact(t testing.TB, c device.Credentials) string {
	t.Helper()
	return string(toJSON(t, c))
}

func TestStore(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	if list, err := s.List(); err != nil || len(list) != 0 {
		t.Errorf("a store without a folder lists %v, %v", list, err)
	}
	save(t, s, 1000, 9, 20)
	got, err := s.Load(20)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(compact(t, numbered(t, 20)), compact(t, got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	changed := numbered(t, 20)
	changed.Name = "Ada's other Pixel"
	if err := s.Save(changed); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(20, func(c *device.Credentials) { c.LastEventID, c.DeviceID = 42, 7 }); err != nil {
		t.Fatal(err)
	}
	list, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	ids := []int64{}
	for _, c := range list {
		ids = append(ids, c.DeviceID)
	}
	if diff := cmp.Diff([]int64{9, 20, 1000}, ids); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	if list[1].Name != "Ada's other Pixel" || list[1].LastEventID != 42 {
		t.Errorf("updated to %s, last event %d", list[1].Name, list[1].LastEventID)
	}
	if err := s.Remove(20); err != nil {
		t.Fatal(err)
	}
	if list, err = s.List(); err != nil || len(list) != 2 {
		t.Errorf("after the removal %d are left, %v", len(list), err)
	}
}

// What is not there is said in one line, and leaves nothing behind.
func TestStoreWithoutTheDevice(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t)
	check := func() {
		_, load := s.Load(7)
		update := s.Update(7, func(*device.Credentials) { t.Error("there is nothing to change") })
		for name, err := range map[string]error{"load": load, "update": update, "remove": s.Remove(7)} {
			if !errors.Is(err, device.ErrNotFound) || !errors.Is(err, fs.ErrNotExist) || err.Error() != "no device 7 in "+dir {
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
	check()
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder was made for nothing: %v", err)
	}
	save(t, s, 8)
	check()
}

func TestStoreIsPrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Log("Windows keeps others out of a user's profile by the folder's access control list")
		return
	}
	s, dir := newStore(t)
	save(t, s, 7)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %04o, want %04o", path, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "7.json")
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o660, 0o666} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := s.Load(7)
		if err == nil || !strings.HasPrefix(err.Error(), path+" is open to other users") || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %04o: got %v", mode, err)
		}
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o770); err != nil { //nolint:gosec // that is what is refused
		t.Fatal(err)
	}
	if err := s.Save(numbered(t, 8)); err == nil || !strings.Contains(err.Error(), "chmod 700") {
		t.Errorf("a folder in which others can exchange keys: %v", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // the user has to get in
		t.Fatal(err)
	}
	save(t, s, 8)
}

func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	sound := credentials(t)
	change := func(set func(*device.Credentials)) string {
		c := sound
		set(&c)
		return compact(t, c)
	}
	text := compact(t, sound)
	for name, test := range map[string]struct{ content, says string }{
		"empty":           {"", "is broken: it is not JSON. Restore the file, or move it away and register the device again"},
		"cut off":         {text[:len(text)/2], "is broken: it is not JSON. Restore the file, or move it away and register the device again"},
		"not JSON":        {"-----BEGIN PRIVATE KEY-----", "it is not JSON"},
		"a list":          {"[]", "it is a JSON array"},
		"wrong type":      {strings.Replace(text, `"device_id":2102943`, `"device_id":"2102943"`, 1), `member "device_id" has the wrong type: string`},
		"nested type":     {strings.Replace(text, `"digits":7`, `"digits":[]`, 1), `"totp.digits" has the wrong type: array`},
		"no token":        {change(func(c *device.Credentials) { c.AccessToken = "" }), "access_token is missing"},
		"no UUID":         {change(func(c *device.Credentials) { c.DeviceUUID = "" }), "device_uuid is missing"},
		"no ID":           {change(func(c *device.Credentials) { c.DeviceID = 0 }), "device_id is missing"},
		"public key only": {change(func(c *device.Credentials) { c.PrivateKey = publicPart(t, c.PrivateKey) }), "private_key: key is not usable"},
		"key of nothing":  {change(func(c *device.Credentials) { c.PrivateKey = json.RawMessage(`{}`) }), "private_key: key is not usable"},
		"another device":  {change(func(c *device.Credentials) { c.DeviceID = 8 }), "holds device 8"},
		"large":           {text + strings.Repeat(" ", 64<<10), "more than 65536 bytes"},
	} {
		s, dir := newStore(t)
		save(t, s, 9, 2102943)
		path := filepath.Join(dir, "2102943.json")
		if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
			t.Fatal(err)
		}
		check := func(err error) {
			t.Helper()
			if err == nil || !strings.HasPrefix(err.Error(), path+" ") || !strings.Contains(err.Error(), test.says) ||
				strings.Contains(err.Error(), "Go ") || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), sound.AccessToken) {
				t.Errorf("%s: got %v, want an error that names the file and says %q", name, err, test.says)
			}
		}
		_, err := s.Load(2102943)
		check(err)
		check(s.Update(2102943, func(*device.Credentials) { t.Errorf("%s: changed all the same", name) }))
		list, err := s.List()
		check(err)
		if len(list) != 1 || list[0].DeviceID != 9 {
			t.Errorf("%s: a broken file hides the others: %v", name, list)
		}
		if err := s.Remove(2102943); err != nil {
			t.Errorf("%s: cannot be removed: %v", name, err)
		}
	}
}

func publicPart(t testing.TB, key []byte) json.RawMessage {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal(key, &members); err != nil {
		t.Fatal(err)
	}
	delete(members, "d")
	return toJSON(t, members)
}

// Files that are none of ours are left alone, as is what a crash leaves half written.
func TestStoreOverlooksOtherFiles(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t)
	save(t, s, 7)
	for _, name := range []string{"notes.txt", "8.json.new", "07.json", "-1.json", "0.json", "x.json", "7.json.bak", "99999999999999999999.json", "7.json.new"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := s.List(); err != nil || len(list) != 1 {
		t.Errorf("listed %v, %v", list, err)
	}
	save(t, s, 7, 8)
	if list, err := s.List(); err != nil || len(list) != 2 {
		t.Errorf("listed %v, %v", list, err)
	}
	if err := os.Mkdir(filepath.Join(dir, "10.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(10); err == nil || !strings.Contains(err.Error(), "is no file") {
		t.Errorf("a folder: %v", err)
	}
}

func TestStoreRefuses(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t)
	if err := s.Save(device.Credentials{DeviceID: 7}); err == nil || !strings.Contains(err.Error(), "device 7: device_uuid is missing") {
		t.Errorf("half a device: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder was made for nothing: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	blocked := device.NewStore(file)
	if err := blocked.Save(credentials(t)); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a file instead of the folder: %v", err)
	}
	if _, err := blocked.List(); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a file instead of the folder: %v", err)
	}
}

// A reader sees the file as it was or as it is, while others write, make and remove it.
func TestStoreIsAtomic(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t)
	save(t, s, 7)
	done := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := s.Load(7); err != nil {
					t.Errorf("read while it was written: %v", err)
					return
				}
				if _, err := s.List(); err != nil {
					t.Errorf("listed while it was written: %v", err)
					return
				}
			}
		})
	}
	for id := range int64(3) {
		writers.Go(func() {
			for range 30 {
				if err := errors.Join(
					s.Update(7, func(c *device.Credentials) { c.LastEventID++ }),
					s.Save(numbered(t, 100+id)), s.Remove(100+id),
				); err != nil {
					t.Errorf("written by several: %v", err)
					return
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	if c, err := s.Load(7); err != nil || c.LastEventID != 90 {
		t.Errorf("of 90 changes %d are kept, %v", c.LastEventID, err)
	}
}
