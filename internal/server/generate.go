package server

//go:generate go run ./generate ../../docs/threats.md
