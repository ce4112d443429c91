package tui_test

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/tui"
)

func TestCallbacksFate(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	request := s.ask(1, "Log in?")
	s.shows("Follows the answer.", "POST http://127.0.0.1:3000/callback")
	s.press("a")
	s.server.deliver(request, onetouch.DeliveryPending)
	s.pass(tui.HoldTime)
	s.shows("● on its way")

	s.server.deliver(request, onetouch.DeliveryPending, s.server.attempt(1, 0, "connection refused"))
	s.send(tui.CallbacksChanged("another", request))
	s.shows("✗ try 1 failed · next in 0:03", "connection refused", "no answer")
	s.pass(2 * time.Second)
	s.shows("next in 0:01")

	s.server.deliver(request, onetouch.DeliverySent,
		s.server.attempt(1, 0, "connection refused"), s.server.attempt(2, 204, ""))
	s.send(tui.CallbacksChanged(request))
	s.shows("✓ delivered · try 2 · 204 No Content · 12", "try 1  ", "try 2  ")
}

func TestNoCallback(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.server.app.CallbackURL = ""
	s.connect()
	request := s.ask(1, "Log in?")
	s.shows("No callback URL is set; the backend polls.")
	s.press("a")
	s.pass(tui.HoldTime)
	s.shows("None: no callback URL was set")
	s.decide(s.ask(2, "Again?"), onetouch.StatusExpired, 0)
	s.shows("None: only an answer is called back.")
	s.press("G")
	s.cursor(request)
	s.shows("None: no callback URL was set")
}
