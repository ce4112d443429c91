package crash_test

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/authy"
)

const (
	apiKey   = "key-of-servers-that-are-killed"
	patience = time.Minute
)

// process is one run of 'onetouch serve', with clients of its own.
type process struct {
	command   *exec.Cmd
	transport *http.Transport
	client    *http.Client
	base      string
	backend   *authy.Client
	control   *controlapi.Client
	log       *logged
	ended     chan struct{} // closed when it is gone
}

// logged is what a process says of itself.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write keeps the beginning.
func (l *logged) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text.Len() < 1<<20 {
		l.text.Write(text)
	}
	return len(text), nil
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// serve starts a server, which is there when this returns.
func serve(t *testing.T, program, home, database, callbackURL string) *process {
	t.Helper()
	p := &process{transport: &http.Transport{MaxIdleConnsPerHost: 64}, log: &logged{}, ended: make(chan struct{})}
	p.client = &http.Client{Transport: p.transport, Timeout: patience}
	p.command = exec.Command(program, "serve", "--addr", "127.0.0.1:0", "--db", database, "--callback-url", callbackURL,
		"--log-level", "warn", "-q")
	p.command.Env = environment(home)
	p.command.Stderr = p.log
	output, err := p.command.StdoutPipe()
	check(t, err)
	check(t, p.command.Start())
	t.Cleanup(func() { p.signal(syscall.SIGKILL) })
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		_ = p.command.Wait()
		close(p.ended)
		t.Fatalf("the server did not start: %v\n%s", err, p.log)
	}
	go func() {
		_ = p.command.Wait() // it was killed
		close(p.ended)
	}()
	p.base = strings.TrimSpace(line)
	token, err := os.ReadFile(filepath.Join(home, "onetouch", "default", "control-token"))
	check(t, err)
	p.backend = authy.New(apiKey, authy.WithBaseURL(p.base), authy.WithHTTPClient(p.client))
	p.control = controlapi.NewClient(p.base, strings.TrimSpace(string(token)), p.client)
	return p
}

// environment is that of a program whose folders are in home.
func environment(home string) []string {
	return append(os.Environ(), "HOME="+home, "XDG_DATA_HOME="+home, "XDG_CONFIG_HOME="+home, "ONETOUCH_API_KEY="+apiKey, "NO_COLOR=1")
}

// signal ends the process, and returns when it is gone.
func (p *process) signal(signal syscall.Signal) {
	_ = p.command.Process.Signal(signal) // which fails when it is gone already
	<-p.ended
	p.transport.CloseIdleConnections()
}

// gone reports whether the process is gone.
func (p *process) gone() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		check(t, err)
		return value
	}
}

// phoneNumber is one that nobody else has.
func phoneNumber(i int) string { return fmt.Sprintf("202555%04d", i) }
