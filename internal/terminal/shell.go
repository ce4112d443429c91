package terminal

import "strings"

// ShellWord quotes a text as one word for a POSIX shell, which takes it as it is.
func ShellWord(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
