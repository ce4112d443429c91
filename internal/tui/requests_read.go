package tui

import (
	"context"
	"iter"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// requestsRead brings approval requests.
type requestsRead struct {
	reply
	first   *firstPages                  // everything was read afresh
	older   *requestPage                 // the next page of the history
	single  []controlapi.ApprovalRequest // these changed
	missing []string                     // the server no longer has these
}

// firstPages is the beginning of both lists.
type firstPages struct{ pending, history requestPage }

// requestPage is one page of a list of approval requests.
type requestPage struct {
	requests []controlapi.ApprovalRequest
	last     bool // there are none after these
}

// all are the requests that were read.
func (m requestsRead) all() iter.Seq[controlapi.ApprovalRequest] {
	read := m.single
	if m.first != nil {
		read = slices.Concat(m.first.pending.requests, m.first.history.requests, read)
	}
	if m.older != nil {
		read = slices.Concat(m.older.requests, read)
	}
	return slices.Values(read)
}

func (p requestPage) has(uuid string) bool {
	return slices.ContainsFunc(p.requests, func(r controlapi.ApprovalRequest) bool { return r.UUID == uuid })
}

// Sizes of what is read at once.
const (
	pendingPage = 200
	historyPage = 100
)

// statuses are those of one of the two lists: of what is decided, or of what waits.
func statuses(decided bool) []string {
	var words []string
	for _, s := range onetouch.Statuses() {
		if s.Decided() == decided {
			words = append(words, string(s))
		}
	}
	return words
}

// readFirst reads the beginning of both lists, and the request under the cursor if it is in neither.
func (r *remote) readFirst(cursor string) tea.Cmd {
	return r.ask(func(ctx context.Context) tea.Msg {
		var read requestsRead
		var first firstPages
		if first.pending, read.err = r.page(ctx, statuses(false), "", pendingPage); read.err != nil {
			return read
		}
		if first.history, read.err = r.page(ctx, statuses(true), "", historyPage); read.err != nil {
			return read
		}
		read.first = &first
		if cursor != "" && !first.pending.has(cursor) && !first.history.has(cursor) {
			r.readSingle(ctx, cursor, &read)
		}
		return read
	})
}

// readOlder reads the page of the history that follows a request.
func (r *remote) readOlder(after string) tea.Cmd {
	return r.ask(func(ctx context.Context) tea.Msg {
		page, err := r.page(ctx, statuses(true), after, historyPage)
		return requestsRead{older: &page, reply: reply{err}}
	})
}

// readChanged reads single requests again.
func (r *remote) readChanged(uuids []string) tea.Cmd {
	return r.ask(func(ctx context.Context) tea.Msg {
		var read requestsRead
		for _, uuid := range uuids {
			r.readSingle(ctx, uuid, &read)
		}
		return read
	})
}

func (r *remote) page(ctx context.Context, statuses []string, after string, limit int) (requestPage, error) {
	requests, err := r.control.ApprovalRequests(ctx, controlapi.ApprovalRequestQuery{
		Statuses: statuses, Before: after, Limit: limit,
	})
	return requestPage{requests: requests, last: len(requests) < limit}, err
}

func (r *remote) readSingle(ctx context.Context, uuid string, into *requestsRead) {
	request, err := r.control.ApprovalRequest(ctx, uuid)
	switch {
	case err == nil:
		into.single = append(into.single, request)
	case onetouch.CodeOf(err) == onetouch.CodeApprovalRequestNotFound:
		into.missing = append(into.missing, uuid)
	default:
		into.err = err
	}
}
