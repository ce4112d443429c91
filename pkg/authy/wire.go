package authy

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// The kinds below read what the service writes in more than one way.

// success is true, or the text "true".
type success bool

func (s *success) UnmarshalJSON(data []byte) error {
	*s = string(bytes.Trim(data, `"`)) == "true"
	return nil
}

// text is a text or a number, such as the error code of older answers.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if !bytes.HasPrefix(data, []byte(`"`)) {
		*t = text(data)
		return nil
	}
	return json.Unmarshal(data, (*string)(t))
}

// fields are the texts of an object; all else in it is left out, and anything but an object is none.
type fields map[string]string

func (f *fields) UnmarshalJSON(data []byte) error {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	members, _ := value.(map[string]any)
	*f = fields{}
	for name, value := range members {
		if text, isText := value.(string); isText {
			(*f)[name] = text
		}
	}
	return nil
}

// number is a whole number, also as a text; 0 for null.
type number int64

func (n *number) UnmarshalJSON(data []byte) error {
	data = bytes.Trim(data, `"`)
	if len(data) == 0 || string(data) == "null" {
		return nil
	}
	return json.Unmarshal(data, (*int64)(n))
}

// epoch is a time in seconds; the zero time for null.
func (n number) epoch() time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(int64(n), 0).UTC()
}

// moment is a time in ISO 8601; the zero time for null.
type moment struct{ time.Time }

func (m *moment) UnmarshalJSON(data []byte) error {
	if strings.Trim(string(data), `"`) == "" || string(data) == "null" {
		return nil
	}
	return m.Time.UnmarshalJSON(data)
}
