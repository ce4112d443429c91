package policy

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/expr-lang/expr/file"

	"github.com/onetouchkit/onetouch/internal/spelling"
)

// explain words an error of the compiler for the user: one line, with the place, and without names of Go's types.
func explain(err error, expression string) error {
	var at *file.Error
	if !errors.As(err, &at) {
		_, kind, _ := strings.Cut(err.Error(), "but got ")
		return fmt.Errorf("the expression must be true or false, but is a %s", withoutTypes(kind))
	}
	place := fmt.Sprintf("at column %d", at.Column+1)
	if strings.Contains(strings.TrimSpace(expression), "\n") {
		place = fmt.Sprintf("at line %d, column %d", at.Line, at.Column+1)
	}
	message := firstLine(at.Message)
	if name, unknown := strings.CutPrefix(message, "unknown name "); unknown {
		return fmt.Errorf("unknown name %q %s: %s", name, place, suggestion(name))
	}
	return fmt.Errorf("%s %s", strings.TrimSpace(withoutTypes(withoutTokens(message))), place)
}

// withoutTokens leaves out what the parser calls the kinds of its words.
func withoutTokens(message string) string {
	message = strings.Replace(message, "unexpected token EOF", "unexpected end", 1)
	return regexp.MustCompile(`unexpected token \w+\((".*")\)`).ReplaceAllString(message, "unexpected $1")
}

// plain is an error of an evaluation in one line.
func plain(at *file.Error) error {
	if at.Prev != nil {
		return errors.New(firstLine(at.Prev.Error()))
	}
	return errors.New(withoutTypes(firstLine(at.Message)))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// withoutTypes gives types the names that the documentation of policies has for them.
func withoutTypes(message string) string {
	words := map[string]string{
		"map[string]string": "list of details", "map[string]interface {}": "map", "string": "text", "int": "number",
		"int64": "number", "float64": "number", "bool": "true or false", "nil": "nothing", "[]interface {}": "list",
		"[]string": "list of texts", "[]int": "list of numbers", "unknown": "anything", "interface {}": "anything",
	}
	goType := regexp.MustCompile(`map\[string\](string|interface \{\})|\[\](interface \{\}|string|int)|interface \{\}|` +
		`\b(string|int64|int|float64|bool|nil|unknown)\b`)
	return goType.ReplaceAllStringFunc(message, func(word string) string { return words[word] })
}

// suggestion says which name was meant, or which there are.
func suggestion(name string) string {
	known := append(append(names(), numberFunction), functions()...)
	if best, meant := spelling.Nearest(name, known); meant {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "an expression can look at " + strings.Join(names(), ", ")
}
