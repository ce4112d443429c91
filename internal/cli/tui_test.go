//go:build unix

package cli_test

import "testing"

// The heading says which server the screen is of.
func TestHeading(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	alone := h.onTerminal(t, colourTerminal, "tui")
	alone.await("OneTouch, no server runs")
	alone.types("q")
	alone.exits(0)

	serve := h.onTerminal(t, colourTerminal, "serve", "--addr", "127.0.0.1:0")
	serve.await("http://127.0.0.1:")
	screen := h.onTerminal(t, colourTerminal, "tui")
	screen.await("OneTouch at http://127.0.0.1:")
	screen.types("q")
	screen.exits(0)
	serve.types("\x03")
	<-serve.ended

	demo := h.onTerminal(t, colourTerminal, "demo")
	demo.await("OneTouch demo at http://127.0.0.1:")
	demo.types("q")
	demo.await("Nobody has answered")
	demo.exits(1)
}
