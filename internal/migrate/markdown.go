package migrate

import (
	"fmt"
	"strings"
)

// Markdown is the plan as a page.
func (p Plan) Markdown() string {
	b := &strings.Builder{}
	fmt.Fprintf(b, "# From Authy to Verify\n\n%s of the Authy API, %s.\n", counted(p.Calls, "call", "calls"),
		counted(len(p.Steps), "kind", "kinds"))
	if p.Unknown > 0 {
		fmt.Fprintf(b, "%s of something else left out.\n", counted(p.Unknown, "call", "calls"))
	}
	if p.Forgotten > 0 {
		fmt.Fprintf(b, "The server remembers its last calls only: %d before these are not in the plan.\n", p.Forgotten)
	}
	if p.Calls == 0 {
		b.WriteString("\nThere is nothing to plan: run the test suite of the backend against this server, or record it, first.\n")
		return b.String()
	}
	for _, s := range p.Steps {
		s.markdown(b)
	}
	b.WriteString("\n## In every call\n\n")
	bullets(b, p.Everywhere)
	p.refusals(b)
	if len(p.Unplanned) > 0 {
		b.WriteString("\n## Not known\n\nThese calls look like some of the Authy API, and are none that this program knows. Look up " +
			"yourself what becomes of them.\n\n")
		for _, u := range p.Unplanned {
			fmt.Fprintf(b, "- `%s %s`, %s\n", u.Method, u.Path, counted(u.Times, "call", "calls"))
		}
	}
	if len(p.NotSeen) > 0 {
		b.WriteString("\n## Not seen\n\nThese calls were not made. That is no proof that the backend never makes them: a recording " +
			"shows what a test suite exercises.\n\n")
		for _, n := range p.NotSeen {
			fmt.Fprintf(b, "- `%s %s` %s\n", n.Method, n.Path, n.Does)
		}
	}
	return b.String()
}

func (p Plan) refusals(b *strings.Builder) {
	if len(p.Refusals) == 0 {
		return
	}
	b.WriteString("\n## Refusals\n\n| error code | seen | becomes |\n|---|---|---|\n")
	for _, r := range p.Refusals {
		fmt.Fprintf(b, "| %s | %s | %s |\n", escaped(r.ErrorCode), counted(r.Times, "time", "times"), r.Becomes)
	}
}

func (s Step) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "\n## `%s %s`\n\n%s", s.Method, s.Path, counted(s.Times, "call", "calls"))
	if len(s.Statuses) > 0 {
		fmt.Fprintf(b, ", answered %s", strings.Trim(strings.ReplaceAll(fmt.Sprint(s.Statuses), " ", ", "), "[]"))
	}
	fmt.Fprintf(b, ". It %s. **%s**", s.Does, s.Fate)
	for i, c := range s.Verify {
		fmt.Fprintf(b, "%s `%s %s`", map[bool]string{true: ":", false: " and"}[i == 0], c.Method, c.Path)
	}
	b.WriteString("\n")
	if len(s.Parameters) > 0 {
		b.WriteString("\n| parameter | seen | becomes |\n|---|---|---|\n")
		for _, p := range s.Parameters {
			becomes := p.Becomes
			if becomes == "" {
				becomes = "no counterpart"
			}
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", p.Name, p.Shape, becomes)
		}
	}
	if len(s.Findings)+len(s.Differs) > 0 {
		b.WriteString("\n")
	}
	for _, f := range s.Findings {
		fmt.Fprintf(b, "- **%s**\n", f)
	}
	bullets(b, s.Differs)
}

func bullets(b *strings.Builder, lines []string) {
	for _, line := range lines {
		fmt.Fprintf(b, "- %s\n", line)
	}
}
