package tui

import (
	"fmt"

	"github.com/charmbracelet/x/ansi"
)

// Alert is how the screen draws attention to requests that arrive while one looks elsewhere.
type Alert string

// Ways to draw attention.
const (
	AlertTitle Alert = "title" // the title of the window counts those that wait
	AlertBell  Alert = "bell"  // and the terminal's bell rings
	AlertNone  Alert = "none"
)

// Alerts lists every way.
func Alerts() []Alert { return []Alert{AlertTitle, AlertBell, AlertNone} }

// waitingChanged says how many requests wait, and whether one of them has just arrived.
type waitingChanged struct {
	count   int
	more    bool // so many were read, and there are more
	arrived bool
}

// draw draws attention.
func (a Alert) draw(m *modes, changed waitingChanged) {
	if a == AlertNone || a == "" {
		return
	}
	title := "OneTouch"
	switch {
	case changed.count > 0 && changed.more:
		title = fmt.Sprintf("(%d+) OneTouch", changed.count)
	case changed.count > 0:
		title = fmt.Sprintf("(%d) OneTouch", changed.count)
	}
	m.write(ansi.SetWindowTitle(title))
	if a == AlertBell && changed.arrived {
		m.write("\a")
	}
}
