package tui

import (
	"fmt"
	"os"
	"runtime"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// model is the whole screen. It hands messages to its panes, tells them what is under the cursor, and keeps the time;
// what it draws depends on nothing but itself.
type model struct {
	world    *world
	title    string
	zone     *time.Location
	commands []command
	// wake makes the command that ends at a time; see [world.wake].
	wake  func(at time.Time, number int) tea.Cmd
	modes modes

	width, height int
	look          look
	ruler         ruler
	now           time.Time // by this machine's clock, at the last message
	clock         serverClock
	link          link
	names         directory
	answers       *answers
	notice        notice
	helpOpen      bool
	help          helpScreen
	interrupted   bool // it was left with Ctrl-C

	requests requests
	detail   detail
	callback callback
	shown    shownKey

	alarm    time.Time // when the tick that counts comes
	alarmNow int       // its number
}

// notice is a line for the user that goes away by itself.
type notice struct {
	text  string
	until time.Time
}

const noticeTime = 5 * time.Second

// shownKey tells whether the other panes have to hear of the request under the cursor again.
type shownKey struct {
	uuid   string
	status onetouch.Status
	exists bool
}

func newModel(w *world, title string, profile colorprofile.Profile, zone *time.Location) *model {
	return &model{
		world: w, title: title, zone: zone, commands: commands(), wake: w.wake,
		modes: modes{out: w.terminal}, look: newLook(profile), answers: newAnswers(), now: w.clock.Now(),
		requests: requests{world: w}, callback: callback{world: w},
	}
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
	m.now = m.world.clock.Now()
	m.answers.now, m.requests.now = m.now, m.now
	own := m.hear(msg)
	cmds := append([]tea.Cmd{own}, m.tell(msg)...)
	cmds = append(cmds, m.showCursor()...)
	cmds = append(cmds, m.answers.due(m.world, m.link)...)
	m.detail.armed = m.requests.armed(m.now)
	m.layout()
	return m, tea.Batch(append(cmds, m.setAlarm())...)
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
	case tea.KeyMsg:
		return m.typed(msg)
	case connected:
		m.link = link{up: true, ever: true}
		m.clock = serverClock{}
		m.clock.observe(msg.server.Now, msg.readAt)
	case disconnected:
		before := m.link
		m.link = link{ever: m.link.ever, err: msg.err, retryAt: msg.retryAt}
		if before.ever && m.link.refused() && !before.refused() {
			m.say("The server has another control token now: leave with q and start this again.")
		}
	case serverRead:
		m.clock.observe(msg.server.Now, msg.readAt)
	case answered:
		m.answers.sent(msg)
	case requestsRead:
		m.answers.forget(msg.missing)
		m.complain(msg.err)
	case callbacksRead:
		m.complain(msg.err)
	case peopleRead:
		m.complain(msg.err)
	}
	return nil
}

// complain shows an error of the server while it is there; that it is gone shows anyway.
func (m *model) complain(err error) {
	if err != nil && m.link.up {
		m.say(err.Error())
	}
}

func (m *model) say(text string) {
	m.notice = notice{text: oneLine(text), until: m.now.Add(noticeTime)}
}

// tell hands a message to the panes.
func (m *model) tell(msg tea.Msg) []tea.Cmd {
	m.detail.update(msg)
	return []tea.Cmd{m.names.update(msg, m.world), m.requests.update(msg), m.callback.update(msg)}
}

// showCursor tells the panes what is under the cursor, if that is new.
func (m *model) showCursor() []tea.Cmd {
	request, exists := m.requests.current()
	for _, uuid := range m.answers.open() {
		if r, known := m.requests.find(uuid); known {
			m.answers.decided(r)
		}
	}
	key := shownKey{uuid: request.UUID, status: request.Status, exists: exists}
	if key == m.shown {
		return nil
	}
	m.shown = key
	return m.tell(selected{request: request, exists: exists})
}

// answer is a press of a key that answers.
func (m *model) answer(status onetouch.Status) tea.Cmd {
	request, exists := m.requests.current()
	words := wordsOf(status)
	switch {
	case !exists:
		m.say("Nothing to " + words.verb + " yet.")
	case request.Status != onetouch.StatusPending:
		m.say(fmt.Sprintf("This request is %s already.%s", request.Status, m.hintNext()))
	case !m.requests.armed(m.now):
		m.say(fmt.Sprintf("This request just arrived, so that key was ignored. Press it again to %s.", words.verb))
	case !m.link.up:
		m.say("Nothing can be answered now: " + m.link.trouble() + ".")
	case m.names.removed(request.AuthyID):
		m.say(userRemoved)
	case len(m.names.answering(request)) == 0:
		m.say("No device of this user here. Make one: " + registerHint(request))
		return m.names.read(m.world)
	default:
		m.answers.press(request, status, m.names.answering(request))
	}
	return nil
}

func (m *model) hintNext() string {
	if len(m.requests.pending.items) == 0 {
		return ""
	}
	return " n goes to the next that waits."
}

func (m *model) undo() tea.Cmd {
	if h := m.answers.undo(m.requests.cursor); h != nil {
		m.say(fmt.Sprintf("Your %s was taken back; nothing was sent.", wordsOf(h.status).noun))
	} else {
		m.say("Nothing to undo: what was sent cannot be taken back.")
	}
	return nil
}

func (m *model) toggleHelp() tea.Cmd {
	m.helpOpen, m.help = !m.helpOpen, helpScreen{}
	return nil
}

// move moves the cursor, or the help while it is open.
func (m *model) move(rows int) tea.Cmd {
	if m.helpOpen {
		return m.scroll(rows)
	}
	return m.requests.move(rows)
}

// scroll moves the text of the request, or the help while it is open.
func (m *model) scroll(lines int) tea.Cmd {
	if m.helpOpen {
		f := m.helpFrame()
		m.help.scroll(lines, f.height, len(m.help.lines(f, m.commands)))
		return nil
	}
	m.detail.scroll(lines)
	return nil
}

func (m *model) canAnswer() bool {
	request, exists := m.requests.current()
	return exists && request.Status == onetouch.StatusPending && m.link.up && len(m.names.answering(request)) > 0
}

func (m *model) canUndo() bool { return len(m.answers.held) > 0 }

func (m *model) othersWait() bool {
	waiting := len(m.requests.pending.items)
	if m.requests.pending.index(m.requests.cursor) >= 0 {
		waiting--
	}
	return waiting > 0
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
	step := idleStep
	if len(m.requests.pending.items) > 0 || m.callback.waiting() || !m.link.up {
		step = countStep
	}
	if len(m.answers.held) > 0 {
		step = holdStep
	}
	at := m.now.Add(step)
	for _, other := range []time.Time{m.answers.next(), m.requests.armedAt(m.now), m.notice.until} {
		if other.After(m.now) {
			at = earlier(at, other)
		}
	}
	return at
}

// current notice, or "".
func (m *model) noticeText() string {
	if m.now.Before(m.notice.until) {
		return m.notice.text
	}
	return ""
}
