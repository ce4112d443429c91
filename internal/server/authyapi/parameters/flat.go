package parameters

import (
	"net/url"
	"strconv"
)

// Form is the parameters as one form with the brackets of Rails, whatever encoding they came in: user[email]=…. The items
// of a list are numbered, or all have empty brackets, as clients that sign what they send write them. Objects and lists
// without members are left out.
func (p *Parameters) Form(numbered bool) string {
	return string(p.root.appendForm(nil, "", numbered))
}

func (n *node) appendForm(form []byte, name string, numbered bool) []byte {
	switch n.kind {
	case isText:
		if len(form) > 0 {
			form = append(form, '&')
		}
		form = append(append(form, url.QueryEscape(name)...), '=')
		return append(form, url.QueryEscape(n.text)...)
	case isObject:
		for _, m := range n.members {
			part := m.name
			if name != "" {
				part = name + "[" + m.name + "]"
			}
			form = m.value.appendForm(form, part, numbered)
		}
	case isList:
		for i, item := range n.items {
			index := ""
			if numbered {
				index = strconv.Itoa(i)
			}
			form = item.appendForm(form, name+"["+index+"]", numbered)
		}
	case unset:
	}
	return form
}
