package tui_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/tui"
)

// TestTabs: numbers and arrows choose what is shown, and each tab keeps its place.
func TestTabs(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.press("3")
	s.shows("─ Users ", "ada@example.com")
	s.hides("Log in?")
	s.press("down", "left", "right")
	s.shows("grace.hopper@navy.example.com", "310-555-0199", "No device: onetouch device register")
	s.press("right", "right", "right", "right")
	s.shows("Log in?", "a Approve")
	s.press("left", "left")
	s.shows("─ Inbox ")
}

// TestKeysThatAnswerWorkWhereOneSeesWhatIsAsked and nowhere else.
func TestKeysThatAnswerWorkWhereOneSeesWhatIsAsked(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.ask(1, "Log in?")
	s.press("2", "a", "d")
	s.pass(tui.HoldTime)
	s.gave()
	s.press("1", "a")
	s.press("2")
	s.shows("u undo") // what was begun goes on, and can be taken back from anywhere
	s.pass(tui.HoldTime)
	s.gave(approved(1))
}

// TestListsFollowTheServer: what is shown is read again when something happened, what is not shown waits for its turn.
func TestListsFollowTheServer(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	if n := s.server.count("messages"); n != 0 {
		t.Errorf("the inbox was read %d times before anybody looked", n)
	}
	s.press("5")
	s.shows("Nothing yet")
	inbox(s)
	s.send(tui.Happened(onetouch.EventTokenSent, ""))
	s.shows("1234567", "Your Acme Bank token is")
	s.press("1")
	before := s.server.count("messages")
	s.send(tui.Happened(onetouch.EventTokenSent, ""))
	s.send(tui.Happened(onetouch.EventTokenSent, ""))
	if n := s.server.count("messages") - before; n != 0 {
		t.Errorf("the inbox was read %d times while nobody looked", n)
	}
	s.press("5")
	if n := s.server.count("messages") - before; n != 1 {
		t.Errorf("the inbox was read %d times when somebody looked again, want once", n)
	}
}

// TestListThatCannotBeReadIsReadLater: an error is shown, and the server's next sign of life is the time to try again.
func TestListThatCannotBeReadIsReadLater(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	sent(s)
	s.server.down = errStorage
	s.press("4")
	s.shows(errStorage.Error(), "Reading…")
	s.server.down = nil
	described, err := s.server.Server(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.send(tui.ServerRead(described, s.clock.Now()))
	s.shows("callback", "try 1 failed")
}

// TestCursorKeepsToItsThing whatever comes above it, and goes to the next when it is gone.
func TestCursorKeepsToItsThing(t *testing.T) {
	t.Parallel()
	s := open(t)
	inbox(s)
	s.connect()
	s.press("5", "down")
	s.shows("onetouch_approval_request")
	s.server.messages = append([]controlapi.Message{
		{ID: 4, Channel: onetouch.ChannelCall, To: "+12025550158", Code: "777", Body: "It is 7 7 7", CreatedAt: start},
	}, s.server.messages...)
	s.send(tui.Happened(onetouch.EventTokenSent, ""))
	s.shows("onetouch_approval_request", "call")
	s.server.messages = s.server.messages[:2] // the push is gone, and the e-mail below it
	s.send(tui.Happened(onetouch.EventTokenSent, ""))
	s.shows("Your Acme Bank token is")
}

func TestSearch(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	s.press("3", "/")
	s.shows("enter keep")
	s.press("navy", "q") // no key of the screen means anything else meanwhile
	s.shows("Nothing here has", "navyq")
	s.send(backspace())
	s.press("enter")
	s.shows("grace.hopper@navy.example.com", "/navy")
	s.hides("ada@example.com")
	s.press("1", "3")
	s.shows("/navy")
	s.press("/", "esc")
	s.shows("ada@example.com", "grace")
	s.press("/", "navy", "enter", "esc") // also once it is kept
	s.shows("ada@example.com", "grace")
	s.hides("/navy", "undo")
}

func TestSearchOfRequests(t *testing.T) {
	t.Parallel()
	s := open(t)
	waiting(s)
	history(s)
	s.connect()
	s.press("/", "instalment", "enter") // in a detail
	s.shows("Send $12,400", "1 waiting", "/insta")
	s.hides("Keep me signed in")
	s.ask(20, "Pay the third instalment?")
	s.ask(21, "Log in?")
	s.shows("2 waiting", "Pay the third")
	s.hides("Log in?")
	s.decide(uuid(20), onetouch.StatusDenied, pixelID)
	s.shows("1 waiting", "History", "Pay the third")
	s.press("/", "esc")
	s.shows("Log in?", "Keep me signed in")
}

// TestReplay: a callback is sent again with one key; nothing else is.
func TestReplay(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	sent(s)
	s.press("4", "down", "r")
	s.shows("Delivery 4 is sent again, as delivery 6.")
	if s.server.count("replay 4") != 1 {
		t.Error("the server was not told to send delivery 4 again")
	}
	s.send(tui.Happened(onetouch.EventCallbackSent, ""))
	s.shows("replay")
	s.press("end", "up", "r")
	s.shows("A push is not sent again: only callbacks are.")
	s.send(tui.Disconnected(errStorage, s.clock.Now().Add(time.Second)))
	s.press("home", "down", "down", "r")
	s.shows("Nothing can be sent again now: the server is gone.")
	if n := s.server.count("replay 4"); n != 1 {
		t.Errorf("delivery 4 was sent again %d times", n)
	}
}

// TestOneTimeCodeGoesBy: the code of the phone under the cursor changes with the clock, on this machine and on the server.
func TestOneTimeCodeGoesBy(t *testing.T) {
	t.Parallel()
	s := open(t).connect()
	code := func() string {
		shown, _, _, err := s.phone.Code(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return shown[:3] + " " + shown[3:]
	}
	s.press("2")
	s.shows(code(), "0:10")
	first := code()
	s.pass(9 * time.Second)
	s.shows(first, "0:01")
	s.pass(2 * time.Second)
	s.shows(code(), "0:29")
	s.hides(first)
	s.press("down")
	s.shows("Its key is not on this")
	s.hides("One-time code")
}

// TestPolicyOfAPhone is shown rule by rule.
func TestPolicyOfAPhone(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.phone.rules, s.phone.auto = []string{`message contains "Log in" = approve`}, "deny"
	s.connect()
	s.press("2")
	s.shows("Policy", `message contains`, "otherwise deny")
}

// TestTraffic: calls are listed as they come, newest on top, and start anew with another server.
func TestTraffic(t *testing.T) {
	t.Parallel()
	s := open(t)
	calls(s)
	late := s.server.heard[3]
	s.server.heard = s.server.heard[:3]
	s.connect()
	if s.server.count("calls") != 0 {
		t.Error("the calls were read before anybody looked")
	}
	s.press("6")
	s.shows("/device/v1/events", "open")
	s.hides("/app/details")
	s.server.heard = append(s.server.heard, late)
	described, err := s.server.Server(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.send(tui.ServerRead(described, s.clock.Now())) // the stream had ended
	s.press("home")
	s.shows("/app/details", "503 Service Unavailable", "delayed 2s")
	s.press("/", "60049", "enter")
	s.shows("404 Not Found", "60049")
	s.hides("/app/details")
	s.server.heard = nil
	s.send(tui.Disconnected(errStorage, s.clock.Now().Add(time.Second)))
	s.connect()
	s.shows("No call yet")
}

// TestTrafficIsOneStream however many calls come.
func TestTrafficIsOneStream(t *testing.T) {
	t.Parallel()
	s := open(t)
	calls(s)
	late := s.server.heard[2:]
	s.server.heard = s.server.heard[:2]
	s.server.followed = func(_ context.Context, hear func(controlapi.Call) error) error {
		return errors.Join(hear(late[0]), hear(late[1]))
	}
	s.connect()
	s.press("6")
	s.shows("/device/v1", "/app/details")
	if listed, followed := s.server.count("calls"), s.server.count("follow calls"); listed != 1 || followed != 1 {
		t.Errorf("the calls were listed %d times and followed %d times, want once each", listed, followed)
	}
}

// TestTrafficIsNotFollowedInVain: not at a server that was found anew, nor while nobody looks.
func TestTrafficIsNotFollowedInVain(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]func(*screen){
		"found anew":  func(s *screen) { s.connect() },
		"another tab": func(s *screen) { s.press("1") },
	} {
		s := open(t)
		s.server.followed = func(ctx context.Context, hear func(controlapi.Call) error) error {
			if ctx.Err() != nil {
				t.Errorf("%s: the stream of calls is ended before", name)
			}
			ends(s)
			if ctx.Err() == nil {
				t.Errorf("%s: the stream of calls is not ended", name)
			}
			return hear(controlapi.Call{ID: 7, At: start, Method: "GET", Path: "/of/before", Status: 200})
		}
		s.connect()
		s.press("6")
		s.press("6")
		s.shows("No call yet")
		s.hides("/of/before")
	}
}

// TestOpenCallEnds: no call tells that a stream has ended, so it is asked as long as one is open.
func TestOpenCallEnds(t *testing.T) {
	t.Parallel()
	s := open(t)
	calls(s)
	s.connect()
	s.press("6", "down")
	s.shows("/device/v1/events", "open")
	ended := &s.server.heard[2]
	ended.Open, ended.DurationMS = false, 9876
	s.serverRead()
	s.shows("/device/v1/events", "9.9 s")
	s.hides("open")
	before := s.server.count("follow calls")
	listed := s.server.count("calls")
	s.serverRead()
	if again, asked := s.server.count("follow calls")-before, s.server.count("calls")-listed; again != 1 || asked != 1 {
		t.Errorf("without an open call the calls are listed %d times for %d streams", asked, again)
	}
}

// TestCurl: a line that repeats a call, without a secret in it.
func TestCurl(t *testing.T) {
	t.Parallel()
	s := open(t)
	calls(s)
	s.connect()
	s.resize(250, 24)
	s.press("6", "end", "y")
	s.shows(`curl -X 'POST' 'http://127.0.0.1:8181/onetouch/json/users/1000/approval_requests' ` +
		`-H "X-Authy-API-Key: $AUTHY_API_KEY" -H 'Content-Type: application/json' --data-raw '{"message":"Log in?"}'`)
	s.press("up", "y")
	s.shows("?a=1'")
	s.hides("api_key=•••&a=1' ")
}

// TestCurlOfAHostileMethod: a method may be any token of HTTP, and stays one word for the shell.
func TestCurlOfAHostileMethod(t *testing.T) {
	t.Parallel()
	s := open(t)
	calls(s)
	s.server.heard[0].Method = "A&reboot&'"
	s.connect()
	s.resize(250, 24)
	s.press("6", "end", "y")
	s.shows(`curl -X 'A&reboot&'\''' 'http://127.0.0.1:8181/`)
}

// TestManyThings are drawn as far as there is room, and the cursor reaches the last.
func TestManyThings(t *testing.T) {
	t.Parallel()
	s := open(t)
	for n := range int64(300) {
		s.server.users = append(s.server.users, controlapi.User{AuthyID: 2000 + n, Email: fmt.Sprintf("user%03d@example.com", n)})
	}
	s.connect()
	s.press("3", "end")
	s.shows("user299@example.com", "302")
	s.press("pgup", "pgup", "home")
	s.shows("ada@example.com")
}

// TestPhoneIsOnOneLine: the numbers that a service gives leave the user beside them whole.
func TestPhoneIsOnOneLine(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.server.devices[0].ID = 2000000
	s.connect()
	s.press("2")
	s.resize(120, 40)
	for _, shown := range strings.Split(s.text(), "\n") {
		row, _, _ := strings.Cut(shown, "││")
		if strings.Contains(row, "2000000") {
			if !strings.Contains(row, "ada@example.com") || strings.Contains(row, "…") {
				t.Errorf("the row is %q", row)
			}
			return
		}
	}
	t.Error("there is no row of it")
}
