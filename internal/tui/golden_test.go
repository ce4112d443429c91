package tui_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/tui"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// errToken is what a server says to another server's control token.
var errToken = &onetouch.Error{
	Code: problem.CodeNotAuthorised, Message: "The control API wants the control token of the server's profile.",
}

var update = flag.Bool("update", false, "write the golden files anew")

// scenes are the states of the screen that are worth a look.
var scenes = map[string]func(*screen){
	"connecting": func(*screen) {},
	"no-server": func(s *screen) {
		s.send(tui.Disconnected(fmt.Errorf("%w: dial tcp 127.0.0.1:8181: connect: connection refused", controlapi.ErrUnreachable),
			s.clock.Now().Add(2*time.Second)))
	},
	"not-authorised": func(s *screen) { s.send(tui.Disconnected(errToken, s.clock.Now().Add(2*time.Second))) },
	"nothing-yet":    func(s *screen) { s.connect() },
	"waiting":        func(s *screen) { history(s); waiting(s); s.connect() },
	"held": func(s *screen) {
		history(s)
		waiting(s)
		s.connect()
		s.press("a")
		s.pass(500 * time.Millisecond)
	},
	"delivered": func(s *screen) {
		history(s)
		waiting(s)
		s.connect()
		s.server.deliver(uuid(1), onetouch.DeliverySent, s.server.attempt(3, 200, ""))
		s.press("a")
		s.pass(2 * time.Second)
	},
	"retried": func(s *screen) {
		uuid := s.server.ask(1, "Log in from Bogotá?")
		s.server.decide(uuid, onetouch.StatusDenied, ipadID)
		s.server.deliver(uuid, onetouch.DeliveryPending,
			s.server.attempt(1, 0, "connection refused by 127.0.0.1:3000: is your backend running?"),
			s.server.attempt(2, 503, "the receiver answered 503 Service Unavailable"))
		s.connect()
	},
	"given-up": func(s *screen) {
		uuid := s.server.ask(1, "Log in from Bogotá?")
		s.server.decide(uuid, onetouch.StatusApproved, pixelID)
		attempts := []controlapi.Attempt{}
		for n := range 15 {
			attempts = append(attempts, s.server.attempt(n+1, 500, "the receiver answered 500 Internal Server Error"))
		}
		s.server.deliver(uuid, onetouch.DeliveryFailed, attempts...)
		s.connect()
	},
	"too-late": func(s *screen) {
		uuid := s.server.ask(1, "Log in from Bogotá?")
		s.connect()
		s.server.decide(uuid, onetouch.StatusDenied, ipadID)
		s.press("a")
		s.pass(tui.HoldTime)
		s.send(tui.RequestsChanged(uuid))
	},
	"no-device": func(s *screen) {
		s.server.ask(1, "Log in from Bogotá?", func(r *controlapi.ApprovalRequest) { r.AuthyID = graceID })
		s.connect()
		s.press("a")
	},
	"server-gone": func(s *screen) {
		history(s)
		waiting(s)
		s.connect()
		s.send(tui.Disconnected(errors.New("connection refused"), s.clock.Now().Add(2*time.Second)))
	},
	"hostile": func(s *screen) { hostile(s); s.connect() },
	"long":    func(s *screen) { long(s); s.connect() },
	"long-end": func(s *screen) {
		long(s)
		s.connect()
		for range 200 {
			s.press("J")
		}
	},
	"help":  func(s *screen) { s.connect(); s.press("?") },
	"found": func(s *screen) { history(s); waiting(s); s.connect(); s.press("/", "ACME", "enter") },
	"searching": func(s *screen) {
		history(s)
		waiting(s)
		s.connect()
		s.press("/", "attempt")
	},
	"phones":        func(s *screen) { s.connect(); s.press("2") },
	"phones-empty":  func(s *screen) { s.server.devices = nil; s.connect(); s.press("2") },
	"phone-unknown": func(s *screen) { s.connect(); s.press("2", "down") },
	"users":         func(s *screen) { s.connect(); s.press("3") },
	"user-alone":    func(s *screen) { s.connect(); s.press("3", "down") },
	"deliveries":    func(s *screen) { sent(s); s.connect(); s.press("4", "down") },
	"delivery-owed": func(s *screen) { sent(s); s.connect(); s.press("4") },
	"replayed":      func(s *screen) { sent(s); s.connect(); s.press("4", "down", "r") },
	"inbox":         func(s *screen) { inbox(s); s.connect(); s.press("5") },
	"new-request":   func(s *screen) { waiting(s); s.connect(); s.press("N") },
	"policy":        func(s *screen) { s.connect(); s.press("2", "P") },
	"reason":        func(s *screen) { waiting(s); s.connect(); s.press("D", "Not me") },
	"refused-user": func(s *screen) {
		s.connect()
		s.refusal = errors.New("User was not valid: email is invalid")
		s.press("3", "N", "ada@example", "ctrl+s")
	},
	"traffic":  func(s *screen) { calls(s); s.connect(); s.press("6", "down") },
	"commands": func(s *screen) { s.connect(); s.press(":") },
	"all": func(s *screen) {
		waiting(s)
		s.server.decide(uuid(1), onetouch.StatusApproved, pixelID)
		s.connect()
		s.press("/", "Invoice", "enter", "x", "J", "J", "J", "J", "J", "J", "J", "J", "J", "J", "J", "J", "J", "J")
	},
	"inbox-hostile": func(s *screen) { inbox(s); s.connect(); s.press("5", "down", "down") },
}

// sent are deliveries of every fate.
func sent(s *screen) {
	pixel := int64(pixelID)
	ok, refused := s.server.attempt(1, 200, ""), s.server.attempt(1, 503, "the receiver answered 503 Service Unavailable")
	ok.ResponseHeaders = []controlapi.Header{{Name: "Content-Type", Value: "text/plain"}}
	ok.Response, ok.Phases = "thank you", controlapi.Phases{ConnectMS: 0.4, SendMS: 0.1, WaitMS: 11}
	callback := controlapi.Delivery{
		Kind: onetouch.DeliveryCallback, RequestUUID: uuid(1), Method: "POST", URL: s.server.app.CallbackURL, CreatedAt: start,
	}
	owed, done, dead := callback, callback, callback
	next := start.Add(3 * time.Second)
	owed.ID, owed.State, owed.Owed, owed.NextAttemptAt = 5, onetouch.DeliveryPending, true, &next
	owed.Attempts, owed.LastError = []controlapi.Attempt{refused}, refused.Error
	done.ID, done.State, done.Attempts = 4, onetouch.DeliverySent, []controlapi.Attempt{ok}
	dead.ID, dead.State, dead.Attempts = 3, onetouch.DeliveryFailed, []controlapi.Attempt{refused}
	s.server.sent = []controlapi.Delivery{owed, done, dead,
		{ID: 2, Kind: onetouch.DeliveryPush, DeviceID: &pixel, State: onetouch.DeliverySent, CreatedAt: start.Add(-time.Hour)},
		{ID: 1, Kind: onetouch.DeliveryWebhook, Event: onetouch.EventUserAdded, Method: "POST",
			URL: "https://acme.example.com/\x1b[2Jhook", State: onetouch.DeliveryPending, CreatedAt: start.Add(-time.Hour)},
	}
}

// calls are those of a backend and a device, newest last.
func calls(s *screen) {
	ada, pixel := int64(adaID), int64(pixelID)
	s.server.heard = []controlapi.Call{
		{ID: 1, At: start.Add(-time.Minute), API: "authy", Method: "POST", Status: 200, DurationMS: 3.2, AppID: s.server.app.ID,
			Path: "/onetouch/json/users/1000/approval_requests", AuthyID: &ada, RequestUUID: uuid(1),
			RequestHeaders: []controlapi.Header{{Name: "Content-Type", Value: "application/json"}},
			RequestBody:    `{"message":"Log in?"}`, ResponseBody: `{"success":true}`},
		{ID: 2, At: start.Add(-50 * time.Second), API: "authy", Method: "GET", Status: 404, DurationMS: 0.4, ErrorCode: "60049",
			Path: "/onetouch/json/approval_requests/\x1b[2J?api_key=•••&a=1", AppID: s.server.app.ID, ResponseBody: `{"success":false}`},
		{ID: 3, At: start.Add(-40 * time.Second), API: "device", Method: "GET", Status: 200, Open: true, DeviceID: &pixel,
			Path: "/device/v1/events"},
		{ID: 4, At: start.Add(-30 * time.Second), API: "authy", Method: "GET", Status: 503, DurationMS: 2000, Fault: "delayed 2s",
			Path: "/app/details", AppID: s.server.app.ID},
	}
}

// inbox are messages of several channels.
func inbox(s *screen) {
	ada, pixel := int64(adaID), int64(pixelID)
	s.server.messages = []controlapi.Message{
		{ID: 3, Channel: onetouch.ChannelSMS, To: "+12025550158", Code: "1234567", AuthyID: &ada, Locale: "en",
			Body: "Your Acme Bank token is: 1234567", CreatedAt: start.Add(-4 * time.Second)},
		{ID: 2, Channel: onetouch.ChannelPush, To: "b6c1", DeviceID: &pixel, AuthyID: &ada, RequestUUID: uuid(1),
			Body: `{"type":"onetouch_approval_request"}`, CreatedAt: start.Add(-3 * time.Minute)},
		{ID: 1, Channel: onetouch.ChannelEmail, To: "x@\x1b[31mexample.com", Code: "99\x07", AuthyID: &ada,
			Body: "Line one\nLine two \x1b]0;pwned\x07 漢字", CreatedAt: start.Add(-time.Hour)},
	}
}

func waiting(s *screen) {
	s.server.ask(2, "Log in from Bogotá?", func(r *controlapi.ApprovalRequest) {
		r.AuthyID = graceID
		r.CreatedAt = start.Add(-100 * time.Second)
		*r.ExpiresAt = start.Add(12 * time.Second)
	})
	s.server.ask(3, "Keep me signed in on this computer", func(r *controlapi.ApprovalRequest) {
		r.CreatedAt = start.Add(-time.Hour)
		r.ExpiresAt = nil
	})
	s.server.ask(1, "Send $12,400 to ACME Corporation?", func(r *controlapi.ApprovalRequest) {
		r.CreatedAt = start.Add(-17 * time.Second)
		r.Details = details.List{
			{Name: "Amount", Value: "$12,400.00"}, {Name: "To", Value: "ACME Corporation"},
			{Name: "Reference", Value: "Invoice 2026-0314, second and last instalment of the delivery of March"},
			{Name: "City", Value: "Bogotá"},
		}
		r.HiddenDetails = details.List{{Name: "ip", Value: "10.0.0.1"}}
		r.Logos = []onetouch.Logo{{Resolution: "default", URL: "https://acme.example.com/logo.png"}}
	})
}

func history(s *screen) {
	for n, status := range []onetouch.Status{
		onetouch.StatusApproved, onetouch.StatusDenied, onetouch.StatusExpired, onetouch.StatusApproved,
	} {
		uuid := s.server.ask(10+n, fmt.Sprintf("Log in, attempt %d of the day?", n+1))
		ago := time.Duration(1+n*n) * 5 * time.Minute
		s.server.decide(uuid, status, 0)
		r := s.server.requests[uuid]
		r.CreatedAt, *r.ProcessedAt = start.Add(-ago-time.Minute), start.Add(-ago)
		s.server.requests[uuid] = r
	}
}

func hostile(s *screen) {
	s.server.app.Name = "Acme \x1b[31mBank\x1b[0m"
	s.server.users[0].Email = "ada@\x1b]0;pwned\x07example.com"
	s.phone.name = "Ada's\x1b[2J Pixel\r"
	s.server.ask(1, "Pay \x1b[2J\x1b[1;1Hnow?\nSecond line\r\n\ttabbed \u202e001$\u202c", func(r *controlapi.ApprovalRequest) {
		r.Details = details.List{
			{Name: "口座番号", Value: "三井住友銀行 渋谷支店 1234567 ありがとうございます"},
			{Name: "Emoji", Value: "👩‍💻 👍🏽 ❤️ 🇨🇴 🏴󠁧󠁢󠁥󠁮󠁧󠁿 done"},
			{Name: "עברית", Value: "אישור כניסה לחשבון"},
			{Name: "ctl\x07\x9b", Value: "\x1b]52;c;cm0gLXJm\x07 \x00 \x7f end"},
		}
		r.Logos = []onetouch.Logo{{Resolution: "default", URL: "https://acme.example.com/\x1b[5mlogo.png"}}
	})
	s.server.ask(2, "漢字かな交じり文のとても長いメッセージです。承認しますか?")
	s.server.ask(3, "👩‍👩‍👧‍👦 family plan 👍🏽 for everybody in the house?")
	s.server.ask(4, "אישור כניסה לחשבון שלך מתל אביב?")
	denied := s.server.ask(5, "x\x1b[3J")
	s.server.decide(denied, onetouch.StatusDenied, pixelID)
}

func long(s *screen) {
	words := strings.Repeat("Lorem ipsum dolor sit amet, consectetur adipiscing elit. ", 100)
	s.server.ask(1, words[:5000], func(r *controlapi.ApprovalRequest) {
		r.Details = details.List{{Name: "Unbroken", Value: strings.Repeat("0123456789", 20)}, {Name: "Last", Value: "the end"}}
	})
}

var sizes = [][2]int{{80, 24}, {120, 40}, {60, 16}}

// TestGolden compares every scene in every size with a picture that somebody has looked at: as text, and with its
// colours. go test ./internal/tui -run Golden -update draws them anew.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, scene := range scenes {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				picture := draw(t, scene, size, colorprofile.TrueColor)
				compare(t, name, size, "txt", ansi.Strip(picture))
				compare(t, name, size, "ansi", picture)
			})
		}
	}
}

func draw(t *testing.T, scene func(*screen), size [2]int, profile colorprofile.Profile) string {
	t.Helper()
	server := newServer()
	s := openOn(t, server, &fakePhone{server: server, id: pixelID, user: adaID, name: "Ada's Pixel"}, profile)
	s.resize(size[0], size[1])
	scene(s)
	return s.picture()
}

func compare(t *testing.T, scene string, size [2]int, kind, got string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", scene, fmt.Sprintf("%dx%d.%s", size[0], size[1], kind))
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got+"\n", "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		if g, w := lineOf(gotLines, i), lineOf(wantLines, i); g != w {
			t.Fatalf("the screen differs from %s in line %d:\n got %q\nwant %q", file, i+1, g, w)
		}
	}
}

func lineOf(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// TestPicture holds what every picture has to keep in every depth of colour: its exact size, no escape code but colours,
// the same text, and no colour where there is none.
func TestPicture(t *testing.T) {
	t.Parallel()
	profiles := []colorprofile.Profile{
		colorprofile.ASCII, colorprofile.ANSI, colorprofile.ANSI256, colorprofile.TrueColor,
	}
	shapes := append([][2]int{{44, 12}, {76, 18}, {75, 18}, {120, 16}, {200, 60}, {20, 5}, {1, 1}}, sizes...)
	for name, scene := range scenes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, size := range shapes {
				first := ""
				for _, profile := range profiles {
					picture := draw(t, scene, size, profile)
					checkPicture(t, picture, size, profile)
					if text := ansi.Strip(picture); first == "" {
						first = text
					} else if text != first {
						t.Errorf("%v in %s reads otherwise:\n%s", size, profile, text)
					}
				}
			}
		})
	}
}

func checkPicture(t *testing.T, picture string, size [2]int, profile colorprofile.Profile) {
	t.Helper()
	lines := strings.Split(picture, "\n")
	if len(lines) != size[1] {
		t.Errorf("%v has %d lines", size, len(lines))
	}
	for _, text := range lines {
		if width := ansi.WcWidth.StringWidth(text); width != size[0] {
			t.Errorf("%v: this line is %d wide: %q", size, width, ansi.Strip(text))
		}
	}
	checkCodes(t, picture, profile)
}

// checkCodes lets through SGR codes only, and of those only what the profile has.
func checkCodes(t *testing.T, picture string, profile colorprofile.Profile) {
	t.Helper()
	parser := ansi.NewParser()
	state := byte(0)
	for len(picture) > 0 {
		code, width, n, next := ansi.DecodeSequence(picture, state, parser)
		if width == 0 && code != "\n" && len(code) == 1 && code[0] < 0x20 || len(code) > 1 && code[0] == 0x1b {
			if !ansi.HasCsiPrefix(code) || parser.Command() != 'm' {
				t.Errorf("the picture holds %q", code)
			} else if profile == colorprofile.ASCII && (strings.Contains(code, ";3") || strings.Contains(code, "[3")) {
				t.Errorf("the picture holds the colour %q, which it should not", code)
			}
		}
		picture, state = picture[n:], next
	}
}
