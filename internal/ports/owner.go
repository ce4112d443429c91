// Package ports tells which process of this machine listens on a port.
package ports

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// OwnerOf names the process that listens on a port of this machine.
func OwnerOf(port string) string {
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
