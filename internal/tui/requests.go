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
	remote   *remote
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
	height  int    // of its frame
	search  string // "": everything is listed
	said    cursorKey
}

// cursorKey is what a [selected] depends on. What a request asks never changes.
type cursorKey struct {
	uuid    string
	status  onetouch.Status
	exists  bool
	movedAt time.Time
	others  int
}

// reading is what is to be read next. One reading runs at a time, so that an older answer never replaces a newer one.
type reading struct {
	first bool
	older bool
	uuids []string
}

// after adds what is to be read after something happened, and reports whether that is anything.
func (r *reading) after(h happened) bool {
	changed := h.requests(onetouch.EventRequestCreated, onetouch.EventRequestResponded, onetouch.EventRequestExpired)
	removed := h.has(onetouch.EventHistoryRemoved)
	r.uuids = append(r.uuids, changed...)
	r.first = r.first || removed
	return removed || len(changed) > 0
}

// manyChanged is from how many changed requests on it is cheaper to read the first pages again.
const manyChanged = 30

// nearEnd is how close to the end of what was read the cursor may come before more is read.
const nearEnd = 20

func (p *requests) update(msg tea.Msg, known facts, say func(tea.Msg)) tea.Cmd {
	if _, asked := msg.(copyPressed); asked && p.cursor != "" {
		say(copied{what: "UUID", text: p.cursor})
	}
	before, wholeBefore := p.pending.count(), p.pending.whole
	cmd := p.hear(msg, known)
	if now := p.pending.count(); now != before || p.pending.whole != wholeBefore {
		say(waitingChanged{count: now, more: !p.pending.whole, arrived: now > before})
	}
	s := p.selected()
	key := cursorKey{s.request.UUID, s.request.Status, s.exists, s.movedAt, s.others}
	if key != p.said {
		p.said = key
		say(s)
	}
	return cmd
}

func (p *requests) hear(msg tea.Msg, known facts) tea.Cmd {
	switch msg := msg.(type) {
	case moved:
		return p.moveTo(p.position() + msg.rows + msg.pages*max(1, p.height-1))
	case movedToEnd:
		return p.moveToEnd(msg.last)
	case pointed:
		return p.moveTo(p.rowOf(msg.id))
	case searched:
		p.find(msg.text, known)
		return p.read()
	case nextPressed:
		return p.moveToNext()
	case connected:
		p.online = true
		p.wanted.first = true
	case disconnected:
		p.online = false
	case happened:
		if !p.wanted.after(msg) {
			return nil
		}
	case requestsRead:
		p.reading = false
		p.take(msg, known.local)
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

// find lists only the requests that a text is part of, as far as they were read. The cursor goes to the first of them when
// its own is not among them.
func (p *requests) find(text string, known facts) {
	p.search = text
	match := func(r controlapi.ApprovalRequest) bool {
		words := []string{r.UUID, r.Message, string(r.Status), r.AppName, known.names.user(r.AuthyID)}
		for _, d := range r.Details {
			words = append(words, d.Value)
		}
		return contain(words, text)
	}
	if text == "" {
		match = nil
	}
	p.pending.find(match)
	p.history.find(match)
	if _, exists := p.current(); !exists {
		p.cursor = first(p.pending.items, p.history.items)
		p.visiting = p.pending.index(p.cursor) < 0 && p.cursor != ""
	}
	p.wanted.older = p.wanted.older || len(p.history.items) < nearEnd
}

// selected is what the other parts hear of the cursor.
func (p *requests) selected() selected {
	request, exists := p.current()
	others := len(p.pending.items)
	if p.pending.index(p.cursor) >= 0 {
		others--
	}
	return selected{request: request, exists: exists, movedAt: p.movedAt, others: others}
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
		return p.remote.readFirst(p.cursor)
	case len(wanted.uuids) > 0:
		p.wanted.uuids = nil
		p.reading = true
		return p.remote.readChanged(wanted.uuids)
	case wanted.older && !p.history.whole && p.history.cursor != "":
		p.wanted.older = false
		p.reading = true
		return p.remote.readOlder(p.history.cursor)
	}
	return nil
}

func (p *requests) take(read requestsRead, now time.Time) {
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
	p.settle(before, now)
	if !p.pending.whole && len(p.pending.items) < pendingPage/2 && read.err == nil {
		p.wanted.first = true
	}
}

// put files a request. It leaves the pending ones once and for ever.
func (p *requests) put(r controlapi.ApprovalRequest) {
	if !r.Status.Decided() {
		p.pending.put(r)
		return
	}
	p.pending.remove(r.UUID)
	p.history.put(r)
}

// settle finds the cursor's place after the lists have changed. It stays on its request; but when that is decided and
// the user has not gone to the history himself, it goes to a request that has arrived.
func (p *requests) settle(before []controlapi.ApprovalRequest, now time.Time) {
	arrived := p.arrived(before)
	current, exists := p.current()
	switch {
	case !exists:
		p.cursor = first(p.pending.items, p.history.items)
		p.visiting = false
	case current.Status.Decided() && !p.visiting && arrived != "":
		p.cursor = arrived
		p.movedAt = now
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

// position is the cursor's row; -1 when there is nothing.
func (p *requests) position() int { return p.rowOf(p.cursor) }

// rowOf is a request's row, counting pending requests first, or -1.
func (p *requests) rowOf(uuid string) int {
	if at := p.pending.index(uuid); at >= 0 {
		return at
	}
	if at := p.history.index(uuid); at >= 0 {
		return len(p.pending.items) + at
	}
	return -1
}

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

// moveToEnd moves the cursor to the first row, or to the last of what was read.
func (p *requests) moveToEnd(last bool) tea.Cmd {
	if last {
		return p.moveTo(len(p.pending.items) + len(p.history.items))
	}
	return p.moveTo(0)
}

// moveToNext moves the cursor to the next request that waits, and after the last one to the first.
func (p *requests) moveToNext() tea.Cmd {
	if len(p.pending.items) == 0 {
		return nil
	}
	return p.moveTo((p.pending.index(p.cursor) + 1) % len(p.pending.items))
}

// current is the request under the cursor.
func (p *requests) current() (controlapi.ApprovalRequest, bool) {
	for _, l := range []*list{&p.pending, &p.history} {
		if at := l.index(p.cursor); at >= 0 {
			return l.items[at], true
		}
	}
	return controlapi.ApprovalRequest{}, false
}
