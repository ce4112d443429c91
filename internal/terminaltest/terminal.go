//go:build unix

package terminaltest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// Size of a terminal at the start, in cells.
const width, height = 80, 24

// patience bounds every wait; it ends a program that hangs and asserts nothing.
const patience = time.Minute

// Terminal is a pseudo-terminal with a program on it, and an emulator that draws what the program writes.
type Terminal struct {
	t       *testing.T
	command *exec.Cmd
	pty     *os.File

	mu       sync.Mutex
	emulator *vt.Emulator
	written  []byte        // by the program, all of it
	changed  chan struct{} // holds a token when there is something new to see
	ended    chan struct{} // closed when the program's output has ended
}

// Option makes a terminal of another kind.
type Option func(*Terminal)

// JoinedCharacters has the terminal know of Unicode's way to count the cells of joined characters (mode 2027), by which the
// emulator counts always.
func JoinedCharacters(s *Terminal) {
	s.emulator.RegisterCsiHandler(ansi.Command('?', '$', 'p'), func(params ansi.Params) bool {
		mode, _, _ := params.Param(0, 0)
		if ansi.DECMode(mode) != ansi.ModeUnicodeCore {
			return false
		}
		_, _ = io.WriteString(s.emulator.InputPipe(), ansi.ReportMode(ansi.ModeUnicodeCore, ansi.ModeReset))
		return true
	})
}

// Start starts the program on a terminal of 80×24. When the test ends the program is killed, if it still runs.
func Start(t *testing.T, command *exec.Cmd, options ...Option) *Terminal {
	t.Helper()
	file, err := pty.StartWithSize(command, &pty.Winsize{Cols: width, Rows: height})
	if err != nil {
		t.Fatal(err)
	}
	s := &Terminal{
		t: t, command: command, pty: file, emulator: vt.NewEmulator(width, height),
		changed: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	for _, option := range options {
		option(s)
	}
	var copying sync.WaitGroup
	copying.Go(s.draw)
	copying.Go(func() { _, _ = io.Copy(file, s.emulator) }) // what the emulator answers to questions
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		<-s.ended
		_ = s.emulator.InputPipe().(io.Closer).Close()
		_ = file.Close()
		copying.Wait()
	})
	return s
}

func (s *Terminal) draw() {
	defer close(s.ended)
	buffer := make([]byte, 32<<10)
	for {
		n, err := s.pty.Read(buffer)
		s.mu.Lock()
		s.written = append(s.written, buffer[:n]...)
		_, _ = s.emulator.Write(buffer[:n])
		s.mu.Unlock()
		select {
		case s.changed <- struct{}{}:
		default:
		}
		if err != nil {
			return // the program has ended: Linux says EIO, others EOF
		}
	}
}

// See looks at the emulator, which draws nothing meanwhile.
func (s *Terminal) See(look func(*vt.Emulator)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	look(s.emulator)
}

// Text is what stands on the screen, without styles.
func (s *Terminal) Text() (text string) {
	s.See(func(e *vt.Emulator) { text = e.String() })
	return text
}

// Output is all that the program has written, with every escape code.
func (s *Terminal) Output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.written)
}

// Shows reports whether all the texts are on the screen, be it over the end of a line.
func (s *Terminal) Shows(texts ...string) bool {
	shown := strings.ReplaceAll(s.Text(), "\n", "")
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			return false
		}
	}
	return true
}

// Await waits until the screen shows all the texts.
func (s *Terminal) Await(texts ...string) {
	s.t.Helper()
	s.AwaitThat(fmt.Sprintf("%q", texts), func() bool { return s.Shows(texts...) })
}

// AwaitThat waits until what is to be seen is seen.
func (s *Terminal) AwaitThat(what string, seen func() bool) {
	s.t.Helper()
	s.await(what, seen, nil, nil)
}

// TypeUntil types the key until the screen shows the text, again after each second. The program may ignore a key that comes
// right after its screen has moved by itself, and may drop what was typed before a pause of the whole machine.
func (s *Terminal) TypeUntil(key, text string) {
	s.t.Helper()
	again := time.NewTicker(time.Second)
	defer again.Stop()
	s.Type(key)
	s.await(fmt.Sprintf("%q", text), func() bool { return s.Shows(text) }, again.C, func() { s.Type(key) })
}

// await waits until seen is true, and does something at each of these moments meanwhile.
func (s *Terminal) await(what string, seen func() bool, moments <-chan time.Time, do func()) {
	s.t.Helper()
	end := time.NewTimer(patience)
	defer end.Stop()
	for !seen() {
		select {
		case <-s.changed:
		case <-moments:
			do()
		case <-s.ended:
			if !seen() {
				s.t.Fatalf("the program ended before the screen showed %s:\n%s", what, s.Text())
			}
		case <-end.C:
			s.t.Fatalf("the screen never showed %s:\n%s", what, s.Text())
		}
	}
}

// Type sends what the keyboard would.
func (s *Terminal) Type(keys string) {
	s.t.Helper()
	if _, err := s.pty.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// Resize makes the window another size, in cells.
func (s *Terminal) Resize(width, height int) {
	s.t.Helper()
	s.See(func(e *vt.Emulator) { e.Resize(width, height) })
	if err := pty.Setsize(s.pty, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}); err != nil {
		s.t.Fatal(err)
	}
}

// Signal sends the program a signal.
func (s *Terminal) Signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.command.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// AwaitEnd waits for the end of the program's output.
func (s *Terminal) AwaitEnd() { <-s.ended }

// Exits waits for the end of the program and compares its exit code.
func (s *Terminal) Exits(want int) {
	s.t.Helper()
	s.AwaitEnd()
	var exit *exec.ExitError
	if err := s.command.Wait(); err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	if got := s.command.ProcessState.ExitCode(); got != want {
		s.t.Errorf("exit code %d, want %d; the screen:\n%s", got, want, s.Text())
	}
}
