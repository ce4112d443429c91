package output

import "github.com/onetouchkit/onetouch/internal/terminal"

// Sanitise makes text from outside harmless for a terminal and keeps it on one line; see [terminal.Sanitise].
func Sanitise(s string) string { return terminal.Sanitise(s) }
