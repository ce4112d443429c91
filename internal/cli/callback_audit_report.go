package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"

	"github.com/onetouchkit/onetouch/internal/callbackaudit"
	"github.com/onetouchkit/onetouch/internal/cli/output"
)

func writeJUnitFile(file string, report callbackaudit.Report) error {
	if file == "" {
		return nil
	}
	var text bytes.Buffer
	if err := callbackaudit.WriteJUnit(&text, report); err != nil {
		return err
	}
	const readable = 0o644 // a report for others to read; it has no secrets
	if err := os.WriteFile(file, text.Bytes(), readable); err != nil {
		return fmt.Errorf("writing --junit: %w", err)
	}
	return nil
}

// severityColour is the colour of a result, from the user's own theme.
func severityColour(word string) lipgloss.TerminalColor {
	colours := map[string]lipgloss.TerminalColor{
		string(callbackaudit.Severe):  lipgloss.Color("1"), // red
		string(callbackaudit.Warning): lipgloss.Color("3"), // yellow
		string(callbackaudit.Note):    lipgloss.Color("4"), // blue
		string(callbackaudit.Safe):    lipgloss.Color("2"), // green
	}
	return colours[word]
}

// wordOf is what a result comes to: safe, unknown, or how bad the fault is.
func wordOf(result callbackaudit.Result) string {
	if result.Verdict == callbackaudit.Fault {
		return string(result.Severity)
	}
	return string(result.Verdict)
}

// writeAudit writes the report: a table and, for people, the faults with what to do about them.
func writeAudit(s *output.Streams, report callbackaudit.Report) error {
	if err := writeResults(s, report); err != nil {
		return err
	}
	say(s, "%s", summaryOf(report))
	if !report.Probed && report.Told {
		hint(s, "With --probe the audit sees what the handler does, not only its answers.")
	}
	return nil
}

// writeCutAudit writes what an audit had found when it was interrupted.
func writeCutAudit(s *output.Streams, report callbackaudit.Report) error {
	err := writeResults(s, report)
	say(s, "Not all was tried: %s.", counted(len(report.Results), "case"))
	return err
}

func writeResults(s *output.Streams, report callbackaudit.Report) error {
	table := output.NewTable(
		output.Column{Title: "Case", Whole: true}, output.Column{Title: "Result", Whole: true, Colour: severityColour},
		output.Column{Title: "The handler"},
	)
	for _, result := range report.Results {
		table.AddRow(result.Case, wordOf(result), result.Did)
	}
	if err := table.Write(s); err != nil || !s.Terminal.Out {
		return err
	}
	return writeFaults(s, report)
}

// writeFaults says of every fault what it is and how to mend it, the severe ones first.
func writeFaults(s *output.Streams, report callbackaudit.Report) error {
	faults := slices.DeleteFunc(slices.Clone(report.Results), func(r callbackaudit.Result) bool {
		return r.Verdict != callbackaudit.Fault
	})
	order := []callbackaudit.Severity{callbackaudit.Severe, callbackaudit.Warning, callbackaudit.Note}
	slices.SortStableFunc(faults, func(a, b callbackaudit.Result) int {
		return cmp.Compare(slices.Index(order, a.Severity), slices.Index(order, b.Severity))
	})
	style := s.OutRenderer().NewStyle()
	for _, fault := range faults {
		word := style.Foreground(severityColour(string(fault.Severity))).Render(string(fault.Severity))
		lines := []string{"", word + "  " + style.Bold(true).Render(output.Sanitise(fault.Case))}
		for _, part := range []string{
			fault.Title + ".", "This handler " + fault.Did + ".", "A safe one " + fault.Safe + ".", fault.Mend,
		} {
			lines = append(lines, wrapped(s, "  ", "  ", part)...)
		}
		if err := writeLines(s, lines...); err != nil {
			return err
		}
	}
	return writeLines(s, "")
}

// wrapped breaks a text into lines that fit on a terminal; its first line begins with one text, the others with another.
func wrapped(s *output.Streams, first, others, text string) []string {
	const least = 40
	text = output.Sanitise(text)
	if !s.Terminal.Out {
		return []string{first + text}
	}
	width := max(s.Terminal.Width, least)
	var lines []string
	line := first
	for _, word := range strings.Fields(text) {
		next := line + " " + word
		if line == first || line == others {
			next = line + word
		}
		if lipgloss.Width(next) > width && line != first && line != others {
			lines, next = append(lines, line), others+word
		}
		line = next
	}
	return append(lines, line)
}

func summaryOf(report callbackaudit.Report) string {
	if !report.Told {
		return "Nothing can be told: the handler does not accept a right callback."
	}
	total := fmt.Sprintf("%d severe, %s, %s; %d safe, %d not known", report.Severe, counted(report.Warning, "warning"),
		counted(report.Note, "note"), report.Safe, report.Unknown)
	if report.Unknown > 0 {
		total += ", which is no pass"
	}
	return total + "."
}

func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
