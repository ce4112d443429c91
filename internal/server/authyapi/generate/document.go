package main

import (
	_ "embed" // the opening
	"fmt"
	"strings"

	"github.com/onetouchkit/onetouch/internal/server/authyapi"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
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

// opening says what holds for every call.
//
//go:embed opening.md
var opening string

func writeDecisions(text *strings.Builder) {
	text.WriteString("## Our choices\n\nWhere the sources are silent, or disagree.\n\n" +
		"| question | what this server does | switch |\n|---|---|---|\n")
	for _, d := range decisions {
		way := ""
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
	route.Manager: "Wants the access key and a signature by the API signing key, in place of the API key: " +
		"`base64(HMAC-SHA256(key, nonce + \"|\" + METHOD + \"|\" + URL + \"|\" + parameters))` in " +
		"`X-Authy-Signature`, with the nonce in `X-Authy-Signature-Nonce`.",
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
	for _, r := range codes.Table() {
		row(text, r.Number, r.Meaning, fmt.Sprint(r.Status), r.Message, reasons(r), string(r.Basis), r.Source)
	}
}

// reasons are the refusals of a code, each with its status where that is another than the code's.
func reasons(r codes.Row) string {
	var words []string
	for _, refusal := range r.Refusals {
		word := "`" + string(refusal) + "`"
		if status := problem.StatusOf(refusal); status != r.Status {
			word += fmt.Sprintf(" (%d)", status)
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
