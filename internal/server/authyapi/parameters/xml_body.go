package parameters

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// xml reads an XML document as Rails does. The root user is a parameter, as authy-java sent it (<user><email>…); any
// other root is only an envelope around the parameters. Dashes in names are underscores. An element with nil="true"
// is absent and one with type="array" is a list; the attribute name, as [AppendXML] writes it, names what is no XML
// name. There are no document types, and so no entities but XML's own.
func (r *reader) xml(body []byte) (*node, error) {
	body = withoutBOM(body)
	if err := checkUTF8(body); err != nil {
		return nil, err
	}
	x := xmlReader{reader: r, decoder: xml.NewDecoder(bytes.NewReader(body))}
	x.decoder.CharsetReader = func(charset string, _ io.Reader) (io.Reader, error) {
		return nil, wrongRequest("XML in %s cannot be read, use UTF-8", wire.Shown(charset))
	}
	root, name, err := x.document()
	if err != nil {
		return nil, x.readable(err)
	}
	if name == "user" {
		return &node{kind: isObject, members: []member{{name, root}}}, nil
	}
	if root.blank() || strings.TrimSpace(root.text) == "" && root.kind == isText {
		return &node{kind: isObject}, nil
	}
	if root.kind != isObject {
		return nil, wrongRequest("the root of an XML body must have elements, such as <user><email>…</email></user>")
	}
	return root, nil
}

type xmlReader struct {
	*reader
	decoder *xml.Decoder
}

func (x *xmlReader) readable(err error) error {
	var refusal *onetouch.Error
	if errors.As(err, &refusal) {
		return refusal
	}
	line, column := x.decoder.InputPos()
	return wrongRequest("the body is not valid XML at line %d, column %d", line, column)
}

// errNoXML is for what the decoder lets pass; readable adds the place.
var errNoXML = errors.New("not XML")

func (x *xmlReader) document() (root *node, name string, err error) {
	for {
		token, err := x.decoder.Token()
		if errors.Is(err, io.EOF) && root != nil {
			return root, name, nil
		}
		if err != nil {
			return nil, "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if root != nil {
				return nil, "", errNoXML
			}
			name = parameterName(t)
			if root, err = x.element(t, 0); err != nil {
				return nil, "", err
			}
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return nil, "", errNoXML
			}
		case xml.Directive:
			return nil, "", noDirective()
		}
	}
}

func noDirective() error { return wrongRequest("an XML body cannot have a document type") }

// element reads up to the end of an element that has begun; an unset node when it is nil.
func (x *xmlReader) element(start xml.StartElement, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, tooDeep()
	}
	name := parameterName(start)
	if err := x.took(name); err != nil {
		return nil, err
	}
	n := &node{}
	if kind, _ := attribute(start, "type"); kind == "array" {
		n.kind = isList
	}
	var text strings.Builder
	for {
		token, err := x.decoder.Token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := x.child(n, t, depth+1); err != nil {
				return nil, err
			}
		case xml.CharData:
			text.Write(t)
		case xml.Directive:
			return nil, noDirective()
		case xml.EndElement:
			err := n.close(start, text.String())
			return n, err
		}
	}
}

func (x *xmlReader) child(parent *node, start xml.StartElement, depth int) error {
	value, err := x.element(start, depth)
	if err != nil {
		return err
	}
	if value.kind == unset {
		return nil
	}
	if parent.kind == isList {
		parent.items = append(parent.items, value)
		return nil
	}
	parent.kind = isObject
	parent.set(parameterName(start), value)
	return nil
}

// close gives an element its text, if it is one.
func (n *node) close(start xml.StartElement, text string) error {
	blank := strings.TrimSpace(text) == ""
	isNil, _ := attribute(start, "nil")
	switch {
	case n.kind != unset && !blank:
		return wrongParameter(parameterName(start), "has text between its elements")
	case n.kind == unset && (!blank || isNil != "true"):
		n.kind, n.text = isText, text
	}
	return nil
}

func parameterName(start xml.StartElement) string {
	if name, given := attribute(start, "name"); given {
		return name
	}
	return strings.ReplaceAll(start.Name.Local, "-", "_")
}

func attribute(start xml.StartElement, name string) (value string, given bool) {
	for _, a := range start.Attr {
		if a.Name.Local == name {
			return a.Value, true
		}
	}
	return "", false
}
