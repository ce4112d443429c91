//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package tui_test

import "golang.org/x/sys/unix"

const termiosRequest = unix.TIOCGETA
