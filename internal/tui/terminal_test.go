//go:build unix

package tui_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
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
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/terminal/quiet"
	"github.com/onetouchkit/onetouch/internal/tui"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// The test binary is also the program that is shown: started with these variables it runs the screen, or, without a
// server, says a word and ends.
const (
	serverVariable  = "ONETOUCH_TUI_TEST_SERVER"
	devicesVariable = "ONETOUCH_TUI_TEST_DEVICES"
	silentVariable  = "ONETOUCH_TUI_TEST_SILENT"
	controlToken    = "the control token"
	farewell        = "the screen was left"
)

func TestMain(m *testing.M) {
	quiet.Restore()
	switch {
	case os.Getenv(silentVariable) != "":
		fmt.Println("said")
		os.Exit(0)
	case os.Getenv(serverVariable) != "":
		os.Exit(showScreen(os.Getenv(serverVariable), device.NewStore(os.Getenv(devicesVariable))))
	}
	os.Exit(m.Run())
}

// showScreen is the program. Its exit code tells how it ended: 3 says that goroutines were left.
func showScreen(base string, store *device.Store) int {
	before := goleak.IgnoreCurrent()
	client := &http.Client{Transport: &http.Transport{}}
	err := tui.Run(context.Background(), tui.Options{
		Control: controlapi.NewClient(base, controlToken, client), Title: "OneTouch", In: os.Stdin, Out: os.Stdout,
		Devices: func(context.Context) ([]*device.Device, error) { return devicesOf(store, base, client) },
	})
	if err != nil && !errors.Is(err, tui.ErrInterrupted) {
		fmt.Println(err)
		return 1
	}
	client.CloseIdleConnections()
	if err := goleak.Find(before); err != nil {
		fmt.Println(err)
		return 3
	}
	fmt.Println(farewell)
	return 0
}

func devicesOf(store *device.Store, base string, client *http.Client) (devices []*device.Device, err error) {
	all, err := store.List()
	if err != nil {
		return nil, err
	}
	for _, credentials := range all {
		d, err := device.Open(credentials, base, client)
		if err != nil {
			return nil, err
		}
		devices = append(devices, d)
	}
	return devices, nil
}

// terminal is a real pseudo-terminal with the program on it, and an emulator that draws what the program writes.
type terminal struct {
	t       *testing.T
	command *exec.Cmd
	pty     *os.File

	mu       sync.Mutex
	emulator *vt.Emulator
	written  []byte        // by the program, all of it
	changed  chan struct{} // holds a token when there is something new to see
	ended    chan struct{} // closed when the program's output has ended
}

// startProgram runs the test binary with these variables on a terminal of 80×24.
func startProgram(t *testing.T, variables ...string) *terminal {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self)
	command.Env = append([]string{
		"TERM=xterm-256color", "COLORTERM=truecolor", "TZ=UTC", "HOME=" + t.TempDir(), "GOCOVERDIR=" + t.TempDir(),
	}, variables...)
	file, err := pty.StartWithSize(command, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	s := &terminal{
		t: t, command: command, pty: file, emulator: vt.NewEmulator(80, 24),
		changed: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	s.emulator.RegisterCsiHandler(ansi.Command('?', '$', 'p'), s.tellMode)
	var copying sync.WaitGroup
	copying.Go(s.copyOutput)
	copying.Go(func() { _, _ = io.Copy(file, s.emulator) }) // what the emulator answers to queries
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

// tellMode has the emulator know of Unicode's way to count joined characters, by which it counts always.
func (s *terminal) tellMode(params ansi.Params) bool {
	mode, _, _ := params.Param(0, 0)
	if ansi.DECMode(mode) != ansi.ModeUnicodeCore {
		return false
	}
	_, _ = io.WriteString(s.emulator.InputPipe(), ansi.ReportMode(ansi.ModeUnicodeCore, ansi.ModeReset))
	return true
}

func (s *terminal) copyOutput() {
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

// see looks at the emulator.
func (s *terminal) see(look func(*vt.Emulator)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	look(s.emulator)
}

func (s *terminal) text() (text string) {
	s.see(func(e *vt.Emulator) { text = e.String() })
	return text
}

// edge is the last column between the heading and the line of keys.
func (s *terminal) edge() string {
	var edge strings.Builder
	s.see(func(e *vt.Emulator) {
		for y := 1; y < e.Height()-1; y++ {
			if cell := e.CellAt(e.Width()-1, y); cell != nil {
				edge.WriteString(cell.Content)
			}
		}
	})
	return edge.String()
}

// await waits until the screen shows all of these.
func (s *terminal) await(texts ...string) {
	s.t.Helper()
	s.awaitThat(fmt.Sprintf("%q", texts), func() bool {
		shown := s.text()
		for _, text := range texts {
			if !strings.Contains(shown, text) {
				return false
			}
		}
		return true
	})
}

func (s *terminal) awaitThat(what string, seen func() bool) {
	s.t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	for !seen() {
		select {
		case <-s.changed:
		case <-s.ended:
			if !seen() {
				s.t.Fatalf("the program ended before the screen showed %s:\n%s", what, s.text())
			}
		case <-deadline.C:
			s.t.Fatalf("the screen never showed %s:\n%s", what, s.text())
		}
	}
}

func (s *terminal) typeKeys(keys string) {
	s.t.Helper()
	if _, err := s.pty.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

func (s *terminal) resize(width, height int) {
	s.t.Helper()
	s.see(func(e *vt.Emulator) { e.Resize(width, height) })
	if err := pty.Setsize(s.pty, &pty.Winsize{Cols: uint16(width), Rows: uint16(height)}); err != nil {
		s.t.Fatal(err)
	}
}

// leaves asserts that the program ends well by itself and leaves the terminal as it was.
func (s *terminal) leaves() {
	s.t.Helper()
	s.await(farewell)
	if err := s.command.Wait(); err != nil {
		s.t.Errorf("the program ended with %v:\n%s", err, s.text())
	}
	s.see(func(e *vt.Emulator) {
		if e.IsAltScreen() || e.CursorHidden() {
			s.t.Errorf("alternate screen: %t, cursor hidden: %t", e.IsAltScreen(), e.CursorHidden())
		}
	})
	if wraps := strings.LastIndex(s.output(), ansi.SetModeAutoWrap); wraps < strings.LastIndex(s.output(), ansi.ResetModeAutoWrap) {
		s.t.Error("the terminal does not wrap lines any more")
	}
	modes, err := unix.IoctlGetTermios(int(s.pty.Fd()), termiosRequest)
	if err != nil {
		s.t.Fatal(err)
	}
	if modes.Lflag&unix.ECHO == 0 || modes.Lflag&unix.ICANON == 0 {
		s.t.Error("the terminal is still in raw mode")
	}
}

func (s *terminal) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.command.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// written so far, with every escape code.
func (s *terminal) output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.written)
}

// TestLinkingTheScreenWritesNothing: commands that never show the screen are in the same binary. A library that asks the
// terminal for its colours as soon as it is linked would stall them where nobody answers, and swallow what was typed.
func TestLinkingTheScreenWritesNothing(t *testing.T) {
	t.Parallel()
	program := startProgram(t, silentVariable+"=yes")
	<-program.ended
	if got := program.output(); got != "said\r\n" {
		t.Errorf("the program wrote %q", got)
	}
}

func TestWithoutATerminal(t *testing.T) {
	t.Parallel()
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	for _, streams := range []tui.Options{
		{In: strings.NewReader(""), Out: io.Discard}, {In: file, Out: file}, {},
	} {
		if err := tui.Run(t.Context(), streams); !errors.Is(err, tui.ErrNoTerminal) {
			t.Errorf("Run said %v, want that there is no terminal", err)
		}
	}
}
