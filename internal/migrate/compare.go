package migrate

import (
	"fmt"
	"slices"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// Aspect is what of a flow is compared.
type Aspect string

// Aspects, in the order of a flow.
const (
	AspectTaken    Aspect = "taken"          // whether the question is
	AspectPhone    Aspect = "phone"          // who is asked
	AspectShown    Aspect = "shown"          // on the phone
	AspectExpiry   Aspect = "expiry"         // when its time is over
	AspectEnd      Aspect = "end"            // how it ends, by a poll
	AspectTime     Aspect = "time"           // when it was answered, by a poll
	AspectAnswerer Aspect = "answerer"       // who answered, by a poll
	AspectHidden   Aspect = "hidden_details" // by a poll
	AspectReason   Aspect = "reason"
	AspectCallback Aspect = "callback"
)

// Difference is what came out differently.
type Difference struct {
	Aspect Aspect `json:"aspect"`
	Authy  string `json:"authy"`
	Verify string `json:"verify"`
	Rule   string `json:"rule"` // that explains it; "": none does
	Why    string `json:"why"`  // what the rule says, as in a plan
	// Decides says that the flow ends otherwise.
	Decides bool `json:"decides"`
}

// comparison compares what a flow showed through the two APIs.
type comparison struct {
	flow          *Flow
	authy, verify outcome
	found         []Difference
}

func compare(f *Flow, authy, verify outcome) []Difference {
	c := comparison{flow: f, authy: authy, verify: verify, found: []Difference{}}
	if authy.refused != nil || verify.refused != nil {
		c.taken()
		return c.found
	}
	c.phones()
	c.shown()
	c.expiry()
	c.end()
	if authy.end().answered() && verify.end().answered() {
		c.answer()
		c.callback()
	}
	return c.found
}

// differ notes a difference, with the first of the rules that holds for the flow.
func (c *comparison) differ(aspect Aspect, authy, verify string, rules ...rule) *Difference {
	d := Difference{Aspect: aspect, Authy: authy, Verify: verify}
	for _, r := range rules {
		if r.holds == nil || r.holds(c.flow.Ask) {
			d.Rule, d.Why = r.name, r.says
			break
		}
	}
	c.found = append(c.found, d)
	return &c.found[len(c.found)-1]
}

// rulesNamed are rules about what is asked.
func rulesNamed(names ...string) []rule {
	return slices.DeleteFunc(questionRules(), func(r rule) bool { return !slices.Contains(names, r.name) })
}

func expiryRules() []rule { return rulesNamed(ruleDefaultExpiry, ruleNever, ruleLongExpiry) }

func (c *comparison) taken() {
	a, v := c.authy.refused, c.verify.refused
	if a != nil && v != nil && a.kind == v.kind {
		return
	}
	rules := rulesNamed(ruleLongMessage, ruleManyDetails, ruleLongName, ruleLongValue, ruleLongHidden, ruleLogos)
	if v != nil && v.kind == noPhone {
		rules = []rule{noFactor()}
	}
	c.differ(AspectTaken, takenWords(a), takenWords(v), rules...).Decides = true
}

func takenWords(r *refusal) string {
	if r == nil {
		return "taken"
	}
	return "refused (" + r.says + ")"
}

func (c *comparison) phones() {
	if c.flow.phones > 1 {
		c.differ(AspectPhone, fmt.Sprintf("any of %d phones of the user", c.flow.phones), "one of them", oneFactor())
	}
}

func (c *comparison) shown() {
	if first, second := screenWords(c.authy), screenWords(c.verify); first != second {
		c.differ(AspectShown, first, second)
	}
	a, v := c.authy.screen, c.verify.screen
	if a == nil || v == nil {
		return
	}
	if a.AppName != v.AppName {
		c.differ(AspectShown, "as asked by the application", "as asked by somebody else")
	}
	if a.Message != v.Message {
		c.differ(AspectShown, "the message", "another message")
	}
	if words := otherList(a.Details, v.Details); words != "" {
		c.differ(AspectShown, "details", words)
	}
	if len(a.Logos) != len(v.Logos) {
		c.differ(AspectShown, counted(len(a.Logos), "logo", "logos"), "none", rulesNamed(ruleLogos)...)
	}
}

func screenWords(o outcome) string {
	if o.noScreen != "" {
		return "not shown: " + o.noScreen
	}
	return "shown"
}

// otherList says how a list of details differs from another one; "": it does not.
func otherList(a, b details.List) string {
	if slices.Equal(a, b) {
		return ""
	}
	if len(a) != len(b) {
		return fmt.Sprintf("%d of them, not %d", len(b), len(a))
	}
	for i := range a {
		if b.Get(a[i].Name) != a[i].Value {
			return fmt.Sprintf("number %d is another", i+1)
		}
	}
	return "in another order"
}

func (c *comparison) expiry() {
	a, v := lastsWords(c.authy.first), lastsWords(c.verify.first)
	if a != v {
		c.differ(AspectExpiry, a, v, expiryRules()...)
	}
}

func lastsWords(s standing) string {
	if s.expires.IsZero() {
		return "never"
	}
	return "after " + spell(s.expires.Sub(s.created))
}

// spell is a duration in words, of whole units as far as it has them.
func spell(d time.Duration) string {
	for _, unit := range []struct {
		long      time.Duration
		one, many string
	}{
		{24 * time.Hour, "day", "days"}, {time.Hour, "hour", "hours"}, {time.Minute, "minute", "minutes"},
	} {
		if d > 0 && d%unit.long == 0 {
			return counted(int(d/unit.long), unit.one, unit.many)
		}
	}
	return counted(int(d/time.Second), "second", "seconds")
}

func (c *comparison) end() {
	if c.authy.first.status != c.verify.first.status {
		c.differ(AspectEnd, string(c.authy.first.status)+" at first", string(c.verify.first.status))
	}
	a, v := c.authy.end(), c.verify.end()
	switch {
	case a != v:
		c.differ(AspectEnd, c.endWords(c.authy), c.endWords(c.verify), expiryRules()...).Decides = true
	case c.authy.early != c.verify.early: // both expired, one too early
		c.differ(AspectEnd, string(c.authy.early)+" a second before", string(c.verify.early), expiryRules()...)
	}
}

func (c *comparison) endWords(o outcome) string {
	if o.tooLate {
		return string(o.end()) + ": the answer, " + spell(c.flow.After) + " after the question, came too late"
	}
	if o.noAnswer != "" {
		return string(o.end()) + ": the answer was refused (" + o.noAnswer + ")"
	}
	return string(o.end())
}

// answer compares what polls tell of an answer.
func (c *comparison) answer() {
	a, v := c.authy.last, c.verify.last
	if first, second := answeredWords(a), answeredWords(v); first != second {
		c.differ(AspectTime, first, second)
	}
	if a.byPhone != v.byPhone {
		c.differ(AspectAnswerer, phoneWords(a.byPhone), phoneWords(v.byPhone))
	}
	if words := otherList(a.hidden, v.hidden); words != "" {
		c.differ(AspectHidden, "hidden details", words)
	}
	if c.flow.Reason != "" {
		c.differ(AspectReason, "told", "not told", noReason())
	}
}

func answeredWords(s standing) string {
	if s.answered.IsZero() {
		return "no time of the answer"
	}
	return "answered after " + spell(s.answered.Truncate(time.Second).Sub(s.created.Truncate(time.Second)))
}

func phoneWords(named bool) string {
	if named {
		return "names the phone"
	}
	return "does not name the phone"
}

// callback compares what the backend was sent.
func (c *comparison) callback() {
	a, v := sentWords(c.authy), sentWords(c.verify)
	if a != v {
		c.differ(AspectCallback, a, v)
		return
	}
	if c.authy.told == nil || c.verify.told == nil {
		return
	}
	first, second := *c.authy.told, *c.verify.told
	for _, one := range []struct {
		differs       bool
		authy, verify string
	}{
		{first.status != second.status, "says " + string(first.status), "says " + orNothing(second.status)},
		{first.message != second.message, "the message", "another message"},
		{first.byPhone != second.byPhone, phoneWords(first.byPhone), phoneWords(second.byPhone)},
		{first.timed != second.timed, timeWords(first.timed), timeWords(second.timed)},
		{first.question != second.question, questionWords(first.question), questionWords(second.question)},
	} {
		if one.differs {
			c.differ(AspectCallback, one.authy, one.verify)
		}
	}
	if words := otherList(first.shown, second.shown); words != "" {
		c.differ(AspectCallback, "details", words)
	}
	if words := otherList(first.hidden, second.hidden); words != "" {
		c.differ(AspectCallback, "hidden details", words)
	}
}

func sentWords(o outcome) string {
	switch {
	case o.letters == 0:
		return "not sent"
	case o.badPost != "":
		return "cannot be trusted: " + o.badPost
	case o.letters > 1:
		return fmt.Sprintf("sent %d times", o.letters)
	default:
		return "sent, and verifies"
	}
}

func orNothing(status approval.Status) string {
	if status == "" {
		return "nothing of the answer"
	}
	return string(status)
}

func timeWords(timed bool) string {
	if timed {
		return "says when"
	}
	return "does not say when"
}

func questionWords(right bool) string {
	if right {
		return "names the request and its user"
	}
	return "names another request or user"
}
