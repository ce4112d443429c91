package crash_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/onetouchkit/onetouch/internal/testneeds"
	"github.com/onetouchkit/onetouch/internal/testneeds/disk"
	"github.com/onetouchkit/onetouch/internal/testneeds/postgres"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// storageFault is what happens to the file of a server that is at work.
type storageFault struct {
	database string
	named    string                                    // how refusals name it; "": as it is
	strike   func(t *testing.T, l *load) (mend func()) // mend is nil where nothing helps as long as the server runs
	says     string                                    // with what changes are refused; "": they are not
	after    func(t *testing.T)                        // what is done before the next server starts; nil: nothing
	fits     bool                                      // what is small is still written, so that the server is ready for that
	unkept   bool                                      // what was not flushed to the disk is gone, as after a power cut
}

// TestStorageThatFails: while nothing can be written a server refuses with 503 and one line, says that it is not ready, and goes
// on reading; when the cause is gone it works again. It has all that it acknowledged, and so has the next one.
func TestStorageThatFails(t *testing.T) {
	t.Parallel()
	program := testneeds.Built(t, "./cmd/onetouch")
	for name, fault := range map[string]func(t *testing.T) storageFault{
		"disk is full":           fullDisk,
		"no file may grow":       noGrowth,
		"file system fails":      failedFileSystem,
		"file is moved away":     movedFile,
		"file is replaced":       replacedFile,
		"log is moved away":      movedLog,
		"log is removed":         removedLog,
		"rights are taken away":  withheldRights,
		"disk is full, of a log": fullLog,
		"disk of tables is full": fullTables,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failUnderLoad(t, program, fault(t))
		})
	}
}

func failUnderLoad(t *testing.T, program string, fault storageFault) {
	t.Helper()
	w := newWorldOf(t, program, t.TempDir(), fault.database)
	if fault.named == "" {
		w.file, fault.named = w.database, w.database
	}
	w.settle(t)
	l := w.begin(t, 0)
	l.away = true
	kill := l.run(t.Context(), w.random.Uint64())
	w.awaitAcknowledgements(t, l, 20)
	mend := fault.strike(t, l)
	if fault.says != "" {
		w.refuses(t, l, fault.named, fault.says)
		if !fault.fits {
			l.awaitStatus(t, "/readyz", http.StatusServiceUnavailable)
		}
	}
	if mend != nil {
		mend()
		l.awaitStatus(t, "/readyz", http.StatusOK)
		w.awaitAcknowledgements(t, l, 20)
	}
	kill()
	w.keep(l)
	if fault.after != nil {
		fault.after(t)
	}
	if fault.unkept {
		w.startsAgain(t)
	} else {
		w.finish(t)
	}
	if w.file != "" {
		w.checkFile(t)
	}
}

// startsAgain has a server work with what is left, of which the ledger knows nothing.
func (w *world) startsAgain(t *testing.T) {
	t.Helper()
	w.ledger = newLedger()
	l := w.begin(t, 1)
	kill := l.run(t.Context(), w.random.Uint64())
	w.awaitAcknowledgements(t, l, 20)
	kill()
}

// refuses checks what a server does whose storage takes nothing, or only what is small by chance.
func (w *world) refuses(t *testing.T, l *load, named, says string) {
	t.Helper()
	w.awaitTally(t, l, "refusals", func(now tally) bool { return now.refused >= 10 })
	l.awaitStatus(t, "/healthz", http.StatusOK)
	var err error
	for n, end := 0, time.Now().Add(patience); err == nil && time.Now().Before(end); n++ {
		message := fmt.Sprintf("in vain %d", n)
		w.ledger.asks(message)
		var uuid string
		uuid, err = l.backend.CreateApprovalRequest(t.Context(), l.ids[0], authy.NewApprovalRequest{Message: message})
		if err == nil {
			w.ledger.created(message, uuid)
		}
	}
	var refusal *authy.Error
	if !errors.As(err, &refusal) || refusal.StatusCode != http.StatusServiceUnavailable ||
		!strings.Contains(refusal.Message, named) || !strings.Contains(refusal.Message, says) ||
		strings.Contains(refusal.Message, "\n") {
		t.Errorf("a change is answered with %v, want 503 and one line that names %s and says %q", err, named, says)
	}
	uuid, decided := w.ledger.anyDecided()
	seen, err := l.backend.ApprovalRequest(t.Context(), uuid)
	if err != nil || l.sightOf(seen) != decided {
		t.Errorf("reading is answered with %v, %v, want %v", seen.Status, err, decided)
	}
}

// anyDecided is a request of which an answer was acknowledged.
func (l *ledger) anyDecided() (uuid string, decided sight) {
	l.with(func() {
		for of, r := range l.requests {
			for _, a := range r.answers {
				if a.told {
					uuid, decided = of, a.sight
				}
			}
		}
	})
	return uuid, decided
}

// awaitStatus returns once a path is answered with a status.
func (l *load) awaitStatus(t *testing.T, path string, want int) {
	t.Helper()
	for end := time.Now().Add(patience); ; <-time.After(10 * time.Millisecond) {
		got := l.status(t, path)
		if got == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s is answered with %d, never with %d: %s", path, got, want, l.log)
		}
	}
}

func (p *process) status(t *testing.T, path string) int {
	t.Helper()
	answer := must(p.client.Get(p.base + path))(t) //nolint:bodyclose // closed below
	check(t, answer.Body.Close())
	return answer.StatusCode
}

// somewhere is a database in a folder of the test's own.
func somewhere(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "server.db")
}

const isFull = " is full: there is no space left for it. Free some space and try again."

// fullDisk is a disk without any space left.
func fullDisk(t *testing.T) storageFault {
	t.Helper()
	folder := disk.Small(t, 4<<20)
	return storageFault{
		database: filepath.Join(folder, "server.db"), says: isFull,
		strike: func(t *testing.T, _ *load) (mend func()) { t.Helper(); return disk.Fill(t, folder) },
	}
}

// fullLog is one that the log itself fills.
func fullLog(t *testing.T) storageFault {
	t.Helper()
	folder := disk.Small(t, 1<<20)
	return storageFault{
		database: filepath.Join(folder, "server.db"), says: isFull,
		strike: func(t *testing.T, _ *load) (mend func()) {
			t.Helper()
			return func() { check(t, unix.Mount("", folder, "", unix.MS_REMOUNT, "size=64m")) }
		},
	}
}

// fullTables is a disk without any space left on which PostgreSQL has its tables; its own log is elsewhere.
func fullTables(t *testing.T) storageFault {
	t.Helper()
	folder := disk.Small(t, 32<<20)
	check(t, os.Chmod(filepath.Dir(folder), 0o711)) // its user has to come through
	database := postgres.Start(t).DatabaseIn(t, folder)
	return storageFault{
		database: database, named: "Database t_", says: isFull, fits: true,
		strike: func(t *testing.T, _ *load) (mend func()) { t.Helper(); return disk.Fill(t, folder) },
	}
}

// noGrowth keeps a process from writing beyond the first bytes of files.
func noGrowth(t *testing.T) storageFault {
	t.Helper()
	fault := storageFault{database: somewhere(t), says: "cannot be used"}
	fault.strike = func(t *testing.T, l *load) (mend func()) {
		t.Helper()
		limit := func(size uint64) {
			limits := &unix.Rlimit{Cur: size, Max: unix.RLIM_INFINITY}
			check(t, unix.Prlimit(l.command.Process.Pid, unix.RLIMIT_FSIZE, limits, nil))
		}
		limit(uint64(must(os.Stat(fault.database + "-wal"))(t).Size()))
		return func() { limit(unix.RLIM_INFINITY) }
	}
	return fault
}

// failedFileSystem takes nothing more until it is repaired, which it cannot be while files are open on it.
func failedFileSystem(t *testing.T) storageFault {
	t.Helper()
	failing := disk.NewFailing(t)
	return storageFault{
		database: filepath.Join(failing.Folder, "server.db"),
		says:     "reading or writing it failed. Check the disk and its free space.",
		strike:   func(t *testing.T, _ *load) (mend func()) { t.Helper(); failing.Fail(t); return nil },
		after:    func(t *testing.T) { t.Helper(); failing.Mend(t) },
		unkept:   true,
	}
}

// away moves a file away and back.
func away(path string) func(*testing.T, *load) (mend func()) {
	return func(t *testing.T, _ *load) (mend func()) {
		t.Helper()
		check(t, os.Rename(path, path+".away"))
		return func() { check(t, os.Rename(path+".away", path)) }
	}
}

func movedFile(t *testing.T) storageFault {
	t.Helper()
	database := somewhere(t)
	return storageFault{database: database, says: "its file was moved, removed or replaced", strike: away(database)}
}

func movedLog(t *testing.T) storageFault {
	t.Helper()
	database := somewhere(t)
	return storageFault{database: database, says: "its log " + database + "-wal was moved", strike: away(database + "-wal")}
}

func replacedFile(t *testing.T) storageFault {
	t.Helper()
	fault := movedFile(t)
	move := fault.strike
	fault.strike = func(t *testing.T, l *load) (mend func()) {
		t.Helper()
		mend = move(t, l)
		check(t, os.WriteFile(fault.database, []byte("another"), 0o600))
		return mend
	}
	return fault
}

// removedLog is gone for good. The server is killed nonetheless: what the log had is in the file by then, and the next server is
// told to go on with that.
func removedLog(t *testing.T) storageFault {
	t.Helper()
	fault := movedLog(t)
	fault.strike = func(t *testing.T, _ *load) (mend func()) {
		t.Helper()
		check(t, os.Remove(fault.database+"-wal"))
		return nil
	}
	fault.after = func(t *testing.T) { t.Helper(); check(t, os.Remove(fault.database+"-shm")) }
	return fault
}

// withheldRights mean nothing to files that are open already.
func withheldRights(t *testing.T) storageFault {
	t.Helper()
	fault := storageFault{database: somewhere(t)}
	fault.strike = func(t *testing.T, _ *load) (mend func()) {
		t.Helper()
		change := func(file, folder os.FileMode) {
			for _, ending := range []string{"", "-wal", "-shm"} {
				check(t, os.Chmod(fault.database+ending, file))
			}
			check(t, os.Chmod(filepath.Dir(fault.database), folder))
		}
		change(0o400, 0o500)
		t.Cleanup(func() { _ = os.Chmod(filepath.Dir(fault.database), 0o700) })
		return func() {}
	}
	fault.after = func(t *testing.T) {
		t.Helper()
		check(t, os.Chmod(filepath.Dir(fault.database), 0o700))
		for _, ending := range []string{"", "-wal", "-shm"} {
			check(t, os.Chmod(fault.database+ending, 0o600))
		}
	}
	return fault
}
