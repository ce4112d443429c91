package delivery

import (
	"cmp"
	"slices"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Bounds of what is in flight. A receiver that hangs holds its own share only.
const (
	mostInFlight = 512
	// mostAlone bounds attempts that are the only one at their receiver: they may be begun when the others may not, so that
	// receivers that hang, however many they are, keep none from its turn.
	mostAlone = 4096
	// untried is the share of a receiver that has not answered yet, so that many that hang do not fill the whole before it
	// shows; one that has not answered last time gets no more than one attempt to try it.
	untried = 2
	silent  = 1
	// batch is how much of one receiver is read at once.
	batch = 64
	// silentBatch is that of one that has not answered last time.
	silentBatch = 4
	// mostUnrecorded bounds the attempts at one receiver that are over and not recorded yet, because the store is busy: they hold
	// nothing up, but are made again when the process is killed.
	mostUnrecorded = 64
	// crowd is how many are in flight at least when it matters that a place becomes free before an attempt is recorded.
	crowd = 4
	// mostRemembered bounds how many receivers are remembered by how they behave.
	mostRemembered = 10_000
)

// ticket stands for a delivery that is due.
type ticket struct {
	id       int64
	receiver string
	app      string
	lane     lane
}

// lane is what has to be sent in order.
type lane struct {
	request, url string
	alone        int64 // the delivery, if it is about no request or keeps no order: its lane is its own
}

func ticketOf(receiver string, d onetouch.Delivery) ticket {
	t := ticket{id: d.ID, receiver: receiver, app: d.AppID, lane: lane{request: d.RequestUUID, url: d.URL}}
	if !d.Ordered() {
		t.lane = lane{alone: d.ID}
	}
	return t
}

// queue is the worker's picture of what is due: what is in flight, and what waits for it. Only the goroutine of the round
// touches it.
type queue struct {
	inFlight  map[int64]bool // whether the store called it due meanwhile
	busy      map[lane]struct{}
	receivers map[string]*receiver
	waiting   int
	// share is how many attempts an application allows at once at one receiver.
	share func(appID string) int
}

// receiver is a host and port.
type receiver struct {
	health     health
	inFlight   int
	unrecorded int      // attempts that are over
	waiting    []ticket // longest first
	// more says that the store may have more that is due than is in the picture.
	more bool
	// reach is how far the next reading goes beyond what is in flight: farther when all that was read has to wait for that.
	reach int
	took  time.Duration // by the last attempt
}

// health is how a receiver has behaved, the best first.
type health int

const (
	answers health = iota // whatever: refusing is an answer
	unknown
	noAnswers // to the last attempt
)

func newQueue(share func(appID string) int) *queue {
	return &queue{
		inFlight: map[int64]bool{}, busy: map[lane]struct{}{}, receivers: map[string]*receiver{}, share: share,
	}
}

func (q *queue) full() bool { return len(q.inFlight) >= mostAlone }

func (q *queue) crowded() bool { return q.waiting > 0 || len(q.inFlight) >= crowd }

// wanted is how much should be read of a receiver that something is due for; 0 when it has enough to do, or no room.
func (q *queue) wanted(name string) int {
	r := q.receiver(name)
	if r.inFlight >= r.most(onetouch.MostDeliveryConcurrency) || len(r.waiting) >= batch/2 {
		r.more = true
		return 0
	}
	reach := r.reach
	if r.health == noAnswers && reach == batch {
		reach = silentBatch // they go slowly
	}
	return r.inFlight + r.unrecorded + reach
}

// most is how many attempts may be in flight at the receiver, where an application allows share.
func (r *receiver) most(share int) int {
	switch r.health {
	case noAnswers:
		return min(silent, share)
	case unknown:
		return min(untried, share)
	default:
		return share
	}
}

// refill replaces what waits for a receiver by what the store says is due. What is in flight is due there too, until it is
// recorded; once it is, it may be due again.
func (q *queue) refill(name string, due onetouch.Due) {
	r := q.receiver(name)
	q.waiting -= len(r.waiting)
	r.waiting = r.waiting[:0]
	canBegin := false
	for _, d := range due.Deliveries {
		if _, already := q.inFlight[d.ID]; already {
			q.inFlight[d.ID] = true
			continue
		}
		t := ticketOf(name, d)
		canBegin = canBegin || q.free(t)
		r.waiting = append(r.waiting, t)
	}
	q.waiting += len(r.waiting)
	r.more = due.More
	switch {
	case canBegin || !r.more:
		r.reach = batch
	default:
		r.reach *= 2
	}
}

func (q *queue) receiver(name string) *receiver {
	r := q.receivers[name]
	if r == nil {
		q.makeRoom()
		r = &receiver{reach: batch, health: unknown}
		q.receivers[name] = r
	}
	return r
}

// makeRoom forgets receivers that have nothing to do, when there are too many.
func (q *queue) makeRoom() {
	if len(q.receivers) < mostRemembered {
		return
	}
	for name, r := range q.receivers {
		if r.inFlight == 0 && r.unrecorded == 0 && len(r.waiting) == 0 {
			delete(q.receivers, name)
		}
	}
}

// start begins all that can begin now: at quick receivers first, so that the others do not take their time.
func (q *queue) start(begin func(ticket)) {
	if q.waiting == 0 {
		return
	}
	var receivers []*receiver
	for _, r := range q.receivers {
		if len(r.waiting) > 0 {
			receivers = append(receivers, r)
		}
	}
	slices.SortFunc(receivers, func(a, b *receiver) int {
		return cmp.Or(cmp.Compare(a.health, b.health), cmp.Compare(a.took, b.took))
	})
	for _, r := range receivers {
		for !q.full() && len(r.waiting) > 0 {
			next := slices.IndexFunc(r.waiting, func(t ticket) bool { return q.mayBegin(r, t) })
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

// mayBegin reports whether the bounds leave room for a delivery to the receiver.
func (q *queue) mayBegin(r *receiver, t ticket) bool {
	switch {
	case r.inFlight > 0 && (len(q.inFlight) >= mostInFlight || r.inFlight >= r.most(q.share(t.app))):
		return false
	case r.unrecorded >= mostUnrecorded:
		return false
	}
	return q.free(t)
}

// take moves what waits at position i into flight.
func (q *queue) take(r *receiver, i int) ticket {
	t := r.waiting[i]
	if i == 0 {
		r.waiting = r.waiting[1:] // what is behind need not move up
	} else {
		r.waiting = slices.Delete(r.waiting, i, i+1)
	}
	q.waiting--
	r.inFlight++
	q.inFlight[t.id] = false
	q.busy[t.lane] = struct{}{}
	return t
}

// answered makes room for the next at the receiver of an attempt that is over.
func (q *queue) answered(o outcome) {
	r := q.receiver(o.ticket.receiver)
	r.inFlight--
	r.unrecorded++
	r.health, r.took = o.health, o.took
}

// end makes room for the next. It reports whether the store has to be asked: the delivery itself may be due once more
// already, what waits behind it was postponed, or there is more than was read.
func (q *queue) end(o outcome) (outdated bool) {
	t := o.ticket
	outdated = !o.ended && q.inFlight[t.id]
	delete(q.inFlight, t.id)
	delete(q.busy, t.lane)
	r := q.receiver(t.receiver)
	switch {
	case o.told:
		r.unrecorded--
	case o.sent:
		r.health, r.took = o.health, o.took
		fallthrough
	default:
		r.inFlight--
	}
	if !o.ended {
		before := len(r.waiting)
		r.waiting = slices.DeleteFunc(r.waiting, func(other ticket) bool { return other.lane == t.lane })
		q.waiting -= before - len(r.waiting)
		outdated = outdated || before > len(r.waiting)
	}
	return outdated || r.more && len(r.waiting) < batch/2
}
