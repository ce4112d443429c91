package sequence

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/terminal"
)

// Mermaid is the diagram as Mermaid text, for the pages that draw it, such as those of GitHub. Each step is one line, whatever
// it says; a reply is a further one.
func (d Diagram) Mermaid() string {
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\n") }
	line("sequenceDiagram")
	line("    accTitle: ", mermaidText(d.Title))
	line("    accDescr: ", mermaidText(d.Description))
	for i, p := range d.Participants {
		name, role := p.called()
		name = mermaidName(name)
		if role != "" {
			name += "<br/>" + mermaidName(role)
		}
		line("    participant p", strconv.Itoa(i), " as ", name)
	}
	for _, s := range d.Steps {
		from, to := d.index(s.From), d.index(s.To)
		text := mermaidText(offset(s.OffsetMS) + " " + s.said())
		if to < 0 {
			line(fmt.Sprintf("    Note over p%d: ", from), text)
			continue
		}
		arrow := map[Outcome]string{Bad: "-x"}[s.Outcome]
		if arrow == "" || s.Reply != "" {
			arrow = "->>"
		}
		line(fmt.Sprintf("    p%d%sp%d: ", from, arrow, to), text)
		if s.Reply != "" {
			line(fmt.Sprintf("    p%d-->>p%d: ", to, from), mermaidText(s.Reply))
		}
	}
	return b.String()
}

// mermaidText is a text that Mermaid shows as it is. What could begin or end something in its language is written as an entity.
func mermaidText(text string) string {
	var b strings.Builder
	before := rune(0)
	for _, char := range terminal.Sanitise(text) {
		if char < utf8.RuneSelf && !plain(before, char) {
			fmt.Fprintf(&b, "#%d;", char)
		} else {
			b.WriteRune(char)
		}
		before = char
	}
	return b.String()
}

// plain reports whether an ASCII character means nothing to Mermaid where it stands. A line or two signs of money begin
// something; one alone, after a word, does not.
func plain(before, char rune) bool {
	switch {
	case isWord(char), strings.ContainsRune(" ,.?!'/+()", char):
		return true
	case char == '-', char == ':':
		return isWord(before)
	case char == '$':
		return before == ' '
	default:
		return false
	}
}

func isWord(char rune) bool {
	return char >= 'a' && char <= 'z' || char >= 'A' && char <= 'Z' || char >= '0' && char <= '9'
}

// mermaidName is a text for the name of a participant, in which a colon has a meaning, too.
func mermaidName(text string) string { return strings.ReplaceAll(mermaidText(text), ":", "#58;") }
