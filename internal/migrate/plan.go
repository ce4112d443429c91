package migrate

import (
	"net/http"
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/internal/server/authyapi"
)

// Plan is what the calls of a backend become. It repeats no value of any of them, so that it can be passed on.
type Plan struct {
	Calls      int      `json:"calls"` // of the Authy API, in all
	Steps      []Step   `json:"steps"` // a call of the Authy API each, in the order in which they were seen first
	Everywhere []string `json:"everywhere"`
	// NotSeen are the calls of the Authy API that are not among them. That is no proof that the backend never makes them.
	NotSeen []NotSeen `json:"not_seen"`
	// Forgotten counts calls that the server remembers no more: they are not in the plan.
	Forgotten int64 `json:"forgotten"`
	// Unknown counts calls that are none of the Authy API.
	Unknown int `json:"unknown"`
	// Unplanned are calls whose paths begin as those of the Authy API do, and that nothing is known of.
	Unplanned []Unplanned `json:"unplanned"`
	// Refusals are the error codes that were answered.
	Refusals []Refusal `json:"refusals"`
}

// Unplanned is a call that looks like one of the Authy API, and that this program does not know.
type Unplanned struct {
	Method string `json:"method"`
	Path   string `json:"path"` // without its values
	Times  int    `json:"times"`
}

// Step is one call of the Authy API, however often it was made.
type Step struct {
	Method     string      `json:"method"`
	Path       string      `json:"path"`
	Does       string      `json:"does"`
	Times      int         `json:"times"`
	Statuses   []int       `json:"statuses"` // of HTTP, each once
	Fate       Fate        `json:"fate"`
	Verify     []Call      `json:"verify"`
	Parameters []Parameter `json:"parameters"`
	Differs    []string    `json:"differs"`
	// Findings are what these very calls run into.
	Findings []string `json:"findings"`
}

// NotSeen is a call that was not made.
type NotSeen struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Does   string `json:"does"`
}

// Of makes the plan for some calls.
func Of(seen []Seen) Plan {
	p := planner{finder: newFinder(), steps: map[string]*observed{}, refused: refusals{}, unplanned: []Unplanned{}}
	plan := Plan{Steps: []Step{}, NotSeen: []NotSeen{}, Everywhere: everywhere()}
	for _, call := range seen {
		switch {
		case p.add(call):
			plan.Calls++
			p.refused.add(call)
		case !p.addUnplanned(call):
			plan.Unknown++
		}
	}
	plan.Unplanned, plan.Refusals = p.unplanned, p.refused.list()
	for _, name := range p.order {
		plan.Steps = append(plan.Steps, p.steps[name].step())
	}
	for _, e := range authyapi.Endpoints() {
		if p.steps[nameOf(e)] == nil {
			plan.NotSeen = append(plan.NotSeen, NotSeen{e.Method, e.Path, e.Does})
		}
	}
	return plan
}

// planner goes through the calls.
type planner struct {
	finder finder
	steps  map[string]*observed
	order  []string

	refused   refusals
	unplanned []Unplanned
}

// addUnplanned takes a call that looks like one of the Authy API, and reports whether it does.
func (p *planner) addUnplanned(call Seen) bool {
	r, err := call.request()
	if err != nil || !slices.ContainsFunc([]string{"/protected/", "/onetouch/", "/dashboard/"}, func(prefix string) bool {
		return strings.HasPrefix(r.URL.Path, prefix)
	}) {
		return false
	}
	method, path := withoutValues(strings.ToLower(call.Method)), withoutValues(r.URL.Path)
	method = strings.ToUpper(method)
	for i := range p.unplanned {
		if p.unplanned[i].Method == method && p.unplanned[i].Path == path {
			p.unplanned[i].Times++
			return true
		}
	}
	p.unplanned = append(p.unplanned, Unplanned{method, path, 1})
	return true
}

// withoutValues is a path in which only what is a word is left: the rest can be a number, a code or a name of somebody.
func withoutValues(path string) string {
	const word, longestWord = "abcdefghijklmnopqrstuvwxyz_", 24
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.Trim(part, word) != "" || len(part) > longestWord {
			parts[i] = "{…}"
		}
	}
	return strings.Join(parts, "/")
}

// add takes a call, and reports whether it is one of the Authy API.
func (p *planner) add(call Seen) bool {
	r, err := call.request()
	if err != nil {
		return false
	}
	e, found := p.finder.find(r)
	if !found {
		return false
	}
	o := p.steps[nameOf(e)]
	if o == nil {
		o = newObserved(e)
		p.steps[nameOf(e)] = o
		p.order = append(p.order, nameOf(e))
	}
	o.add(call, r)
	return true
}

// observed is what was seen of one call of the Authy API.
type observed struct {
	endpoint authyapi.Endpoint
	times    int
	unread   int // calls whose parameters are not known
	statuses []int
	shapes   map[string]*shape
	question questions // of approval requests
}

func newObserved(e authyapi.Endpoint) *observed {
	o := &observed{endpoint: e, shapes: map[string]*shape{}}
	if nameOf(e) == createApprovalRequest {
		o.question = questions{}
	}
	return o
}

func (o *observed) add(call Seen, r *http.Request) {
	o.times++
	if call.Status != 0 && !slices.Contains(o.statuses, call.Status) {
		o.statuses = append(o.statuses, call.Status)
	}
	if call.Cut || !o.read(r) {
		o.unread++
	}
}

func (o *observed) step() Step {
	c := counterparts()[nameOf(o.endpoint)]
	slices.Sort(o.statuses)
	s := Step{
		Method: o.endpoint.Method, Path: o.endpoint.Path, Does: o.endpoint.Does, Times: o.times, Fate: c.fate,
		Verify: orNone(c.calls), Parameters: []Parameter{}, Differs: orNone(c.differs), Statuses: orNone(o.statuses),
		Findings: []string{},
	}
	for _, p := range o.endpoint.Parameters {
		if shape := o.shapes[p.Name]; shape != nil {
			s.Parameters = append(s.Parameters, parameterOf(p.Name, shape, c.parameters[p.Name]))
		}
	}
	if o.unread > 0 {
		s.Findings = append(s.Findings,
			counted(o.unread, "call", "calls")+" could not be looked into: the recording has not all of the body")
	}
	if o.question != nil {
		s.Findings = append(s.Findings, o.question.findings()...)
	}
	return s
}

// orNone is a list that is not null in JSON.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
