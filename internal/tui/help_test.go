package tui_test

import (
	"slices"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/tui"
)

func TestHelp(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.press("?")
	s.shows("An answer cannot be taken back", "approve", "scroll text")
	s.hides("Log in?")
	s.press("a") // closes the help and does nothing else
	s.shows("Log in?", "a Approve")
	s.press("?", "?")
	s.shows("Log in?")
	s.pass(time.Minute)
	s.gave()
	s.resize(44, 12)
	s.press("?")
	s.hides("keys that answer then rest")
	for range 40 {
		s.press("down")
	}
	s.shows("answer then rest")
	s.press("up", "up")
	s.hides("answer then rest")
	s.press("pgup", "pgup", "pgup", "pgup", "pgup")
	s.shows("approve")
	s.press("pgdown", "pgdown", "pgdown", "pgdown", "pgdown")
	s.shows("answer then rest")
}

// taken reports whether a key has a meaning in one of the tabs.
func taken(seen map[string]bool, key string) bool {
	return slices.ContainsFunc(tui.TabNames(), func(tab string) bool { return seen[key+tab] })
}

// TestHelpKnowsEveryKey: a command has its own entry, or stands in its group after the one that speaks for it too.
func TestHelpKnowsEveryKey(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	spoken := ""
	for _, c := range tui.Commands() {
		for _, key := range c.Keys() {
			if seen[key+c.Tab()] || seen[key] || c.Tab() == "" && taken(seen, key) {
				t.Errorf("%s has two meanings", key)
			}
			seen[key+c.Tab()] = true
		}
		if c.Help().Key != "" {
			spoken = c.Group()
		}
		if spoken != c.Group() {
			t.Errorf("the help says nothing of %v", c.Keys())
		}
	}
}
