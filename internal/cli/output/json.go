package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf16"

	"github.com/tidwall/pretty"

	"github.com/onetouchkit/onetouch/internal/terminal"
)

// FieldsOf returns the keys that record, a struct, has as a JSON object, in the order of its fields.
func FieldsOf(record any) []string {
	var fields []string
	for _, field := range reflect.VisibleFields(reflect.TypeOf(record)) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.IsExported() || name == "-" || field.Anonymous && name == "" {
			continue
		}
		if name == "" {
			name = field.Name
		}
		fields = append(fields, name)
	}
	return fields
}

// selectFields returns data as compact JSON with the given keys only, in their order. A key that data has not is null,
// so every object has the same shape.
func selectFields(data any, fields []string) ([]byte, error) {
	if v := reflect.ValueOf(data); v.Kind() == reflect.Slice && v.IsNil() {
		return []byte("[]"), nil
	}
	text, err := marshal(data)
	if err != nil {
		return nil, err
	}
	if text[0] != '[' {
		return selectFromObject(nil, text, fields)
	}
	var records []json.RawMessage
	if err := json.Unmarshal(text, &records); err != nil {
		return nil, fmt.Errorf("reading the records: %w", err)
	}
	selected := []byte{'['}
	for i, record := range records {
		if i > 0 {
			selected = append(selected, ',')
		}
		if selected, err = selectFromObject(selected, record, fields); err != nil {
			return nil, err
		}
	}
	return append(selected, ']'), nil
}

func selectFromObject(selected, record []byte, fields []string) ([]byte, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(record, &values); err != nil {
		return nil, fmt.Errorf("reading a record: %w", err)
	}
	selected = append(selected, '{')
	for i, field := range fields {
		if i > 0 {
			selected = append(selected, ',')
		}
		name, err := marshal(field)
		if err != nil {
			return nil, err
		}
		value, ok := values[field]
		if !ok {
			value = json.RawMessage("null")
		}
		selected = append(append(append(selected, name...), ':'), value...)
	}
	return append(selected, '}'), nil
}

// marshal is json.Marshal without the escapes that only matter inside HTML.
func marshal(data any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(data); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// decode reads JSON for jq and templates. Numbers stay as they were written: a float64 would print an epoch time as
// 1.512923419e+09.
func decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var data any
	if err := decoder.Decode(&data); err != nil {
		return nil, fmt.Errorf("reading JSON: %w", err)
	}
	return data, nil
}

// writeJSON writes compact JSON as it is for programs, indented and coloured for people.
func writeJSON(s *Streams, compact []byte) error {
	text := escapeUnsafe(compact)
	if s.Terminal.Out {
		var indented bytes.Buffer
		if err := json.Indent(&indented, text, "", "  "); err != nil {
			return fmt.Errorf("writing JSON: %w", err)
		}
		text = indented.Bytes()
	}
	if s.Terminal.OutColour {
		text = pretty.Color(text, jsonColours())
	}
	if _, err := s.Out.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}

// escapeUnsafe writes characters that would act on a terminal as \u escapes. In JSON that is the same value, so nothing
// is lost, on a terminal or off it. (Such characters can stand only inside strings.)
func escapeUnsafe(text []byte) []byte {
	return []byte(terminal.SanitiseWith(string(text), jsonEscape))
}

func jsonEscape(r rune) string {
	if r <= 0xFFFF {
		return fmt.Sprintf(`\u%04x`, r)
	}
	high, low := utf16.EncodeRune(r)
	return fmt.Sprintf(`\u%04x\u%04x`, high, low)
}

// jsonColours are blue keys, green strings, yellow numbers and words, all from the user's own theme.
func jsonColours() *pretty.Style {
	const reset = "\x1b[0m"
	blue, green, yellow := [2]string{"\x1b[34;1m", reset}, [2]string{"\x1b[32m", reset}, [2]string{"\x1b[33m", reset}
	return &pretty.Style{Key: blue, String: green, Escape: green, Number: yellow, True: yellow, False: yellow, Null: yellow}
}
