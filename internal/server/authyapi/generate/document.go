package main

import (
	"fmt"
	"strings"

	"github.com/onetouchkit/onetouch/internal/server/authyapi"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// document is the whole of docs/compatibility.md. The same tables give the same bytes.
func document() string {
	var text strings.Builder
	text.WriteString(opening)
	writeDecisions(&text)
	writeCalls(&text)
	writeCodes(&text)
	return text.String()
}

const opening = `<!-- Written by go generate ./internal/server/authyapi: change its tables, not this page. -->

# Compatibility with the Authy API

A backend that was written against Authy must not notice the difference. What this server does is made from public
facts: the client libraries, the tests that ran against the live sandbox, recorded answers and the vendor's pages.
Where no source says what the real service did, this page says what this server does, and how to switch it if the
other reading could bite you. It is written from the same tables that the server works by.

## What holds for every call

- The API key comes in the header ` + "`X-Authy-API-Key`" + `, or as the parameter ` + "`api_key`" + ` in the query or the body.
- ` + "`{format}`" + ` is ` + "`json`" + ` or ` + "`xml`" + `. Both say the same. JSON is compact and pure ASCII.
- Parameters come in the query, in the body, or in both, on every method, GET and DELETE too. A body is a form with the
  brackets of Rails (` + "`user[email]`, `logos[][res]` or `logos[0][res]`" + `), JSON, XML or a multipart form. Null is absent.
  Of a parameter that is repeated the last one holds; one that a call does not know is ignored.
- Booleans are ` + "`true`, `True`, `1`, `false`, `False` or `0`" + `; numbers may be texts.
- A wrong parameter is refused with 400 and 60004, one that is not UTF-8 with 60005, a body that cannot be read with
  60002, more than 1 MiB with 413 and 60002; an unknown path with 404 and 60002, a wrong method with 405 and 60002.
- ` + "`success`" + ` is a boolean, but for the text ` + "`\"true\"`" + ` in the answer of a valid token.

`

func writeDecisions(text *strings.Builder) {
	text.WriteString("## Our choices\n\nWhere the sources are silent, or disagree.\n\n" +
		"| question | what this server does | switch |\n|---|---|---|\n")
	for _, d := range decisions {
		way := "none"
		if d.setting != "" {
			way = "`" + d.setting + "` of the application"
		}
		row(text, d.question, d.answer, way)
	}
}

func writeCalls(text *strings.Builder) {
	text.WriteString("\n## Calls\n")
	for _, e := range authyapi.Endpoints() {
		fmt.Fprintf(text, "\n### `%s %s`\n\n%s.\n\n", e.Method, e.Path, upperFirst(e.Does))
		if words := accessWords[e.Access]; words != "" {
			text.WriteString(words + "\n\n")
		}
		text.WriteString("On record: " + e.Source + ".")
		if e.Ours != "" {
			text.WriteString(" Our choice: " + e.Ours + ".")
		}
		text.WriteString("\n")
		writeParameters(text, e.Parameters)
	}
}

// accessWords say what a call wants that is not the API key.
var accessWords = map[route.Access]string{
	route.Public: "Needs no key.",
}

func writeParameters(text *strings.Builder, parameters []authyapi.Parameter) {
	if len(parameters) == 0 {
		return
	}
	text.WriteString("\n| parameter | kind | meaning |\n|---|---|---|\n")
	for _, p := range parameters {
		kind := string(p.Kind)
		if p.Required {
			kind += ", required"
		}
		row(text, "`"+p.Name+"`", kind, p.Does)
	}
}

func writeCodes(text *strings.Builder) {
	text.WriteString("\n## Error codes\n\n" +
		"Codes with a reason are answered by this server's own behaviour. Each of them, and each of the others, can be made\n" +
		"the answer of the next calls:\n\n" +
		"    onetouch fault add --match 'POST /onetouch/*' --error 60050 --times 1\n\n" +
		"\"On record\" says what of the code is known; all else is our choice. The message is that of the code by name;\n" +
		"behaviour may say more, such as which parameter was wrong.\n\n" +
		"| code | meaning | HTTP | message | reasons | on record | source |\n|---|---|---|---|---|---|---|\n")
	for _, r := range problem.Table() {
		row(text, r.Number, r.Meaning, fmt.Sprint(r.Status), r.Message, reasons(r), string(r.Basis), r.Source)
	}
}

// reasons are the refusals of a code, each with its status where that is another than the code's.
func reasons(r problem.Row) string {
	var words []string
	for _, refusal := range r.Refusals {
		word := "`" + string(refusal.Code) + "`"
		if refusal.Status != r.Status {
			word += fmt.Sprintf(" (%d)", refusal.Status)
		}
		words = append(words, word)
	}
	if len(words) == 0 {
		return "by name only"
	}
	return strings.Join(words, ", ")
}

// row writes one row of a table.
func row(text *strings.Builder, cells ...string) {
	for _, cell := range cells {
		text.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
	}
	text.WriteString("|\n")
}

func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
