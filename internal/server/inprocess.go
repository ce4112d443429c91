package server

import (
	"context"
	"net"
	"net/http"
	"sync"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// InProcessURL is the base URL under which a server answers over [Server.InProcess].
const InProcessURL = "http://localhost"

// InProcess serves the same handlers without a network, to this process only, and does the background work. The returned
// client reaches it under [InProcessURL]. stop sends what is owed now, and reports how many deliveries stay owed because
// their receiver did not take them, or because ctx ended.
func (s *Server) InProcess(ctx context.Context) (client *http.Client, stop func(context.Context) (owed int, err error)) {
	pipe := newPipeListener()
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	httpServer := &http.Server{Handler: s.handler, ReadHeaderTimeout: readHeaderTimeout}
	var work sync.WaitGroup
	work.Go(func() { _ = httpServer.Serve(pipe) })
	work.Go(func() { s.store.Watch(serving, watchInterval, s.signals.WakeAll) })
	work.Go(func() { s.persist(serving, "expiry", s.service.RunExpiry) })
	work.Go(func() { s.persist(serving, "statistics", s.service.RunStatistics) })
	work.Go(func() { s.deliver(serving) })
	transport := &http.Transport{DialContext: pipe.dial, MaxIdleConnsPerHost: 8}
	return &http.Client{Transport: transport}, func(ctx context.Context) (int, error) {
		owed, err := s.settle(ctx)
		s.stop()
		cancel()
		transport.CloseIdleConnections()
		_ = httpServer.Close()
		work.Wait()
		return owed, err
	}
}

// settle waits until nothing is due now: whoever holds the lease, this process or another, sends it.
func (s *Server) settle(ctx context.Context) (owed int, err error) {
	for {
		changed := s.service.Changed(onetouch.TopicDeliveries)
		due, later, err := s.service.PendingDeliveries(ctx)
		if err != nil || due == 0 {
			return later, err
		}
		select {
		case <-ctx.Done():
			return due + later, nil
		case <-changed:
		}
	}
}

// pipeListener is a listener whose connections are pipes within the process.
type pipeListener struct {
	connections chan net.Conn
	closed      chan struct{}
	close       func()
}

func newPipeListener() *pipeListener {
	l := &pipeListener{connections: make(chan net.Conn), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	return l
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.connections <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept waits for the next dial.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case connection := <-l.connections:
		return connection, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and dial.
func (l *pipeListener) Close() error {
	l.close()
	return nil
}

// Addr is the address of no network.
func (l *pipeListener) Addr() net.Addr { return pipeAddress{} }

type pipeAddress struct{}

func (pipeAddress) Network() string { return "pipe" }
func (pipeAddress) String() string  { return "in process" }
