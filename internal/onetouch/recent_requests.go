package onetouch

import (
	"maps"
	"sync"
	"time"
)

// recentRequests remembers the approval requests of the last moments, most of which are being answered. It rests on what
// never changes, so that what is remembered holds whoever else writes to the store:
//
//   - What was asked is fixed, so an answer can be checked against it; whether it is the first, the store says.
//   - A request that was decided, and of which a push has left, is settled: nothing about it changes any more, until it is
//     removed. Of what other processes remove [TopicHistory] tells.
type recentRequests struct {
	signals *Signals
	mu      sync.Mutex
	removed <-chan struct{} // closed when another process has removed some; nil while nothing is remembered
	byUUID  map[string]ApprovalRequest
	uuids   []string // a ring
	oldest  int
}

// Bounds of the memory that is used.
const (
	mostRecent    = 1000
	largestRecent = 4 << 10 // bytes of text in one request
)

// settled reports whether nothing about the request changes any more.
func (r ApprovalRequest) settled() bool { return r.Status.Decided() && r.Notified }

// settled returns a request about which nothing changes any more, if it is remembered.
func (q *recentRequests) settled(uuid string) (r ApprovalRequest, known bool) {
	if r, known = q.get(uuid); known && r.settled() {
		return r, true
	}
	return ApprovalRequest{}, false
}

func (q *recentRequests) get(uuid string) (ApprovalRequest, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-q.removed:
		q.clear()
	default:
	}
	r, known := q.byUUID[uuid]
	return r, known
}

// put remembers a request as it was committed. Puts may come in another order than the commits, so what has happened to
// the request stays.
func (q *recentRequests) put(r ApprovalRequest) {
	if r.textSize() > largestRecent {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	known, again := q.byUUID[r.UUID]
	if !again {
		q.makeRoom(r.UUID)
	}
	notified := r.Notified || known.Notified
	if again && known.Status.Decided() {
		r = known
	}
	r.Notified = notified
	q.byUUID[r.UUID] = r
}

// remove forgets a request that the store has no more.
func (q *recentRequests) remove(uuid string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.byUUID, uuid) // its place in the ring is given to another one in its turn
}

// forgetOld forgets requests about which nothing has happened since a time: another process may have removed them.
func (q *recentRequests) forgetOld(before time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	maps.DeleteFunc(q.byUUID, func(_ string, r ApprovalRequest) bool { return r.UpdatedAt.Before(before) })
}

// forget forgets all requests: the store has others now.
func (q *recentRequests) forget() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.clear()
}

func (q *recentRequests) clear() { q.removed, q.byUUID, q.uuids, q.oldest = nil, nil, nil, 0 }

func (q *recentRequests) makeRoom(uuid string) {
	if q.byUUID == nil {
		q.byUUID, q.removed = map[string]ApprovalRequest{}, q.signals.Changed(TopicHistory)
	}
	if len(q.uuids) < mostRecent {
		q.uuids = append(q.uuids, uuid)
		return
	}
	delete(q.byUUID, q.uuids[q.oldest])
	q.uuids[q.oldest] = uuid
	q.oldest = (q.oldest + 1) % mostRecent
}

// notified says that a push of the request has left.
func (q *recentRequests) notified(uuid string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if r, known := q.byUUID[uuid]; known {
		r.Notified = true
		q.byUUID[uuid] = r
	}
}

func (r ApprovalRequest) textSize() int {
	size := len(r.Message) + len(r.Answer.Reason) + len(r.Answer.JWS)
	for _, d := range r.Details {
		size += len(d.Name) + len(d.Value)
	}
	for _, d := range r.HiddenDetails {
		size += len(d.Name) + len(d.Value)
	}
	for _, logo := range r.Logos {
		size += len(logo.URL)
	}
	return size
}
