//go:build unix

// Package postgres gives tests a PostgreSQL server that is thrown away after them. Only tests import it.
package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onetouchkit/onetouch/internal/testneeds"
)

// ServerVariable is the environment variable that names a server to use instead: a URL whose user may create databases.
const ServerVariable = "ONETOUCH_TEST_POSTGRES"

// patience ends what hangs; it asserts nothing.
const patience = time.Minute

// Server is a running PostgreSQL of a test's own.
type Server struct {
	programs string // the folder of initdb and postgres
	folder   string
	port     int
	settings []string
	owner    *syscall.Credential // nil: the user of this process
	stop     func() error        // nil while it does not run
}

// shared is the one server of a test process, for tests that do not harm it.
//
//nolint:gochecknoglobals // a server takes a second to start, and a process has hundreds of tests
var shared = sync.OnceValues(func() (*Server, error) {
	programs, err := find()
	if err != nil {
		return nil, err
	}
	return start(programs, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=400")
})

// Database returns the URL of an empty database of the test's own, which goes with it, or ends the test where there is no
// PostgreSQL.
func Database(t testing.TB) string {
	t.Helper()
	server := outlasting(t)
	location, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	name := create(t, server)
	t.Cleanup(func() { say(t, server, "DROP DATABASE "+name+" WITH (FORCE)") })
	location.Path = "/" + name
	return location.String()
}

// outlasting is the URL of a server that outlasts the test.
func outlasting(t testing.TB) string {
	t.Helper()
	if named := os.Getenv(ServerVariable); named != "" {
		return named
	}
	if _, err := find(); err != nil {
		testneeds.Unmet(t, testneeds.PostgreSQL, err.Error())
	}
	server, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return server.URL("postgres")
}

// Start starts a server of the test's own, which may be stopped and started again. settings are PostgreSQL's, such as
// "max_connections=10"; what it has committed is on the disk.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	programs, err := find()
	if err != nil {
		testneeds.Unmet(t, testneeds.PostgreSQL, err.Error())
	}
	server, err := start(programs, settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.end()
		_ = os.RemoveAll(server.folder)
	})
	return server
}

// Database returns the URL of an empty database on the server, which goes with that.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := create(t, s.URL("postgres"))
	return s.URL(name)
}

// DatabaseIn is Database with its tables in an empty folder, which may be on a disk of its own.
func (s *Server) DatabaseIn(t testing.TB, folder string) string {
	t.Helper()
	if s.owner != nil {
		if err := os.Chown(folder, int(s.owner.Uid), int(s.owner.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	name := strings.ToLower("t_" + rand.Text())
	server := s.URL("postgres")
	say(t, server, fmt.Sprintf("CREATE TABLESPACE %s LOCATION '%s'", name, folder))
	say(t, server, fmt.Sprintf("CREATE DATABASE %[1]s TEMPLATE template0 ENCODING 'UTF8' STRATEGY file_copy TABLESPACE %[1]s", name))
	return s.URL(name)
}

// URL is that of a database on the server.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://onetouch@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}

// Restart stops the server, as an operator would, does something meanwhile, and starts it again.
func (s *Server) Restart(t testing.TB, meanwhile func()) {
	t.Helper()
	if err := s.end(); err != nil {
		t.Fatal(err)
	}
	if meanwhile != nil {
		meanwhile()
	}
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
}

// Await waits until the server takes connections, as after one of its processes was killed.
func (s *Server) Await(t testing.TB) {
	t.Helper()
	if err := s.wait(); err != nil {
		t.Fatal(err)
	}
}

// find returns the folder of PostgreSQL's programs.
func find() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("there is no PostgreSQL server (the package postgresql)")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// owner is who runs a server of PostgreSQL, which refuses to be run by root.
func owner() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUser := strconv.ParseUint(found.Uid, 10, 32)
		gid, errGroup := strconv.ParseUint(found.Gid, 10, 32)
		if errUser == nil && errGroup == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("root may not run PostgreSQL, and there is neither a user postgres nor nobody")
}

func start(programs string, settings ...string) (*Server, error) {
	owner, err := owner()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "onetouch-postgres-")
	if err != nil {
		return nil, err
	}
	s := &Server{programs: programs, folder: folder, settings: settings, owner: owner}
	if err := s.initialise(); err != nil {
		_ = os.RemoveAll(folder)
		return nil, err
	}
	err = s.run()
	return s, err
}

func (s *Server) initialise() error {
	if s.owner != nil {
		if err := os.Chown(s.folder, int(s.owner.Uid), int(s.owner.Gid)); err != nil {
			return err
		}
	}
	initdb := s.command(filepath.Join(s.programs, "initdb"), "-D", s.data(), "-U", "onetouch", "-A", "trust", "-E", "UTF8",
		"--no-sync", "--no-instructions", "--locale=C")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	port, err := freePort()
	s.port = port
	return err
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

func (s *Server) command(program string, args ...string) *exec.Cmd {
	command := exec.Command(program, args...) //nolint:noctx // it outlives every test
	command.Dir = s.folder
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC", "KEPT=" + s.folder}
	// A group of its own: an interrupt from the keyboard is for the tests, and this ends after them.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.owner}
	return command
}

// keeper runs the server until its input ends, as it does with the process of the tests, however that ends. What it leaves
// goes too, unless it was told to keep it.
const keeper = `"$@" & server=$!
word=$(cat)
kill -INT $server
wait $server
[ "$word" = keep ] || rm -rf "$KEPT"`

func (s *Server) run() error {
	args := []string{
		"-c", keeper, "sh", filepath.Join(s.programs, "postgres"), "-D", s.data(), "-p", strconv.Itoa(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + s.folder, "-c", "shared_buffers=64MB",
	}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	command := s.command("/bin/sh", args...)
	file, err := os.Create(filepath.Join(s.folder, "log"))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	command.Stdout, command.Stderr = file, file
	input, err := command.StdinPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	s.stop = func() error {
		if _, err := input.Write([]byte("keep")); err != nil {
			return err
		}
		if err := input.Close(); err != nil {
			return err
		}
		return command.Wait()
	}
	if err := s.wait(); err != nil {
		said, _ := os.ReadFile(file.Name())
		return fmt.Errorf("starting PostgreSQL: %w\n%s", err, said)
	}
	return nil
}

// wait returns once the server takes connections.
func (s *Server) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		conn, err := pgconn.Connect(ctx, s.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// end stops the server; its data stay for the next start, or go with the test.
func (s *Server) end() error {
	if s.stop == nil {
		return nil
	}
	stop := s.stop
	s.stop = nil
	return stop()
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it listens at once
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil //nolint:forcetypeassert // it listens on TCP
}

// create makes a database on a server, and returns its name.
func create(t testing.TB, server string) (name string) {
	t.Helper()
	name = "t_" + strings.ToLower(rand.Text())
	say(t, server, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8' STRATEGY file_copy")
	return name
}

func say(t testing.TB, server, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgconn.Connect(ctx, server)
	if err != nil {
		t.Fatalf("connecting to PostgreSQL: %v", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement).ReadAll(); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
