package server_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/server"
)

// elsewhere is a listener whose callers seem to be on other machines: on each the ones that it is told.
type elsewhere struct {
	net.Listener
	mu   sync.Mutex
	from []string
}

type from struct {
	net.Conn
	address net.Addr
}

func (f from) RemoteAddr() net.Addr { return f.address }

func (f from) CloseWrite() error { return f.Conn.(*net.TCPConn).CloseWrite() }

func (l *elsewhere) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	address := &net.TCPAddr{IP: net.ParseIP("192.0.2.1"), Port: 1}
	if len(l.from) > 0 {
		address.IP, l.from = net.ParseIP(l.from[0]), l.from[1:]
	}
	return from{connection, address}, nil
}

// serveElsewhere serves callers who seem to be on the given machines, one after the other, and then all on one.
func serveElsewhere(t *testing.T, o server.Options, callers ...string) (address string) {
	t.Helper()
	o.Database = ":memory:"
	s := sound(server.Open(t.Context(), o))(t)
	listener := &elsewhere{Listener: sound(net.Listen("tcp", "127.0.0.1:0"))(t), from: callers}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-served, s.Close()); err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// hold opens a connection, and returns what its call is answered. It stays open.
func hold(t *testing.T, address string) (status int, connection net.Conn) {
	t.Helper()
	connection = sound(net.Dial("tcp", address))(t)
	t.Cleanup(func() { _ = connection.Close() })
	_, _ = io.WriteString(connection, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n") // one that is refused may be closed by now
	answer := sound(http.ReadResponse(bufio.NewReader(connection), nil))(t)               //nolint:bodyclose // closed below
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer.StatusCode, connection
}

// TestConnections: one address has a quarter of all connections, all together have no more than all, and who leaves makes room.
// Callers on this machine are not counted.
func TestConnections(t *testing.T) {
	t.Parallel()
	const us, them, others, third, fourth, here = "192.0.2.1", "192.0.2.2", "::ffff:192.0.2.3", "2001:db8::1", "2001:db8::2", "127.0.0.1"
	callers := []string{us, us, us, them, them, others, others, third, third, fourth, here, here}
	want := []int{200, 200, 503, 200, 200, 200, 200, 200, 200, 503, 200, 200}
	address := serveElsewhere(t, server.Options{MostConnections: 8}, callers...)
	var connections []net.Conn
	for i, from := range callers {
		status, connection := hold(t, address)
		connections = append(connections, connection)
		if status != want[i] {
			t.Errorf("connection %d, from %s: %d, want %d", i, from, status, want[i])
		}
	}
	if err := connections[0].Close(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); ; { // the server has to notice
		if status, _ := hold(t, address); status == 200 {
			return
		}
		if time.Now().After(end) {
			t.Fatal("nobody is let in after somebody has left")
		}
	}
}

// TestSlowReader: who asks and asks, and takes no answer, is cut off.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	address := serveElsewhere(t, server.Options{AnswerTimeout: time.Second / 4})
	connection := sound(net.Dial("tcp", address))(t)
	defer func() { _ = connection.Close() }()
	if err := connection.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	question := strings.Repeat("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 1000)
	for {
		if _, err := io.WriteString(connection, question); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("the connection stays open")
			}
			return
		}
	}
}
