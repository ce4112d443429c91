// Package quiet keeps bubbletea from asking the terminal questions while this process starts. Whatever links bubbletea
// imports it, and calls [Restore] first of all.
//
// An init function of bubbletea v1 (tea_init.go) asks the terminal for its background colour, whatever the process was
// started for. A terminal that does not answer makes it wait for five seconds, and what somebody types meanwhile is lost.
// It asks nothing while the environment variable CI is set (termenv's isTTY), so this package sets CI when it is
// initialised itself, if it is not set already, and [Restore] takes that back.
//
// That this comes before bubbletea is certain. A program's packages, sorted by import path, are initialised one after the
// other, always the first in the list whose imports have been (https://go.dev/ref/spec#Program_initialization, since Go
// 1.21). Package os is an import of both. This package needs nothing else, so once os is done only paths before its own
// can come first, and bubbletea cannot be one of them: it also needs unicode, which needs nothing and so, by its path,
// comes later. Therefore this package must import nothing but os.
package quiet

import "os"

// Variable is set for as long as this process starts.
const Variable = "CI"

// starting is a value that nobody else gives the variable.
const starting = "onetouch is starting"

// original is what the variable was before. It never changes.
var original = hush()

type value struct {
	text string
	set  bool
}

func hush() value {
	text, set := os.LookupEnv(Variable)
	if text == "" {
		_ = os.Setenv(Variable, starting) // a failure costs no more than the quiet
	}
	return value{text: text, set: set}
}

// Restore makes the environment what it was when the process was started. Once is enough; it does no harm again, not even
// when the variable has been set to something else meanwhile.
func Restore() {
	if os.Getenv(Variable) != starting {
		return
	}
	if !original.set {
		_ = os.Unsetenv(Variable)
		return
	}
	_ = os.Setenv(Variable, original.text)
}
