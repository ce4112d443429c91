//go:build unix

package cli_test

import "testing"

// The heading says which server the screen is of.
func TestHeading(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	alone := h.onTerminal(t, colourTerminal, "tui")
	alone.Await("OneTouch, no server runs")
	alone.Type("q")
	alone.Exits(0)

	serve := h.onTerminal(t, colourTerminal, "serve", "--addr", "127.0.0.1:0")
	serve.Await("OneTouch is running.", "http://127.0.0.1:") // the log has the URL before commands can find the server
	screen := h.onTerminal(t, colourTerminal, "tui")
	screen.Await("OneTouch at http://127.0.0.1:")
	screen.Type("q")
	screen.Exits(0)
	serve.Type("\x03")
	serve.AwaitEnd()

	demo := h.onTerminal(t, colourTerminal, "demo")
	demo.Await("OneTouch demo at http://127.0.0.1:")
	demo.Type("q")
	demo.Await("Nobody has answered")
	demo.Exits(1)
}
