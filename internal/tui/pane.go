package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// part is a part of the screen, which hears every message and minds those that concern it.
type part interface {
	// update takes a message. What it says in return all parts hear right after that, before any other message.
	update(msg tea.Msg, known facts, say func(tea.Msg)) tea.Cmd
}

// pane is a part with a place of its own on the screen; see [panes].
type pane interface {
	part
	// changes is when the pane next looks different without having been told anything; zero when it does not.
	changes(facts) time.Time
	// layout prepares the pane for being drawn in a frame.
	layout(frame)
	// title and note of the pane's edge.
	title(frame) (title, note string)
	// view draws the pane as it is, and changes nothing. What is higher than the frame is cut off.
	view(frame) []string
}

// facts are what every part may know, besides what it has heard itself.
type facts struct {
	now      time.Time // by the server's clock
	local    time.Time // by this machine's clock
	link     link
	names    *directory
	answers  *answers
	selected selected
}
