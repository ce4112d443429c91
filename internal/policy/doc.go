// Package policy decides for a simulated phone that nobody looks at: whether it approves a request, denies it, ignores it
// or asks a person, and after which time.
//
// A policy is a list of rules, EXPRESSION = ACTION [after DURATION], such as
//
//	details["Amount"] > 10000 = deny after 2s
//
// of which the first that matches counts, and a final action for everything else. Expressions are in the language of
// github.com/expr-lang/expr, reduced to what looks at a request: there is nothing in them to change, wait for or read from
// outside, and what they may use up is bounded. docs/policies.md describes it all to users.
//
// A policy errs on the side of no approval: a rule that cannot be decided for a request matches nothing, and rules after it
// approve nothing.
package policy
