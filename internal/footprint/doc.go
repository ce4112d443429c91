// Package footprint keeps the memory small that a process which runs for long takes.
package footprint
