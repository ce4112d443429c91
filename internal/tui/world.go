package tui

import (
	"context"
	"io"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// control is what the screen asks of a server; [controlapi.Client] is it.
type control interface {
	Server(context.Context) (controlapi.Server, error)
	Users(ctx context.Context, appID string) ([]controlapi.User, error)
	Devices(ctx context.Context, authyID int64) ([]controlapi.Device, error)
	ApprovalRequests(context.Context, controlapi.ApprovalRequestQuery) ([]controlapi.ApprovalRequest, error)
	ApprovalRequest(ctx context.Context, uuid string) (controlapi.ApprovalRequest, error)
	Deliveries(context.Context, string, onetouch.DeliveryKind) ([]controlapi.Delivery, error)
	Follow(ctx context.Context, after int64, ready func(), hear func(controlapi.Event) error) error
}

// world is everything outside the screen. What it does takes time, so its methods return commands.
type world struct {
	control  control
	phones   func(context.Context) ([]phone, error)
	clock    onetouch.Clock
	terminal io.Writer // what bubbletea writes to, for what it does not write
	work     *work
}

// patience is how long the server may take for one answer.
const patience = 10 * time.Second

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

// ask makes a command of a call that gets an answer within [patience].
func (w *world) ask(call func(context.Context) tea.Msg) tea.Cmd {
	return w.work.command(func(ctx context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return call(ctx)
	})
}

// wake makes a command that ends when this machine's clock shows at.
func (w *world) wake(at time.Time, number int) tea.Cmd {
	return w.work.command(func(ctx context.Context) tea.Msg {
		reached, stop := w.clock.At(at)
		defer stop()
		select {
		case <-reached:
			return tick{number}
		case <-ctx.Done():
			return nil
		}
	})
}

// Sizes of what is read at once.
const (
	pendingPage = 200
	historyPage = 100
)

func decided() []string {
	return []string{string(onetouch.StatusApproved), string(onetouch.StatusDenied), string(onetouch.StatusExpired)}
}

// readFirst reads the beginning of both lists, and the request under the cursor if it is in neither.
func (w *world) readFirst(cursor string) tea.Cmd {
	return w.ask(func(ctx context.Context) tea.Msg {
		pending, err := w.page(ctx, []string{string(onetouch.StatusPending)}, "", pendingPage)
		if err != nil {
			return requestsRead{err: err}
		}
		history, err := w.page(ctx, decided(), "", historyPage)
		if err != nil {
			return requestsRead{err: err}
		}
		read := requestsRead{first: &firstPages{pending: pending, history: history}}
		if cursor != "" && !pending.has(cursor) && !history.has(cursor) {
			w.readSingle(ctx, cursor, &read)
		}
		return read
	})
}

// readOlder reads the page of the history that follows a request.
func (w *world) readOlder(after string) tea.Cmd {
	return w.ask(func(ctx context.Context) tea.Msg {
		page, err := w.page(ctx, decided(), after, historyPage)
		return requestsRead{older: &page, err: err}
	})
}

// readChanged reads single requests again.
func (w *world) readChanged(uuids []string) tea.Cmd {
	return w.ask(func(ctx context.Context) tea.Msg {
		var read requestsRead
		for _, uuid := range uuids {
			w.readSingle(ctx, uuid, &read)
		}
		return read
	})
}

func (w *world) page(ctx context.Context, statuses []string, after string, limit int) (requestPage, error) {
	requests, err := w.control.ApprovalRequests(ctx, controlapi.ApprovalRequestQuery{
		Statuses: statuses, Before: after, Limit: limit,
	})
	return requestPage{requests: requests, last: len(requests) < limit}, err
}

func (p requestPage) has(uuid string) bool {
	for _, r := range p.requests {
		if r.UUID == uuid {
			return true
		}
	}
	return false
}

func (w *world) readSingle(ctx context.Context, uuid string, into *requestsRead) {
	request, err := w.control.ApprovalRequest(ctx, uuid)
	switch {
	case err == nil:
		into.single = append(into.single, request)
	case onetouch.CodeOf(err) == onetouch.CodeApprovalRequestNotFound:
		into.missing = append(into.missing, uuid)
	default:
		into.err = err
	}
}

func (w *world) readCallbacks(request string) tea.Cmd {
	return w.ask(func(ctx context.Context) tea.Msg {
		deliveries, err := w.control.Deliveries(ctx, request, onetouch.DeliveryCallback)
		return callbacksRead{request: request, deliveries: deliveries, err: err}
	})
}

func (w *world) readPeople() tea.Cmd {
	return w.ask(func(ctx context.Context) tea.Msg {
		var read peopleRead
		if read.users, read.err = w.control.Users(ctx, ""); read.err != nil {
			return read
		}
		if read.devices, read.err = w.control.Devices(ctx, 0); read.err != nil {
			return read
		}
		read.phones, read.err = w.phones(ctx)
		return read
	})
}

// send has one of the phones answer. The answer is finished even when the screen ends meanwhile: it was decided.
func (w *world) send(h heldAnswer) tea.Cmd {
	return w.work.command(func(ctx context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		return answered{request: h.request.UUID, status: h.status, err: answer(ctx, h.phones, h.request, h.status)}
	})
}
