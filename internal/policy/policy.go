package policy

import (
	"errors"
	"fmt"
	"time"
)

// Action is what a phone does with a request.
type Action string

// The four actions.
const (
	Approve Action = "approve"
	Deny    Action = "deny"
	Ignore  Action = "ignore" // the request stays as it is
	Ask     Action = "ask"    // a person answers; where there is none, it is as Ignore
)

// Actions are all of them, in the order in which to list them for people.
func Actions() []Action { return []Action{Approve, Deny, Ignore, Ask} }

// Decision is what to do with a request, and how long to wait before.
type Decision struct {
	Action Action
	After  time.Duration
}

// Flags with which a policy is written on a command line, and by which errors name its parts.
const (
	whenFlag = "--when"
	autoFlag = "--auto"
)

// MaxSize bounds the text of a policy, in bytes.
const MaxSize = 8 << 10

// Policy is a list of rules that were checked. It is safe for concurrent use.
type Policy struct {
	rules []rule
	final Decision
	auto  bool // the final decision was written down
}

// Parse reads a policy: the rules in order, and the action for what no rule matches, ACTION [after DURATION]; "" is [Ask].
// An error is one line that names the rule and, where it can, the column in it.
func Parse(when []string, auto string) (*Policy, error) {
	size := len(auto)
	for _, text := range when {
		size += len(text)
	}
	if size > MaxSize {
		return nil, fmt.Errorf("%s and %s have %d bytes altogether: a policy has at most %d", whenFlag, autoFlag, size, MaxSize)
	}
	p := &Policy{final: Decision{Action: Ask}}
	for i, text := range when {
		r, err := parseRule(text)
		if err != nil {
			return nil, fmt.Errorf("%s %d: %w", whenFlag, i+1, err)
		}
		p.rules = append(p.rules, r)
	}
	if auto == "" {
		return p, nil
	}
	final, err := parseDecision(auto)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", autoFlag, err)
	}
	p.final, p.auto = final, true
	return p, nil
}

// Asks tells which part of the policy was written to ask a person, such as "--when 2"; "" for none. What no rule matches
// is asked too, when nothing else was said; that is not meant.
func (p *Policy) Asks() string {
	for i, r := range p.rules {
		if r.Action == Ask {
			return fmt.Sprintf("%s %d", whenFlag, i+1)
		}
	}
	if p.auto && p.final.Action == Ask {
		return autoFlag
	}
	return ""
}

// Problem is a rule that could not be decided for a request.
type Problem struct {
	Rule int // the number of the rule, from 1
	Err  error
}

func (p *Problem) Error() string {
	return fmt.Sprintf("%s %d could not be decided: %v", whenFlag, p.Rule, p.Err)
}
func (p *Problem) Unwrap() error { return p.Err }

// Problems are those in the error of [Policy.Decide].
func Problems(err error) []*Problem {
	var found []*Problem
	if joined, several := err.(interface{ Unwrap() []error }); several {
		for _, one := range joined.Unwrap() {
			var problem *Problem
			if errors.As(one, &problem) {
				found = append(found, problem)
			}
		}
	}
	return found
}

// Decide says what to do with a request. The decision holds also when there is an error, whose [Problems] tell which rules
// could not be decided. They match nothing; but since one of them may have been there to prevent it, what comes after them
// does not approve: a person is asked instead.
func (p *Policy) Decide(r Request) (Decision, error) {
	var problems []error
	decision := p.final
	for i, rule := range p.rules {
		matches, err := rule.matches(r)
		if err != nil {
			problems = append(problems, &Problem{Rule: i + 1, Err: err})
			continue
		}
		if matches {
			decision = rule.Decision
			break
		}
	}
	if len(problems) > 0 && decision.Action == Approve {
		decision = Decision{Action: Ask}
	}
	return decision, errors.Join(problems...)
}
