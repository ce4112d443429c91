package crash_test

import (
	"fmt"
	"slices"
	"strings"
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
	awaited  func(tally) bool // what somebody waits for; nil
	reached  chan struct{}    // closed when it has come
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
	to   *request
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
	rounds, sent, told, answersSent, answersTold, looks, callbacks, copies int

	owed                            int // callbacks that are still to come, for answers that were acknowledged
	kills                           map[moment]int
	owing, midChange, midCheckpoint int // kills that found callbacks owed; that fell into a change; into a checkpoint
	troubles                        map[trouble]int
	refused                         int // calls that were told that the database is away
	wrong                           map[kind]int
}

// acknowledged is how many requests and answers were.
func (t tally) acknowledged() int { return t.told + t.answersTold }

// String is the report of a run.
func (t tally) String() string {
	lines := []string{
		fmt.Sprintf("%d rounds: %v; %d found callbacks owed, %d fell into a change, %d into a checkpoint", t.rounds, t.kills,
			t.owing, t.midChange, t.midCheckpoint),
		fmt.Sprintf("beside that: %v; %d calls were refused", t.troubles, t.refused),
		fmt.Sprintf("requests: %d sent, %d acknowledged; answers: %d sent, %d acknowledged; %d looks", t.sent, t.told,
			t.answersSent, t.answersTold, t.looks),
		fmt.Sprintf("callbacks: %d handled, %d copies told apart", t.callbacks, t.copies),
		fmt.Sprintf("%d lost, %d doubled, %d contradictory, %d failed", t.wrong[lost], t.wrong[doubled], t.wrong[contradictory],
			t.wrong[failed]),
	}
	return strings.Join(lines, "\n")
}

func newLedger() *ledger {
	return &ledger{
		sent: map[string]string{}, requests: map[string]*request{}, touched: map[string]bool{}, events: map[int64]string{},
		users: map[int64]account{}, phones: map[string]account{},
		tally: tally{kills: map[moment]int{}, troubles: map[trouble]int{}, wrong: map[kind]int{}},
	}
}

// with changes the ledger.
func (l *ledger) with(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
	if l.awaited != nil && l.awaited(l.tally) {
		close(l.reached)
		l.awaited = nil
	}
}

// when returns a channel that is closed once the tally has come so far. One at a time waits.
func (l *ledger) when(reached func(tally) bool) <-chan struct{} {
	come := make(chan struct{})
	l.with(func() { l.awaited, l.reached = reached, come })
	return come
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
	l.with(func() { a.to = l.of(uuid); a.to.answers = append(a.to.answers, a); l.tally.answersSent++ })
	return a
}

func (l *ledger) taken(a *answer) {
	l.with(func() { l.change(a.to, func() { a.told = true; l.tally.answersTold++ }) })
}

// change changes a request, and what is owed with it.
func (l *ledger) change(r *request, change func()) {
	before := r.owes()
	change()
	l.tally.owed += r.owes() - before
}

// owes is how many callbacks are still to come, for answers that were acknowledged.
func (r *request) owes() int {
	if len(r.handled) == 0 && slices.ContainsFunc(r.answers, func(a *answer) bool { return a.told }) {
		return 1
	}
	return 0
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
	l.with(func() {
		r := l.of(uuid)
		l.change(r, func() { r.handled = append(r.handled, s); l.tally.callbacks++ })
	})
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

// kind is what is wrong.
type kind string

// What can be wrong.
const (
	lost          kind = "lost"
	doubled       kind = "doubled"
	contradictory kind = "contradictory"
	failed        kind = "failed" // what should have gone well
)

// fault is something that is wrong.
type fault struct {
	kind
	text string
}

// faults gathers what is wrong with one thing.
type faults []fault

func (f *faults) add(k kind, format string, args ...any) {
	*f = append(*f, fault{k, fmt.Sprintf(format, args...)})
}

// count says how many are of a kind.
func (f faults) count(k kind) (n int) {
	for _, one := range f {
		if one.kind == k {
			n++
		}
	}
	return n
}

// about says of each fault what it is about.
func (f faults) about(format string, args ...any) faults {
	for i := range f {
		f[i].text = fmt.Sprintf(format, args...) + f[i].text
	}
	return f
}

// wrong says what contradicts a request that stands so.
func (r *request) wrong(now sight) (all faults) {
	sent := false
	for _, a := range r.answers {
		sent = sent || a.sight == now
		if a.told && a.sight != now {
			all.add(ofChange(now), "the answer %v was acknowledged", a.sight)
		}
	}
	if now.status.Answered() && !sent {
		all.add(contradictory, "nobody has sent that answer")
	}
	for _, s := range r.seen {
		if s != now {
			all.add(ofChange(now), "it was seen as %v", s)
		}
	}
	for _, s := range r.handled {
		if s != now {
			all.add(contradictory, "its callback said %v", s)
		}
	}
	if len(r.handled) > 1 {
		all.add(doubled, "its callback was handled %d times", len(r.handled))
	}
	return all.about("is %v, but ", now)
}

// ofChange is the kind of fault when a decision is no more what it was.
func ofChange(now sight) kind {
	if now.status == approval.Pending {
		return lost
	}
	return contradictory
}

// stored is what a database holds of a request.
type stored struct {
	uuid, message string
	sight
	created, responded, expired int // events
	callbacks, sent             int // deliveries
}

// wrong compares all that is stored with what is known.
func (l *ledger) wrong(all []stored) (violations faults) {
	l.mu.Lock()
	defer l.mu.Unlock()
	there, messages := map[string]bool{}, map[string]bool{}
	for _, s := range all {
		known := l.requests[s.uuid]
		if known == nil {
			known = &request{}
		}
		of := l.unasked(s, messages[s.message])
		of = append(of, known.wrong(s.sight)...)
		of = append(of, s.incomplete(len(known.handled))...)
		violations = append(violations, of.about("%s (%s) ", s.uuid, s.message)...)
		there[s.uuid], messages[s.message] = true, true
	}
	for uuid := range l.requests {
		if !there[uuid] {
			violations.add(lost, "%s is lost", uuid)
		}
	}
	slices.SortFunc(violations, func(a, b fault) int { return strings.Compare(a.text, b.text) })
	return violations
}

// unasked says what is wrong with that a request is there.
func (l *ledger) unasked(s stored, again bool) (all faults) {
	uuid, asked := l.sent[s.message]
	switch {
	case !asked:
		all.add(contradictory, "was asked by nobody")
	case again:
		all.add(doubled, "is there twice")
	case uuid != "" && uuid != s.uuid:
		all.add(contradictory, "was acknowledged as %s", uuid)
	}
	return all
}

// incomplete says what a request owes to its status: it and its events and callbacks are one transaction.
func (s stored) incomplete(handled int) (all faults) {
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
			k := map[bool]kind{true: lost, false: doubled}[count.got < count.want]
			all.add(k, "is %v and has %d %s, want %d", s.sight, count.got, count.what, count.want)
		}
	}
	return all
}
