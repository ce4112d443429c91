package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/template"
)

// templateName stands before line and column in the errors of text/template.
const templateName = "line"

// parseTemplate parses text with two more functions: join SEPARATOR LIST, and json VALUE.
func parseTemplate(text string) (*template.Template, error) {
	parsed, err := template.New(templateName).
		Option("missingkey=error").
		Funcs(template.FuncMap{"join": join, "json": jsonText}).
		Parse(text)
	if err != nil {
		return nil, errors.New(Sanitise(strings.TrimPrefix(err.Error(), "template: ")))
	}
	return parsed, nil
}

// writeTemplate executes parsed over JSON text. It writes all or, after an error, nothing.
func writeTemplate(s *Streams, parsed *template.Template, text []byte) error {
	data, err := decode(text)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := parsed.Execute(&b, data); err != nil {
		return templateError(err)
	}
	return writeBlock(s, b.Bytes())
}

// functionError marks an error of our own template functions, whose text is fit for users.
type functionError string

func (e functionError) Error() string { return string(e) }

// templateError says where the template failed. Of the reasons given by text/template only the place is of use to
// a user: they speak of Go types.
func templateError(err error) error {
	var ours functionError
	if errors.As(err, &ours) {
		return fmt.Errorf("running --template: %w", ours)
	}
	text := strings.TrimPrefix(err.Error(), "template: ")
	place, rest, _ := strings.Cut(text, ": executing ")
	_, rest, _ = strings.Cut(rest, " at <")
	expression, _, found := strings.Cut(rest, ">: ")
	if !found {
		return errors.New("running --template: it does not fit the data")
	}
	return fmt.Errorf("running --template: %s: %s does not fit the data", place, Sanitise(expression))
}

// join joins the items of a list, numbers and words included.
func join(separator string, list any) (string, error) {
	items, ok := list.([]any)
	if !ok {
		return "", functionError("join needs a list")
	}
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = fmt.Sprint(item)
	}
	return strings.Join(texts, separator), nil
}

// jsonText is the function json of a template.
func jsonText(value any) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", functionError("json cannot write this value")
	}
	return string(text), nil
}
