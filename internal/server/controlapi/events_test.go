package controlapi_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

func typesOf(events []controlapi.Event) []onetouch.EventType {
	types := []onetouch.EventType{}
	for _, event := range events {
		types = append(types, event.Type)
	}
	return types
}

func TestEvents(t *testing.T) {
	t.Parallel()
	ctx, o := t.Context(), newOperated(t)
	user, _, request := o.furnish(t)
	whole, err := o.client.Events(ctx, controlapi.EventQuery{})
	must(t, err)
	last := len(whole) - 1
	if last < 4 || whole[last].Type != onetouch.EventRequestCreated || whole[last].RequestUUID != request.UUID ||
		whole[last].AuthyID != user.AuthyID || whole[last].AppID != o.app.ID {
		t.Fatalf("events: %+v", whole)
	}
	for name, test := range map[string]struct {
		query controlapi.EventQuery
		want  []controlapi.Event
	}{
		"after one":          {controlapi.EventQuery{After: whole[1].Sequence}, whole[2:]},
		"the last":           {controlapi.EventQuery{Latest: 2}, whole[last-1:]},
		"of the application": {controlapi.EventQuery{AppID: o.app.ID, Latest: 1}, whole[last:]},
		"of another":         {controlapi.EventQuery{AppID: "another"}, nil},
		"of the user":        {controlapi.EventQuery{AuthyID: user.AuthyID, Latest: 1}, whole[last:]},
		"of a request":       {controlapi.EventQuery{RequestUUID: request.UUID}, whole[last:]},
		"of two types": {controlapi.EventQuery{Types: []onetouch.EventType{whole[1].Type, whole[last].Type}, Latest: 1},
			whole[last:]},
		"of an unheard-of type": {controlapi.EventQuery{Types: []onetouch.EventType{"unheard_of"}}, nil},
		"none that is new":      {controlapi.EventQuery{After: controlapi.FromNow}, nil},
	} {
		got, err := o.client.Events(ctx, test.query)
		if err != nil || got == nil || len(got) != len(test.want) {
			t.Errorf("%s: %v, %v; want %v", name, typesOf(got), err, typesOf(test.want))
			continue
		}
		for i := range got {
			if got[i].Sequence != test.want[i].Sequence {
				t.Errorf("%s: %v, want %v", name, typesOf(got), typesOf(test.want))
			}
		}
	}
}

// A stream with a filter gives the same, whatever else happens between.
func TestFollowEventsOfAType(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	user, _, _ := o.furnish(t)
	const wanted = 3
	sent := 0
	send := func() {
		_, err := o.StartRegistration(t.Context(), o.app.ID, user.AuthyID)
		must(t, err)
		_, err = o.SendToken(t.Context(), o.app, user.AuthyID, onetouch.NewToken{Channel: onetouch.ChannelSMS})
		must(t, err)
		sent++
	}
	var heard []controlapi.Event
	enough := errors.New("enough")
	query := controlapi.EventQuery{After: controlapi.FromNow, Types: []onetouch.EventType{onetouch.EventRegistrationStart}}
	err := o.client.FollowEvents(t.Context(), query, send, func(event controlapi.Event) error {
		if heard = append(heard, event); len(heard) == wanted {
			return enough
		}
		send()
		return nil
	})
	if !errors.Is(err, enough) || sent != wanted {
		t.Fatalf("heard %v, sent %d, ended with %v", typesOf(heard), sent, err)
	}
	for i, event := range heard {
		if event.Type != onetouch.EventRegistrationStart || i > 0 && event.Sequence <= heard[i-1].Sequence {
			t.Errorf("heard %v", heard)
		}
	}
}

func TestFollowEventsEnds(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := o.client.FollowEvents(ctx, controlapi.EventQuery{After: controlapi.FromNow}, cancel, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want that it was cancelled", err)
	}
}

func TestWrongEventQuery(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	for _, query := range []string{"after=x", "latest=-1", "user=ada"} {
		if status, answer := o.send(t, http.MethodGet, "/control/v1/events?"+query, token, ""); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", query, status, answer)
		}
	}
}
