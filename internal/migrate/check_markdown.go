package migrate

import (
	"fmt"
	"slices"
	"strings"
)

// Markdown is the report as a page. Unlike a plan it has the messages of the requests, by which people know them.
func (r Report) Markdown() string {
	b := &strings.Builder{}
	fmt.Fprintf(b, "# From Authy to Verify: the approval flows\n\n%s: %s.\n",
		counted(len(r.Flows), "approval flow", "approval flows"), r.Summary())
	if r.Forgotten > 0 {
		fmt.Fprintf(b, "The server remembers its last calls only: flows that began in the %d before these are not checked.\n",
			r.Forgotten)
	}
	b.WriteString("\n| # | asked | recorded | Authy | Verify | result |\n|---|---|---|---|---|---|\n")
	for _, f := range r.Flows {
		fmt.Fprintf(b, "| %d | %s | %s | %s | %s | %s |\n", f.Number, escaped(f.Title()), f.Recorded, orDash(f.Authy), orDash(f.Verify),
			f.Verdict)
	}
	r.markdownOf(b, Differs, "Differs")
	r.markdownOf(b, NotReplayed, "Could not be made again")
	r.markdownOf(b, NothingAsked, "Nothing was asked")
	if known := r.Known(); len(known) > 0 {
		b.WriteString("\n## Known differences\n\n")
		for _, k := range known {
			fmt.Fprintf(b, "- %s (%s)\n", k.Why, numbered(k.Flows))
		}
	}
	b.WriteString("\n## In every flow\n\n")
	bullets(b, r.Everywhere)
	return b.String()
}

// markdownOf tells of the flows with a verdict.
func (r Report) markdownOf(b *strings.Builder, verdict Verdict, title string) {
	begun := false
	for _, f := range r.Flows {
		if f.Verdict != verdict {
			continue
		}
		if !begun {
			fmt.Fprintf(b, "\n## %s\n\n", title)
			begun = true
		}
		for _, line := range f.Lines() {
			fmt.Fprintf(b, "- %d: %s\n", f.Number, escaped(line))
		}
	}
}

// Lines say why a flow is not the same: what could not be done, or each difference. Of a flow that differs those that are
// explained and decide nothing are left out: they are known differences.
func (f Checked) Lines() []string {
	if f.Why != "" {
		return []string{f.Why}
	}
	var lines []string
	for _, d := range f.Differences {
		if f.Verdict == Differs && d.Rule != "" && !d.Decides {
			continue
		}
		lines = append(lines, d.String())
	}
	return lines
}

// String is the difference in a line.
func (d Difference) String() string {
	line := fmt.Sprintf("%s: Authy %s, Verify %s", d.Aspect.title(), d.Authy, d.Verify)
	if d.Why != "" {
		line += "; " + d.Why
	}
	return line
}

// title is what people call the aspect.
func (a Aspect) title() string {
	titles := map[Aspect]string{
		AspectTaken: "the question", AspectPhone: "who is asked", AspectShown: "shown on the phone", AspectExpiry: "its time is over",
		AspectEnd: "how it ends", AspectTime: "a poll says", AspectAnswerer: "a poll", AspectHidden: "a poll has",
		AspectReason: "the reason of the user", AspectCallback: "what the backend is sent",
	}
	return titles[a]
}

// Known is a difference that a rule explains, with the flows that have it.
type Known struct {
	Rule, Why string
	Flows     []int // numbers
}

// Known are the explained differences that decide nothing, in the order in which flows have them first.
func (r Report) Known() []Known {
	var list []Known
	at := map[string]int{}
	for _, f := range r.Flows {
		for _, d := range f.Differences {
			if d.Rule == "" || d.Decides { // what decides is told of its flow
				continue
			}
			i, there := at[d.Rule]
			if !there {
				i = len(list)
				at[d.Rule], list = i, append(list, Known{Rule: d.Rule, Why: d.Why})
			}
			if !slices.Contains(list[i].Flows, f.Number) {
				list[i].Flows = append(list[i].Flows, f.Number)
			}
		}
	}
	return list
}

// numbered is a list of flows in words, with ranges.
func numbered(flows []int) string {
	var parts []string
	for i := 0; i < len(flows); {
		last := i
		for last+1 < len(flows) && flows[last+1] == flows[last]+1 {
			last++
		}
		part := fmt.Sprint(flows[i])
		switch last - i {
		case 0:
		case 1:
			part = fmt.Sprintf("%d, %d", flows[i], flows[last])
		default:
			part = fmt.Sprintf("%d to %d", flows[i], flows[last])
		}
		parts, i = append(parts, part), last+1
	}
	if len(flows) == 1 {
		return "flow " + parts[0]
	}
	return "flows " + strings.Join(parts, ", ")
}

// Summary says how many flows came out how.
func (r Report) Summary() string {
	var parts []string
	for _, one := range []struct {
		count int
		word  Verdict
	}{
		{r.Same, Same}, {r.Explained, "with known differences"}, {r.Differs, "otherwise"}, {r.NotReplayed, NotReplayed},
		{r.NothingAsked, "asked nothing"},
	} {
		if one.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", one.count, one.word))
		}
	}
	return strings.Join(parts, ", ")
}

const longestTitle = 60 // characters of a message

// Title is by what people know the flow.
func (f Checked) Title() string {
	title := []rune(oneLine(f.Message))
	if len(title) > longestTitle {
		title = append(title[:longestTitle-1], '…')
	}
	switch {
	case len(title) > 0:
		return string(title)
	case f.User != "":
		return "user " + f.User
	default:
		return f.RequestUUID
	}
}

func orDash(e End) string {
	if e == "" {
		return "-"
	}
	return string(e)
}

// escaped is text that Markdown takes as it stands.
func escaped(text string) string {
	return strings.NewReplacer(
		`\`, `\\`, "`", "\\`", "*", `\*`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "|", `\|`,
	).Replace(oneLine(text))
}
