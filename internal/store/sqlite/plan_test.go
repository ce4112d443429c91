package sqlite_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// No query may walk a history that grows without end. What each one does instead is what SQLite says it will do.
func TestQueriesUseIndexes(t *testing.T) {
	t.Parallel()
	db, err := openDatabase(t.Context(), filepath.Join(t.TempDir(), "plans.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	now, pending := time.Now(), []onetouch.Status{onetouch.StatusPending}
	requests := func(f onetouch.ApprovalRequestFilter) func(onetouch.Reader) error {
		f.Now, f.Limit = now, 50
		return func(r onetouch.Reader) error { return second(r.ApprovalRequests(f)) }
	}
	for _, query := range []struct {
		name string
		read func(onetouch.Reader) error
		want []string // each begins a step of the plan
	}{
		{"user", func(r onetouch.Reader) error { _, err := r.User("a", 1); return ignoreMissing(err) },
			[]string{"SEARCH users USING INTEGER PRIMARY KEY (rowid=?)"}},
		{"user by phone", func(r onetouch.Reader) error { _, err := r.UserByPhone("a", 1, "2"); return ignoreMissing(err) },
			[]string{"SEARCH users USING INDEX sqlite_autoindex_users_1 (app_id=? AND country_code=? AND cellphone=?)"}},
		{"users of an application", func(r onetouch.Reader) error { return second(r.Users(onetouch.UserFilter{AppID: "a"})) },
			[]string{"SEARCH users USING INDEX users_of_application (app_id=?)"}},
		{"registration", func(r onetouch.Reader) error { _, err := r.Registration([]byte("a")); return ignoreMissing(err) },
			[]string{"SEARCH registrations USING PRIMARY KEY (token_digest=?)"}},
		{"device", func(r onetouch.Reader) error { _, err := r.Device(1); return ignoreMissing(err) },
			[]string{"SEARCH devices USING INTEGER PRIMARY KEY (rowid=?)"}},
		{"device by token", func(r onetouch.Reader) error { _, err := r.DeviceByAccessToken([]byte("a")); return ignoreMissing(err) },
			[]string{"SEARCH devices USING INDEX sqlite_autoindex_devices_2 (access_token_digest=?)"}},
		{"devices of a user", func(r onetouch.Reader) error {
			return second(r.Devices(onetouch.DeviceFilter{AppID: "a", AuthyID: 1}))
		}, []string{"SEARCH devices USING INDEX devices_of_user (authy_id=?)"}},
		{"request", func(r onetouch.Reader) error { _, err := r.ApprovalRequest("a"); return ignoreMissing(err) }, []string{
			"SEARCH r USING INDEX sqlite_autoindex_approval_requests_1 (uuid=?)",
			"SEARCH d USING INDEX deliveries_of_request (request_number=?)",
		}},
		{"all requests", requests(onetouch.ApprovalRequestFilter{}),
			[]string{"SEARCH approval_requests USING COVERING INDEX approval_requests_by_status (status=?)"}},
		{"requests of an application", requests(onetouch.ApprovalRequestFilter{AppID: "a", Before: "b"}),
			[]string{"SEARCH approval_requests USING INTEGER PRIMARY KEY (rowid<?)"}},
		{"requests of a user", requests(onetouch.ApprovalRequestFilter{AuthyID: 1}),
			[]string{"SEARCH approval_requests USING COVERING INDEX approval_requests_of_user (authy_id=? AND status=?)"}},
		{"pending requests of a user", requests(onetouch.ApprovalRequestFilter{AppID: "a", AuthyID: 1, Statuses: pending}),
			[]string{"SEARCH approval_requests USING INDEX approval_requests_of_user (authy_id=? AND status=?)"}},
		{"requests of a time", requests(onetouch.ApprovalRequestFilter{AuthyID: 1, Since: now, Until: now}), []string{
			"SEARCH approval_requests USING COVERING INDEX approval_requests_of_user " +
				"(authy_id=? AND status=? AND created_at>? AND created_at<?)",
		}},
		{"next page of requests", requests(onetouch.ApprovalRequestFilter{AuthyID: 1, Before: "a"}), []string{
			"SEARCH approval_requests USING COVERING INDEX approval_requests_of_user " +
				"(authy_id=? AND status=? AND created_at<?)",
		}},
		{"next expiry", func(r onetouch.Reader) error { return second(r.NextExpiry()) }, []string{
			"SEARCH approval_requests USING COVERING INDEX approval_requests_that_expire (status=? AND expires_at>?)",
		}},
		{"due requests", func(r onetouch.Reader) error { return second(r.DueRequests(now, 1)) }, []string{
			"SEARCH r USING INDEX approval_requests_that_expire (status=? AND expires_at>? AND expires_at<?)",
		}},
		{"delivery", func(r onetouch.Reader) error { _, err := r.Delivery(1); return ignoreMissing(err) },
			[]string{"SEARCH d USING INTEGER PRIMARY KEY (rowid=?)", "SEARCH r USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN"}},
		{"deliveries of a request", func(r onetouch.Reader) error {
			return second(r.Deliveries(onetouch.DeliveryFilter{AppID: "a", RequestUUID: "b"}))
		}, []string{"SEARCH d USING INDEX deliveries_of_request (request_number=?)"}},
		{"deliveries of an application", func(r onetouch.Reader) error {
			kinds := []onetouch.DeliveryKind{onetouch.DeliveryCallback}
			return second(r.Deliveries(onetouch.DeliveryFilter{AppID: "a", Kinds: kinds, State: onetouch.DeliverySent, Limit: 50}))
		}, []string{"SEARCH d USING INTEGER PRIMARY KEY (rowid>?)"}},
		{"deliveries that failed", func(r onetouch.Reader) error {
			return second(r.Deliveries(onetouch.DeliveryFilter{AppID: "a", State: onetouch.DeliveryFailed, Limit: 50}))
		}, []string{"SEARCH d USING INDEX deliveries_failed (state=?)"}},
		{"webhook deliveries", func(r onetouch.Reader) error {
			kinds := []onetouch.DeliveryKind{onetouch.DeliveryWebhook}
			return second(r.Deliveries(onetouch.DeliveryFilter{AppID: "a", Kinds: kinds, Limit: 50}))
		}, []string{"SEARCH d USING INDEX deliveries_of_rare_kinds (kind=?)"}},
		{"attempts", func(r onetouch.Reader) error { return second(r.Attempts(1)) },
			[]string{"SEARCH attempts USING PRIMARY KEY (delivery_id=?)"}},
		{"due deliveries", func(r onetouch.Reader) error { return second(r.DueDeliveries("a", now, 1)) },
			[]string{"SEARCH d USING INDEX deliveries_scheduled (receiver=? AND next_attempt_at>? AND next_attempt_at<?)"}},
		{"receivers", func(r onetouch.Reader) error { return second(r.Receivers(now)) }, []string{
			"SEARCH d USING COVERING INDEX deliveries_scheduled (receiver>?)",
			"SEARCH d USING COVERING INDEX deliveries_scheduled (receiver=? AND next_attempt_at>?)",
		}},
		{"owed deliveries", func(r onetouch.Reader) error { _, _, err := r.OwedDeliveries(3, now); return err },
			[]string{"SEARCH d USING COVERING INDEX deliveries_scheduled (receiver>?)"}},
		{"standing", func(r onetouch.Reader) error { return second(r.Standing("a", now)) }, []string{
			"SEARCH users USING COVERING INDEX users_of_application (app_id=?)",
			"SEARCH devices USING COVERING INDEX devices_of_application (app_id=? AND factor_type=?)",
			"SEARCH approval_requests USING INDEX approval_requests_by_status (status=?)",
			"SEARCH d USING INDEX deliveries_scheduled (receiver>?)",
		}},
		{"pushes of a stream that starts", func(r onetouch.Reader) error { return second(r.StreamPushes(1, 0, true, 1)) }, []string{
			"SEARCH r USING INDEX approval_requests_of_user (authy_id=? AND status=?)",
			"SEARCH d USING INDEX deliveries_of_request (request_number=? AND device_id=?)",
		}},
		{"pushes of a stream that goes on", func(r onetouch.Reader) error { return second(r.StreamPushes(1, 9, false, 1)) },
			[]string{"SEARCH d USING INDEX deliveries_to_device (device_id=? AND rowid>?)"}},
		{"events", func(r onetouch.Reader) error { return second(r.Events(onetouch.EventFilter{After: 9})) },
			[]string{"SEARCH e USING INTEGER PRIMARY KEY (rowid>?)"}},
		{"the latest events", func(r onetouch.Reader) error {
			return second(r.Events(onetouch.EventFilter{Latest: true, Limit: 50}))
		}, []string{"SEARCH e USING INTEGER PRIMARY KEY (rowid>?)"}},
		{"the latest events of a usual type", func(r onetouch.Reader) error {
			types := []onetouch.EventType{"b", onetouch.EventPushSent}
			return second(r.Events(onetouch.EventFilter{Types: types, Latest: true, Limit: 50}))
		}, []string{"SEARCH e USING INTEGER PRIMARY KEY (rowid>?)"}},
		{"the latest events of a rare type", func(r onetouch.Reader) error {
			return second(r.Events(onetouch.EventFilter{AppID: "a", Types: []onetouch.EventType{"b"}, Latest: true, Limit: 50}))
		}, []string{"SEARCH e USING INDEX events_of_rare_types (type=? AND rowid>?)"}},
		{"the latest events of an application", func(r onetouch.Reader) error {
			return second(r.Events(onetouch.EventFilter{AppID: "a", Latest: true, Limit: 50}))
		}, []string{"SEARCH e USING INTEGER PRIMARY KEY (rowid>?)"}},
		{"events of an application that follow one", func(r onetouch.Reader) error {
			return second(r.Events(onetouch.EventFilter{AppID: "a", AuthyID: 1, After: 9}))
		}, []string{"SEARCH e USING INTEGER PRIMARY KEY (rowid>?)"}},
		{"events of a request", func(r onetouch.Reader) error { return second(r.Events(onetouch.EventFilter{RequestUUID: "a"})) },
			[]string{"SEARCH e USING INDEX events_of_request (request_number=? AND rowid>?)"}},
		{"history of requests", func(r onetouch.Reader) error {
			return second(r.History(onetouch.HistoryRequests, onetouch.HistoryFilter{After: 1, Limit: 5}))
		}, []string{
			"SEARCH r USING INTEGER PRIMARY KEY (rowid>?)", "SEARCH e USING INDEX events_of_request (request_number=?)",
			"SEARCH d USING INDEX deliveries_of_request (request_number=?)",
		}},
		{"some of the history of requests", func(r onetouch.Reader) error {
			return second(r.History(onetouch.HistoryRequests, onetouch.HistoryFilter{Numbers: []int64{1, 2}}))
		}, []string{"SEARCH r USING INTEGER PRIMARY KEY (rowid=?)"}},
		{"history of deliveries", func(r onetouch.Reader) error {
			return second(r.History(onetouch.HistoryDeliveries, onetouch.HistoryFilter{After: 1, Limit: 5}))
		}, []string{
			"SEARCH d USING INTEGER PRIMARY KEY (rowid>?)", "SEARCH c USING COVERING INDEX delivery_contents_of_replays (replay_of=?)",
		}},
		{"history of events", func(r onetouch.Reader) error {
			return second(r.History(onetouch.HistoryEvents, onetouch.HistoryFilter{After: 1, Limit: 5}))
		}, []string{
			"SEARCH e USING INTEGER PRIMARY KEY (rowid>?)", "SEARCH d USING COVERING INDEX deliveries_of_event (event_sequence=?)",
		}},
		{"last event", func(r onetouch.Reader) error { return second(r.LastEvent()) }, []string{"SEARCH events"}},
	} {
		plan := planOf(t, db, query.read)
		for _, want := range query.want {
			if !slices.Contains(plan, want) {
				t.Errorf("%s: want the step %q in the plan\n  %s", query.name, want, strings.Join(plan, "\n  "))
			}
		}
		for _, step := range plan {
			for _, table := range []string{"approval_requests", "r", "deliveries", "d", "attempts", "events", "e", "b"} {
				if step == "SCAN "+table || strings.HasPrefix(step, "SCAN "+table+" ") {
					t.Errorf("%s: walks through all of %s:\n  %s", query.name, table, strings.Join(plan, "\n  "))
				}
			}
		}
	}
}

// planOf explains the statements of a view.
func planOf(t *testing.T, db *opened, read func(onetouch.Reader) error) []string {
	t.Helper()
	plan, err := db.engine.Plan(func(e engine.Engine) error { return store.New(e).View(t.Context(), read) })
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func second[T any](_ T, err error) error { return err }

// ignoreMissing lets a lookup in an empty database pass.
func ignoreMissing(err error) error {
	if errors.Is(err, onetouch.ErrNotFound) {
		return nil
	}
	return err
}
