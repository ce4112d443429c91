package cli

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

func TestMessageChoice(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		choice messageChoice
		valid  bool
	}{
		"all":                {messageChoice{}, true},
		"a number":           {messageChoice{to: "+12025550158"}, true},
		"texts to a number":  {messageChoice{to: "+12025550158", channel: "sms"}, true},
		"pushes of a user":   {messageChoice{authyID: 1000, channel: "push"}, true},
		"pushes to a number": {messageChoice{to: "+12025550158", channel: "push"}, false},
		"an empty number":    {messageChoice{given: func(string) bool { return true }}, false},
	} {
		err := test.choice.validate()
		if (err == nil) != test.valid || err != nil && exitCodeOf(err) != ExitUsage {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// someUser adds a user, who gets the link to the app.
func someUser(t *testing.T, service *onetouch.Service, app onetouch.Application, phone string) onetouch.User {
	t.Helper()
	user, err := service.AddUser(t.Context(), app.ID, onetouch.NewUser{
		Email: "bob@example.com", Cellphone: phone, SendInstallLink: true,
	})
	if err != nil {
		t.Error(err)
	}
	return user
}

// text sends a code.
func text(t *testing.T, service *onetouch.Service, app onetouch.Application, user onetouch.User) onetouch.Message {
	t.Helper()
	sent, err := service.SendToken(t.Context(), app, user.AuthyID, onetouch.NewToken{Channel: onetouch.ChannelSMS})
	if err != nil {
		t.Error(err)
	}
	return sent.Message
}

// A message that comes while a wait stands ends it. One without a code does not, and neither does one of another
// application.
func TestAwaitMessage(t *testing.T) {
	t.Parallel()
	s, user, url, _ := served(t)
	ctx, service := t.Context(), s.Service()
	shop, err := service.CreateApplication(ctx, onetouch.ApplicationSettings{Name: "Shop"})
	if err != nil {
		t.Fatal(err)
	}
	client, looked := watched("/messages")
	c := &Connection{Control: controlapi.NewClient(url, controlToken, client)}
	query := controlapi.MessageQuery{AppID: s.Application().ID}
	sent := make(chan onetouch.Message, 1)
	go func() {
		<-looked // and has found the link to the app only
		text(t, service, shop, someUser(t, service, shop, "202-555-0158"))
		someUser(t, service, s.Application(), "202-555-0159")
		sent <- text(t, service, s.Application(), user)
	}()
	got, err := c.awaitMessage(ctx, query, &inboxWaitOptions{})
	if want := <-sent; err != nil || got.ID != want.ID || got.Code != want.Code {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	got, err = c.awaitMessage(ctx, query, &inboxWaitOptions{any: true})
	if err != nil || got.Code == "" {
		t.Errorf("the newest is %+v, %v", got, err)
	}
	query.After = got.ID
	_, err = c.awaitMessage(ctx, query, &inboxWaitOptions{timeout: time.Millisecond})
	if exitCodeOf(err) != ExitTimedOut {
		t.Errorf("nothing came: %v", err)
	}
}

func TestScriptValueOfAMessage(t *testing.T) {
	t.Parallel()
	for want, message := range map[string]controlapi.Message{
		"1234567": {Code: "1234567", Body: "Your token is: 1234567"},
		"u":       {RequestUUID: "u", Body: "Log in?"},
		"Get it":  {Body: "Get it"},
	} {
		if got := scriptValue(message); got != want {
			t.Errorf("value = %q, want %q", got, want)
		}
	}
}

func TestSentenceOfAFault(t *testing.T) {
	t.Parallel()
	for want, fault := range map[string]controlapi.Fault{
		"every call is answered with 60000, HTTP status 500.": {Match: "*", Error: "60000", Status: 500},
		"the next call of GET /x is answered with 60026, HTTP status 404.": {
			Match: "GET /x", Error: "60026", Status: 404, Times: 1,
		},
		"the next 2 calls are answered with 60003, HTTP status 429.":         {Match: "*", Error: "60003", Status: 429, Times: 2},
		"every call is answered with a page of HTTP status 502, after 1.5s.": {Match: "*", Status: 502, LatencyMS: 1500},
		"every call is late by 2s.":                                          {Match: "*", LatencyMS: 2000},
		"every call of /x is cut off by a reset of the connection.":          {Match: "/x", Reset: true},
		"the next 3 pushes are doubled.":                                     {Push: "doubled", Times: 3},
		"with a probability of 0.2, every push is lost.":                     {Push: "lost", Probability: 0.2},
		"the next callback is late by 1m0s.":                                 {Callback: "late", DelayMS: 60_000, Times: 1},
		"every callback is held until that of a later request was taken, for 5s at most.": {
			Callback: "reordered", DelayMS: 5000,
		},
	} {
		if fault.Probability == 0 {
			fault.Probability = 1
		}
		if got := sentenceOf(fault); got != want {
			t.Errorf("sentence = %q, want %q", got, want)
		}
	}
}
