package crash_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/onetouchkit/onetouch/internal/testneeds"
	"github.com/onetouchkit/onetouch/internal/testneeds/disk"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// files are those of a database, by the endings of their names.
type files map[string][]byte

func filesOf(t *testing.T, database string) files {
	t.Helper()
	all := files{}
	for _, ending := range []string{"", "-wal", "-shm"} {
		if info, err := os.Stat(database + ending); err == nil && info.Mode().IsRegular() {
			all[ending] = must(os.ReadFile(database + ending))(t)
		}
	}
	return all
}

// in writes them into a folder, and returns the path of the database there.
func (f files) in(t *testing.T, folder string) (database string) {
	t.Helper()
	database = filepath.Join(folder, "server.db")
	for ending, content := range f {
		check(t, os.WriteFile(database+ending, content, 0o600))
	}
	return database
}

// TestStorageThatCannotBeUsed: a server that cannot have its database says why in one line, and what would be right, and leaves
// everything as it is.
func TestStorageThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), somewhere(t))
	w.settle(t)
	l := w.begin(t, 0)
	kill := l.run(t.Context(), w.random.Uint64())
	w.awaitAcknowledgements(t, l, 30)
	kill()
	killed := filesOf(t, w.database)
	w.serve(t).signal(syscall.SIGTERM)
	closed := filesOf(t, w.database)
	for name, test := range map[string]struct {
		in    func(t *testing.T, folder string) (database string)
		wants string
	}{
		"folder": {func(_ *testing.T, folder string) string { return folder }, "is a folder. Give the path of a file in it."},
		"pipe": {func(t *testing.T, folder string) string {
			t.Helper()
			database := filepath.Join(folder, "server.db")
			check(t, unix.Mkfifo(database, 0o600))
			return database
		}, "it is not a file."},
		"link to itself": {func(t *testing.T, folder string) string {
			t.Helper()
			database := filepath.Join(folder, "server.db")
			check(t, os.Symlink("server.db", database))
			return database
		}, "too many levels of symbolic links. Choose another place"},
		"text": {func(t *testing.T, folder string) string {
			t.Helper()
			return files{"": bytes.Repeat([]byte("Dear diary, "), 1000)}.in(t, folder)
		}, "it is not an SQLite database. Move it away, or choose another file."},
		"database of another program": {func(t *testing.T, folder string) string {
			t.Helper()
			return rewritten(t, folder, nil, "CREATE TABLE users (name TEXT)")
		}, "it belongs to another program. Choose another file."},
		"database of a newer onetouch": {func(t *testing.T, folder string) string {
			t.Helper()
			return rewritten(t, folder, closed, "PRAGMA user_version = 999")
		}, "it was written by a newer onetouch (its schema is version 999"},
		"file that is cut": {func(t *testing.T, folder string) string {
			t.Helper()
			return files{"": closed[""][:len(closed[""])/2]}.in(t, folder)
		}, "it is damaged. Restore a copy, or move it away to start anew."},
		"file that is emptied": {func(t *testing.T, folder string) string {
			t.Helper()
			return files{"": nil, "-wal": killed["-wal"], "-shm": killed["-shm"]}.in(t, folder)
		}, "it is empty, and its log "},
		"file that is gone": {func(t *testing.T, folder string) string {
			t.Helper()
			return files{"-wal": killed["-wal"], "-shm": killed["-shm"]}.in(t, folder)
		}, "it is gone, and its log "},
		"damaged schema": {func(t *testing.T, folder string) string {
			t.Helper()
			return files{"": withNoise(closed[""], 100)}.in(t, folder)
		}, "it is damaged. Restore a copy, or move it away to start anew."},
		"log that is gone": {func(t *testing.T, folder string) string {
			t.Helper()
			return files{"": killed[""], "-shm": killed["-shm"]}.in(t, folder)
		}, "-wal is gone, with changes that are not in the file yet. Put the log back"},
		"log that is damaged": {func(t *testing.T, folder string) string {
			t.Helper()
			return files{"": killed[""], "-wal": withNoise(killed["-wal"], 8), "-shm": killed["-shm"]}.in(t, folder)
		}, "-wal is damaged. Restore a copy of both, or move both away to start anew."},
		"file on a read-only file system": {func(t *testing.T, _ string) string {
			t.Helper()
			folder := disk.Small(t, 4<<20)
			database := closed.in(t, folder)
			disk.ReadOnly(t, folder)
			return database
		}, "it is on a file system that is read-only. Have that mounted for writing, or choose another place."},
		"killed server's file on a read-only file system": {func(t *testing.T, _ string) string {
			t.Helper()
			folder := disk.Small(t, 4<<20)
			database := killed.in(t, folder)
			disk.ReadOnly(t, folder)
			return database
		}, "it is on a file system that is read-only. Have that mounted for writing, or choose another place."},
		"new file on a read-only file system": {func(t *testing.T, _ string) string {
			t.Helper()
			folder := disk.Small(t, 4<<20)
			disk.ReadOnly(t, folder)
			return filepath.Join(folder, "server.db")
		}, "cannot be created: read-only file system. Choose another place"},
		"killed server's file on a full disk": {func(t *testing.T, _ string) string {
			t.Helper()
			folder := disk.Small(t, 4<<20)
			database := files{"": killed[""], "-wal": killed["-wal"], "-shm": nil}.in(t, folder)
			disk.Fill(t, folder)
			return database
		}, isFull},
		"new file on a full disk": {func(t *testing.T, _ string) string {
			t.Helper()
			folder := disk.Small(t, 4<<20)
			disk.Fill(t, folder)
			return filepath.Join(folder, "server.db")
		}, isFull},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := test.in(t, t.TempDir())
			before := filesOf(t, database)
			code, output, said := w.tryToServe(t, database)
			if code != 1 || output != "" {
				t.Errorf("it ended with %d, %q, want 1 and nothing", code, output)
			}
			if !strings.HasPrefix(said, "onetouch serve: Database "+database) || !strings.Contains(said, test.wants) ||
				strings.Count(said, "\n") != 1 {
				t.Errorf("it said %q, want one line that says %q", said, test.wants)
			}
			for ending, content := range before {
				after, err := os.ReadFile(database + ending)
				if err != nil || !bytes.Equal(after, content) && ending != "-shm" { // which says nothing that the log does not
					t.Errorf("%s%s was changed: %v", filepath.Base(database), ending, err)
				}
			}
		})
	}
}

// tryToServe runs a server that is to end by itself.
func (w *world) tryToServe(t *testing.T, database string) (code int, output, said string) {
	t.Helper()
	home := t.TempDir()
	var out, errs bytes.Buffer
	command := exec.CommandContext(t.Context(), w.program, "serve", "--addr", "127.0.0.1:0", "--db", database, "-q")
	command.Env = environment(home)
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), out.String(), errs.String()
}

// rewritten is a database in which somebody else has run a statement.
func rewritten(t *testing.T, folder string, from files, statement string) (database string) {
	t.Helper()
	database = from.in(t, folder)
	raw := must(sql.Open("sqlite", database))(t)
	_, err := raw.ExecContext(t.Context(), statement)
	check(t, errors.Join(err, raw.Close()))
	return database
}

// withNoise is a copy with some bytes turned around.
func withNoise(content []byte, at int) []byte {
	content = bytes.Clone(content)
	for i := at; i < at+8; i++ {
		content[i] ^= 0xff
	}
	return content
}

// TestDamageInTheMiddle: of a file with a damaged page, what is on it is refused in words, and the rest is served as before.
// Nothing is written over the damage.
func TestDamageInTheMiddle(t *testing.T) {
	t.Parallel()
	w := newWorldOf(t, testneeds.Built(t, "./cmd/onetouch"), t.TempDir(), somewhere(t))
	w.settle(t)
	p := w.serve(t)
	var uuids []string
	for i := range 300 {
		question := authy.NewApprovalRequest{Message: fmt.Sprintf("Pay for article %03d?", i)}
		uuids = append(uuids, must(p.backend.CreateApprovalRequest(t.Context(), w.ids[0], question))(t))
	}
	p.signal(syscall.SIGTERM)

	const pageSize, middle = 2048, 150
	content := must(os.ReadFile(w.database))(t)
	at := bytes.Index(content, fmt.Appendf(nil, "Pay for article %03d?", middle)) / pageSize * pageSize
	check(t, os.WriteFile(w.database, withNoise(content, at), 0o600))
	page := withNoise(content, at)[at : at+pageSize]

	for range 2 { // with the second server everything is as with the first
		p = w.serve(t)
		_, err := p.backend.ApprovalRequest(t.Context(), uuids[middle])
		var refusal *authy.Error
		if !errors.As(err, &refusal) || refusal.StatusCode != http.StatusServiceUnavailable ||
			!strings.Contains(refusal.Message, w.database+" cannot be used: it is damaged. Restore a copy") {
			t.Errorf("what is on the page is answered with %v, want 503 that says that it is damaged", err)
		}
		uuids = append(uuids, must(p.backend.CreateApprovalRequest(t.Context(), w.ids[0],
			authy.NewApprovalRequest{Message: "Pay for more?"}))(t))
		for i, uuid := range uuids {
			if _, err := p.backend.ApprovalRequest(t.Context(), uuid); err != nil && (i < middle-20 || i > middle+20) {
				t.Errorf("request %d, which is on another page: %v", i, err)
			}
		}
		if status := p.status(t, "/readyz"); status != http.StatusOK {
			t.Errorf("/readyz answers %d", status)
		}
		p.signal(syscall.SIGTERM)
		if !bytes.Equal(must(os.ReadFile(w.database))(t)[at:at+pageSize], page) {
			t.Error("the damaged page was written to")
		}
	}
}
