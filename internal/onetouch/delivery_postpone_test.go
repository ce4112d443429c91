package onetouch_test

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestPostpone(t *testing.T) {
	t.Parallel()
	url := "http://127.0.0.1:3000/callback"
	w := newWorld(t, onetouch.ApplicationSettings{CallbackURL: &url})
	owed := w.callback()
	postpone := func(until time.Time) {
		t.Helper()
		if err := w.Postpone(t.Context(), owed.ID, until); err != nil {
			t.Fatal(err)
		}
	}
	later := w.clock.Now().Add(time.Minute)
	postpone(later)
	if ids, next := w.due(); len(ids) != 0 || !next.Equal(later) {
		t.Errorf("due are %v, next is %s", ids, next)
	}
	changed := w.Changed(onetouch.TopicDue)
	postpone(w.clock.Now())
	select {
	case <-changed:
	default:
		t.Error("the worker was not woken")
	}
	if ids, _ := w.due(); len(ids) != 1 || ids[0] != owed.ID {
		t.Errorf("due are %v", ids)
	}
	if d := w.attempt(owed.ID, ""); d.State != onetouch.DeliverySent {
		t.Fatalf("it is %s", d.State)
	}
	postpone(later)
	if ids, next := w.due(); len(ids) != 0 || !next.IsZero() {
		t.Errorf("what was sent is due: %v, %s", ids, next)
	}
	if err := w.Postpone(t.Context(), 99, later); onetouch.CodeOf(err) != onetouch.CodeDeliveryNotFound {
		t.Errorf("one that is not there: %v", err)
	}
}
