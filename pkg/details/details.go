// Package details holds the name-value pairs that an approval request carries: the details shown to the user and the
// hidden details kept with the request. On the wire they are a flat JSON object of strings; in memory they are a list,
// because a phone shows them in the order in which the backend gave them.
package details

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Detail is one line of an approval request, such as "Amount: $12,400".
type Detail struct {
	Name  string
	Value string
}

// List is an ordered set of details. Its JSON form is an object; names are unique.
type List []Detail

// Get returns the value of the named detail, or "" when there is none.
func (l List) Get(name string) string {
	for _, d := range l {
		if d.Name == name {
			return d.Value
		}
	}
	return ""
}

// Set gives the named detail a value: in its place when it exists, else at the end.
func (l *List) Set(name, value string) {
	for i := range *l {
		if (*l)[i].Name == name {
			(*l)[i].Value = value
			return
		}
	}
	*l = append(*l, Detail{Name: name, Value: value})
}

// Map returns the details without their order.
func (l List) Map() map[string]string {
	m := make(map[string]string, len(l))
	for _, d := range l {
		m[d.Name] = d.Value
	}
	return m
}

// MarshalJSON writes the list as an object whose members stand in the list's order. An empty list is {}.
func (l List) MarshalJSON() ([]byte, error) {
	size := len("{}")
	for _, d := range l {
		size += len(d.Name) + len(d.Value) + len(`"":"",`)
	}
	out := append(make([]byte, 0, size), '{')
	for i, d := range l {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendText(out, d.Name), ':')
		out = appendText(out, d.Value)
	}
	return append(out, '}'), nil
}

// UnmarshalJSON reads a flat object of strings, keeping its order; of a repeated name the last value holds, as in
// encoding/json. null is an empty list. A value that is not a string is an error that names it.
func (l *List) UnmarshalJSON(data []byte) error {
	if list, isPlain := readPlain(data); isPlain {
		*l = list
		return nil
	}
	return l.read(data)
}

// read is UnmarshalJSON of whatever JSON allows.
func (l *List) read(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	if token == nil {
		*l = nil
		return nil
	}
	if token != json.Delim('{') {
		return errors.New("details must be a JSON object of strings")
	}
	list := List{}
	seen := map[string]int{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		value, err := decoder.Token()
		if err != nil {
			return err
		}
		text, isText := value.(string)
		if !isText {
			return fmt.Errorf("the value of detail %q must be a string", name)
		}
		d := Detail{Name: name.(string), Value: text}
		if at, again := seen[d.Name]; again {
			list[at] = d
			continue
		}
		seen[d.Name] = len(list)
		list = append(list, d)
	}
	if _, err := decoder.Token(); err != nil { // the closing brace
		return err
	}
	*l = list
	return nil
}
