package crash_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// moment is when a server is killed.
type moment int

const (
	atStart      moment = iota // with its first acknowledgements
	inBurst                    // while all are at work
	owing                      // it has acknowledged an answer, and its callback is not handled yet
	inChange                   // with some write to the log of changes; of SQLite, as what follows
	inCheckpoint               // as changes begin to be moved into the database itself
)

// String names it.
func (m moment) String() string {
	return [...]string{"at the start", "in a burst", "between answer and callback", "with a write", "in a checkpoint"}[m]
}

// trouble is what goes wrong beside the server that is killed.
type trouble int

const (
	none            trouble = iota
	connectionsLost         // all connections to the database end, and it takes new ones
	backendKilled           // a process of the database is killed, which has it end all others and recover
	stopped                 // the database stops at once, and is started again
	killedToo               // so it does together with the server
)

// String names it.
func (what trouble) String() string {
	return [...]string{"nothing", "lost connections", "killed backend", "stopped database", "both killed"}[what]
}

// plan is when the server of a round is killed.
type plan struct {
	moment moment
	after  int // acknowledgements of requests and answers in this round, or as many as it needs
	writes int // after those, inChange
}

// String is how it is told of.
func (p plan) String() string {
	return fmt.Sprintf("kill %s, after %d acknowledgements", p.moment, p.after)
}

// newPlan spreads kills over all that can be going on. A file can be watched for two moments more.
func newPlan(r *rand.Rand, isFile bool) plan {
	moments := 3
	if isFile {
		moments = 5
	}
	p := plan{moment: moment(r.IntN(moments)), after: 20 + r.IntN(140), writes: 1 + r.IntN(30)}
	switch p.moment {
	case atStart:
		p.after = 1 + r.IntN(6)
	case inBurst:
		p.after = 40 + r.IntN(200)
	}
	return p
}

// await returns at the moment of the kill.
func (w *world) await(t *testing.T, l *load, p plan) {
	t.Helper()
	w.awaitAcknowledgements(t, l, p.after)
	switch p.moment {
	case owing:
		var told int
		w.ledger.with(func() { told = w.ledger.tally.answersTold })
		owed := func(now tally) bool { return now.answersTold > told && now.owed > 0 }
		w.awaitTally(t, l, "an answer whose callback is owed", owed)
	case inChange:
		w.awaitWrites(t, w.file+"-wal", p.writes)
	case inCheckpoint:
		if w.awaitWrites(t, w.file, 1) {
			w.ledger.with(func() { w.ledger.tally.midCheckpoint++ })
		}
	}
}

// awaitAcknowledgements returns once a server has acknowledged as many requests and answers more.
func (w *world) awaitAcknowledgements(t *testing.T, l *load, more int) {
	t.Helper()
	var before int
	w.ledger.with(func() { before = w.ledger.tally.acknowledged() })
	what := fmt.Sprintf("%d acknowledgements", more)
	w.awaitTally(t, l, what, func(now tally) bool { return now.acknowledged() >= before+more })
}

// awaitTally returns once the ledger has come so far, or the server is gone.
func (w *world) awaitTally(t *testing.T, l *load, what string, reached func(tally) bool) {
	t.Helper()
	select {
	case <-w.ledger.when(reached):
	case <-l.ended:
		t.Errorf("the server ended by itself: %s", l.log)
	case <-time.After(2 * patience):
		t.Errorf("there never were %s: %s", what, l.log)
	}
}

// awaitWrites returns with so many writes to a file, or after a second without that, and reports whether they were made.
func (w *world) awaitWrites(t *testing.T, file string, left int) bool {
	t.Helper()
	watcher := must(fsnotify.NewWatcher())(t)
	defer func() { _ = watcher.Close() }()
	check(t, watcher.Add(filepath.Dir(file)))
	for latest := time.After(time.Second); ; {
		select {
		case <-latest:
			return false
		case e := <-watcher.Events:
			if e.Name == file && e.Has(fsnotify.Write) {
				left--
			}
			if left == 0 {
				return true
			}
		}
	}
}
