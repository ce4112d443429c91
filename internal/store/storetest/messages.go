package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// message is the nth one to the user, sent n seconds after the start.
func message(u onetouch.User, n int, channel onetouch.Channel) onetouch.Message {
	return onetouch.Message{
		AppID: u.AppID, AuthyID: u.AuthyID, Channel: channel, To: "+57" + u.Cellphone,
		Body: fmt.Sprintf("Your code is %d", n), Code: fmt.Sprint(n), Locale: "en", VerificationUUID: fmt.Sprintf("uuid-%d", n),
		CreatedAt: start().Add(time.Duration(n) * time.Second),
	}
}

// insertMessage writes a message with its delivery.
func (w *world) insertMessage(t testing.TB, m *onetouch.Message) {
	t.Helper()
	d := onetouch.Delivery{
		AppID: m.AppID, Kind: onetouch.DeliveryMessage, State: onetouch.DeliverySent, CreatedAt: m.CreatedAt, FinishedAt: m.CreatedAt,
	}
	w.insertDeliveries(t, &d)
	m.ID = d.ID
	w.update(t, func(tx onetouch.Transaction) error { return tx.InsertMessage(*m) })
}

// insertPush writes a push of the request, and returns what the inbox makes of it.
func (w *world) insertPush(t testing.TB, asked onetouch.ApprovalRequest, d onetouch.Device) onetouch.Message {
	t.Helper()
	owed := push(asked, d)
	w.insertDeliveries(t, &owed)
	return onetouch.Message{
		ID: owed.ID, AppID: asked.AppID, AuthyID: asked.AuthyID, Channel: onetouch.ChannelPush, To: d.UUID, Body: asked.Message,
		DeviceID: d.ID, RequestUUID: asked.UUID, CreatedAt: asked.CreatedAt,
	}
}

func messages(t *testing.T, w *world) {
	asked := request(w.user, 1)
	w.insertRequests(t, asked)
	text, call := message(w.user, 1, onetouch.ChannelSMS), message(w.user, 2, onetouch.ChannelCall)
	w.insertMessage(t, &text)
	alert := w.insertPush(t, asked, w.device)
	w.insertMessage(t, &call)
	same(t, "messages", view(t, w, func(r onetouch.Reader) ([]onetouch.Message, error) {
		return r.Messages(onetouch.MessageFilter{})
	}), []onetouch.Message{call, alert, text})
	lost := call
	lost.ID++
	if err := w.store.Update(t.Context(), func(tx onetouch.Transaction) error { return tx.InsertMessage(lost) }); err == nil {
		t.Error("a message that is no delivery was written")
	}
}

// messagesList compares the store with messages filtered by hand, over all filters.
func messagesList(t *testing.T, w *world) {
	friend := user(w.app, "2025550101")
	w.update(t, func(tx onetouch.Transaction) error { return tx.InsertUser(&friend) })
	second := device(w.user, "second")
	w.update(t, func(tx onetouch.Transaction) error { return tx.InsertDevice(&second) })
	asked := func(u onetouch.User, n int) onetouch.ApprovalRequest {
		r := request(u, n)
		w.insertRequests(t, r)
		return r
	}
	var all []onetouch.Message
	for n, channel := range slices.Concat(onetouch.Channels(), onetouch.Channels()) {
		for _, u := range []onetouch.User{w.user, friend} {
			if channel == onetouch.ChannelPush {
				if u == w.user { // of the friend's devices none is registered
					r := asked(u, n)
					all = append(all, w.insertPush(t, r, w.device), w.insertPush(t, r, second))
				}
				continue
			}
			m := message(u, n, channel)
			if channel == onetouch.ChannelEmail {
				m.To = u.Email
			}
			w.insertMessage(t, &m)
			all = append(all, m)
		}
	}
	stranger := message(onetouch.User{AppID: "other", Cellphone: "1"}, 9, onetouch.ChannelSMS)
	w.insertMessage(t, &stranger)
	all = append(all, stranger)
	slices.Reverse(all)
	for _, filter := range messageFilters(w, friend, all) {
		var want []onetouch.Message
		for _, m := range all {
			fits := (filter.To == "" || m.Channel != onetouch.ChannelPush) && (filter.AppID == "" || m.AppID == filter.AppID) && (filter.AuthyID == 0 || m.AuthyID == filter.AuthyID) &&
				(filter.Channel == "" || m.Channel == filter.Channel) && (filter.To == "" || m.To == filter.To) &&
				!m.CreatedAt.Before(filter.Since) && m.ID > filter.After
			if fits && (filter.Limit == 0 || len(want) < filter.Limit) {
				want = append(want, m)
			}
		}
		got := view(t, w, func(r onetouch.Reader) ([]onetouch.Message, error) { return r.Messages(filter) })
		if !slices.Equal(got, want) {
			t.Fatalf("%+v: got %v, want %v", filter, got, want)
		}
	}
}

func messageFilters(w *world, friend onetouch.User, all []onetouch.Message) []onetouch.MessageFilter {
	var filters []onetouch.MessageFilter
	for _, to := range []string{"", "+57" + w.user.Cellphone, friend.Email, "+571"} {
		for _, authyID := range []int64{0, w.user.AuthyID, friend.AuthyID} {
			for _, channel := range append(onetouch.Channels(), "") {
				for _, after := range []int64{0, all[5].ID} {
					for i, since := range []time.Time{{}, start().Add(3 * time.Second)} {
						filters = append(filters, onetouch.MessageFilter{
							AppID: []string{"", w.app.ID}[i], AuthyID: authyID, Channel: channel, To: to, Since: since,
							After: after, Limit: []int{0, 3}[i],
						})
					}
				}
			}
		}
	}
	return filters
}

func messagesCounted(t *testing.T, w *world) {
	number := message(onetouch.User{AppID: w.app.ID, Cellphone: "5551234"}, 0, onetouch.ChannelSMS)
	elsewhere := message(w.user, 0, onetouch.ChannelSMS)
	elsewhere.AppID = "other"
	link := message(w.user, 0, onetouch.ChannelSMS)
	link.Code = ""
	w.insertMessage(t, &number)
	w.insertMessage(t, &elsewhere)
	w.insertMessage(t, &link)
	asked := request(w.user, 0)
	w.insertRequests(t, asked)
	w.insertPush(t, asked, w.device)
	for n, channel := range []onetouch.Channel{onetouch.ChannelSMS, onetouch.ChannelCall, onetouch.ChannelEmail} {
		m := message(w.user, n, channel)
		w.insertMessage(t, &m)
	}
	for _, test := range []struct {
		count onetouch.MessageCount
		want  int
	}{
		{onetouch.MessageCount{AppID: w.app.ID, AuthyID: w.user.AuthyID, Since: start()}, 3},
		{onetouch.MessageCount{AppID: w.app.ID, AuthyID: w.user.AuthyID, Since: start().Add(time.Second)}, 2},
		{onetouch.MessageCount{AppID: w.app.ID, To: "+575551234", Since: start()}, 1},
		{onetouch.MessageCount{AppID: w.app.ID, To: "+575551234", Since: start().Add(time.Second)}, 0},
		{onetouch.MessageCount{AppID: "none", AuthyID: w.user.AuthyID, Since: start()}, 0},
	} {
		got := view(t, w, func(r onetouch.Reader) (int, error) { return r.CountMessages(test.count) })
		if got != test.want {
			t.Errorf("%+v: got %d, want %d", test.count, got, test.want)
		}
	}
}

func activities(t *testing.T, w *world) {
	list := func(f onetouch.ActivityFilter) []onetouch.Activity {
		t.Helper()
		return view(t, w, func(r onetouch.Reader) ([]onetouch.Activity, error) { return r.Activities(f) })
	}
	first := onetouch.Activity{
		AppID: w.app.ID, AuthyID: w.user.AuthyID, Type: onetouch.ActivityBanned,
		Data:   details.List{{Name: "reason", Value: "foul"}, {Name: "by", Value: "ops"}},
		UserIP: "10.0.0.1", CreatedAt: start(),
	}
	second := first
	second.Type, second.UserIP = onetouch.ActivityUnbanned, ""
	w.update(t, func(tx onetouch.Transaction) error {
		return firstError(tx.InsertActivity(&first), tx.InsertActivity(&second))
	})
	for _, test := range []struct {
		filter onetouch.ActivityFilter
		want   []onetouch.Activity
	}{
		{onetouch.ActivityFilter{}, []onetouch.Activity{second, first}},
		{onetouch.ActivityFilter{AppID: w.app.ID, AuthyID: w.user.AuthyID, Limit: 1}, []onetouch.Activity{second}},
		{onetouch.ActivityFilter{AuthyID: w.user.AuthyID + 1}, nil},
		{onetouch.ActivityFilter{AppID: "none"}, nil},
	} {
		same(t, "activities", list(test.filter), test.want)
	}
}
