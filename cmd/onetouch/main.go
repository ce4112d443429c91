// Command onetouch is a local Authy OneTouch service, a simulated device and a developer's terminal in one binary.
package main

import (
	"os"

	"github.com/onetouchkit/onetouch/internal/cli"
)

// Set by the linker in a release.
var (
	version = "dev"
	commit  = ""
	date    = ""
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Build{Version: version, Commit: commit, Date: date}))
}
