package tui

import (
	"slices"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// list holds approval requests, newest first, as far as they were read.
type list struct {
	items   []controlapi.ApprovalRequest
	created map[string]time.Time // by UUID, so that a request is found without a search through all of them
	cursor  string               // the last request of the last page, where the next page begins
	whole   bool                 // there are none after these
}

// newestFirst is the order of the server's lists.
func newestFirst(a, b controlapi.ApprovalRequest) int {
	if order := b.CreatedAt.Compare(a.CreatedAt); order != 0 {
		return order
	}
	return strings.Compare(a.UUID, b.UUID)
}

func (l *list) replace(page requestPage) {
	*l = list{}
	l.append(page)
}

func (l *list) append(page requestPage) {
	l.whole = page.last
	if n := len(page.requests); n > 0 {
		l.cursor = page.requests[n-1].UUID
	}
	for _, r := range page.requests {
		l.put(r)
	}
}

// put adds a request in its place, or replaces what was known of it.
func (l *list) put(r controlapi.ApprovalRequest) {
	if l.created == nil {
		l.created = map[string]time.Time{}
	}
	l.created[r.UUID] = r.CreatedAt
	at, found := slices.BinarySearchFunc(l.items, r, newestFirst)
	if found {
		l.items[at] = r
		return
	}
	l.items = slices.Insert(l.items, at, r)
}

func (l *list) remove(uuid string) {
	if at := l.index(uuid); at >= 0 {
		l.items = slices.Delete(l.items, at, at+1)
		delete(l.created, uuid)
	}
}

// index is -1 for a request that is not in the list.
func (l *list) index(uuid string) int {
	created, found := l.created[uuid]
	if !found {
		return -1
	}
	at, _ := slices.BinarySearchFunc(l.items, controlapi.ApprovalRequest{UUID: uuid, CreatedAt: created}, newestFirst)
	return at
}

// window chooses which of total rows to draw in height rows, so that the row under the cursor is among them and, where
// possible, in the middle. A cursor of -1 stands at the top.
func window(total, height, cursor int) (from, to int) {
	height = max(0, height)
	from = max(0, min(cursor-height/2, total-height))
	return from, min(total, from+height)
}
