package server_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// A server that keeps things for a day removes what has ended before, and says so to all who watch.
func TestRetention(t *testing.T) {
	t.Parallel()
	log := &lockedBuffer{}
	s := run(t, server.Options{Database: ":memory:", Keep: 24 * time.Hour, Logger: slog.New(slog.NewJSONHandler(log, nil))})
	user, err := s.Service().AddUser(t.Context(), s.Application().ID, onetouch.NewUser{Email: "a@b.co", Cellphone: "202-555-0158"})
	if err != nil {
		t.Fatal(err)
	}
	minute := int64(60)
	asked, err := s.Service().CreateApprovalRequest(t.Context(), s.Application(), user.AuthyID,
		onetouch.NewApprovalRequest{Message: "?", SecondsToExpire: &minute})
	if err != nil {
		t.Fatal(err)
	}
	status := "/onetouch/json/approval_requests/" + asked.UUID
	if code, _, _ := fetch(t, http.MethodGet, s.url+status, ""); code != http.StatusOK {
		t.Fatalf("the request is answered %d", code)
	}
	seen, err := s.Service().LastEvent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		by    time.Duration
		until onetouch.EventType
	}{{time.Minute, onetouch.EventRequestExpired}, {48 * time.Hour, onetouch.EventHistoryRemoved}} {
		if err := s.Service().AdvanceClock(t.Context(), step.by); err != nil {
			t.Fatal(err)
		}
		untilEvent(t, s.Service(), step.until)
	}
	for {
		families, text := scrape(t, s.url)
		requests := value(families["onetouch_history_removed_total"], "what=approval_request")
		if requests == 1 && value(families["onetouch_history_removed_total"], "what=event") >= 3 {
			break
		}
		if t.Context().Err() != nil {
			t.Fatalf("the metrics never told of it:\n%s", text)
		}
	}
	if code, _, body := fetch(t, http.MethodGet, s.url+status, ""); code != http.StatusNotFound {
		t.Errorf("the request is answered %d: %s", code, body)
	}
	if text := strings.Join(log.lines(), "\n"); !strings.Contains(text, `"approval_requests":1`) {
		t.Errorf("the log is\n%s", text)
	}
	operator := controlapi.NewClient(s.url, controlToken, http.DefaultClient)
	calls, err := operator.Calls(t.Context(), controlapi.CallQuery{})
	if err != nil || len(calls) != 1 || calls[0].Status != http.StatusNotFound {
		t.Errorf("the calls that are remembered: %+v, %v", calls, err)
	}

	// Whoever comes back with the number of an event that is gone hears of that, whatever it asks for.
	for name, query := range map[string]controlapi.EventQuery{
		"all":          {After: seen},
		"of its kind":  {After: seen, Types: []onetouch.EventType{onetouch.EventHistoryRemoved}},
		"of a kind":    {After: seen, Types: []onetouch.EventType{onetouch.EventRequestCreated}},
		"of a user":    {After: seen, AuthyID: user.AuthyID},
		"of a request": {After: seen, RequestUUID: asked.UUID},
	} {
		events, err := operator.Events(t.Context(), query)
		removed := 0
		for _, e := range events {
			if e.Type == onetouch.EventHistoryRemoved {
				removed++
			}
		}
		if err != nil || removed != 1 || events[0].Sequence < seen {
			t.Errorf("%s: %+v, %v", name, events, err)
		}
	}
	last, err := s.Service().LastEvent(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	query := controlapi.EventQuery{After: last, AuthyID: user.AuthyID}
	if events, err := operator.Events(t.Context(), query); err != nil || len(events) != 0 {
		t.Errorf("one who has missed nothing is told %+v, %v", events, err)
	}
}

// untilEvent waits for an event of a type.
func untilEvent(t *testing.T, service *onetouch.Service, want onetouch.EventType) {
	t.Helper()
	for {
		changed := service.Changed(onetouch.TopicEvents)
		events, err := service.Events(t.Context(), onetouch.EventFilter{Types: []onetouch.EventType{want}, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if len(events) > 0 {
			return
		}
		select {
		case <-changed:
		case <-t.Context().Done():
			t.Fatalf("waited in vain for %s", want)
		}
	}
}
