package tui_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/tui"
)

func TestUserWithoutDevice(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.phones = nil
	s.connect()
	s.ask(1, "Log in?")
	s.shows("No device of this user here", "onetouch device register --user 1000")
	s.hides("a Approve")
	s.press("a")
	s.pass(tui.HoldTime)
	s.shows("Make one: onetouch device register --user 1000")
	s.gave()

	s.phones = []tui.Phone{s.phone}
	s.send(tui.PeopleChanged())
	s.shows("a Approve", "as Ada's Pixel")
	s.press("a")
	s.pass(tui.HoldTime)
	s.gave(approved(1))
}

// TestEntity: who was added through the Verify API has neither e-mail address nor phone number, and is known by an identity.
func TestEntity(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.server.users[0].Email, s.server.users[0].PhoneNumber, s.server.users[0].CountryCode = "", "", 0
	s.server.users[0].Identity = "ada-of-acme"
	s.connect()
	s.ask(1, "Log in?")
	s.shows("asks ada-of-acme", "User  ada-of-acme")
	s.hides("+0")
	s.press("2")
	s.shows("User        ada-of-acme")
	s.press("3")
	s.shows("Identity     ada-of-acme")
	s.hides("+0", "E-mail")
	s.press("/", "o", "f", "-", "a", "c", "m", "e", "enter")
	s.shows("ada-of-acme")
	s.hides("grace.hopper")
}

func TestRemovedUser(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.server.users = s.server.users[1:]
	s.send(tui.PeopleChanged())
	s.shows("The user was removed: nobody can answer.")
	s.hides("device register", "a Approve")
	s.press("a")
	s.pass(tui.HoldTime)
	s.hides("device register")
	s.gave()
}

func TestDeviceMadeWithoutTheServersWord(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.phones = nil
	s.connect()
	s.ask(1, "Log in?")
	s.phones = []tui.Phone{s.phone}
	s.press("a") // finds none, and looks again
	s.shows("a Approve")
}

func TestRemovedDevice(t *testing.T) {
	t.Parallel()
	s := open(t)
	gone := &fakePhone{server: s.server, id: ipadID, user: adaID, name: "Ada's iPad", fails: tui.ErrRemoved}
	s.phones = []tui.Phone{gone, s.phone}
	s.connect()
	s.ask(1, "First")
	s.press("a")
	s.pass(tui.HoldTime)
	s.gave(approved(1))
	s.phones = []tui.Phone{gone}
	s.send(tui.PeopleChanged())
	s.ask(2, "Second")
	s.pass(tui.ArmTime)
	s.press("a")
	s.pass(tui.HoldTime)
	s.shows("Your approval does not count: this", "machine's device was removed on the")
}

func TestDeviceThatTheServerDoesNotHave(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.server.devices = s.server.devices[1:]
	s.send(tui.PeopleChanged())
	s.shows("No device of this user here")
	s.press("a")
	s.pass(tui.HoldTime)
	s.gave()
}
