package tui

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// newUsers is the tab of the users. The directory has them.
func newUsers() *roster[controlapi.User] {
	r := &roster[controlapi.User]{}
	r.kind = kind[controlapi.User]{
		tab: tabUsers, noun: "User", nothing: "No user yet. N adds one.",
		id:  func(u controlapi.User) string { return strconv.FormatInt(u.AuthyID, 10) },
		row: userRow, whole: userSheet, words: userWords,
		hear: func(msg tea.Msg, known facts, _ func(tea.Msg)) tea.Cmd {
			if _, is := msg.(peopleRead); is && known.names.known {
				r.take(inOrder(known.names.users), known)
			}
			return nil
		},
	}
	return r
}

// inOrder are the values by their numbers.
func inOrder[T any](byID map[int64]T) []T {
	items := make([]T, 0, len(byID))
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		items = append(items, byID[id])
	}
	return items
}

// nameOf is the name by which people know a user: an entity of the Verify API has an identity, and no e-mail address.
func nameOf(u controlapi.User) string { return line(cmp.Or(u.Email, u.Identity)) }

// phoneNumber is the user's number; "" of an entity of the Verify API, which has none.
func phoneNumber(u controlapi.User) string {
	if u.PhoneNumber == "" {
		return ""
	}
	return line(fmt.Sprintf("+%d %s", u.CountryCode, u.PhoneNumber))
}

func userRow(f frame, u controlapi.User) row {
	sign := f.look.muted.Render("○")
	switch {
	case u.Suspended:
		sign = f.look.bad.Render("✗")
	case len(f.names.owned[u.AuthyID]) > 0:
		sign = f.look.good.Render("●")
	}
	text := nameOf(u)
	if f.width >= narrowList {
		text = f.ruler.fit(text, f.width-4-30) + "  " + phoneNumber(u)
	}
	return row{sign, text, f.look.muted.Render(strconv.FormatInt(u.AuthyID, 10))}
}

func userWords(_ facts, u controlapi.User) []string {
	return []string{u.Email, u.Identity, phoneNumber(u), strconv.FormatInt(u.AuthyID, 10)}
}

func userSheet(f frame, u controlapi.User) []string {
	app, _ := f.names.app(u.AppID)
	state := "active"
	if u.Suspended {
		state = "suspended: nobody may ask this user"
	}
	confirmed := "not yet: no valid code, no device"
	if u.Confirmed {
		confirmed = "yes"
	}
	rows := [][2]string{{"E-mail", line(u.Email)}, {"Phone", phoneNumber(u)}}
	if u.Email == "" {
		rows = [][2]string{{"Identity", line(u.Identity)}}
	}
	rows = append(rows, [][2]string{
		{"Authy ID", strconv.FormatInt(u.AuthyID, 10)}, {"Application", line(app.Name)},
		{"State", state}, {"Confirmed", confirmed},
		{"Added", f.moment(u.CreatedAt)},
	}...)
	lines := append(table(f, rows, f.look.plain.Render), "")
	devices := f.names.owned[u.AuthyID]
	if len(devices) == 0 {
		return append(lines, f.mutedLines(fmt.Sprintf("No device: onetouch device register --user %d", u.AuthyID))...)
	}
	for _, d := range devices {
		lines = append(lines, f.look.good.Render("●")+" "+f.ruler.cut(f.names.device(d.ID), f.width-2))
	}
	return lines
}
