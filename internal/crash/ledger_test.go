package crash_test

import (
	"fmt"
	"slices"
	"sync"

	"github.com/onetouchkit/onetouch/pkg/approval"
)

// ledger is what the clients know: what they sent, and what they were told. What was told holds for ever.
type ledger struct {
	mu       sync.Mutex
	sent     map[string]string   // every request that was sent, by its message, which is its own; with the UUID if that was told
	requests map[string]*request // by UUID
	touched  map[string]bool     // UUIDs of this round
	events   map[int64]string    // that were heard, by their number
	users    map[int64]account
	phones   map[string]account // by access token
	tally    tally
}

// request is what is known of one approval request.
type request struct {
	answers []*answer
	seen    []sight
	handled []sight // by the receiver of callbacks
}

// answer is one that a phone sent.
type answer struct {
	sight
	told bool // that it was taken
}

// sight is how a request stands, or stood when somebody looked.
type sight struct {
	status approval.Status
	device string // UUID of the one that answered; ""
}

// account is what is known of a user or phone that is added and removed again.
type account struct {
	removing bool // it was asked for; whether it was done nobody knows
	removed  bool
}

// tally counts what went on.
type tally struct {
	rounds, databases, sent, told, answersSent, answersTold, looks, callbacks, copies, midChange, midCheckpoint int
}

func newLedger() *ledger {
	return &ledger{
		sent: map[string]string{}, requests: map[string]*request{}, touched: map[string]bool{}, events: map[int64]string{},
		users: map[int64]account{}, phones: map[string]account{},
	}
}

// with changes the ledger.
func (l *ledger) with(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

// of is called with the lock held.
func (l *ledger) of(uuid string) *request {
	l.touched[uuid] = true
	r := l.requests[uuid]
	if r == nil {
		r = &request{}
		l.requests[uuid] = r
	}
	return r
}

func (l *ledger) asks(message string) {
	l.with(func() { l.sent[message] = ""; l.tally.sent++ })
}

func (l *ledger) created(message, uuid string) {
	l.with(func() { l.sent[message] = uuid; l.of(uuid); l.tally.told++ })
}

// answers notes that an answer is about to be sent.
func (l *ledger) answers(uuid, device string, status approval.Status) *answer {
	a := &answer{sight: sight{status, device}}
	l.with(func() { r := l.of(uuid); r.answers = append(r.answers, a); l.tally.answersSent++ })
	return a
}

func (l *ledger) taken(a *answer) {
	l.with(func() { a.told = true; l.tally.answersTold++ })
}

// saw notes how somebody saw a request. That it was pending says nothing about later.
func (l *ledger) saw(uuid string, s sight) {
	l.with(func() {
		l.tally.looks++
		if r := l.of(uuid); s.status.Decided() && !slices.Contains(r.seen, s) {
			r.seen = append(r.seen, s)
		}
	})
}

func (l *ledger) handled(uuid string, s sight) {
	l.with(func() { r := l.of(uuid); r.handled = append(r.handled, s); l.tally.callbacks++ })
}

// takeTouched returns the UUIDs of the round that ends.
func (l *ledger) takeTouched() (uuids []string) {
	l.with(func() {
		for uuid := range l.touched {
			uuids = append(uuids, uuid)
		}
		clear(l.touched)
	})
	return uuids
}

// wrong says what contradicts a request that stands so.
func (r *request) wrong(now sight) (all []string) {
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	sent := false
	for _, a := range r.answers {
		sent = sent || a.sight == now
		if a.told && a.sight != now {
			say("the answer %v was acknowledged", a.sight)
		}
	}
	if now.status.Answered() && !sent {
		say("nobody has sent that answer")
	}
	for _, s := range r.seen {
		if s != now {
			say("it was seen as %v", s)
		}
	}
	for _, s := range r.handled {
		if s != now {
			say("its callback said %v", s)
		}
	}
	if len(r.handled) > 1 {
		say("its callback was handled %d times", len(r.handled))
	}
	for i := range all {
		all[i] = fmt.Sprintf("is %v, but %s", now, all[i])
	}
	return all
}

// stored is what a database holds of a request.
type stored struct {
	uuid, message string
	sight
	created, responded, expired int // events
	callbacks, sent             int // deliveries
}

// wrong compares all that is stored with what is known.
func (l *ledger) wrong(all []stored) (violations []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	say := func(s stored, format string, args ...any) {
		violations = append(violations, fmt.Sprintf("%s (%s) ", s.uuid, s.message)+fmt.Sprintf(format, args...))
	}
	there, messages := map[string]bool{}, map[string]bool{}
	for _, s := range all {
		uuid, asked := l.sent[s.message]
		switch {
		case !asked:
			say(s, "was asked by nobody")
		case messages[s.message]:
			say(s, "is there twice")
		case uuid != "" && uuid != s.uuid:
			say(s, "was acknowledged as %s", uuid)
		}
		there[s.uuid], messages[s.message] = true, true
		known := l.requests[s.uuid]
		if known == nil {
			known = &request{}
		}
		for _, wrong := range known.wrong(s.sight) {
			say(s, "%s", wrong)
		}
		for _, wrong := range s.incomplete(len(known.handled)) {
			say(s, "%s", wrong)
		}
	}
	for uuid := range l.requests {
		if !there[uuid] {
			violations = append(violations, uuid+" is lost")
		}
	}
	slices.Sort(violations)
	return violations
}

// incomplete says what a request owes to its status: it and its events and callbacks are one transaction.
func (s stored) incomplete(handled int) (all []string) {
	answered, expired := 0, 0
	switch {
	case s.status.Answered():
		answered = 1
	case s.status == approval.Expired:
		expired = 1
	}
	for _, count := range []struct {
		what      string
		got, want int
	}{
		{"events of its creation", s.created, 1},
		{"events of its answer", s.responded, answered},
		{"events of its expiry", s.expired, expired},
		{"callbacks", s.callbacks, answered},
		{"callbacks written down as sent", s.sent, answered},
		{"callbacks handled", handled, answered},
	} {
		if count.got != count.want {
			all = append(all, fmt.Sprintf("is %v and has %d %s, want %d", s.sight, count.got, count.what, count.want))
		}
	}
	return all
}
