package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
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
			port, ownerOf(port), net.JoinHostPort(host, "0"))
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

// ownerOf names the process that listens on a port of this machine.
func ownerOf(port string) string {
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return "another process"
	}
	if name, pid := processOn("/proc", uint16(number)); pid != 0 {
		return fmt.Sprintf("%s (process %d)", name, pid)
	}
	return fmt.Sprintf("a process that cannot be named (`lsof -i :%d` may)", number)
}

// processOn looks up who listens on a TCP port, in the files that Linux has for it; 0 where that cannot be told.
func processOn(proc string, port uint16) (name string, pid int) {
	sockets := listeners(proc, port)
	if len(sockets) == 0 {
		return "", 0
	}
	// Of a process of another user the links cannot be read.
	links, _ := filepath.Glob(filepath.Join(proc, "[0-9]*", "fd", "*"))
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || !sockets[target] {
			continue
		}
		process := filepath.Dir(filepath.Dir(link))
		command, err := os.ReadFile(filepath.Join(process, "comm"))
		if pid, _ = strconv.Atoi(filepath.Base(process)); err == nil && pid != 0 {
			return strings.TrimSpace(string(command)), pid
		}
	}
	return "", 0
}

// listeners are the sockets that listen on the port, named as links to them are.
func listeners(proc string, port uint16) map[string]bool {
	const localAddress, state, inode, columns, listening = 1, 3, 9, 10, "0A"
	suffix := fmt.Sprintf(":%04X", port)
	sockets := map[string]bool{}
	for _, table := range []string{"tcp", "tcp6"} {
		content, err := os.ReadFile(filepath.Join(proc, "net", table))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(content)) {
			fields := strings.Fields(line)
			if len(fields) >= columns && fields[state] == listening && strings.HasSuffix(fields[localAddress], suffix) {
				sockets["socket:["+fields[inode]+"]"] = true
			}
		}
	}
	return sockets
}
