package onetouch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func (w *world) messages(f onetouch.MessageFilter) []onetouch.Message {
	w.Helper()
	messages, err := w.Messages(w.Context(), f)
	if err != nil {
		w.Fatal(err)
	}
	return messages
}

func TestInboxFindsARecipientInAnySpelling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("(202) 555-0158")
	londoner, err := w.AddUser(t.Context(), w.app.ID, onetouch.NewUser{
		Email: "Bob@Example.com", Cellphone: "20 7946 0958", CountryCode: "44",
	})
	if err != nil {
		t.Fatal(err)
	}
	w.sendToken(ada, onetouch.ChannelSMS)
	w.sendToken(londoner, onetouch.ChannelCall)
	w.sendToken(londoner, onetouch.ChannelEmail)
	for to, want := range map[string]string{
		"+12025550158": "+12025550158", "+1 202-555-0158": "+12025550158", "(202) 555-0158": "+12025550158",
		"2025550158": "+12025550158", "1 202 555 0158": "+12025550158", "0012025550158": "+12025550158",
		"+442079460958": "+442079460958", "00 44 20 7946 0958": "+442079460958", "442079460958": "+442079460958",
		"bob@example.com": "bob@example.com", " BOB@EXAMPLE.COM ": "bob@example.com",
	} {
		found := w.messages(onetouch.MessageFilter{To: to})
		if len(found) != 1 || found[0].To != want {
			t.Errorf("%q finds %+v, want the one to %s", to, found, want)
		}
	}
	for _, to := range []string{"+12025550159", "+2025550158", "2079460958", "ada@example.com"} {
		if found := w.messages(onetouch.MessageFilter{To: to}); len(found) != 0 {
			t.Errorf("%q finds %+v", to, found)
		}
	}
	for _, to := range []string{" ", "+", "ada", "12x", "١٢٣"} {
		_, err := w.Messages(t.Context(), onetouch.MessageFilter{To: to})
		w.refused(fmt.Sprintf("%q", to), err, onetouch.CodeInvalidParameter)
	}
}

func TestInboxFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.addUser("202-555-0158"), w.addUser("202-555-0159")
	w.register(ada)
	w.sendToken(ada, onetouch.ChannelSMS)
	w.clock.Advance(time.Minute)
	w.ask(ada, question())
	w.sendToken(bob, onetouch.ChannelSMS)
	w.clock.Advance(time.Minute)
	w.sendToken(ada, onetouch.ChannelCall)
	all := w.messages(onetouch.MessageFilter{})
	if len(all) != 4 {
		t.Fatalf("%d messages, want 4", len(all))
	}
	call, bobs, push, text := all[0], all[1], all[2], all[3]
	for name, test := range map[string]struct {
		filter onetouch.MessageFilter
		want   []onetouch.Message
	}{
		"of a user":        {onetouch.MessageFilter{AuthyID: ada.AuthyID}, []onetouch.Message{call, push, text}},
		"to a phone":       {onetouch.MessageFilter{To: "+12025550158"}, []onetouch.Message{call, text}},
		"by a channel":     {onetouch.MessageFilter{Channel: onetouch.ChannelSMS}, []onetouch.Message{bobs, text}},
		"pushes":           {onetouch.MessageFilter{Channel: onetouch.ChannelPush}, []onetouch.Message{push}},
		"since a time":     {onetouch.MessageFilter{Since: noon().Add(time.Minute)}, []onetouch.Message{call, bobs, push}},
		"after another":    {onetouch.MessageFilter{After: push.ID}, []onetouch.Message{call, bobs}},
		"the newest":       {onetouch.MessageFilter{Limit: 1}, []onetouch.Message{call}},
		"of nobody":        {onetouch.MessageFilter{AuthyID: 7}, nil},
		"of no such app":   {onetouch.MessageFilter{AppID: "none"}, nil},
		"newest of a user": {onetouch.MessageFilter{AuthyID: ada.AuthyID, Channel: onetouch.ChannelSMS, Limit: 1}, []onetouch.Message{text}},
	} {
		if got := w.messages(test.filter); fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

// A push is in the inbox for each device that the service pushes to, and for none when the backend does it.
func TestPushesAreInTheInbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	stream, webhook := w.register(ada, byStream), w.register(ada, byWebhook)
	w.register(ada, byNobody)
	asked := w.ask(ada, question())
	pushes := w.pushes(asked)
	var want []onetouch.Message
	for i, p := range []phone{webhook, stream} { // newest first
		want = append(want, onetouch.Message{
			ID: pushes[1-i].ID, AppID: w.app.ID, AuthyID: ada.AuthyID, Channel: onetouch.ChannelPush, To: p.UUID,
			Body: asked.Message, DeviceID: p.ID, RequestUUID: asked.UUID, CreatedAt: noon(),
		})
	}
	w.same("inbox", w.inbox(), want)
	w.app = w.ensure(onetouch.ApplicationSettings{PushSender: onetouch.PushByBackend})
	w.ask(ada, question())
	w.same("inbox of a backend that pushes itself", w.inbox(), want)
}
