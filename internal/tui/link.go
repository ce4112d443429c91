package tui

import (
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// link is the connection to the server.
type link struct {
	up      bool
	ever    bool // it has been up
	err     error
	retryAt time.Time // by this machine's clock
}

// refused reports whether a server answers, but not to this screen: its control token is another.
func (l link) refused() bool { return onetouch.CodeOf(l.err) == problem.CodeNotAuthorised }

// trouble is what is wrong while the link is not up, as a part of a sentence.
func (l link) trouble() string {
	if l.refused() {
		return "the control token is refused"
	}
	return "the server is gone"
}

// waiting says what the screen waits for while the link was never up, and what helps.
func (l link) waiting() (headline string, advice []string) {
	if l.refused() {
		return "The control token is refused.", []string{
			"Leave with q and start again: with its --workspace, or with ONETOUCH_CONTROL_TOKEN set to what its file " +
				"control-token says.",
		}
	}
	return "Waiting for the server.",
		[]string{"Start one in another window: onetouch serve", "This screen goes on as soon as it answers."}
}

// state says how the connection is, for the upper right corner.
func (m *model) state(f frame) string {
	switch l := m.link; {
	case l.up:
		return f.look.good.Render("●") + " live"
	case l.err == nil:
		return f.look.muted.Render("○ connecting…")
	case l.refused():
		return f.look.bad.Render("○ not authorised") + m.nextTry()
	}
	return f.look.bad.Render("○ server gone") + m.nextTry()
}

func (m *model) nextTry() string {
	return ", next try in " + countdown(m.link.retryAt.Sub(m.now))
}
