package authyapi

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// Parameter describes one parameter of a call. Parameters that a call does not describe are ignored.
type Parameter struct {
	Name     string // as a form writes it, such as user[email]
	Kind     Kind
	Required bool   // its absence is refused with 60004
	Does     string // what it is for
	path     []string
	// refusal is what a mistake in its writing is refused with where 60004 is not its code.
	refusal func(wrong *onetouch.Error) error
}

// Kind says how a parameter is written.
type Kind string

// Kinds of parameters.
const (
	Text    Kind = "text"
	Integer Kind = "integer"
	Bool    Kind = "boolean"           // true, True, 1, false, False or 0
	Names   Kind = "names with values" // such as details[City]=Bogotá
	Texts   Kind = "list of texts"     // such as events[]=user_added
	Objects Kind = "list of objects"   // such as logos[][res]=default
)

func text(name, does string) Parameter    { return parameter(Text, name, does) }
func integer(name, does string) Parameter { return parameter(Integer, name, does) }
func boolean(name, does string) Parameter { return parameter(Bool, name, does) }
func names(name, does string) Parameter   { return parameter(Names, name, does) }

// parameter is the parameter of that name: user[email] is the email of user.
func parameter(kind Kind, name, does string) Parameter {
	brackets := func(char rune) bool { return char == '[' || char == ']' }
	return Parameter{Name: name, Kind: kind, Does: does, path: strings.FieldsFunc(name, brackets)}
}

func required(p Parameter) Parameter {
	p.Required = true
	return p
}

// with gives parameters an error code of their own, in the words of 60004.
func with(code onetouch.Code, parameters ...Parameter) []Parameter {
	for i := range parameters {
		parameters[i].refusal = func(wrong *onetouch.Error) error { return wrong.With(code) }
	}
	return parameters
}

// refused gives parameters a refusal of their own.
func refused(refusal func(name string) error, parameters ...Parameter) []Parameter {
	for i, p := range parameters {
		parameters[i].refusal = func(*onetouch.Error) error { return refusal(p.path[len(p.path)-1]) }
	}
	return parameters
}

// given reports whether the parameter is there, and what is wrong with it. An empty one is not there. What consists of
// parts is left to the handler.
func (p Parameter) given(all *parameters.Parameters) (given bool, err error) {
	switch p.Kind {
	case Text:
		var value string
		value, _, err = all.String(p.path...)
		given = strings.TrimSpace(value) != ""
	case Integer:
		_, given, err = all.Integer(p.path...)
	case Bool:
		_, given, err = all.Bool(p.path...)
	default:
		given = true
	}
	return given, err
}

// check refuses a call with a parameter that is wrong or missing.
func (c *call) check() error {
	if !utf8.ValidString(c.URL.Path) {
		return problem.New(onetouch.CodeInvalidEncoding, "Invalid request: the path is not valid UTF-8")
	}
	for _, p := range c.endpoint.Parameters {
		given, err := p.given(c.parameters)
		if err != nil {
			return c.endpoint.inOwnCode(err)
		}
		if p.Required && !given {
			return onetouch.InvalidParameter(p.Name, "Parameter is required")
		}
	}
	return nil
}

// inOwnCode gives the mistake in the writing of a parameter, such as a list in place of a text, the error code that the
// parameter's wrong values have. It is for what [parameters] refuses: a parameter that is missing is refused for that.
func (e Endpoint) inOwnCode(err error) error {
	var wrong *onetouch.Error
	if !errors.As(err, &wrong) || wrong.Code != onetouch.CodeInvalidParameter {
		return err
	}
	for _, p := range e.Parameters {
		if p.refusal != nil && (wrong.Parameter == p.Name || strings.HasPrefix(wrong.Parameter, p.Name+"[")) {
			return p.refusal(wrong)
		}
	}
	return err
}

// described is the parameter of that name. It panics when the call does not describe it, because then nothing has checked
// it: a fault in the program.
func (c *call) described(name string, kind Kind) Parameter {
	i := slices.IndexFunc(c.endpoint.Parameters, func(p Parameter) bool { return p.Name == name && p.Kind == kind })
	if i < 0 {
		panic(fmt.Sprintf("authyapi: %s %s does not describe the %s %s", c.endpoint.Method, c.endpoint.Path, kind, name))
	}
	return c.endpoint.Parameters[i]
}

// text is a text parameter, already checked; "" when absent.
func (c *call) text(name string) string {
	text, _, _ := c.parameters.String(c.described(name, Text).path...)
	return text
}

// details are names with values.
func (c *call) details(name string) (details.List, error) {
	list, _, err := c.parameters.Details(c.described(name, Names).Name)
	return list, c.endpoint.inOwnCode(err)
}

// objects are the items of a list of objects.
func (c *call) objects(name string) ([]*parameters.Parameters, error) {
	items, _, err := c.parameters.List(c.described(name, Objects).Name)
	return items, c.endpoint.inOwnCode(err)
}

// texts are the items of a list of texts.
func (c *call) texts(name string) ([]string, error) {
	items, _, err := c.parameters.List(c.described(name, Texts).Name)
	if err != nil {
		return nil, c.endpoint.inOwnCode(err)
	}
	texts := make([]string, len(items))
	for i, item := range items {
		if texts[i], _, err = item.String(); err != nil {
			return nil, c.endpoint.inOwnCode(err)
		}
	}
	return texts, nil
}

// integer is a whole number, already checked.
func (c *call) integer(name string) (number int64, given bool) {
	number, given, _ = c.parameters.Integer(c.described(name, Integer).path...)
	return number, given
}

// flag is a boolean, already checked; false when absent.
func (c *call) flag(name string) bool { return c.flagOr(name, false) }

// flagOr is a boolean, already checked, with a default.
func (c *call) flagOr(name string, absent bool) bool {
	value, given, _ := c.parameters.Bool(c.described(name, Bool).path...)
	if !given {
		return absent
	}
	return value
}
