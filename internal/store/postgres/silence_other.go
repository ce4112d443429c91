//go:build !linux

package postgres

import "syscall"

// boundSilence does nothing: how long what was sent may stay unanswered is the system's.
func boundSilence(string, string, syscall.RawConn) error { return nil }
