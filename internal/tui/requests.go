package tui

import (
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// requests is the pane that lists approval requests: those that wait on top, the history below. The cursor is bound to a
// request, not to a row.
type requests struct {
	world    *world
	pending  list
	history  list
	known    bool   // the lists have been read
	cursor   string // UUID; "" while there is nothing
	visiting bool   // the user went into the history, where the cursor stays until he leaves it
	// movedAt is when the cursor last left a request by itself; see [armTime].
	movedAt time.Time
	wanted  reading
	reading bool
	online  bool
	now     time.Time // by this machine's clock
}

// reading is what is to be read next. One reading runs at a time, so that an older answer never replaces a newer one.
type reading struct {
	first bool
	older bool
	uuids []string
}

// manyChanged is from how many changed requests on it is cheaper to read the first pages again.
const manyChanged = 30

// nearEnd is how close to the end of what was read the cursor may come before more is read.
const nearEnd = 20

func (p *requests) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case connected:
		p.online = true
		p.wanted.first = true
	case disconnected:
		p.online = false
	case requestsChanged:
		p.wanted.uuids = append(p.wanted.uuids, msg.uuids...)
	case requestsRead:
		p.reading = false
		p.take(msg)
		if msg.err != nil {
			return nil // whatever the server's trouble is, it is not asked again at once
		}
	case answered:
		p.wanted.uuids = append(p.wanted.uuids, msg.request)
	case serverRead: // a time to try again what failed
	default:
		return nil
	}
	return p.read()
}

// read starts the next reading, if any is wanted and none runs.
func (p *requests) read() tea.Cmd {
	if p.reading || !p.online {
		return nil
	}
	wanted := p.wanted
	slices.Sort(wanted.uuids)
	wanted.uuids = slices.Compact(wanted.uuids)
	switch {
	case wanted.first || len(wanted.uuids) >= manyChanged:
		p.wanted = reading{}
		p.reading = true
		return p.world.readFirst(p.cursor)
	case len(wanted.uuids) > 0:
		p.wanted.uuids = nil
		p.reading = true
		return p.world.readChanged(wanted.uuids)
	case wanted.older && !p.history.whole && p.history.cursor != "":
		p.wanted.older = false
		p.reading = true
		return p.world.readOlder(p.history.cursor)
	}
	return nil
}

func (p *requests) take(read requestsRead) {
	before := p.pending.items
	if read.err != nil {
		p.wanted.first = p.wanted.first || read.older == nil
	}
	if read.first != nil {
		p.known = true
		p.history.replace(read.first.history)
		p.pending.replace(read.first.pending)
		for _, r := range read.first.history.requests { // one may have been decided between the two readings
			p.pending.remove(r.UUID)
		}
	}
	if read.older != nil && read.err == nil {
		p.history.append(*read.older)
	}
	for _, r := range read.single {
		p.put(r)
	}
	for _, uuid := range read.missing {
		p.pending.remove(uuid)
		p.history.remove(uuid)
	}
	p.settle(before)
	if !p.pending.whole && len(p.pending.items) < pendingPage/2 && read.err == nil {
		p.wanted.first = true
	}
}

// put files a request. It leaves the pending ones once and for ever.
func (p *requests) put(r controlapi.ApprovalRequest) {
	if r.Status == onetouch.StatusPending {
		p.pending.put(r)
		return
	}
	p.pending.remove(r.UUID)
	p.history.put(r)
}

// settle finds the cursor's place after the lists have changed. It stays on its request; but when that is decided and
// the user has not gone to the history himself, it goes to a request that has arrived.
func (p *requests) settle(before []controlapi.ApprovalRequest) {
	arrived := p.arrived(before)
	current, exists := p.current()
	switch {
	case !exists:
		p.cursor = first(p.pending.items, p.history.items)
		p.visiting = false
	case current.Status != onetouch.StatusPending && !p.visiting && arrived != "":
		p.cursor = arrived
		p.movedAt = p.now
	}
}

// arrived is the newest request that waits now and did not before.
func (p *requests) arrived(before []controlapi.ApprovalRequest) string {
	known := map[string]bool{}
	for _, r := range before {
		known[r.UUID] = true
	}
	for _, r := range p.pending.items {
		if !known[r.UUID] {
			return r.UUID
		}
	}
	return ""
}

func first(lists ...[]controlapi.ApprovalRequest) string {
	for _, l := range lists {
		if len(l) > 0 {
			return l[0].UUID
		}
	}
	return ""
}

// current is the request under the cursor.
func (p *requests) current() (controlapi.ApprovalRequest, bool) { return p.find(p.cursor) }

// armed reports whether a key that answers is meant for the request under the cursor.
func (p *requests) armed(now time.Time) bool {
	return p.movedAt.IsZero() || now.Sub(p.movedAt) >= armTime
}

// armedAt is when keys that answer will be heeded again; zero when they are.
func (p *requests) armedAt(now time.Time) time.Time {
	if p.armed(now) {
		return time.Time{}
	}
	return p.movedAt.Add(armTime)
}

// position is the cursor's row, counting pending requests first; -1 when there is nothing.
func (p *requests) position() int {
	if at := p.pending.index(p.cursor); at >= 0 {
		return at
	}
	if at := p.history.index(p.cursor); at >= 0 {
		return len(p.pending.items) + at
	}
	return -1
}

// move moves the cursor by rows.
func (p *requests) move(rows int) tea.Cmd { return p.moveTo(p.position() + rows) }

// moveTo puts the cursor on a row, or the nearest there is.
func (p *requests) moveTo(row int) tea.Cmd {
	waiting, decided := len(p.pending.items), len(p.history.items)
	if waiting+decided == 0 {
		return nil
	}
	row = max(0, min(row, waiting+decided-1))
	p.movedAt = time.Time{}
	p.visiting = row >= waiting
	if p.visiting {
		p.cursor = p.history.items[row-waiting].UUID
	} else {
		p.cursor = p.pending.items[row].UUID
	}
	if row >= waiting+decided-nearEnd {
		p.wanted.older = true
	}
	return p.read()
}

// last moves the cursor to the end of what was read.
func (p *requests) last() tea.Cmd { return p.moveTo(len(p.pending.items) + len(p.history.items)) }

// nextWaiting moves the cursor to the next request that waits, and after the last one to the first.
func (p *requests) nextWaiting() tea.Cmd {
	if len(p.pending.items) == 0 {
		return nil
	}
	return p.moveTo((p.pending.index(p.cursor) + 1) % len(p.pending.items))
}

// find is a request that has been read.
func (p *requests) find(uuid string) (controlapi.ApprovalRequest, bool) {
	for _, l := range []*list{&p.pending, &p.history} {
		if at := l.index(uuid); at >= 0 {
			return l.items[at], true
		}
	}
	return controlapi.ApprovalRequest{}, false
}
