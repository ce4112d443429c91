package verifyapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"maps"
	"net/url"
	"strconv"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

func keysOf(form url.Values) iter.Seq[string] { return maps.Keys(form) }

func (c *call) given(name string) bool { return c.form.Get(name) != "" }

// require is a parameter that has to be there.
func (c *call) require(name string) (string, error) {
	if !c.given(name) {
		return "", onetouch.InvalidParameter(name, "Parameter is required")
	}
	return c.form.Get(name), nil
}

// integer sets a number that is given.
func (c *call) integer(name string, field *int) error {
	if !c.given(name) {
		return nil
	}
	number, err := strconv.ParseInt(c.form.Get(name), 10, 32)
	if err != nil {
		return onetouch.InvalidParameter(name, "must be a whole number")
	}
	*field = int(number)
	return nil
}

// boolean sets a switch that is given.
func (c *call) boolean(name string, field *bool) error {
	switch c.form.Get(name) {
	case "":
	case "true", "True":
		*field = true
	case "false", "False":
		*field = false
	default:
		return onetouch.InvalidParameter(name, "must be true or false")
	}
	return nil
}

// moment is a date that is given; zero when it is not.
func (c *call) moment(name string) (time.Time, error) {
	if !c.given(name) {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, c.form.Get(name))
	if err != nil {
		return at, onetouch.InvalidParameter(name, "must be a date such as 2015-07-30T20:00:00Z")
	}
	return at, nil
}

// texts reads a JSON object whose values are all texts, in its order.
func texts(name, text string) (details.List, error) {
	wrong := onetouch.InvalidParameter(name, "must be a JSON object with texts as its values")
	if text == "" {
		return nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, wrong
	}
	list := details.List{}
	for decoder.More() {
		key, err := decoder.Token()
		label, is := key.(string)
		var value string
		if err != nil || !is || decoder.Decode(&value) != nil {
			return nil, wrong
		}
		list = append(list, details.Detail{Name: label, Value: value})
	}
	if _, err := decoder.Token(); err != nil {
		return nil, wrong
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, wrong
	}
	return list, nil
}
