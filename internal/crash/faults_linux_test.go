package crash_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/onetouchkit/onetouch/internal/testneeds"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

// TestStorageThatFails: while nothing can be written a server refuses with 503, says that it is not ready, and goes on reading;
// when the cause is gone it works again, and has all that it acknowledged.
func TestStorageThatFails(t *testing.T) {
	t.Parallel()
	program := testneeds.Built(t, "./cmd/onetouch")
	for name, fault := range map[string]func(t *testing.T, pid int, database string) (mend func()){
		"no file may grow": noGrowth,
		"file is moved away": func(t *testing.T, _ int, database string) (mend func()) {
			check(t, os.Rename(database, database+".away"))
			return func() { check(t, os.Rename(database+".away", database)) }
		},
		"file is replaced": func(t *testing.T, _ int, database string) (mend func()) {
			check(t, os.Rename(database, database+".away"))
			check(t, os.WriteFile(database, []byte("another"), 0o600))
			return func() { check(t, os.Rename(database+".away", database)) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			database := filepath.Join(home, "server.db")
			p := serve(t, program, home, database, "http://127.0.0.1:1/callback")
			user := must(p.backend.CreateUser(t.Context(), authy.NewUser{Email: "ada@example.com", Cellphone: phoneNumber(1)}))(t)
			ask := func() (string, error) {
				return p.backend.CreateApprovalRequest(t.Context(), user, authy.NewApprovalRequest{Message: "Pay?"})
			}
			first := must(ask())(t)

			mend := fault(t, p.command.Process.Pid, database)
			told := []string{first}
			for end := time.Now().Add(patience); ; {
				uuid, err := ask()
				var refusal *authy.Error
				if errors.As(err, &refusal) && refusal.StatusCode == http.StatusServiceUnavailable {
					break
				}
				check(t, err) // it was not noticed yet
				told = append(told, uuid)
				if time.Now().After(end) {
					t.Fatal("nothing was refused")
				}
			}
			if status := p.readiness(t); status != http.StatusServiceUnavailable {
				t.Errorf("/readyz answers %d although nothing can be written", status)
			}
			must(p.backend.ApprovalRequest(t.Context(), first))(t)

			mend()
			for end := time.Now().Add(patience); p.readiness(t) != http.StatusOK; {
				<-time.After(10 * time.Millisecond)
				if time.Now().After(end) {
					t.Fatalf("the server never became ready again: %s", p.log)
				}
			}
			for _, uuid := range append(told, must(ask())(t)) {
				must(p.backend.ApprovalRequest(t.Context(), uuid))(t)
			}
		})
	}
}

// noGrowth keeps a process from writing beyond the first bytes of files, as a disk does that is full.
func noGrowth(t *testing.T, pid int, database string) (mend func()) {
	log := must(os.Stat(database + "-wal"))(t)
	limit := func(size uint64) {
		check(t, unix.Prlimit(pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: unix.RLIM_INFINITY}, nil))
	}
	limit(uint64(log.Size()))
	return func() { limit(unix.RLIM_INFINITY) }
}

func (p *process) readiness(t *testing.T) int {
	t.Helper()
	answer := must(p.client.Get(p.base + "/readyz"))(t) //nolint:bodyclose // closed below
	check(t, answer.Body.Close())
	return answer.StatusCode
}
