package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// exampleBackend is what a backend has that sends pushes by itself: the API key, and the push token that its app has told it.
type exampleBackend struct {
	*authy.Client
	http      *http.Client
	user      int64
	pushes    string // where its push service is
	pushToken string
}

// ask is one call of the user: a request, and a push of it, in the shape of FCM or of APNs.
func (b *exampleBackend) ask(ctx context.Context, message string, asAPNs bool) (uuid string, err error) {
	var shown details.List
	shown.Set("Amount", "$12,400")
	uuid, err = b.CreateApprovalRequest(ctx, b.user, authy.NewApprovalRequest{Message: message, Details: shown})
	if err != nil {
		return "", err
	}
	data := map[string]any{"type": "onetouch_approval_request", "approval_request_uuid": uuid, "alert": message}
	path := "/v1/projects/acme/messages:send"
	payload := map[string]any{"message": map[string]any{"token": b.pushToken, "data": data}}
	if asAPNs {
		path = "/3/device/" + b.pushToken
		payload = map[string]any{
			"aps": map[string]any{"alert": message}, "type": data["type"], "approval_request_uuid": uuid,
		}
	}
	body, err := json.Marshal(payload)
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.pushes+path, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	answer, err := b.http.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return "", errors.New("the push is answered with " + answer.Status)
	}
	return uuid, nil
}

var errEnough = errors.New("enough")

// The second way of the story, over the wire from end to end: the backend asks and pushes, the phone hears, fetches,
// shows and answers. What the backend does not push the phone does not hear: of a request before and one in between
// nothing comes, not on the endpoint, not on the stream that is open all the time.
func TestPushByTheBackend(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:", Application: onetouch.ApplicationSettings{PushSender: onetouch.PushByBackend}})
	own := client(t)
	api, user, d := phone(t, s.url, own)
	var endpoint *device.PushEndpoint
	listening := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { endpoint.ServeHTTP(w, r) }))
	defer listening.Close()
	endpoint = device.NewPushEndpoint(listening.URL)
	receiver, err := endpoint.Open(t.Context(), d, "push-token-of-the-app")
	if err != nil {
		t.Fatal(err)
	}
	backend := &exampleBackend{Client: api, http: own, user: user, pushes: listening.URL, pushToken: "push-token-of-the-app"}
	silent := func() string {
		uuid, err := api.CreateApprovalRequest(t.Context(), user, authy.NewApprovalRequest{Message: "nobody pushes this"})
		if err != nil {
			t.Error(err)
		}
		return uuid
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	unheardFirst, pushedFirst := make(chan string, 1), make(chan string, 1)
	connected := make(chan struct{})
	go func() { // the backend's own process
		<-connected
		unheardFirst <- silent()
		uuid, err := backend.ask(ctx, "Log in?", false)
		if err != nil {
			t.Error(err)
		}
		pushedFirst <- uuid
	}()
	var unheard, pushed, heard []string
	err = receiver.Pushes(ctx, func(ctx context.Context, push device.Push) error {
		if heard = append(heard, push.ApprovalRequestUUID); len(heard) == 1 {
			unheard, pushed = []string{<-unheardFirst}, []string{<-pushedFirst}
		}
		request, err := d.ApprovalRequest(ctx, push.ApprovalRequestUUID)
		if err != nil {
			return err
		}
		if amount := request.Details.Get("Amount"); amount != "$12,400" || request.Message != push.Alert {
			t.Errorf("shown is %+v after the push %+v", request, push)
		}
		if err := d.Approve(ctx, request); err != nil {
			return err
		}
		if len(heard) == 2 {
			return errEnough
		}
		unheard = append(unheard, silent())
		uuid, err := backend.ask(ctx, "Pay $12,400?", true)
		pushed = append(pushed, uuid)
		return err
	}, device.OnConnect(sync.OnceFunc(func() { close(connected) })))
	if !errors.Is(err, errEnough) || strings.Join(heard, " ") != strings.Join(pushed, " ") {
		t.Fatalf("heard %q of %q: %v", heard, pushed, err)
	}
	checkFates(t, s, pushed, onetouch.StatusApproved, true)
	checkFates(t, s, unheard, onetouch.StatusPending, false)
}

// checkFates checks where requests stand, and that the inbox has a push of them or none.
func checkFates(t *testing.T, s running, uuids []string, status onetouch.Status, inInbox bool) {
	t.Helper()
	inbox, err := s.Service().Messages(t.Context(), onetouch.MessageFilter{Channel: onetouch.ChannelPush})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, message := range inbox {
		found[message.RequestUUID]++
	}
	for _, uuid := range uuids {
		request, err := s.Service().AnyApprovalRequest(t.Context(), uuid)
		if err != nil || request.Status != status || request.Notified != inInbox || (found[uuid] == 1) != inInbox {
			t.Errorf("request %s is %s, notified %t, %d times in the inbox: %v", uuid, request.Status, request.Notified, found[uuid], err)
		}
	}
}

// Details never travel in a push of the service either: neither on a stream nor to a push URL.
func TestPushesOfTheServiceCarryNoDetails(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:"})
	own := client(t)
	api, user, d := phone(t, s.url, own)
	bodies := make(chan string, 1)
	listening := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- string(body) + r.URL.String()
	}))
	defer listening.Close()
	if err := d.SetPush(t.Context(), device.PushTarget{Type: device.PushWebhook, URL: listening.URL + "/push"}); err != nil {
		t.Fatal(err)
	}
	var shown, hidden details.List
	shown.Set("shown-name", "shown-value")
	hidden.Set("hidden-name", "hidden-value")
	uuid, err := api.CreateApprovalRequest(t.Context(), user,
		authy.NewApprovalRequest{Message: "Log in?", Details: shown, HiddenDetails: hidden})
	if err != nil {
		t.Fatal(err)
	}
	request, err := s.Service().AnyApprovalRequest(t.Context(), uuid)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	select {
	case body := <-bodies:
		if !strings.Contains(body, uuid) || !strings.Contains(body, `"alert":"Log in?"`) {
			t.Errorf("the push says %s", body)
		}
		for _, private := range []string{"shown", "hidden", request.Challenge, "details"} {
			if strings.Contains(body, private) {
				t.Errorf("the push says %q: %s", private, body)
			}
		}
	case <-ctx.Done():
		t.Fatal("no push came")
	}
}
