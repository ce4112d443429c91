package cli

import (
	"fmt"
	"strconv"
	"time"

	"github.com/charmbracelet/lipgloss"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/terminal"
)

// moment is a time for people in their own zone, for programs in UTC by RFC 3339.
func moment(s *output.Streams, t time.Time) string {
	if s.Terminal.Out {
		return t.Local().Format("2006-01-02 15:04:05")
	}
	return t.UTC().Format(time.RFC3339)
}

// age is how long ago something was, for the narrow column of a list; for programs the moment.
func age(s *output.Streams, now, t time.Time) string {
	if !s.Terminal.Out {
		return moment(s, t)
	}
	return terminal.Age(now.Sub(t))
}

// momentOr is moment, or a word where there is no time.
func momentOr(s *output.Streams, t *time.Time, word string) string {
	if t == nil {
		return word
	}
	return moment(s, *t)
}

// idText is a number that the service has given; 0 is none.
func idText(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// phoneOf is the user's number; "" of an entity of the Verify API, which has none.
func phoneOf(u controlapi.User) string {
	if u.PhoneNumber == "" {
		return ""
	}
	return fmt.Sprintf("+%d %s", u.CountryCode, u.PhoneNumber)
}

// statusColour is the colour of a status, from the user's own theme.
func statusColour(status string) lipgloss.TerminalColor {
	colours := map[onetouch.Status]lipgloss.TerminalColor{
		onetouch.StatusPending:  lipgloss.Color("4"), // blue
		onetouch.StatusApproved: lipgloss.Color("2"), // green
		onetouch.StatusDenied:   lipgloss.Color("1"), // red
		onetouch.StatusExpired:  lipgloss.Color("3"), // yellow
	}
	return colours[onetouch.Status(status)]
}

// callbackText is where callbacks go.
func callbackText(method, url string) string {
	if url == "" {
		return "none, the backend polls"
	}
	return method + " " + redacted(url)
}

// redacted is a URL without the secrets that may be in it. JSON has it as it is: a script may want to use it.
func redacted(address string) string { return terminal.URL(address) }

// quoted is a message from outside in a sentence of ours.
func quoted(message string) string { return "“" + output.Sanitise(message) + "”" }
