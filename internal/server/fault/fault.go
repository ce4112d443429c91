// Package fault makes calls go wrong on purpose, so that a backend can be tested against answers that the server would
// not give by itself. Rules live in the memory of the running server only: a fault that outlived its test would be hard
// to explain.
package fault

import (
	"fmt"
	"slices"
	"sync"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
)

// Rule says which calls go wrong, and how.
type Rule struct {
	ID     int64  // given when it is added
	Match  string // which calls: see [Pattern]; "" is every call
	Error  string // error code of the Authy API to answer with, such as 60050
	Status int    // HTTP status of that answer; 0 is the code's own
	Times  int    // how many calls are still to go wrong; 0 is all, until the rule is cleared
}

// Effect is what becomes of one call.
type Effect struct {
	// Err is what the call is refused with before anything is done; nil lets it pass.
	Err error
}

// Faults are the rules of one server. The zero value has none and is ready to use; so is a nil pointer, which can have
// none. It is safe for concurrent use.
type Faults struct {
	mu     sync.Mutex
	lastID int64
	rules  []active
}

// active is a rule that is in force.
type active struct {
	Rule
	pattern Pattern
	err     error
}

// mostRules bounds what a script that never clears can add up to.
const mostRules = 1000

// Add puts a rule into force and returns it with its number and the status that it answers with. The rule that was added
// first has precedence.
func (f *Faults) Add(r Rule) (Rule, error) {
	pattern, err := ParsePattern(r.Match)
	if err != nil {
		return Rule{}, err
	}
	named, err := codes.Named(r.Error, r.Status)
	if err != nil {
		return Rule{}, err
	}
	if r.Times < 0 {
		return Rule{}, onetouch.InvalidParameter("times", "must be 0 (always) or more")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.rules) >= mostRules {
		return Rule{}, onetouch.InvalidRequest(fmt.Sprintf("there are %d faults already, clear them first", mostRules))
	}
	f.lastID++
	r.ID, r.Match, r.Status = f.lastID, pattern.String(), named.Status()
	f.rules = append(f.rules, active{r, pattern, named})
	return r, nil
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

// Next decides about a call that has come, and counts it. A rule that was for so many calls ends with the last of them.
func (f *Faults) Next(method, path string) Effect {
	if f == nil {
		return Effect{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.rules, func(rule active) bool { return rule.pattern.Matches(method, path) })
	if i < 0 {
		return Effect{}
	}
	effect := Effect{Err: f.rules[i].err}
	switch f.rules[i].Times {
	case 0:
	case 1:
		f.rules = slices.Delete(f.rules, i, i+1)
	default:
		f.rules[i].Times--
	}
	return effect
}
