package tui

import (
	"io"
	"os"
	"runtime"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// model is the whole screen. It hands messages to its parts, keeps the time and says when it passes; what it draws depends
// on nothing but itself. It knows its panes only by the table of them.
type model struct {
	clock    onetouch.Clock
	title    string
	zone     *time.Location
	commands []command
	// wake makes the command that ends at a time, with a [tick].
	wake  func(at time.Time, number int) tea.Cmd
	modes modes

	width, height int
	look          look
	ruler         ruler
	now           time.Time // by this machine's clock, at the last message
	server        serverClock
	link          link
	selected      selected
	notice        notice
	helpOpen      bool
	help          helpScreen
	interrupted   bool // it was left with Ctrl-C

	names   *directory
	answers *answers
	phones  *phones
	tabs    []tab
	tab     int // the one that is shown
	search  searching
	palette commandPalette
	form    *form // the one that is open
	acts    Acts  // nil: there are none
	alert   Alert
	remote  *remote

	alarm    time.Time // when the tick that counts comes
	alarmNow int       // its number
}

// notice is a line for the user that goes away by itself.
type notice struct {
	text  string
	until time.Time
}

const noticeTime = 5 * time.Second

// setting is what a screen is made of.
type setting struct {
	remote   *remote
	clock    onetouch.Clock
	terminal io.Writer // what bubbletea writes to, for what it does not write
	title    string
	profile  colorprofile.Profile
	zone     *time.Location
	acts     Acts
	alert    Alert
	base     string // URL of the server
}

func newModel(s setting) *model {
	phones := newPhones(s.remote)
	m := &model{
		clock: s.clock, title: s.title, zone: s.zone, commands: commands(), wake: s.remote.work.waker(s.clock),
		modes: modes{out: s.terminal}, look: newLook(s.profile), now: s.clock.Now(),
		names: &directory{remote: s.remote}, answers: newAnswers(s.remote), phones: phones, tabs: tabs(s.remote, phones, s.base),
		search: newSearching(), palette: newPalette(), acts: s.acts, alert: s.alert, remote: s.remote,
	}
	return m
}

// Init starts nothing: the feed speaks first. Only now the terminal shows no answer that it gives to the program.
func (m *model) Init() tea.Cmd {
	if mayBeAsked(runtime.GOOS, os.Getenv) {
		m.modes.ask()
	}
	return nil
}

// Update takes a message.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.now = m.clock.Now()
	heard := m.dispatch(msg)
	due := m.answers.due(m.facts())
	m.layout()
	return m, tea.Batch(heard, due, m.setAlarm())
}

// dispatch has the screen and all its parts hear a message, and then what they say in return.
func (m *model) dispatch(msg tea.Msg) tea.Cmd {
	var said []tea.Msg
	cmds := []tea.Cmd{m.hear(msg)}
	for _, p := range m.listeners(msg) {
		cmds = append(cmds, p.update(msg, m.facts(), func(msg tea.Msg) { said = append(said, msg) }))
	}
	for _, msg := range said {
		cmds = append(cmds, m.dispatch(msg))
	}
	return tea.Batch(cmds...)
}

// listeners are the parts that hear a message: all, or of the panes only those of the shown tab.
func (m *model) listeners(msg tea.Msg) []part {
	heard := []part{m.names, m.answers}
	_, byCursor := msg.(forCursor)
	for i, t := range m.tabs {
		if byCursor && i != m.tab {
			continue
		}
		for _, p := range t.panes {
			heard = append(heard, p.pane)
		}
	}
	return heard
}

func (m *model) facts() facts {
	return facts{
		now: m.server.at(m.now), local: m.now, link: m.link, names: m.names, answers: m.answers, selected: m.selected,
	}
}

// hear takes what concerns the screen as a whole.
func (m *model) hear(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case resized:
		m.width, m.height = msg.width, msg.height
		return tea.ClearScreen
	case joinsReported:
		m.modes.join(msg)
		m.ruler.method = ansi.GraphemeWidth
	case tea.SuspendMsg: // heard when the process goes on
		m.modes.enter()
	case suspendPressed:
		m.modes.leave()
		return tea.Suspend
	case quitPressed:
		m.interrupted = m.interrupted || msg.interrupted
		return tea.Quit
	case selected:
		m.selected = msg
	case copied:
		m.copy(msg)
	case waitingChanged:
		m.alert.draw(&m.modes, msg)
	case noticed:
		m.say(msg.text)
	default:
		m.hearServer(msg)
		return tea.Batch(m.handle(msg), m.open(msg))
	}
	return nil
}

// handle takes what hands and eyes go by: keys, the mouse, and where one goes with them.
func (m *model) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return m.typed(msg)
	case tea.MouseMsg:
		return m.moused(msg)
	case tabPressed:
		return m.dispatch(m.showTab(msg))
	case backPressed:
		return m.goBack()
	}
	return nil
}

// backPressed asks to leave what one went into last.
type backPressed struct{}

// goBack takes back an answer while one is held. Otherwise it ends the search of the shown tab, or else has the panes show
// no more than they do at first.
func (m *model) goBack() tea.Cmd {
	tab := m.shownTab().name
	switch {
	case m.canUndo():
		return m.dispatch(undoPressed{})
	case m.search.texts[tab] != "":
		return m.endSearch(tab)
	}
	return m.dispatch(lessWanted{})
}

func (m *model) endSearch(tab string) tea.Cmd {
	delete(m.search.texts, tab)
	return m.dispatch(searched{})
}

// open opens what covers the panes for a while, or closes it.
func (m *model) open(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case helpPressed:
		m.helpOpen, m.help = !m.helpOpen, helpScreen{}
	case searchPressed:
		m.search.start(m.shownTab().name)
	case palettePressed:
		m.palette.start()
	case formPressed:
		m.openForm(msg)
	case formDone:
		m.closeForm(msg)
		after := m.dispatch(peopleWanted{}) // a phone is answered for from here once its key is kept, which no event tells
		if msg.form.answers != nil {
			return tea.Batch(after, m.dispatch(answered{*msg.form.answers, msg.err}))
		}
		return after
	}
	return nil
}

// openForm opens a form, or says why there is none.
func (m *model) openForm(asked formPressed) {
	form, otherwise := asked.open(m)
	if otherwise != "" {
		m.say(otherwise)
		return
	}
	m.form = form
}

// closeForm ends a form whose act is done. One that failed stays, with the reason; one that was left says it as a notice.
func (m *model) closeForm(done formDone) {
	switch {
	case done.err == nil:
		m.say(done.said)
	case m.form != done.form:
		m.say(done.problem())
	}
	if m.form != done.form {
		return
	}
	if done.err == nil {
		m.form = nil
		return
	}
	m.form.busy, m.form.problem = false, oneLine(done.problem())
}

// hearServer takes what tells of the connection to the server.
func (m *model) hearServer(msg tea.Msg) {
	switch msg := msg.(type) {
	case connected:
		m.link = link{up: true, ever: true}
		if msg.placed {
			m.title = msg.title
		}
		m.server = serverClock{}
		m.server.observe(msg.server.Now, msg.readAt)
	case disconnected:
		before := m.link
		m.link = link{ever: m.link.ever, err: msg.err, retryAt: msg.retryAt}
		if before.ever && m.link.refused() && !before.refused() {
			m.say("The server has another control token now: leave with q and start this again.")
		}
	case serverRead:
		m.server.observe(msg.server.Now, msg.readAt)
	case interface{ failure() error }:
		// An error of the server is shown while it is there; that it is gone shows anyway.
		if err := msg.failure(); err != nil && m.link.up {
			m.say(err.Error())
		}
	}
}

func (m *model) say(text string) {
	m.notice = notice{text: oneLine(text), until: m.now.Add(noticeTime)}
}

// How often the screen is drawn anew, by what moves on it.
const (
	holdStep  = 100 * time.Millisecond
	countStep = 250 * time.Millisecond
	idleStep  = time.Second
)

// setAlarm asks for the next tick, if it is to come sooner than the one that is on its way.
func (m *model) setAlarm() tea.Cmd {
	at := m.nextChange()
	if m.alarm.After(m.now) && !at.Before(m.alarm) {
		return nil
	}
	m.alarm = at
	m.alarmNow++
	return m.wake(at, m.alarmNow)
}

// nextChange is when the screen next looks different without having been told anything.
func (m *model) nextChange() time.Time {
	times := []time.Time{m.now.Add(idleStep), m.notice.until, m.answers.changes(m.now)}
	if !m.link.up {
		times = append(times, m.now.Add(countStep))
	}
	for _, p := range m.shownTab().panes {
		times = append(times, p.pane.changes(m.facts()))
	}
	return soonest(m.now, times...)
}

// soonest is the first of the times that are still to come; zero when none is.
func soonest(now time.Time, times ...time.Time) (at time.Time) {
	for _, t := range times {
		if t.After(now) && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	return at
}

// noticeText is the notice of the moment, or "".
func (m *model) noticeText() string {
	if m.now.Before(m.notice.until) {
		return m.notice.text
	}
	return ""
}
