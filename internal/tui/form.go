package tui

import (
	"context"
	"strings"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// form asks for what an act needs, in place of the panes. While it is open it takes the keyboard. What was written stays when
// the act fails, with the reason below it.
type form struct {
	title   string
	verb    string // what sending does: "send"
	fields  []*field
	at      int
	busy    bool
	problem string
	run     func(ctx context.Context, values formValues) (said string, err error)
	// missing says what has to be written before the act is begun; nil: nothing.
	missing func(formValues) string
	answers *answering // what the act answers; nil for others
}

// field is one line of a form.
type field struct {
	label, hint string
	more        bool // another one of these appears once this is filled in
	input       textinput.Model
}

// formValues are what was written, by label; of a field that there may be more of, each.
type formValues map[string][]string

// first is the value of a field of which there is one.
func (v formValues) first(label string) string {
	if len(v[label]) == 0 {
		return ""
	}
	return v[label][0]
}

// formPressed asks to open a form; it may be none, and then say why.
type formPressed struct {
	open func(*model) (f *form, otherwise string)
}

// formDone says what became of the act of a form.
type formDone struct {
	form *form
	said string
	err  error
}

// problem says why the act failed.
func (d formDone) problem() string {
	if d.form.answers != nil {
		return remark(d.form.answers.status, d.err)
	}
	return d.err.Error()
}

// mostWritten is how long what is written in one field may be, in characters; the server has the last word.
const mostWritten = 5000

func newField(label, hint, value string) *field {
	input := textinput.New()
	input.CharLimit = mostWritten
	input.SetValue(value)
	input.CursorEnd()
	return &field{label: label, hint: hint, input: input}
}

func newForm(title, verb string, run func(context.Context, formValues) (string, error), fields ...*field) *form {
	f := &form{title: title, verb: verb, run: run, fields: fields}
	f.focus(0)
	return f
}

// several makes a field one that there may be more of.
func (d *field) several() *field {
	d.more = true
	return d
}

func (f *form) focus(at int) {
	f.fields[f.at].input.Blur()
	f.at = (at + len(f.fields)) % len(f.fields)
	f.fields[f.at].input.Focus()
}

// written sums up the form, without what is empty.
func (f *form) written() formValues {
	values := formValues{}
	for _, d := range f.fields {
		if text := strings.TrimSpace(d.input.Value()); text != "" {
			values[d.label] = append(values[d.label], text)
		}
	}
	return values
}

// typed takes a key. It says whether the form is to be closed, and makes the command of the act when it is sent.
func (f *form) typed(msg tea.KeyMsg, r *remote) (closed bool, cmd tea.Cmd) {
	if f.busy {
		return msg.Type == tea.KeyEsc, nil
	}
	switch msg.Type {
	case tea.KeyEsc:
		return true, nil
	case tea.KeyDown, tea.KeyTab:
		f.focus(f.at + 1)
	case tea.KeyUp, tea.KeyShiftTab:
		f.focus(f.at - 1)
	case tea.KeyEnter:
		if f.at < len(f.fields)-1 {
			f.focus(f.at + 1)
			return false, nil
		}
		return false, f.send(r)
	case tea.KeyCtrlS:
		return false, f.send(r)
	default:
		d := f.fields[f.at]
		f.problem = ""                   // it is of what was written before
		d.input, _ = d.input.Update(msg) // its command only makes the cursor blink
		f.grow()
	}
	return false, nil
}

// grow adds a field below one of several that was empty until now.
func (f *form) grow() {
	d := f.fields[f.at]
	last := f.at == len(f.fields)-1 || f.fields[f.at+1].label != d.label
	if !d.more || !last || d.input.Value() == "" {
		return
	}
	rest := append([]*field{newField(d.label, d.hint, "").several()}, f.fields[f.at+1:]...)
	f.fields = append(f.fields[:f.at+1:f.at+1], rest...)
}

func (f *form) send(r *remote) tea.Cmd {
	values := f.written()
	if f.missing != nil {
		if f.problem = f.missing(values); f.problem != "" {
			return nil
		}
	}
	f.busy, f.problem = true, ""
	return r.ask(func(ctx context.Context) tea.Msg {
		said, err := f.run(ctx, values)
		return formDone{form: f, said: said, err: err}
	})
}

// view draws the form.
func (f *form) view(on frame) []string {
	labels := 0
	for _, d := range f.fields {
		labels = max(labels, on.ruler.width(d.label))
	}
	foot := f.foot(on)
	from, to := window(len(f.fields), on.height-len(foot), f.at)
	var lines []string
	for i, d := range f.fields[from:to] {
		marked := from+i == f.at
		mark, label := "  ", on.look.muted.Render(on.ruler.fit(d.label, labels))
		if marked {
			mark, label = on.look.accent.Render("▌")+" ", on.look.strong.Render(on.ruler.fit(d.label, labels))
		}
		lines = append(lines, mark+label+"  "+d.draw(on, on.width-labels-4, marked))
	}
	return append(on.sized(on.width, max(0, on.height-len(foot))).fill(lines), foot...)
}

// foot is what the form says below its fields.
func (f *form) foot(on frame) []string {
	lines := []string{on.look.muted.Render(on.ruler.cut(f.fields[f.at].hint, on.width))}
	switch {
	case f.busy:
		lines = append(lines, on.look.accent.Render("…"))
	case f.problem != "":
		for _, text := range on.ruler.wrapAtMost(f.problem, on.width, 3) {
			lines = append(lines, on.look.warn.Bold(false).Render(text))
		}
	default:
		lines = append(lines, "")
	}
	key, does := on.look.strong.Render, on.look.muted.Render
	keys := key("enter") + does(" next  ") + key("ctrl+s") + does(" "+f.verb+"  ") + key("esc") + does(" leave")
	return append(lines, on.ruler.cut(keys, on.width))
}

// draw draws what was written, as much of it around the cursor as there is room for.
func (d *field) draw(f frame, width int, marked bool) string {
	text := []rune(d.input.Value())
	if !marked {
		return f.ruler.cut(line(string(text)), width)
	}
	at := min(d.input.Position(), len(text))
	before, after := line(string(text[:at])), line(string(text[at:]))
	if over := f.ruler.width(before) - (width - 2); over > 0 {
		before = "…" + f.ruler.method.TruncateLeft(before, over+1, "")
	}
	return f.ruler.cut(before+f.look.accent.Render("▏")+after, width)
}
