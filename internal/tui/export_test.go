package tui

import (
	"context"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// What tests need of the inside: a screen whose time they keep themselves, and the messages of the feed.
type (
	Control = control
	Phone   = phone
	Model   = model
)

var (
	ErrTooLate       = errTooLate
	ErrRemoved       = errRemoved
	ErrOtherQuestion = errOtherQuestion
	ErrNoReason      = errNoReason
	ErrNoWord        = errNoWord
)

const (
	HoldTime     = holdTime
	KeyRepeat    = keyRepeat
	ArmTime      = armTime
	MissedTime   = missedTime
	PendingPage  = pendingPage
	HistoryPage  = historyPage
	ManyChanged  = manyChanged
	FirstRetry   = firstRetry
	LongestWait  = longestWait
	ClockReading = clockInterval
)

// NewScreen returns a screen that asks for no ticks: NextTick says when the next one is due.
func NewScreen(
	c Control, phones func(context.Context) ([]Phone, error), clock onetouch.Clock, p colorprofile.Profile, acts Acts,
	terminal io.Writer,
) *model {
	r := &remote{control: c, phones: phones, work: &work{ctx: context.Background()}}
	m := newModel(setting{
		base: "http://127.0.0.1:8181", acts: acts, alert: AlertBell, remote: r, clock: clock, terminal: terminal, title: "http://127.0.0.1:8181", profile: p, zone: time.UTC,
	})
	m.wake = func(time.Time, int) tea.Cmd { return nil }
	return m
}

// Leaving returns what ends the work that the screen begins from now on, as leaving the screen does.
func (m *model) Leaving() (end func()) {
	m.remote.work.ctx, end = context.WithCancel(m.remote.work.ctx)
	return end
}

func (m *model) NextTick() (at time.Time, message tea.Msg) { return m.alarm, tick{m.alarmNow} }

// Key is what the table of keys says of one: Tab is "" where it works in every tab.
type Key struct{ Keys, Does, Tab string }

// KeyTable is the table of keys, as far as the help shows it.
func KeyTable() (keys []Key) {
	for _, c := range commands() {
		if shown := c.Help(); shown.Key != "" {
			keys = append(keys, Key{shown.Key, shown.Desc, c.tab})
		}
	}
	return keys
}

// Keyboard reads from a file, and tells what the terminal says.
func Keyboard(f file, send func(tea.Msg)) io.Reader { return &keyboard{file: f, send: send} }

// Fit and Wrap are the ruler's.
func Fit(m ansi.Method, s string, width int) string { return ruler{m}.fit(s, width) }

func Wrap(m ansi.Method, s string, width int) []string { return ruler{m}.wrap(s, width) }

// Unjoined is what a ruler's terminal is shown for a text.
func Unjoined(m ansi.Method, s string) string { return ruler{m}.unjoined(s) }

// Translate is what the program does to messages before the screen hears them.
func Translate(msg tea.Msg) tea.Msg { return translate(nil, msg) }

func Connected(s controlapi.Server, at time.Time) tea.Msg { return connected{server: s, readAt: at} }

func Disconnected(err error, retryAt time.Time) tea.Msg { return disconnected{err, retryAt} }

func ServerRead(s controlapi.Server, at time.Time) tea.Msg { return serverRead{server: s, readAt: at} }

func RequestsChanged(uuids ...string) tea.Msg {
	return happening(onetouch.EventRequestResponded, uuids...)
}

func CallbacksChanged(uuids ...string) tea.Msg {
	return happening(onetouch.EventCallbackSent, uuids...)
}

func PeopleChanged() tea.Msg { return happening(onetouch.EventDeviceRegistered, "") }

func happening(event onetouch.EventType, uuids ...string) tea.Msg {
	var h happened
	for _, uuid := range uuids {
		h.events = append(h.events, controlapi.Event{Type: event, RequestUUID: uuid})
	}
	return h
}

// Happened is the message that tells of one event.
func Happened(event onetouch.EventType, uuid string) tea.Msg { return happening(event, uuid) }

// Follow runs the feed until ctx ends.
func Follow(ctx context.Context, c Control, clock onetouch.Clock, send func(tea.Msg)) {
	(&feed{control: c, clock: clock, send: send}).run(ctx)
}

func Commands() []command { return commands() }

func TabNames() []string { return tabNames() }

func (c command) Tab() string { return c.tab }

func (c command) Group() string { return c.group }

var (
	Countdown = countdown
	Duration  = duration
	Window    = window
	Colours   = colours
)

// FullColour is a colour of the palette, as #RRGGBB.
func (p palette) FullColour() string { return p.full }

// The messages of the feed, taken apart for tests.

func IsConnected(msg tea.Msg) bool { _, is := msg.(connected); return is }

func IsServerRead(msg tea.Msg) bool { _, is := msg.(serverRead); return is }

func Disconnection(msg tea.Msg) (retryAt time.Time, is bool, err error) {
	d, is := msg.(disconnected)
	return d.retryAt, is, d.err
}

func Events(msg tea.Msg) []controlapi.Event {
	h, _ := msg.(happened)
	return h.events
}
