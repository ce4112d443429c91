package tui

import (
	"context"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/terminal"
)

// newestRead is how many of the newest things a roster reads.
const newestRead = 500

// newInbox is the tab of what would have left the building.
func newInbox(remote *remote) *roster[controlapi.Message] {
	r := &roster[controlapi.Message]{}
	reader := &listReader[controlapi.Message]{remote: remote, read: readInbox}
	r.kind = kind[controlapi.Message]{
		tab: tabInbox, noun: "Message", nothing: "Nothing yet: texts, calls, e-mails and pushes that would have left the building.",
		id:  func(m controlapi.Message) string { return strconv.FormatInt(m.ID, 10) },
		row: messageRow, whole: messageSheet, words: messageWords,
		hear: func(msg tea.Msg, known facts, _ func(tea.Msg)) tea.Cmd { return reader.hear(msg, known, r) },
	}
	return r
}

func readInbox(ctx context.Context, c control) ([]controlapi.Message, error) {
	return c.Messages(ctx, controlapi.MessageQuery{Limit: newestRead})
}

func messageRow(f frame, m controlapi.Message) row {
	to := line(m.To)
	if m.Channel == onetouch.ChannelPush {
		to = f.names.user(numberOf(m.AuthyID))
	}
	text := f.ruler.fit(string(m.Channel), len("email")) + "  " + to
	if m.Code != "" {
		text += "  " + line(m.Code)
	}
	age := f.ruler.fitRight(terminal.Age(f.now.Sub(m.CreatedAt)), ageColumn)
	return row{f.look.accent.Render("✉"), text, f.look.muted.Render(age)}
}

func numberOf(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

func messageWords(known facts, m controlapi.Message) []string {
	return []string{string(m.Channel), m.To, m.Code, m.Body, m.RequestUUID, known.names.user(numberOf(m.AuthyID))}
}

func messageSheet(f frame, m controlapi.Message) []string {
	rows := [][2]string{{"Channel", string(m.Channel)}, {"To", line(m.To)}}
	if m.AuthyID != nil {
		email, contact := f.names.contact(*m.AuthyID)
		rows = append(rows, [2]string{"User", email}, [2]string{"", contact})
	}
	rows = append(rows, [2]string{"Sent", f.moment(m.CreatedAt)})
	for _, extra := range [][2]string{
		{"Code", m.Code}, {"Locale", m.Locale}, {"Request", m.RequestUUID}, {"Verification", m.VerificationUUID},
	} {
		if extra[1] != "" {
			rows = append(rows, [2]string{extra[0], line(extra[1])})
		}
	}
	lines := append(table(f, rows, f.look.plain.Render), "")
	return append(lines, f.ruler.wrap(block(m.Body), f.width)...)
}
