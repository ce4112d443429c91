package tui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// callStream is a stream of calls, with those of it that the screen has not taken yet.
type callStream struct {
	*gathered[controlapi.Call]
	end    context.CancelFunc
	over   chan struct{} // closed when the stream has ended
	listed bool          // the calls from before it are gathered, or taken; once something is ready
}

// callsRead brings calls of a stream, oldest first. That the stream ended is no news: the feed tells when the server is gone.
type callsRead struct {
	stream *callStream
	calls  []controlapi.Call
	listed bool // there were no others before
	over   bool // these are the last
}

// callsReread brings calls again that were heard before, as they stand.
type callsReread struct {
	calls []controlapi.Call
	err   error
}

// openCalls returns a stream of the calls after one, and the command that fills it until it is ended.
func (r *remote) openCalls(after int64) (*callStream, tea.Cmd) {
	ctx, end := context.WithCancel(r.work.ctx)
	s := &callStream{gathered: newGathered[controlapi.Call](), end: end, over: make(chan struct{})}
	return s, r.work.command(func(context.Context) tea.Msg {
		defer close(s.over)
		defer end()
		s.run(ctx, r.control, after)
		return nil
	})
}

// run gathers the calls that there are at once, so that it is known when there are none, and then each that comes.
func (s *callStream) run(ctx context.Context, c control, after int64) {
	calls, err := c.Calls(ctx, controlapi.CallQuery{After: after})
	if err != nil {
		return
	}
	if n := len(calls); n > 0 {
		after = calls[n-1].ID
	}
	s.listed = true
	s.add(calls...)
	_ = c.FollowCalls(ctx, controlapi.CallQuery{After: after}, nil, func(call controlapi.Call) error {
		s.add(call)
		return nil
	})
}

// nextCalls waits for calls of a stream.
func (r *remote) nextCalls(s *callStream) tea.Cmd {
	return r.work.command(func(ctx context.Context) tea.Msg {
		read := callsRead{stream: s}
		select {
		case <-s.ready:
		case <-s.over:
		case <-ctx.Done():
			return nil
		}
		select {
		case <-s.over:
			read.over = true
		default:
		}
		read.calls, read.listed = s.take(), s.listed
		return read
	})
}

// readCalls reads the calls after one again.
func (r *remote) readCalls(after int64) tea.Cmd {
	return r.ask(func(ctx context.Context) tea.Msg {
		calls, err := r.control.Calls(ctx, controlapi.CallQuery{After: after})
		return callsReread{calls: calls, err: err}
	})
}
