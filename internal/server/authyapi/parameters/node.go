package parameters

import (
	"slices"
	"strings"
)

// node is a parameter as it came: text, an object of named parameters, or a list of them. JSON's numbers and booleans
// are text, as they are in a form; JSON's null is no node.
type node struct {
	kind    kind
	text    string
	members []member // of an object, in the order in which they came
	index   map[string]int
	items   []*node // of a list
}

type member struct {
	name  string
	value *node
}

type kind int

const (
	unset kind = iota
	isText
	isObject
	isList
)

// appendItem is the part of a path that adds to a list: what is in the empty brackets of logos[].
const appendItem = ""

// indexFrom is how many members an object has before looking one up needs an index.
const indexFrom = 16

func (n *node) blank() bool { return n == nil || n.kind == unset || n.kind == isText && n.text == "" }

// null also takes the text null for nothing, where there cannot be a text.
func (n *node) null() bool {
	return n.blank() || n.kind == isText && strings.TrimSpace(n.text) == nullText
}

func (n *node) position(name string) int {
	if len(n.members) < indexFrom {
		return slices.IndexFunc(n.members, func(m member) bool { return m.name == name })
	}
	if n.index == nil {
		n.index = make(map[string]int, 2*len(n.members))
		for i, m := range n.members {
			n.index[m.name] = i
		}
	}
	if i, known := n.index[name]; known {
		return i
	}
	return -1
}

func (n *node) get(name string) *node {
	if i := n.position(name); i >= 0 {
		return n.members[i].value
	}
	return nil
}

// set gives the object a member: in its place when it has one of that name, else at the end.
func (n *node) set(name string, value *node) {
	if i := n.position(name); i >= 0 {
		n.members[i].value = value
		return
	}
	if n.index != nil {
		n.index[name] = len(n.members)
	}
	n.members = append(n.members, member{name, value})
}

// put stores text under a path of names and [appendItem]s, the way Rails reads a form. It reports whether the path
// fits what is there: a name cannot be text and have parts. Of a repeated text the last one holds.
func (n *node) put(path []string, text string) bool {
	if len(path) == 0 {
		if !n.become(isText) {
			return false
		}
		n.text = text
		return true
	}
	if path[0] == appendItem {
		return n.become(isList) && n.openItem(path[1:]).put(path[1:], text)
	}
	if !n.become(isObject) {
		return false
	}
	value := n.get(path[0])
	if value == nil {
		value = &node{}
		n.set(path[0], value)
	}
	return value.put(path[1:], text)
}

// become turns a node that holds nothing yet into one of the kind, and reports whether it is one.
func (n *node) become(k kind) bool {
	if n.blank() {
		n.kind = k
	}
	return n.kind == k
}

// openItem is the list's item that takes the rest of a path: the last one, until it has that path already.
func (n *node) openItem(rest []string) *node {
	if len(rest) > 0 && len(n.items) > 0 {
		if last := n.items[len(n.items)-1]; last.kind == isObject && !last.has(rest) {
			return last
		}
	}
	item := &node{}
	n.items = append(n.items, item)
	return item
}

// has reports whether an object has the whole path. A list in it can always take one more.
func (n *node) has(path []string) bool {
	for _, name := range path {
		if n = n.get(name); n == nil {
			return false
		}
	}
	return true
}

// merge adds the members of over, which win over those that are there. Objects are merged, all else is replaced.
func (n *node) merge(over *node) {
	for _, m := range over.members {
		if mine := n.get(m.name); mine != nil && mine.kind == isObject && m.value.kind == isObject {
			mine.merge(m.value)
			continue
		}
		n.set(m.name, m.value)
	}
}

// detach copies all texts, so that none of them is a part of the body.
func (n *node) detach() {
	n.text = strings.Clone(n.text)
	for i, m := range n.members {
		n.members[i].name = strings.Clone(m.name)
		m.value.detach()
	}
	for _, item := range n.items {
		item.detach()
	}
}
