package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/onetouchkit/onetouch/internal/ports"
)

// listen takes the address to serve on. A port that is taken is an error that names who has it, where that can be told.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, usageError("--addr %q must be HOST:PORT, such as 127.0.0.1:8181", addr)
	}
	if _, err := net.DefaultResolver.LookupPort(ctx, "tcp", port); err != nil {
		return nil, usageError("--addr %q: %q is no port, which is a number from 0 to 65535", addr, port)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	switch {
	case err == nil:
		return listener, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("port %s is taken by %s: stop it, or take another port with --addr %s (0 picks a free one)",
			port, ports.OwnerOf(port), net.JoinHostPort(host, "0"))
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("port %s is for administrators only: take one above 1023 with --addr", port)
	default:
		return nil, fmt.Errorf("listening on %s: %w (--addr chooses another address)", addr, innermost(err))
	}
}

// innermost is the part of a network error that says what went wrong, without the layers that repeat where.
func innermost(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err
}
