// Command generate writes docs/compatibility.md: what the Authy API of this server does, call by call and code by code,
// and what of it is on record. It is made from the tables that the server works by. `go generate ./...` runs it; a test
// finds out when that was forgotten.
package main

import (
	"log"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: generate FILE")
	}
	if err := os.WriteFile(os.Args[1], []byte(document()), 0o644); err != nil {
		log.Fatal(err)
	}
}
