package tui_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/colorprofile"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/tui"
)

// archive is a server with a long history, which it makes up as it is asked.
type archive struct {
	*server
	size int
}

func (a archive) ApprovalRequests(
	_ context.Context, q controlapi.ApprovalRequestQuery,
) (page []controlapi.ApprovalRequest, err error) {
	if q.Statuses[0] == string(onetouch.StatusPending) {
		return nil, nil
	}
	from := a.size
	if q.Before != "" {
		if _, err := fmt.Sscanf(q.Before, "%08d", &from); err != nil {
			return nil, err
		}
	}
	for n := from - 1; n >= max(0, from-q.Limit); n-- {
		at := start.Add(time.Duration(n-a.size) * time.Second)
		page = append(page, controlapi.ApprovalRequest{
			UUID: uuid(n), Status: onetouch.StatusApproved, AuthyID: adaID, Question: onetouch.Question{Message: "Log in from Bogotá?"},
			AppID: a.app.ID, AppName: a.app.Name, CreatedAt: at, ProcessedAt: &at,
		})
	}
	return page, nil
}

// openArchive returns a screen whose history was scrolled down to the end.
func openArchive(t testing.TB, size int) *screen {
	a := archive{newServer(), size}
	s := &screen{server: a.server, clock: a.clock}
	s.model = tui.NewScreen(a, func(context.Context) ([]tui.Phone, error) { return nil, nil }, a.clock, colorprofile.TrueColor, nil, io.Discard)
	s.resize(120, 40)
	described, err := a.Server(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.send(tui.Connected(described, s.clock.Now()))
	for range size / tui.HistoryPage {
		s.press("end")
	}
	return s
}

// BenchmarkKeyPress is what one key costs, drawn, at the end of 100,000 requests that were all read.
func BenchmarkKeyPress(b *testing.B) {
	s := openArchive(b, 100_000)
	keys := []tea.KeyMsg{{Type: tea.KeyUp}, {Type: tea.KeyDown}}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.send(keys[i%2])
		if s.picture() == "" {
			b.Fatal("nothing is drawn")
		}
	}
}

// BenchmarkKeyPressInUsers is what one key costs, drawn, in a list of many users who have a phone each.
func BenchmarkKeyPressInUsers(b *testing.B) {
	const size = 3000
	server := newServer()
	for n := range int64(size) {
		server.users = append(server.users, controlapi.User{AuthyID: 2000 + n, Email: "user@example.com"})
		server.devices = append(server.devices, controlapi.Device{ID: 20_000 + n, AuthyID: 2000 + n, Name: "Phone"})
	}
	s := openOn(b, server, &fakePhone{server: server, id: pixelID, user: adaID}, colorprofile.TrueColor).connect()
	s.press("3")
	keys := []tea.KeyMsg{{Type: tea.KeyDown}, {Type: tea.KeyUp}}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.send(keys[i%2])
		if s.picture() == "" {
			b.Fatal("nothing is drawn")
		}
	}
}

// BenchmarkTick is what the screen costs while it is only looked at.
func BenchmarkTick(b *testing.B) {
	s := openArchive(b, tui.HistoryPage)
	b.ReportAllocs()
	for b.Loop() {
		_, tick := s.model.NextTick()
		s.send(tick)
		if s.picture() == "" {
			b.Fatal("nothing is drawn")
		}
	}
}
