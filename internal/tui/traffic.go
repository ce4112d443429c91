package tui

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
	"github.com/onetouchkit/onetouch/internal/terminal"
)

// calls is the tab of what backends and devices ask of the server. While it is shown it follows the stream of them.
type calls struct {
	roster[controlapi.Call]
	remote *remote
	base   string      // URL of the server, for what repeats a call
	last   int64       // the last call that was read
	stream *callStream // nil: none is followed
	asking bool        // how open calls stand is being asked
}

// mostCalls is how many calls are listed.
const mostCalls = 1000

func newCalls(r *remote, base string) *calls {
	c := &calls{remote: r, base: base}
	c.kind = kind[controlapi.Call]{
		tab: tabTraffic, noun: "Call", nothing: "No call yet. What backends and devices ask appears here.",
		id:  func(c controlapi.Call) string { return strconv.FormatInt(c.ID, 10) },
		row: callRow, whole: callSheet, words: callWords, hear: c.hear,
		copy: func(call controlapi.Call) copied { return copied{what: "curl line", text: c.curl(call)} },
	}
	return c
}

func (c *calls) hear(msg tea.Msg, known facts, _ func(tea.Msg)) tea.Cmd {
	switch msg := msg.(type) {
	case connected: // it may be another server, whose calls are numbered anew
		c.stop()
		c.last, c.asking = 0, false
		c.take(nil, known)
		c.known = false
		if msg.placed {
			c.base = msg.url
		}
	case callsRead:
		return c.heard(msg, known)
	case callsReread:
		c.asking = false
		if msg.err == nil {
			c.renew(msg.calls, known)
		}
		return nil
	case tabShown:
		if !c.shown {
			c.stop()
		}
	case serverRead: // a time to follow again, too, what broke off
		return tea.Batch(c.reread(known), c.follow(known))
	default:
		return nil
	}
	return c.follow(known)
}

// follow follows the calls after the last one, unless that is done already.
func (c *calls) follow(known facts) tea.Cmd {
	if !c.shown || c.stream != nil || !known.link.up {
		return nil
	}
	stream, fill := c.remote.openCalls(c.last)
	c.stream = stream
	return tea.Batch(fill, c.remote.nextCalls(stream))
}

// stop ends the stream that is followed.
func (c *calls) stop() {
	if c.stream != nil {
		c.stream.end()
		c.stream = nil
	}
}

func (c *calls) heard(read callsRead, known facts) tea.Cmd {
	if read.stream != c.stream {
		return nil // it was ended, and may be of another server
	}
	if n := len(read.calls); n > 0 {
		c.last = read.calls[n-1].ID
	}
	if read.listed {
		all := slices.Clone(read.calls)
		slices.Reverse(all)
		all = append(all, c.all...)
		c.take(all[:min(len(all), mostCalls)], known)
	}
	if read.over {
		c.stream = nil // whatever the server's trouble is, it is not asked again at once
		return nil
	}
	return c.remote.nextCalls(read.stream)
}

// reread asks how calls stand by now that were open when they came: that they have ended is no call.
func (c *calls) reread(known facts) tea.Cmd {
	if !c.shown || c.asking || !known.link.up {
		return nil
	}
	for _, call := range slices.Backward(c.all) { // oldest first
		if call.Open {
			c.asking = true
			return c.remote.readCalls(call.ID - 1)
		}
	}
	return nil
}

// renew replaces calls with what became of them. One of the same number from another server has another time.
func (c *calls) renew(read []controlapi.Call, known facts) {
	byID := map[int64]controlapi.Call{}
	for _, call := range read {
		byID[call.ID] = call
	}
	all := slices.Clone(c.all)
	for i, before := range all {
		if call, is := byID[before.ID]; is && call.At.Equal(before.At) {
			all[i] = call
		}
	}
	if c.known {
		c.take(all, known)
	}
}

// callStyle is the colour of how a call ended.
func (f frame) callStyle(c controlapi.Call) lipgloss.Style {
	switch {
	case c.Open:
		return f.look.accent
	case c.Status == 0 || c.Status >= 500:
		return f.look.bad
	case c.Status >= 400:
		return f.look.warn
	}
	return f.look.good
}

func callRow(f frame, c controlapi.Call) row {
	status := strconv.Itoa(c.Status)
	if c.Status == 0 {
		status = "—"
	}
	sign := "●"
	if c.Fault != "" {
		sign = "!"
	}
	text := f.callStyle(c).Bold(false).Render(f.ruler.fit(status, 3)) + " " + f.ruler.fit(c.Method, 6) + " " + line(c.Path)
	right := ""
	if f.width >= narrowList {
		right = f.ruler.fitRight(callTook(c), len("999 ms"))
	}
	if f.width >= wideList {
		right = f.ruler.fit(caller(f.facts, c), userColumn) + " " + right
	}
	return row{f.callStyle(c).Render(sign), text, f.look.muted.Render(right)}
}

func callTook(c controlapi.Call) string {
	if c.Open {
		return "open"
	}
	return duration(c.DurationMS)
}

// caller is who called, or whom the call is about.
func caller(known facts, c controlapi.Call) string {
	switch {
	case c.DeviceID != nil:
		return known.names.device(*c.DeviceID)
	case c.AuthyID != nil:
		return known.names.user(*c.AuthyID)
	}
	app, _ := known.names.app(c.AppID)
	return line(app.Name)
}

func callWords(known facts, c controlapi.Call) []string {
	return []string{
		c.Method + " " + c.Path, strconv.Itoa(c.Status), c.ErrorCode, string(c.API), c.RequestUUID, c.Fault, caller(known, c),
		c.RequestBody, c.ResponseBody,
	}
}

func callSheet(f frame, c controlapi.Call) []string {
	answer := httpStatus(c.Status)
	if c.Status == 0 {
		answer = "no answer"
	}
	rows := [][2]string{{"API", string(c.API)}, {"From", caller(f.facts, c)}, {"At", f.moment(c.At)}, {"Took", callTook(c)}}
	for _, extra := range [][2]string{{"Error code", c.ErrorCode}, {"Fault", c.Fault}, {"Request", c.RequestUUID}} {
		if extra[1] != "" {
			rows = append(rows, [2]string{extra[0], line(extra[1])})
		}
	}
	lines := append([]string{f.callStyle(c).Render(f.ruler.cut(answer, f.width)), ""}, table(f, rows, f.look.plain.Render)...)
	sent := messageLines("→ "+c.Method+" "+c.Path, c.RequestHeaders, c.RequestBody, c.RequestCut)
	got := messageLines("← "+answer, c.ResponseHeaders, c.ResponseBody, c.ResponseCut)
	return append(append(lines, ""), f.exchange(sent, got)...)
}

// messageLines are a request or an answer.
func messageLines(first string, headers []controlapi.Header, body string, cut bool) []string {
	lines := []string{first}
	for _, h := range headers {
		lines = append(lines, h.Name+": "+h.Value)
	}
	if cut {
		body += "…"
	}
	if body == "" {
		return lines
	}
	return append(lines, "", body)
}

// curl is a line for a shell that repeats a call. Secrets are not in what the server remembers: the line takes them from
// the variables that 'onetouch env' sets.
func (c *calls) curl(call controlapi.Call) string {
	words := []string{"curl", "-X", terminal.ShellWord(call.Method), c.shellURL(call.Path)}
	if call.API == traffic.Authy {
		words = append(words, "-H", `"X-Authy-API-Key: $AUTHY_API_KEY"`)
	}
	for _, h := range call.RequestHeaders {
		if h.Name == "Content-Type" {
			words = append(words, "-H", terminal.ShellWord(h.Name+": "+h.Value))
		}
		if h.Name == "Authorization" {
			words = append(words, "-H", `"Authorization: Bearer $ACCESS_TOKEN"`)
		}
	}
	if call.RequestBody != "" {
		words = append(words, "--data-raw", terminal.ShellWord(call.RequestBody))
	}
	return strings.Join(words, " ")
}

// shellURL is the URL of a path as a shell writes it. Without a server of its own URL it is that of 'onetouch env'.
func (c *calls) shellURL(path string) string {
	if c.base == "" {
		return `"$AUTHY_API_URL"` + terminal.ShellWord(withoutKey(path))
	}
	return terminal.ShellWord(c.base + withoutKey(path))
}

// withoutKey is a path without the API key in its query.
func withoutKey(path string) string {
	before, query, has := strings.Cut(path, "?")
	if !has {
		return path
	}
	values := slices.DeleteFunc(strings.Split(query, "&"), func(value string) bool {
		name, _, _ := strings.Cut(value, "=")
		name, _ = url.QueryUnescape(name)
		return name == "api_key"
	})
	if len(values) == 0 {
		return before
	}
	return fmt.Sprintf("%s?%s", before, strings.Join(values, "&"))
}
