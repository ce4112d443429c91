package intercept

import (
	"bufio"
	"io"
	"net"
	"sync"
)

// tunnel lets bytes pass between a client and a server, each way until its end. One side may have said all it has to say
// while the other still speaks. Of the client some was read ahead.
func (p *proxy) tunnel(client net.Conn, ahead *bufio.Reader, server net.Conn) {
	defer closeEach([]net.Conn{client, server})
	done, ok := p.open.add(client, server)
	if !ok {
		return
	}
	defer done()
	var both sync.WaitGroup
	both.Go(func() {
		if flush(server, ahead) != nil || !relay(server, client) {
			closeEach([]net.Conn{client, server})
		}
	})
	both.Go(func() {
		if !relay(client, server) {
			closeEach([]net.Conn{client, server})
		}
	})
	both.Wait()
}

// flush passes on what was read ahead.
func flush(to io.Writer, ahead *bufio.Reader) error {
	_, err := io.CopyN(to, ahead, int64(ahead.Buffered()))
	return err
}

// relay passes on everything, and then that it was everything. It reports whether the other way may still go on.
func relay(to, from net.Conn) bool {
	if _, err := io.Copy(to, from); err != nil {
		return false
	}
	half, ok := to.(interface{ CloseWrite() error })
	return ok && half.CloseWrite() == nil
}
