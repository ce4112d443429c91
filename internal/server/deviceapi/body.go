package deviceapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// object is a JSON object of a request, read strictly: members are taken as they are spelt, repeated ones are refused,
// a null is as good as absent, and a value of the wrong type is an error that names it. Members that nobody asks for are
// ignored.
type object struct {
	name    string // its place in the body, with a dot at the end; "" for the body itself
	members map[string]json.RawMessage
}

// readBody reads the one JSON object that a request body has to be.
func (c *call) readBody() (object, error) {
	body, err := wire.ReadBody(c.Request, wire.MaxBody)
	if err != nil {
		return object{}, err
	}
	if !utf8.Valid(body) {
		return object{}, problem.New(onetouch.CodeInvalidEncoding, "Body is not valid UTF-8.")
	}
	members, err := readMembers(body)
	if err != nil {
		return object{}, problem.New(onetouch.CodeInvalidRequest, "Body must be one JSON object: "+err.Error()+".")
	}
	return object{members: members}, nil
}

// readMembers reads the members of one JSON object, in which no name stands twice, and nothing beside it. Its errors are
// for people.
func readMembers(text []byte) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errors.New("it does not begin with {")
	}
	members := map[string]json.RawMessage{}
	for decoder.More() {
		token, err := decoder.Token()
		name, isText := token.(string)
		if err != nil || !isText {
			return nil, notJSON(decoder)
		}
		if _, again := members[name]; again {
			return nil, fmt.Errorf("the member %q stands twice", name)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, notJSON(decoder)
		}
		members[name] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, notJSON(decoder)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("something follows after byte %d, where it ends", decoder.InputOffset())
	}
	return members, nil
}

func notJSON(decoder *json.Decoder) error {
	return fmt.Errorf("it is no JSON after byte %d", decoder.InputOffset())
}

// raw is a member's JSON; nil when it is absent or null.
func (o object) raw(name string) json.RawMessage {
	value := o.members[name]
	if string(value) == "null" {
		return nil
	}
	return value
}

// text is a string member; "" when it is absent.
func (o object) text(name string) (string, error) {
	value := o.raw(name)
	if value == nil {
		return "", nil
	}
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return "", o.wrongType(name, "string")
	}
	if !wholeCharacters(value) {
		return "", onetouch.InvalidParameter(o.name+name, "holds half of a surrogate pair").With(onetouch.CodeInvalidEncoding)
	}
	return text, nil
}

// member is a string member and where it goes.
type member struct {
	name  string
	place *string
}

// texts reads several string members.
func (o object) texts(members ...member) error {
	for _, m := range members {
		text, err := o.text(m.name)
		if err != nil {
			return err
		}
		*m.place = text
	}
	return nil
}

// object is a member that is an object itself; an empty one when it is absent.
func (o object) object(name string) (object, error) {
	inner := object{name: o.name + name + "."}
	value := o.raw(name)
	if value == nil {
		return inner, nil
	}
	if value[0] != '{' {
		return inner, o.wrongType(name, "object")
	}
	var err error
	if inner.members, err = readMembers(value); err != nil {
		return inner, onetouch.InvalidParameter(o.name+name, "must be a JSON object: "+err.Error()).With(onetouch.CodeInvalidRequest)
	}
	return inner, nil
}

func (o object) wrongType(name, want string) error {
	return onetouch.InvalidParameter(o.name+name, "must be a JSON "+want).With(onetouch.CodeInvalidRequest)
}

func required(name string) error {
	return onetouch.InvalidParameter(name, "Parameter is required")
}

// wholeCharacters reports whether each \u escape of a JSON string that is half of a surrogate pair has its other half
// beside it. encoding/json would put a replacement character in its place, which nobody wrote.
func wholeCharacters(quoted []byte) bool {
	for i := 0; i < len(quoted); i++ {
		if quoted[i] != '\\' {
			continue
		}
		i++ // what is escaped
		first, isUnit := codeUnit(quoted, i)
		if !isUnit || !utf16.IsSurrogate(first) {
			continue
		}
		second, isUnit := codeUnit(quoted, i+6)
		if !isUnit || quoted[i+5] != '\\' || utf16.DecodeRune(first, second) == utf8.RuneError {
			return false
		}
		i += 10 // the rest of both
	}
	return true
}

// codeUnit reads the escape uXXXX whose u stands at the given place.
func codeUnit(quoted []byte, at int) (unit rune, isUnit bool) {
	if at+5 > len(quoted) || quoted[at] != 'u' {
		return 0, false
	}
	value, err := strconv.ParseUint(string(quoted[at+1:at+5]), 16, 16)
	return rune(value), err == nil
}
