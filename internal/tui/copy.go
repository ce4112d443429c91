package tui

import (
	"github.com/charmbracelet/x/ansi"
)

// copyPressed asks to copy the identifier of what is under the cursor.
type copyPressed struct{}

// copied says what is to be in the terminal's clipboard.
type copied struct{ what, text string }

// copy hands a text to the clipboard of the terminal, which works through a remote shell too. Whether the terminal took it,
// it does not tell.
func (m *model) copy(c copied) {
	m.modes.write(ansi.SetSystemClipboard(c.text))
	m.say(c.what + " copied: " + c.text)
}
