// Package fault makes calls, pushes and callbacks go wrong on purpose, so that a backend can be tested against what the
// server would not do by itself. Rules live in the memory of the running server only: a fault that outlived its test would
// be hard to explain.
package fault

import (
	crand "crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

// Effect is what becomes of one call.
type Effect struct {
	Latency time.Duration // before it is begun with
	// Err is what the call is refused with before anything is done; nil lets it pass.
	Err error
	// What says which fault does what; "" when none struck.
	What string
}

// Options are the surroundings of faults. Zero fields take the ordinary ones.
type Options struct {
	Traffic  *traffic.Log    // where every hit is seen; nowhere
	Random   io.Reader       // seeds the choices of rules that have no seed of their own: crypto/rand
	Stopping <-chan struct{} // closed when the server stops, and latency with it; never
}

// Faults are the rules of one server. The zero value has none and is ready to use; so is a nil pointer, which can have
// none. It is safe for concurrent use.
type Faults struct {
	Options

	mu     sync.Mutex
	lastID int64
	rules  []active
	deliveries
}

// New returns faults without a rule.
func New(o Options) *Faults { return &Faults{Options: o} }

// active is a rule that is in force.
type active struct {
	Rule
	pattern Pattern
	err     error
	dice    *rand.Rand
}

// mostRules bounds what a script that never clears can add up to.
const mostRules = 1000

// Add puts a rule into force and returns it with its number and what it does by default. The rule that was added first has
// precedence.
func (f *Faults) Add(r Rule) (Rule, error) {
	r, err := r.validated()
	if err != nil {
		return Rule{}, err
	}
	pattern, err := ParsePattern(r.Match)
	if err != nil {
		return Rule{}, err
	}
	answer, err := r.answer(pattern)
	if err != nil {
		return Rule{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.rules) >= mostRules {
		return Rule{}, onetouch.InvalidRequest(fmt.Sprintf("there are %d faults already, clear them first", mostRules))
	}
	dice, err := f.dice(r)
	if err != nil {
		return Rule{}, err
	}
	f.lastID++
	r.ID = f.lastID
	if r.ofCalls() {
		r.Match = pattern.String()
	}
	f.rules = append(f.rules, active{r, pattern, answer, dice})
	return r, nil
}

func (r Rule) ofCalls() bool { return r.Push == "" && r.Callback == "" }

// dice are the choices of a rule, its own, so that what others strike makes no difference to them.
func (f *Faults) dice(r Rule) (*rand.Rand, error) {
	if r.Probability == 1 {
		return nil, nil
	}
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], uint64(r.Seed))
	if r.Seed != 0 {
		return rand.New(rand.NewChaCha8(seed)), nil
	}
	source := f.Random
	if source == nil {
		source = crand.Reader
	}
	if _, err := io.ReadFull(source, seed[:]); err != nil {
		return nil, fmt.Errorf("seeding a fault: %w", err)
	}
	return rand.New(rand.NewChaCha8(seed)), nil
}

// List lists the rules in force, in the order in which they were added.
func (f *Faults) List() []Rule {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	rules := make([]Rule, len(f.rules))
	for i, rule := range f.rules {
		rules[i] = rule.Rule
	}
	return rules
}

// Remove ends one rule and reports whether it was in force.
func (f *Faults) Remove(id int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.rules)
	f.rules = slices.DeleteFunc(f.rules, func(rule active) bool { return rule.ID == id })
	return len(f.rules) < before
}

// Clear ends all rules and returns how many there were.
func (f *Faults) Clear() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	count := len(f.rules)
	f.rules = nil
	return count
}

// Forget ends all rules, and forgets what was decided about deliveries: their numbers begin anew.
func (f *Faults) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules, f.deliveries = nil, deliveries{}
}

// ForgetDeliveries forgets what was decided about deliveries: their numbers are those of others now.
func (f *Faults) ForgetDeliveries() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deliveries = deliveries{}
}

// Next decides about a call that has come, and counts it. A rule that was for so many calls ends with the last of them.
func (f *Faults) Next(method, path string) Effect {
	if f == nil {
		return Effect{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	struck, is := f.strike(func(rule *active) bool { return rule.ofCalls() && rule.concerns(method, path) })
	if !is {
		return Effect{}
	}
	return Effect{Latency: struck.Latency, Err: struck.err, What: struck.what()}
}

// strike finds the rule that strikes first, and counts. The lock is held.
func (f *Faults) strike(concerns func(*active) bool) (struck active, is bool) {
	for i := range f.rules {
		rule := &f.rules[i]
		if !concerns(rule) || rule.dice != nil && rule.dice.Float64() >= rule.Probability {
			continue
		}
		struck = *rule
		switch rule.Times {
		case 0:
		case 1:
			f.rules = slices.Delete(f.rules, i, i+1)
		default:
			rule.Times--
		}
		return struck, true
	}
	return active{}, false
}

// concerns reports whether a rule is about a call. One of the device API has to be meant by its path: who wants every call
// of the backend to fail does not mean the phone.
func (a *active) concerns(method, path string) bool {
	ofDevice := strings.HasPrefix(withoutSlashes(path), devices)
	return (!ofDevice || a.pattern.forDevices()) && a.pattern.Matches(method, path)
}

// what says which fault does what.
func (r Rule) what() string { return fmt.Sprintf("fault %d: %s", r.ID, r) }
