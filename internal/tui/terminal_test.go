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
	"testing"

	"github.com/charmbracelet/x/vt"
	"go.uber.org/goleak"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/terminal/quiet"
	"github.com/onetouchkit/onetouch/internal/terminaltest"
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

// startProgram runs the test binary with these variables on a terminal.
func startProgram(t *testing.T, variables ...string) *terminaltest.Terminal {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self)
	command.Env = append([]string{
		"TERM=xterm-256color", "COLORTERM=truecolor", "TZ=UTC", "HOME=" + t.TempDir(), "GOCOVERDIR=" + t.TempDir(),
	}, variables...)
	return terminaltest.Start(t, command, terminaltest.JoinedCharacters)
}

// leaves asserts that the program ends well by itself and leaves the terminal as it was.
func leaves(screen *terminaltest.Terminal) {
	screen.Await(farewell)
	screen.Exits(0)
	screen.IsRestored()
}

// edge is the last column between the heading and the line of keys.
func edge(screen *terminaltest.Terminal) string {
	var edge strings.Builder
	screen.See(func(e *vt.Emulator) {
		for y := 1; y < e.Height()-1; y++ {
			if cell := e.CellAt(e.Width()-1, y); cell != nil {
				edge.WriteString(cell.Content)
			}
		}
	})
	return edge.String()
}

// TestLinkingTheScreenWritesNothing: commands that never show the screen are in the same binary. A library that asks the
// terminal for its colours as soon as it is linked would stall them where nobody answers, and swallow what was typed.
func TestLinkingTheScreenWritesNothing(t *testing.T) {
	t.Parallel()
	program := startProgram(t, silentVariable+"=yes")
	program.AwaitEnd()
	if got := program.Output(); got != "said\r\n" {
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
