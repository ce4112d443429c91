//go:build unix

package cli_test

import (
	"strings"
	"testing"
)

// The heading says which server the screen is of.
func TestHeading(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	alone := h.onTerminal(t, colourTerminal, "tui")
	alone.Resize(120, 24)
	alone.Await("OneTouch, no server runs")
	alone.Type("q")
	alone.Exits(0)

	serve := h.onTerminal(t, colourTerminal, "serve", "--addr", "127.0.0.1:0")
	serve.Await("OneTouch is running.", "http://127.0.0.1:") // the log has the URL before commands can find the server
	screen := h.onTerminal(t, colourTerminal, "tui")
	screen.Resize(120, 24)
	screen.Await("OneTouch at http://127.0.0.1:")
	screen.Type("q")
	screen.Exits(0)
	serve.Type("\x03")
	serve.AwaitEnd()

	demo := h.onTerminal(t, colourTerminal, "demo")
	demo.Resize(120, 24)
	demo.Await("OneTouch demo at http://127.0.0.1:")
	demo.Type("q")
	demo.Await("Nobody has answered")
	demo.Exits(1)
}

// TestServerStartsUnderTheTerminalUI: a screen that was opened before the server goes over to it, and says where it is now
// also when it comes back at another address. A policy that is set on it is followed by that server.
func TestServerStartsUnderTheTerminalUI(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	screen := h.onTerminal(t, colourTerminal, "tui")
	screen.Resize(120, 24)
	screen.Await("OneTouch, no server runs")
	serve := h.onTerminal(t, colourTerminal, "serve", "--addr", "127.0.0.1:0")
	serve.Await("OneTouch is running.")
	screen.Await("OneTouch at http://127.0.0.1:", "● live")

	screen.Type("3N")
	screen.Await("New user")
	screen.Type("ada@example.com\r202-555-0158\r\r")
	screen.Await("User 1000 is added.")
	screen.Type("6")
	screen.Await("/protected/json/users/new") // it is the server that heard the call
	if calls := h.runs(t, "traffic"); !strings.Contains(calls, "/protected/json/users/new") {
		t.Errorf("the server has heard %q", calls)
	}

	screen.Type("2")
	screen.Await("No phone yet")
	screen.Type("N")
	screen.Await("Whose phone it is.", "1000")
	screen.Type("\x13") // ctrl+s
	screen.Await("Device 2000000 is registered.", "One-time code")
	screen.Type("P")
	screen.Await("Policy of Simulated phone")
	screen.Type("message == \"Log in?\" = approve\x13")
	screen.Await("Device 2000000 has its policy.")
	h.runs(t, "request", "send", "--user", "1000", "--message", "Log in?", "--wait", "--timeout", "1m") // the server answers
	screen.Type("1")

	serve.Type("\x03")
	serve.AwaitEnd()
	screen.Await("server gone")
	again := h.onTerminal(t, colourTerminal, "serve", "--addr", "127.0.0.1:0")
	again.Await("OneTouch is running.")
	_, url, _ := strings.Cut(h.runs(t, "env"), "ONETOUCH_URL='")
	url, _, _ = strings.Cut(url, "'")
	screen.Await("OneTouch at "+url, "● live")
	screen.Type("q")
	screen.Exits(0)
	again.Type("\x03")
	again.AwaitEnd()
}

// TestWholeStoryInTheTerminalUI: user, phone, policy and request are made without leaving the screen.
func TestWholeStoryInTheTerminalUI(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	screen := h.onTerminal(t, colourTerminal, "tui")
	screen.Await("● live")
	screen.Type("3")
	screen.Await("No user yet")
	screen.Type("N")
	screen.Await("New user")
	screen.Type("ada@example.com\r202-555-0158\r\r")
	screen.Await("User 1000 is added.")
	screen.Type("2")
	screen.Await("No phone yet")
	screen.Type("N")
	screen.Await("Whose phone it is.", "1000")
	screen.Type("\x13") // ctrl+s
	screen.Await("Device 2000000 is registered.", "One-time code")

	screen.Type("P")
	screen.Await("Policy of Simulated phone")
	screen.Type("amount > = deny\x13")
	screen.Await("When 1: ", "unexpected end at column 9", "amount > = deny")
	screen.Type("\x1b")
	screen.Await("P policy")

	screen.Type("1")
	screen.Await("N new")
	screen.Type("N")
	screen.Await("New request")
	screen.Type("1000\rSend $12,400 to ACME?\rAmount=$12,400\x13")
	screen.Await("Asked: ", "a Approve", "Amount  $12,400")
	screen.Type("D")
	screen.Await("Deny “Send $12,400 to ACME?”")
	screen.Type("Not me\r")
	screen.Await("✗ Denied", "Reason: Not me")
	screen.Type("q")
	screen.Exits(0)
}
