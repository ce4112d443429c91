package cli

import (
	"os"
	"runtime/debug"
)

// growth is by how many percent the memory in use grows before a server collects garbage, unless GOGC says so. What is in use are
// a few MiB, and a server under load makes hundreds a second: with Go's own 100 percent that took a tenth of its processor.
const growth = 400

// settleMemory gives back what only the start has needed.
func settleMemory() {
	debug.FreeOSMemory()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(growth)
	}
}
