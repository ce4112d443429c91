package intercept

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

// acceptDirect takes connections that were led here without the protocol of proxies.
func (p *proxy) acceptDirect() {
	for {
		connection, err := p.direct.Accept()
		if err != nil {
			return
		}
		p.work.Go(func() { p.answer(connection, bufio.NewReader(connection)) })
	}
}

// answer has the handler answer on a connection that is meant for an intercepted host, over TLS or not. Some was read ahead.
func (p *proxy) answer(connection net.Conn, reader *bufio.Reader) {
	done, ok := p.open.add(connection)
	if !ok {
		return
	}
	defer done()
	_ = connection.SetReadDeadline(time.Now().Add(readHeaderTimeout))
	first, err := reader.Peek(1)
	if err != nil || connection.SetReadDeadline(time.Time{}) != nil {
		_ = connection.Close()
		return
	}
	var begun net.Conn = &begunConnection{Conn: connection, reader: reader}
	if first[0] == tlsRecord {
		begun = tls.Server(begun, p.tls)
	}
	p.accepted.handOver(begun)
}

// begunConnection is a connection of which something was read ahead.
type begunConnection struct {
	net.Conn
	reader *bufio.Reader
}

func (c *begunConnection) Read(p []byte) (int, error) { return c.reader.Read(p) }

// handedOver is a listener whose connections were accepted elsewhere.
type handedOver struct {
	address     net.Addr
	connections chan net.Conn
	closed      chan struct{}
	close       func()
}

func newHandedOver(address net.Addr) *handedOver {
	l := &handedOver{address: address, connections: make(chan net.Conn), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	return l
}

func (l *handedOver) handOver(connection net.Conn) {
	select {
	case l.connections <- connection:
	case <-l.closed:
		_ = connection.Close()
	}
}

// Accept waits for the next connection.
func (l *handedOver) Accept() (net.Conn, error) {
	select {
	case connection := <-l.connections:
		return connection, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (l *handedOver) Close() error {
	l.close()
	return nil
}

// Addr is where the connections came from.
func (l *handedOver) Addr() net.Addr { return l.address }

// connections are those that no server keeps an eye on.
type connections struct {
	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool
	users  sync.WaitGroup
}

// add remembers connections until done; when everything is closed already, it closes them and reports false.
func (c *connections) add(added ...net.Conn) (done func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		closeEach(added)
		return nil, false
	}
	if c.open == nil {
		c.open = map[net.Conn]struct{}{}
	}
	for _, connection := range added {
		c.open[connection] = struct{}{}
	}
	c.users.Add(1)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, connection := range added {
			delete(c.open, connection)
		}
		c.users.Done()
	}, true
}

// closeAll closes every connection, waits until nobody uses one any more, and lets no further one in.
func (c *connections) closeAll() {
	c.mu.Lock()
	c.closed = true
	for connection := range c.open {
		_ = connection.Close()
	}
	c.mu.Unlock()
	c.users.Wait()
}

func closeEach(some []net.Conn) {
	for _, connection := range some {
		_ = connection.Close()
	}
}
