package server

import (
	"bufio"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// tlsRecord is the first byte of a connection that speaks TLS: a handshake record (RFC 8446, section 5.1). No method of HTTP
// begins with it.
const tlsRecord = 0x16

// bothListener answers HTTP and HTTPS on one port, so that programs keep their plain URLs while a phone's browser gets the
// secure connection that it insists on.
type bothListener struct {
	net.Listener
	config      *tls.Config
	connections chan net.Conn
	failed      chan error // one error, when the listener accepts no more
	closed      chan struct{}
	close       func() error
	asked       sync.WaitGroup
}

// listenBoth takes over a listener.
func listenBoth(plain net.Listener, config *tls.Config) net.Listener {
	l := &bothListener{
		Listener: plain, config: config, connections: make(chan net.Conn), failed: make(chan error, 1),
		closed: make(chan struct{}),
	}
	l.close = sync.OnceValue(func() error {
		close(l.closed)
		err := plain.Close()
		l.asked.Wait()
		return err
	})
	l.asked.Go(l.accept)
	return l
}

// accept waits for the first byte of each connection on its own: one that says nothing keeps nobody waiting.
func (l *bothListener) accept() {
	for {
		connection, err := l.Listener.Accept()
		if err != nil {
			l.failed <- err
			return
		}
		l.asked.Go(func() { l.offer(connection) })
	}
}

// offer hands a connection on once it has said what it speaks.
func (l *bothListener) offer(connection net.Conn) {
	told := l.hear(connection)
	if told == nil {
		_ = connection.Close()
		return
	}
	select {
	case l.connections <- told:
	case <-l.closed:
		_ = connection.Close()
	}
}

// hear waits for the first byte; nil when none comes.
func (l *bothListener) hear(connection net.Conn) net.Conn {
	heard := make(chan struct{})
	defer close(heard)
	l.asked.Go(func() {
		select {
		case <-heard:
		case <-l.closed:
			_ = connection.SetReadDeadline(time.Unix(1, 0)) // long over: ends the wait
		}
	})
	_ = connection.SetReadDeadline(time.Now().Add(readHeaderTimeout))
	reader := bufio.NewReaderSize(connection, bufferSize)
	first, err := reader.Peek(1)
	if err != nil || connection.SetReadDeadline(time.Time{}) != nil {
		return nil
	}
	begun := &begunConnection{Conn: connection, reader: reader}
	if first[0] == tlsRecord {
		return tls.Server(begun, l.config)
	}
	return begun
}

// bufferSize is that of the readers of connections: little is read ahead, and each keeps its buffer as long as it lives.
const bufferSize = 512

// Accept returns the next connection that has said something: a [tls.Conn] when that was TLS.
func (l *bothListener) Accept() (net.Conn, error) {
	select {
	case connection := <-l.connections:
		return connection, nil
	case err := <-l.failed:
		l.failed <- err // for the next call
		return nil, err
	}
}

// Close ends Accept, and the connections that it has not returned.
func (l *bothListener) Close() error { return l.close() }

// begunConnection is a connection of which something was read ahead.
type begunConnection struct {
	net.Conn
	reader *bufio.Reader
}

func (c *begunConnection) Read(p []byte) (int, error) { return c.reader.Read(p) }

// NetConn is the connection itself, as in [tls.Conn].
func (c *begunConnection) NetConn() net.Conn { return c.Conn }
