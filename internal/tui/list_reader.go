package tui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"
)

// listReader reads what a roster lists from the server while its tab is shown: again whenever something happened, and one
// reading at a time, so that an older answer never replaces a newer one.
type listReader[T any] struct {
	remote *remote
	read   func(context.Context, control) ([]T, error)
	stale  bool
	busy   bool
}

// listRead brings what a roster lists.
type listRead[T any] struct {
	reply
	items []T
}

func (l *listReader[T]) hear(msg tea.Msg, known facts, r *roster[T]) tea.Cmd {
	switch msg := msg.(type) {
	case connected, happened:
		l.stale = true
	case tabShown, serverRead: // a time to read, or to try again what failed
	case listRead[T]:
		l.busy = false
		if msg.err != nil {
			l.stale = true
			return nil // whatever the server's trouble is, it is not asked again at once
		}
		r.take(msg.items, known)
	default:
		return nil
	}
	if !l.stale || l.busy || !r.shown {
		return nil
	}
	l.stale, l.busy = false, true
	return l.remote.ask(func(ctx context.Context) tea.Msg {
		items, err := l.read(ctx, l.remote.control)
		return listRead[T]{items: items, reply: reply{err}}
	})
}
