package tui

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
	"github.com/onetouchkit/onetouch/internal/terminal"
)

// phones is the tab of the registered devices. The directory has them; the one-time code of the one under the cursor is
// asked of the phone itself, if it is simulated here.
type phones struct {
	roster[controlapi.Device]
	remote *remote
	code   phoneCode
	asking int64          // the device whose code is being asked for
	seen   map[int64]seen // by device
	stale  bool           // who was seen has to be asked again
	busy   bool
}

// seen is when a device last called the server, as far as the server remembers.
type seen struct {
	at     time.Time
	online bool // it holds its stream of pushes open
}

// seenRead brings when devices were last seen.
type seenRead struct {
	reply
	devices map[int64]seen
}

// actAsPressed asks to answer as the phone under the cursor only, or as whichever a user has again.
type actAsPressed struct{}

// phoneCode is a one-time code and until when it is shown, by this machine's clock.
type phoneCode struct {
	device int64
	code   string
	from   time.Time
	until  time.Time
	ahead  time.Duration // the server's clock, when the code was asked for
	err    error
}

// codeRead brings the one-time code of a phone.
type codeRead struct{ phoneCode }

func newPhones(r *remote) *phones {
	p := &phones{remote: r}
	p.kind = kind[controlapi.Device]{
		tab: tabPhones, noun: "Phone", nothing: "No phone yet. N registers one.",
		id:  func(d controlapi.Device) string { return strconv.FormatInt(d.ID, 10) },
		row: deviceRow, whole: p.whole, words: deviceWords, hear: p.hear, live: p.live,
	}
	return p
}

func (p *phones) hear(msg tea.Msg, known facts, say func(tea.Msg)) tea.Cmd {
	switch msg := msg.(type) {
	case actAsPressed:
		p.actAs(known, say)
	case connected, tabShown: // not what happens, which may be much: serverRead comes often enough
		p.stale = true
	case seenRead:
		p.busy = false
		if msg.err == nil {
			p.seen = msg.devices
		}
	case peopleRead:
		if known.names.known {
			p.take(inOrder(known.names.devices), known)
		}
	case codeRead:
		p.asking = 0
		p.code = msg.phoneCode
	case serverRead: // its clock may have been moved
		p.stale = true
		if moved := known.now.Sub(known.local) - p.code.ahead; moved.Abs() > time.Second {
			p.code.until = time.Time{}
		}
	}
	return tea.Batch(p.askCode(known), p.askSeen(known))
}

// actAs has the screen answer as the phone under the cursor only, or as whichever a user has again.
func (p *phones) actAs(known facts, say func(tea.Msg)) {
	d, exists := p.current()
	switch {
	case !exists:
		say(noticed{"No phone is chosen."})
	case known.names.phone(d.ID) == nil:
		say(noticed{keyElsewhere})
	case known.names.actingAs == d.ID:
		say(actingAs{})
		say(noticed{"This screen answers as whichever phone the user has."})
	default:
		say(actingAs{d.ID})
		say(noticed{"This screen answers as " + known.names.device(d.ID) + " only."})
	}
}

// askSeen asks which devices have called lately, while the tab is shown.
func (p *phones) askSeen(known facts) tea.Cmd {
	if !p.stale || p.busy || !p.shown || !known.link.up {
		return nil
	}
	p.stale, p.busy = false, true
	return p.remote.ask(func(ctx context.Context) tea.Msg {
		devices := map[int64]seen{}
		for _, api := range []traffic.API{traffic.Device, traffic.Verify} { // a factor hears pushes by the one and speaks the other
			calls, err := p.remote.control.Calls(ctx, controlapi.CallQuery{API: api})
			if err != nil {
				return seenRead{reply: reply{err}}
			}
			for _, call := range calls {
				if call.DeviceID != nil {
					devices[*call.DeviceID] = devices[*call.DeviceID].and(call)
				}
			}
		}
		return seenRead{devices: devices}
	})
}

// and is what is known of a device after one more of its calls.
func (s seen) and(call controlapi.Call) seen {
	s.online = s.online || call.Open
	if call.At.After(s.at) {
		s.at = call.At
	}
	return s
}

// seenText says when a device last called.
func (p *phones) seenText(f frame, d controlapi.Device) string {
	switch s, known := p.seen[d.ID]; {
	case s.online:
		return "online"
	case known:
		return terminal.Age(f.now.Sub(s.at)) + " ago"
	}
	return "not lately"
}

// askCode has the phone under the cursor make its code, when the one that is known has gone by.
func (p *phones) askCode(known facts) tea.Cmd {
	d, exists := p.current()
	simulated := known.names.phone(d.ID)
	if !exists || !p.shown || !known.link.up || simulated == nil || p.asking != 0 || isFactor(d) {
		return nil
	}
	if p.code.device == d.ID && known.local.Before(p.code.until) {
		return nil
	}
	p.asking = d.ID
	return p.remote.ask(func(ctx context.Context) tea.Msg {
		code, left, period, err := simulated.Code(ctx)
		until := known.local.Add(left)
		if err != nil {
			until = known.local.Add(clockInterval)
		}
		return codeRead{phoneCode{
			device: d.ID, code: code, from: until.Add(-period), until: until, ahead: known.now.Sub(known.local), err: err,
		}}
	})
}

// live: the code's time goes by.
func (p *phones) live(known facts) time.Time {
	if p.code.code == "" {
		return time.Time{}
	}
	return soonest(known.local, known.local.Add(countStep), p.code.until)
}

// deviceColumn is as wide as the ID of a device, from 2000000 on.
const deviceColumn = 7

func deviceRow(f frame, d controlapi.Device) row {
	sign := f.look.muted.Render("○")
	if f.names.phone(d.ID) != nil {
		sign = f.look.good.Render("●")
	}
	text := line(d.Name)
	if f.width >= narrowList {
		text = f.ruler.fit(text, f.width-4-userColumn-2-1-deviceColumn) + "  " + f.ruler.fit(f.names.user(d.AuthyID), userColumn)
	}
	return row{sign, text, f.look.muted.Render(fmt.Sprintf("%*d", deviceColumn, d.ID))}
}

// isFactor reports whether a device speaks the Verify API.
func isFactor(d controlapi.Device) bool { return d.API == onetouch.APIVerify.String() }

func deviceWords(known facts, d controlapi.Device) []string {
	return []string{d.Name, d.Platform, d.UUID, strconv.FormatInt(d.ID, 10), known.names.user(d.AuthyID)}
}

func (p *phones) whole(f frame, d controlapi.Device) []string {
	email, contact := f.names.contact(d.AuthyID)
	simulated := f.names.phone(d.ID)
	rows := [][2]string{
		{"Name", line(d.Name)}, {"User", email}, {"", contact}, {"Platform", line(d.Platform)}, {"Push", pushText(d)},
		{"Seen", p.seenText(f, d)},
		{"Registered", f.moment(d.RegisteredAt)}, {"Device", strconv.FormatInt(d.ID, 10)}, {"UUID", line(d.UUID)},
		{"Key", line(d.KeyID)},
	}
	if isFactor(d) {
		rows = append(rows, [2]string{"API", "Verify"})
	}
	if simulated != nil {
		rows = append(rows, policyRows(simulated)...)
	}
	lines := append(table(f, rows, f.look.plain.Render), "")
	if simulated == nil {
		return append(lines, f.mutedLines("Its key is not on this machine, so it cannot be answered for from here.")...)
	}
	if isFactor(d) {
		return append(lines, f.mutedLines("It is a factor of the Verify API, and has no one-time codes.")...)
	}
	return append(lines, p.codeLines(f, d)...)
}

// policyRows say how a phone answers by itself.
func policyRows(simulated phone) [][2]string {
	when, auto := simulated.Policy()
	if auto != "" {
		when = append(when, "otherwise "+auto)
	}
	var rows [][2]string
	for _, rule := range when {
		rows = append(rows, [2]string{"", line(rule)})
	}
	if len(rows) > 0 {
		rows[0][0] = "Policy"
	}
	return rows
}

func (p *phones) codeLines(f frame, d controlapi.Device) []string {
	c := p.code
	switch {
	case c.device != d.ID:
		return f.mutedLines("One-time code: …")
	case c.err != nil:
		return f.mutedLines("One-time code: " + oneLine(c.err.Error()))
	}
	left, period := c.until.Sub(f.local), c.until.Sub(c.from)
	part := float64(left) / float64(max(1, period))
	middle := len(c.code) / 2
	text := "One-time code  " + f.look.strong.Render(c.code[:middle]+" "+c.code[middle:])
	return []string{text, f.look.progress(f.urgency(part), min(30, f.width-countColumn), part) + " " + countdown(left)}
}

// pushText says how the device hears of a request.
func pushText(d controlapi.Device) string {
	texts := map[string]string{
		"sse": "by the service, on an open stream", "webhook": "by the service, to a URL", "none": "by the backend",
	}
	text, known := texts[d.Push]
	if !known {
		text = d.Push
	}
	if d.PushURL != "" {
		text += " " + d.PushURL
	}
	return line(strings.TrimSpace(text))
}

// moment writes a time with its day where that is not today.
func (f frame) moment(t time.Time) string {
	here, now := t.In(f.zone), f.now.In(f.zone)
	if here.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return here.Format(time.TimeOnly)
	}
	return fmt.Sprintf("%s %s", here.Format(time.DateOnly), here.Format(time.TimeOnly))
}
