package parameters

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/onetouchkit/onetouch/pkg/details"
)

// Parameters are the parameters of one request, or the parts of one of them. A parameter is named by its path:
// "user", "email" is user[email] in a form and {"user":{"email":…}} in JSON. Null is absent. Parameters that nobody
// asks for are ignored. Every error is a *[onetouch.Error].
type Parameters struct {
	name string // of the parameter that these are the parts of; "" at the top
	root *node
}

// nameOf is the name of a parameter as a form writes it.
func (p *Parameters) nameOf(path []string) string {
	var name strings.Builder
	name.WriteString(p.name)
	for i, part := range path {
		if i == 0 && p.name == "" {
			name.WriteString(part)
			continue
		}
		name.WriteString("[" + part + "]")
	}
	return name.String()
}

// find returns nil when the parameter is absent.
func (p *Parameters) find(path []string) (*node, error) {
	n := p.root
	for i, name := range path {
		if n.blank() {
			return nil, nil
		}
		if n.kind != isObject {
			return nil, wrongParameter(p.nameOf(path[:i]), "must have parts, such as %s", p.nameOf(path[:i+1]))
		}
		n = n.get(name)
	}
	return n, nil
}

// String returns a text. A number or boolean of JSON is a text, too. An empty text is given, unlike an absent one.
func (p *Parameters) String(path ...string) (text string, given bool, err error) {
	n, err := p.find(path)
	if err != nil || n == nil || n.kind == unset {
		return "", false, err
	}
	if n.kind != isText {
		return "", false, wrongParameter(p.nameOf(path), "must be a text")
	}
	return n.text, true, nil
}

// nullText is what clients that join texts make of a null in a query or a form. It is as good as absent wherever a text
// can only be wrong; a text may well be that word.
const nullText = "null"

// noText returns a parameter that is written as a text and is none: "" is absent, as in a form of Rails.
func (p *Parameters) noText(path []string) (string, error) {
	text, _, err := p.String(path...)
	if text = strings.TrimSpace(text); text == nullText {
		text = ""
	}
	return text, err
}

// Integer returns a whole number, written as a number or as a text. An empty text is absent, as in a form of Rails, and so
// is the text null.
func (p *Parameters) Integer(path ...string) (number int64, given bool, err error) {
	text, err := p.noText(path)
	if err != nil || text == "" {
		return 0, false, err
	}
	number, err = strconv.ParseInt(text, 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 0, false, wrongParameter(p.nameOf(path), "is too far from zero")
	}
	if err != nil {
		return 0, false, wrongParameter(p.nameOf(path), "must be a whole number")
	}
	return number, true, nil
}

// Bool returns a boolean: true, True, 1, false, False or 0. An empty text is absent, as in a form of Rails, and so is the
// text null.
func (p *Parameters) Bool(path ...string) (value, given bool, err error) {
	text, err := p.noText(path)
	if err != nil {
		return false, false, err
	}
	switch strings.ToLower(text) {
	case "":
		return false, false, nil
	case "true", "1":
		return true, true, nil
	case "false", "0":
		return false, true, nil
	}
	return false, false, wrongParameter(p.nameOf(path), "must be true or false")
}

// Details returns an object of texts in the order in which they were sent. A detail that is null is absent, but one that is
// the text null is that text; an empty list is what PHP makes of an empty object.
func (p *Parameters) Details(name string) (list details.List, given bool, err error) {
	n, err := p.find([]string{name})
	if err != nil || n.null() {
		return nil, false, err
	}
	if n.kind == isList && len(n.items) == 0 {
		return details.List{}, true, nil
	}
	if n.kind != isObject {
		return nil, false, wrongParameter(p.nameOf([]string{name}),
			`must be names with values, such as %s=12 in a form or {"Amount":"12"} in JSON`,
			p.nameOf([]string{name, "Amount"}))
	}
	list = make(details.List, 0, len(n.members))
	for _, m := range n.members {
		if m.value.kind != isText {
			return nil, false, wrongParameter(p.nameOf([]string{name, m.name}), "must be a text")
		}
		list = append(list, details.Detail{Name: m.name, Value: m.value.text})
	}
	return list, true, nil
}

// List returns the items of a list, each with its parts: logos[][res]=…, logos[0][res]=… or a list of JSON. Empty
// items are left out.
func (p *Parameters) List(name string) (list []*Parameters, given bool, err error) {
	n, err := p.find([]string{name})
	if err != nil || n.null() {
		return nil, false, err
	}
	items, isOne := n.list()
	if !isOne {
		return nil, false, wrongParameter(p.nameOf([]string{name}), "must be a list, such as %s",
			p.nameOf([]string{name, ""}))
	}
	for _, item := range items {
		if !item.blank() {
			position := strconv.Itoa(len(list))
			list = append(list, &Parameters{name: p.nameOf([]string{name, position}), root: item})
		}
	}
	return list, true, nil
}

// list returns the items of a list, also of one that was written with indices.
func (n *node) list() ([]*node, bool) {
	if n.kind == isList {
		return n.items, true
	}
	if n.kind != isObject {
		return nil, false
	}
	type indexed struct {
		at   uint64
		item *node
	}
	all := make([]indexed, 0, len(n.members))
	for _, m := range n.members {
		at, err := strconv.ParseUint(m.name, 10, 32)
		if err != nil {
			return nil, false
		}
		all = append(all, indexed{at, m.value})
	}
	slices.SortStableFunc(all, func(a, b indexed) int { return int(int64(a.at) - int64(b.at)) })
	items := make([]*node, len(all))
	for i := range all {
		items[i] = all[i].item
	}
	return items, true
}
