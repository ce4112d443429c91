package controlapi_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phonetest"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// furnish adds a user with a device, and sends a text, an e-mail and a push, in this order.
func (o *operated) furnish(t *testing.T) (user onetouch.User, sent []onetouch.Message, request onetouch.ApprovalRequest) {
	t.Helper()
	ctx := t.Context()
	user, err := o.AddUser(ctx, o.app.ID, onetouch.NewUser{Email: "Ada@example.com", Cellphone: "202-555-0158"})
	must(t, err)
	for _, channel := range []onetouch.Channel{onetouch.ChannelSMS, onetouch.ChannelEmail} {
		token, err := o.SendToken(ctx, o.app, user.AuthyID, onetouch.NewToken{Channel: channel, Locale: "es"})
		must(t, err)
		sent = append(sent, token.Message)
	}
	o.registerDevice(t, user)
	request, err = o.CreateApprovalRequest(ctx, o.app, user.AuthyID, onetouch.NewApprovalRequest{Message: "Log in?"})
	must(t, err)
	return user, sent, request
}

func (o *operated) registerDevice(t *testing.T, user onetouch.User) {
	t.Helper()
	phone, err := phonetest.RegisterFor(t.Context(), o.Service, user)
	must(t, err)
	o.phone = phone
}

func TestMessages(t *testing.T) {
	t.Parallel()
	ctx, o := t.Context(), newOperated(t)
	none, err := o.client.Messages(ctx, controlapi.MessageQuery{})
	if err != nil || none == nil || len(none) != 0 {
		t.Errorf("at first: %v, %v", none, err)
	}
	user, sent, request := o.furnish(t)
	all, err := o.client.Messages(ctx, controlapi.MessageQuery{})
	must(t, err)
	if len(all) != 3 {
		t.Fatalf("%d messages: %+v", len(all), all)
	}
	push, email, sms := all[0], all[1], all[2]
	if push.Channel != onetouch.ChannelPush || push.RequestUUID != request.UUID || push.Body != "Log in?" ||
		push.DeviceID == nil || push.Code != "" || *push.AuthyID != user.AuthyID {
		t.Errorf("push: %+v", push)
	}
	want := controlapi.Message{
		ID: sent[0].ID, Channel: onetouch.ChannelSMS, To: "+12025550158", Code: sent[0].Code, Body: sent[0].Body,
		AuthyID: &user.AuthyID, AppID: o.app.ID, Locale: "es", CreatedAt: sent[0].CreatedAt,
	}
	if !sms.CreatedAt.Equal(want.CreatedAt) {
		t.Errorf("sent at %s, want %s", sms.CreatedAt, want.CreatedAt)
	}
	if want.CreatedAt = sms.CreatedAt; !reflect.DeepEqual(sms, want) {
		t.Errorf("text: %+v\nwant %+v", sms, want)
	}
	if email.To != "ada@example.com" || email.Code != sent[1].Code {
		t.Errorf("e-mail: %+v", email)
	}
}

func TestMessagesAreChosen(t *testing.T) {
	t.Parallel()
	ctx, o := t.Context(), newOperated(t)
	user, sent, _ := o.furnish(t)
	second, err := o.CreateApplication(ctx, onetouch.ApplicationSettings{Name: "Shop"})
	must(t, err)
	for name, test := range map[string]struct {
		query controlapi.MessageQuery
		want  string
	}{
		"all":                  {controlapi.MessageQuery{}, "push email sms"},
		"the newest":           {controlapi.MessageQuery{Limit: 1}, "push"},
		"of the application":   {controlapi.MessageQuery{AppID: o.app.ID}, "push email sms"},
		"of another":           {controlapi.MessageQuery{AppID: second.ID}, ""},
		"of the user":          {controlapi.MessageQuery{AuthyID: user.AuthyID}, "push email sms"},
		"of another user":      {controlapi.MessageQuery{AuthyID: user.AuthyID + 1}, ""},
		"of a channel":         {controlapi.MessageQuery{Channel: onetouch.ChannelEmail}, "email"},
		"to a number":          {controlapi.MessageQuery{To: "(202) 555-0158"}, "sms"},
		"to an address":        {controlapi.MessageQuery{To: "ADA@example.com"}, "email"},
		"after the first":      {controlapi.MessageQuery{After: sent[0].ID}, "push email"},
		"since the second":     {controlapi.MessageQuery{Since: sent[1].CreatedAt}, "push email"},
		"since then, in Tokyo": {controlapi.MessageQuery{Since: sent[1].CreatedAt.In(time.FixedZone("", 9*3600))}, "push email"},
		"since tomorrow":       {controlapi.MessageQuery{Since: sent[0].CreatedAt.Add(24 * time.Hour)}, ""},
	} {
		messages, err := o.client.Messages(ctx, test.query)
		var channels []string
		for _, m := range messages {
			channels = append(channels, string(m.Channel))
		}
		if got := strings.Join(channels, " "); err != nil || got != test.want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, test.want)
		}
	}
}

func TestWrongQueriesOfMessages(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	for query, want := range map[string]string{
		"channel=fax":      "channel - must be sms, call, email or push",
		"since=yesterday":  "since - must be a time",
		"since=2026-11-25": "since - must be a time",
		"after=x":          "after - must be a whole number",
		"user=-1":          "user - must be a whole number",
		"limit=1.5":        "limit - must be a whole number",
		"to=Ada":           "to - must be a phone number",
	} {
		status, answer := o.send(t, "GET", "/control/v1/messages?"+query, token, "")
		if status != 400 || !strings.Contains(answer, want) {
			t.Errorf("%s: %d %s, want %q", query, status, answer, want)
		}
	}
	if status, answer := o.send(t, "GET", "/control/v1/messages", "wrong", ""); status != 401 {
		t.Errorf("a stranger: %d %s", status, answer)
	}
}
