package parameters

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// form reads a form as Rails does: a[b]=1 is a part, a[]=1 adds to a list, and a[][b]=1 to the list's last item until
// that has a b. Brackets within a name stand for themselves if they are balanced. where is "query" or "body".
func (r *reader) form(where, text string) (*node, error) {
	root := &node{kind: isObject}
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, wrongRequest("the %s has a wrong percent-encoding at %s", where, wire.Shown(pair))
		}
		if err := r.field(root, name, func() (string, error) {
			text, err := url.QueryUnescape(value)
			if err != nil {
				return "", wrongParameter(name, "has a wrong percent-encoding in the %s, write %% as %%25", where)
			}
			return text, nil
		}); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// field stores one parameter of a form. One without a name is ignored: nobody can ask for it.
func (r *reader) field(root *node, name string, read func() (string, error)) error {
	if !utf8.ValidString(name) {
		return wrongEncoding(strings.ToValidUTF8(name, "\uFFFD"), "has a name that is not valid UTF-8")
	}
	path, err := splitName(name)
	if err != nil {
		return err
	}
	for _, part := range path {
		if err := r.took(part); err != nil {
			return err
		}
	}
	value, err := read()
	if err != nil {
		return err
	}
	if !utf8.ValidString(value) {
		return wrongEncoding(name, "is not valid UTF-8")
	}
	if path[0] != "" && !root.put(path, value) {
		return wrongParameter(name, "was given in two ways that exclude each other, such as a=1 and a[b]=2")
	}
	return nil
}

// splitName turns logos[][res] into logos, [appendItem] and res.
func splitName(name string) ([]string, error) {
	head, rest, bracketed := strings.Cut(name, "[")
	path := []string{head}
	for bracketed {
		end := closing(rest)
		if end < 0 {
			return nil, wrongParameter(name, "has brackets in its name that do not match")
		}
		if path = append(path, rest[:end]); len(path) > maxDepth { // the part of [] is appendItem
			return nil, tooDeep()
		}
		if rest = rest[end+1:]; rest == "" {
			break
		}
		if rest[0] != '[' {
			return nil, wrongParameter(name, "has brackets in its name that do not match")
		}
		rest = rest[1:]
	}
	return path, nil
}

// closing finds the bracket that closes one opened before the text; -1 when there is none.
func closing(text string) int {
	open := 1
	for i := range len(text) {
		switch text[i] {
		case '[':
			open++
		case ']':
			if open--; open == 0 {
				return i
			}
		}
	}
	return -1
}
