// Package tui is the terminal UI: one screen on which approval requests appear by themselves, are answered with one key, and
// show what became of their callback.
//
// Other tabs beside that of the requests show phones, users, deliveries and the inbox.
//
// It reads everything through the control API and answers through the device API, as the phones of this machine. [Run] is
// the whole of it. Inside, model is the screen. It hands each message to its parts: the directory of who is who, the
// answers, and the panes of the tabs: requests, detail and callback in one, a roster of things of one kind in each other.
// Search, command palette and forms take the keyboard while they are open. The feed turns what the server tells into
// messages; remote is what parts may ask. A part knows messages and the facts that all share, never another pane. Drawing
// reads the model and changes nothing.
package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/term"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/terminal/quiet"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// Options say what to show and where.
type Options struct {
	Control *controlapi.Client
	// Devices are those this machine can answer with. It is asked again when devices come or go, and may be asked at
	// any time, by several goroutines.
	Devices func(context.Context) ([]*device.Device, error)
	// Alert is how attention is drawn to requests that arrive; "": not at all.
	Alert Alert
	// URL is that of the server, for lines that repeat a call.
	URL string
	// Acts are what can be done beside answering; nil: nothing.
	Acts  Acts
	Title string // the heading, such as the server's URL; default OneTouch
	// Place, if set, says Title and URL anew each time the server was found: it may be at another address then.
	Place func() (title, url string)
	In    io.Reader
	Out   io.Writer
	// NoColour leaves out colours, as does a NO_COLOR in the environment that is not empty.
	NoColour bool
}

// ErrNoTerminal says that there is nobody to show a screen to. It is a mistake of the caller's command line.
var ErrNoTerminal = errors.New("this needs a terminal for input and output; " +
	"without one use onetouch request list, request approve and request deny")

// ErrInterrupted says that the user has left the screen with Ctrl-C, or that the process was told to stop.
var ErrInterrupted = errors.New("interrupted")

// Run shows the screen until the user leaves it, or until it is interrupted or ctx ends: [ErrInterrupted] then. When it
// returns the terminal is as it was, and nothing runs any more. An answer on its way to the server is waited for.
func Run(ctx context.Context, o Options) error {
	quiet.Restore() // for a program that has not
	in, isFile := o.In.(file)
	if !isFile || !isTerminal(in) || !isTerminal(o.Out) {
		return ErrNoTerminal
	}
	if os.Getenv("TERM") == "dumb" {
		return fmt.Errorf("TERM is dumb: %w", ErrNoTerminal)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &remote{control: o.Control, phones: phonesOf(o.Devices), work: &work{ctx: ctx}}
	clock := onetouch.SystemClock{}
	model := newModel(setting{
		remote: r, clock: clock, terminal: o.Out, title: o.Title, profile: colourProfile(o), zone: time.Local,
		acts: o.Acts, base: o.URL, alert: o.Alert,
	})
	keys := &keyboard{file: in}
	program := tea.NewProgram(model, tea.WithContext(ctx), tea.WithInput(keys), tea.WithOutput(o.Out),
		tea.WithAltScreen(), tea.WithMouseCellMotion(), tea.WithFilter(translate))
	keys.send = program.Send

	var feeding sync.WaitGroup
	feeding.Go(func() { (&feed{control: r.control, clock: clock, send: program.Send, place: o.Place}).run(ctx) })
	model.modes.enter()
	_, err := program.Run()
	model.modes.leave()
	stopped := ctx.Err()
	cancel()
	feeding.Wait()
	r.work.wait()
	switch {
	case model.interrupted, errors.Is(err, tea.ErrInterrupted), stopped != nil:
		return ErrInterrupted
	case err == nil:
		return nil
	}
	return fmt.Errorf("showing the screen: %w", err)
}

func isTerminal(stream any) bool {
	file, ok := stream.(term.File)
	return ok && term.IsTerminal(file.Fd())
}

// colourProfile is what the terminal can show. Any NO_COLOR counts, as no-color.org has it.
func colourProfile(o Options) colorprofile.Profile {
	profile := colorprofile.Detect(o.Out, os.Environ())
	if o.NoColour || os.Getenv("NO_COLOR") != "" {
		return min(profile, colorprofile.ASCII)
	}
	return profile
}

func phonesOf(devices func(context.Context) ([]*device.Device, error)) func(context.Context) ([]phone, error) {
	return func(ctx context.Context) ([]phone, error) {
		found, err := devices(ctx)
		phones := make([]phone, len(found))
		for i, d := range found {
			phones[i] = devicePhone{d}
		}
		return phones, err
	}
}
