package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// InProcessURL is the base URL under which a server answers over [Server.InProcess].
const InProcessURL = "http://localhost"

// InProcess serves the same handlers without a network, to this process only, and does the background work. The returned
// client reaches it under [InProcessURL]. It delivers once something more is owed than before: who only reads has no part
// in what others owe. stop sends that until ctx ends, and reports how much of it stays owed.
func (s *Server) InProcess(
	ctx context.Context,
) (client *http.Client, stop func(context.Context) (owed int, err error), err error) {
	before, err := s.service.LastDelivery(ctx)
	if err != nil {
		return nil, nil, err
	}
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	client, hangUp := s.Within()
	work := s.background(serving, func(ctx context.Context) { s.deliverAfter(ctx, before) })
	return client, func(ctx context.Context) (int, error) {
		err := s.Settle(ctx, before)
		s.stop()
		cancel()
		hangUp()
		work.Wait()
		if err != nil || ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return 0, err
		}
		due, later, err := s.service.OwedDeliveries(context.WithoutCancel(ctx), before)
		return due + later, err
	}, nil
}

// Within serves the same handlers without a network, to this process only, until hangUp. The returned client reaches them
// under [InProcessURL].
func (s *Server) Within() (client *http.Client, hangUp func()) {
	pipe := newPipeListener()
	httpServer := &http.Server{Handler: s.handler, ReadHeaderTimeout: readHeaderTimeout}
	var work sync.WaitGroup
	work.Go(func() { _ = httpServer.Serve(pipe) })
	transport := &http.Transport{DialContext: pipe.dial, MaxIdleConnsPerHost: 8}
	return &http.Client{Transport: transport}, func() {
		transport.CloseIdleConnections()
		_ = httpServer.Close()
		work.Wait()
	}
}

// deliverAfter delivers once there is a delivery that came after the given one.
func (s *Server) deliverAfter(ctx context.Context, before int64) {
	s.persist(ctx, "delivery", func(ctx context.Context) error {
		for {
			changed := s.service.Changed(onetouch.TopicDue)
			newest, err := s.service.LastDelivery(ctx)
			if err != nil {
				return err
			}
			if newest > before {
				s.deliver(ctx)
				return nil
			}
			select {
			case <-ctx.Done():
				return nil
			case <-changed:
			}
		}
	})
}

// Settle waits until nothing that came after the given delivery is due now, or ctx ends: whoever holds the lease, this process
// or another, sends it.
func (s *Server) Settle(ctx context.Context, before int64) error {
	for ctx.Err() == nil {
		changed := s.service.Changed(onetouch.TopicDeliveries)
		due, _, err := s.service.OwedDeliveries(ctx, before)
		if ctx.Err() == nil && (err != nil || due == 0) {
			return err
		}
		select {
		case <-ctx.Done():
		case <-changed:
		}
	}
	return nil
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
