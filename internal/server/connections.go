package server

import (
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Limits of callers on other machines. Those on this machine have none: they are the user's own.
const (
	// DefaultMostConnections is how many connections they all have at most; one address may have a quarter of them.
	DefaultMostConnections = 4096
	shareOfAddress         = 4
	// answerTimeout is how long one of them may take nothing of its answer.
	answerTimeout = 30 * time.Second
)

// limitedListener accepts no more connections from other machines than it may, and has each of them take its answers.
type limitedListener struct {
	net.Listener
	most, each int
	patience   time.Duration
	log        *slog.Logger

	mu   sync.Mutex
	open map[netip.Addr]int // those that are open; as many keys as connections, at most
	all  int
}

// limitConnections takes over a listener.
func (s *Server) limitConnections(plain net.Listener) net.Listener {
	most := s.options.MostConnections
	return &limitedListener{
		Listener: plain, most: most, each: max(1, most/shareOfAddress), patience: s.options.AnswerTimeout, log: s.log,
		open: map[netip.Addr]int{},
	}
}

// Accept returns the next connection that is within the limits. Others are told so, and closed.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		connection, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := addressOf(connection)
		if !from.IsValid() || from.IsLoopback() {
			return connection, nil
		}
		if l.take(from) {
			return &limitedConnection{Conn: connection, patience: l.patience, release: sync.OnceFunc(func() { l.release(from) })}, nil
		}
		l.log.Warn("a connection is refused: too many are open", "from", from.String())
		refuseConnection(connection)
	}
}

func addressOf(connection net.Conn) netip.Addr {
	remote, err := netip.ParseAddrPort(connection.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return remote.Addr().Unmap().WithZone("")
}

func (l *limitedListener) take(from netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= l.most || l.open[from] >= l.each {
		return false
	}
	l.all++
	l.open[from]++
	return true
}

func (l *limitedListener) release(from netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.open[from]--; l.open[from] == 0 {
		delete(l.open, from)
	}
}

// refuseConnection says why nothing is answered. What is written fits into the connection's own buffer, so nobody waits.
func refuseConnection(connection net.Conn) {
	_ = connection.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = io.WriteString(connection, "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"+
		"Retry-After: 1\r\nConnection: close\r\n\r\nToo many connections are open.\n")
	_ = connection.Close()
}

// limitedConnection is a connection whose reader has to take what is written.
type limitedConnection struct {
	net.Conn
	patience time.Duration
	release  func()

	mu       sync.Mutex
	deadline time.Time // that the server has set; zero: none
}

// piece is how many bytes have to be taken within one patience.
const piece = 64 << 10

// Write ends with an error when the reader takes nothing for too long.
func (c *limitedConnection) Write(p []byte) (n int, err error) {
	for {
		if err := c.extend(); err != nil {
			return n, err
		}
		written, err := c.Conn.Write(p[n:min(len(p), n+piece)])
		n += written
		if err != nil || n == len(p) {
			return n, err
		}
	}
}

// extend gives the reader time again, up to the server's own deadline.
func (c *limitedConnection) extend() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	deadline := time.Now().Add(c.patience)
	if !c.deadline.IsZero() && c.deadline.Before(deadline) {
		deadline = c.deadline
	}
	return c.Conn.SetWriteDeadline(deadline)
}

// SetWriteDeadline implements [net.Conn].
func (c *limitedConnection) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline implements [net.Conn].
func (c *limitedConnection) SetDeadline(t time.Time) error {
	if err := c.SetWriteDeadline(t); err != nil {
		return err
	}
	return c.SetReadDeadline(t)
}

// CloseWrite lets an answer arrive of which the request was not read to its end.
func (c *limitedConnection) CloseWrite() error {
	if half, is := c.Conn.(interface{ CloseWrite() error }); is {
		return half.CloseWrite()
	}
	return nil
}

// Close makes room for another connection.
func (c *limitedConnection) Close() error {
	defer c.release()
	return c.Conn.Close()
}
