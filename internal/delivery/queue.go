package delivery

import (
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Bounds of what is in flight. A receiver that hangs holds its own share only; it takes 32 of them to fill the whole.
const (
	mostInFlight    = 256
	mostPerReceiver = 8
)

// ticket stands for a delivery that is due.
type ticket struct {
	id   int64
	lane lane
}

// lane is what has to be sent in order.
type lane struct{ request, url string }

// queue is the worker's picture of what is due: what is in flight, and what waits for it. Only the goroutine of the round
// touches it.
type queue struct {
	inFlight  map[int64]bool // whether the store called it due meanwhile
	busy      map[lane]struct{}
	receivers map[string]*receiver
	waiting   int
	waitingIn map[lane]int // how much of that is in each lane
}

// receiver is a host and port, which share the bound of what is in flight.
type receiver struct {
	inFlight int
	waiting  []ticket // longest first
}

func newQueue() *queue {
	return &queue{
		inFlight: map[int64]bool{}, busy: map[lane]struct{}{}, receivers: map[string]*receiver{},
		waitingIn: map[lane]int{},
	}
}

// known counts everything in the picture.
func (q *queue) known() int { return q.waiting + len(q.inFlight) }

func (q *queue) full() bool { return len(q.inFlight) >= mostInFlight }

// refill replaces what waits by what the store says is due. What is in flight is due there too, until it is recorded; once
// it is, it may be due again.
func (q *queue) refill(due []onetouch.Delivery) {
	for name, r := range q.receivers {
		r.waiting = r.waiting[:0]
		if r.inFlight == 0 {
			delete(q.receivers, name)
		}
	}
	q.waiting = 0
	clear(q.waitingIn)
	for _, d := range due {
		if _, already := q.inFlight[d.ID]; already {
			q.inFlight[d.ID] = true
			continue
		}
		t := ticket{id: d.ID, lane: lane{request: d.RequestUUID, url: d.URL}}
		r := q.receiver(d.URL)
		r.waiting = append(r.waiting, t)
		q.waiting++
		q.waitingIn[t.lane]++
	}
}

func (q *queue) receiver(url string) *receiver {
	name := hostOf(url)
	r := q.receivers[name]
	if r == nil {
		r = &receiver{}
		q.receivers[name] = r
	}
	return r
}

// start begins all that can begin now.
func (q *queue) start(begin func(ticket)) {
	for _, r := range q.receivers {
		for !q.full() && r.inFlight < mostPerReceiver {
			next := slices.IndexFunc(r.waiting, q.free)
			if next < 0 {
				break
			}
			begin(q.take(r, next))
		}
	}
}

func (q *queue) free(t ticket) bool {
	_, busy := q.busy[t.lane]
	return !busy
}

// take moves what waits at position i into flight.
func (q *queue) take(r *receiver, i int) ticket {
	t := r.waiting[i]
	if i == 0 {
		r.waiting = r.waiting[1:] // what is behind need not move up
	} else {
		r.waiting = slices.Delete(r.waiting, i, i+1)
	}
	q.forget(t.lane, 1)
	r.inFlight++
	q.inFlight[t.id] = false
	q.busy[t.lane] = struct{}{}
	return t
}

// forget counts less as waiting.
func (q *queue) forget(l lane, n int) {
	q.waiting -= n
	if q.waitingIn[l] -= n; q.waitingIn[l] == 0 {
		delete(q.waitingIn, l)
	}
}

// end makes room for the next. again says that the delivery will be tried again. end reports whether the picture is
// wrong then, so that the store has to be asked: the delivery itself may be due once more already, and what waits behind
// it was postponed.
func (q *queue) end(t ticket, again bool) (outdated bool) {
	outdated = again && q.inFlight[t.id]
	delete(q.inFlight, t.id)
	delete(q.busy, t.lane)
	r := q.receiver(t.lane.url)
	r.inFlight--
	if behind := q.waitingIn[t.lane]; again && behind > 0 {
		r.waiting = slices.DeleteFunc(r.waiting, func(other ticket) bool { return other.lane == t.lane })
		q.forget(t.lane, behind)
		outdated = true
	}
	return outdated
}

// hostOf is the host and port of a URL, without a user's password.
func hostOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return rest[strings.LastIndexByte(rest, '@')+1:]
}
