package tui

import (
	"context"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// work keeps count of what runs for the screen, so that nothing of it is left when the screen is gone.
type work struct {
	ctx    context.Context
	mu     sync.Mutex
	closed bool
	tasks  sync.WaitGroup
}

// command makes a command of a task. Its context ends with the screen.
func (w *work) command(task func(context.Context) tea.Msg) tea.Cmd {
	return func() tea.Msg {
		w.mu.Lock()
		if w.closed {
			w.mu.Unlock()
			return nil
		}
		w.tasks.Add(1)
		w.mu.Unlock()
		defer w.tasks.Done()
		return task(w.ctx)
	}
}

// wait takes no more tasks and returns when the last one has ended.
func (w *work) wait() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.tasks.Wait()
}

// waker makes commands that end when a clock shows at.
func (w *work) waker(clock onetouch.Clock) func(at time.Time, number int) tea.Cmd {
	return func(at time.Time, number int) tea.Cmd {
		return w.command(func(ctx context.Context) tea.Msg {
			reached, stop := clock.At(at)
			defer stop()
			select {
			case <-reached:
				return tick{number}
			case <-ctx.Done():
				return nil
			}
		})
	}
}
