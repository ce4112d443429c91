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
	all     []controlapi.ApprovalRequest          // while something is looked for; items then are those that match
	match   func(controlapi.ApprovalRequest) bool // nil: nothing is looked for
	created map[string]time.Time                  // by UUID, so that a request is found without a search through all of them
	cursor  string                                // the last request of the last page, where the next page begins
	whole   bool                                  // there are none after these
}

// newestFirst is the order of the server's lists.
func newestFirst(a, b controlapi.ApprovalRequest) int {
	if order := b.CreatedAt.Compare(a.CreatedAt); order != 0 {
		return order
	}
	return strings.Compare(a.UUID, b.UUID)
}

func (l *list) replace(page requestPage) {
	*l = list{match: l.match}
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

// count is how many there are, as far as they were read.
func (l *list) count() int {
	if l.match != nil {
		return len(l.all)
	}
	return len(l.items)
}

// put adds a request in its place, or replaces what was known of it.
func (l *list) put(r controlapi.ApprovalRequest) {
	if l.created == nil {
		l.created = map[string]time.Time{}
	}
	l.created[r.UUID] = r.CreatedAt
	if l.match == nil {
		l.items = filed(l.items, r)
		return
	}
	l.all = filed(l.all, r)
	if l.match(r) {
		l.items = filed(l.items, r)
	} else {
		l.items = without(l.items, r)
	}
}

// filed is a list with a request in its place.
func filed(items []controlapi.ApprovalRequest, r controlapi.ApprovalRequest) []controlapi.ApprovalRequest {
	at, found := slices.BinarySearchFunc(items, r, newestFirst)
	if found {
		items[at] = r
		return items
	}
	return slices.Insert(items, at, r)
}

// without is a list without a request.
func without(items []controlapi.ApprovalRequest, r controlapi.ApprovalRequest) []controlapi.ApprovalRequest {
	if at, found := slices.BinarySearchFunc(items, r, newestFirst); found {
		return slices.Delete(items, at, at+1)
	}
	return items
}

func (l *list) remove(uuid string) {
	if created, found := l.created[uuid]; found {
		r := controlapi.ApprovalRequest{UUID: uuid, CreatedAt: created}
		l.items, l.all = without(l.items, r), without(l.all, r)
		delete(l.created, uuid)
	}
}

// find lists only what matches; nil lists everything.
func (l *list) find(match func(controlapi.ApprovalRequest) bool) {
	if l.match == nil {
		l.all = l.items
	}
	l.match, l.items = match, l.all
	if match == nil {
		l.all = nil
		return
	}
	l.items = slices.DeleteFunc(slices.Clone(l.all), func(r controlapi.ApprovalRequest) bool { return !match(r) })
}

// index is -1 for a request that is not in the list.
func (l *list) index(uuid string) int {
	created, found := l.created[uuid]
	if !found {
		return -1
	}
	at, found := slices.BinarySearchFunc(l.items, controlapi.ApprovalRequest{UUID: uuid, CreatedAt: created}, newestFirst)
	if !found {
		return -1
	}
	return at
}

// window chooses which of total rows to draw in height rows, so that the row under the cursor is among them and, where
// possible, in the middle. A cursor of -1 stands at the top.
func window(total, height, cursor int) (from, to int) {
	height = max(0, height)
	from = max(0, min(cursor-height/2, total-height))
	return from, min(total, from+height)
}
