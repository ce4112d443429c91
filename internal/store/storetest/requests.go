package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

func (w *world) insertRequests(t testing.TB, list ...onetouch.ApprovalRequest) {
	t.Helper()
	w.update(t, func(tx onetouch.Transaction) error {
		for _, r := range list {
			if err := tx.InsertApprovalRequest(r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *world) decide(t testing.TB, r onetouch.ApprovalRequest) (first bool) {
	t.Helper()
	w.update(t, func(tx onetouch.Transaction) (err error) {
		first, err = tx.DecideApprovalRequest(r)
		return err
	})
	return first
}

func (w *world) overrule(t testing.TB, r onetouch.ApprovalRequest) (overruled bool) {
	t.Helper()
	w.update(t, func(tx onetouch.Transaction) (err error) {
		overruled, err = tx.OverruleExpiry(r)
		return err
	})
	return overruled
}

func byUUID(uuid string) func(onetouch.Reader) (onetouch.ApprovalRequest, error) {
	return func(r onetouch.Reader) (onetouch.ApprovalRequest, error) { return r.ApprovalRequest(uuid) }
}

func requests(t *testing.T, w *world) {
	absent(t, w, "request", byUUID("none"))
	full, bare := expiring(request(w.user, 1), 120), onetouch.ApprovalRequest{
		UUID: "bare", AppID: w.app.ID, AuthyID: w.user.AuthyID, Status: onetouch.StatusPending, CreatedAt: start(),
		UpdatedAt: start(),
	}
	w.insertRequests(t, full, bare)
	same(t, "request", view(t, w, byUUID(full.UUID)), full)
	got := view(t, w, byUUID("bare"))
	if len(got.Details) != 0 || len(got.HiddenDetails) != 0 || len(got.Logos) != 0 {
		t.Errorf("lists of a request without any: got %v, %v, %v", got.Details, got.HiddenDetails, got.Logos)
	}
	got.Details, got.HiddenDetails, got.Logos = nil, nil, nil
	same(t, "request without anything", got, bare)
}

func requestsKeepAnyText(t *testing.T, w *world) {
	strange := "'\"; DROP TABLE users; -- \x00 \u2028 <&> Bogotá 👍 %s ?"
	r := request(w.user, 1)
	r.Message, r.AppName = strange, strange
	r.Details = details.List{{Name: strange, Value: strange}, {Name: "a", Value: ""}, {Name: "A", Value: "\\"}}
	w.insertRequests(t, r)
	same(t, "request", view(t, w, byUUID(r.UUID)), r)
}

// requestsList compares the store with a list that is filtered by hand, over all filters.
func requestsList(t *testing.T, w *world) {
	friend := user(w.app, "2025550101")
	w.update(t, func(tx onetouch.Transaction) error { return tx.InsertUser(&friend) })
	all := w.history(t, friend)
	for _, filter := range requestFilters(w, friend, all) {
		got := view(t, w, func(r onetouch.Reader) ([]onetouch.ApprovalRequest, error) { return r.ApprovalRequests(filter) })
		var uuids, want []string
		for _, r := range got {
			uuids = append(uuids, r.UUID)
		}
		for _, r := range filterRequests(all, filter) {
			want = append(want, r.UUID)
		}
		if !slices.Equal(uuids, want) {
			t.Fatalf("%+v: got %v, want %v", filter, uuids, want)
		}
	}
	newest := view(t, w, func(r onetouch.Reader) ([]onetouch.ApprovalRequest, error) {
		return r.ApprovalRequests(onetouch.ApprovalRequestFilter{Limit: 1})
	})
	same(t, "newest request", newest, all[:1])
}

// history writes requests of both users in every state, two at each second, and returns them newest first.
func (w *world) history(t *testing.T, friend onetouch.User) []onetouch.ApprovalRequest {
	t.Helper()
	var all []onetouch.ApprovalRequest
	add := func(r onetouch.ApprovalRequest) {
		w.insertRequests(t, r)
		all = append(all, r)
	}
	for n := range 10 {
		for _, u := range []onetouch.User{w.user, friend} {
			r := request(u, n)
			r.DeviceID = []int64{0, w.device.ID, w.device.ID + 1}[n%3]
			switch n % 5 {
			case 0: // pending for ever
				add(r)
			case 1: // pending, and over at the filters' time or not
				add(expiring(r, int64(10*n)))
			default:
				status := onetouch.Statuses()[n%5-1]
				add(r)
				all[len(all)-1] = decided(r, status, w.device)
				w.decide(t, all[len(all)-1])
			}
		}
	}
	slices.Reverse(all)
	return all
}

func requestFilters(w *world, friend onetouch.User, all []onetouch.ApprovalRequest) []onetouch.ApprovalRequestFilter {
	var filters []onetouch.ApprovalRequestFilter
	for bits := range 16 {
		var statuses []onetouch.Status
		for i, status := range onetouch.Statuses() {
			if bits&(1<<i) != 0 {
				statuses = append(statuses, status)
			}
		}
		for _, authyID := range []int64{0, friend.AuthyID} {
			for _, before := range []string{"", all[7].UUID} {
				for i, span := range [][2]time.Time{{}, {start().Add(2 * time.Second), start().Add(6 * time.Second)}} {
					filters = append(filters, onetouch.ApprovalRequestFilter{
						AppID: []string{"", w.app.ID}[i], AuthyID: authyID, Statuses: statuses, Before: before,
						Since: span[0], Until: span[1], Now: start().Add(30 * time.Second), Limit: []int{0, 3}[i],
					})
				}
			}
		}
	}
	for _, oldestFirst := range []bool{false, true} {
		for _, before := range []string{"", all[7].UUID} {
			for _, f := range []onetouch.ApprovalRequestFilter{
				{DeviceID: w.device.ID}, {AskedDeviceID: w.device.ID}, {OnlyDeviceID: w.device.ID + 1}, {AuthyID: friend.AuthyID},
			} {
				f.OldestFirst, f.Before, f.Limit = oldestFirst, before, 4
				filters = append(filters, f)
			}
		}
	}
	return append(filters,
		onetouch.ApprovalRequestFilter{AppID: "other"},
		onetouch.ApprovalRequestFilter{AuthyID: 1},
		onetouch.ApprovalRequestFilter{AuthyID: w.user.AuthyID, Limit: 5},
		onetouch.ApprovalRequestFilter{Before: "none"},
		onetouch.ApprovalRequestFilter{Before: all[len(all)-1].UUID},
		onetouch.ApprovalRequestFilter{Before: all[0].UUID, AuthyID: friend.AuthyID},
	)
}

// filterRequests is what the filter means, in plain words.
func filterRequests(newestFirst []onetouch.ApprovalRequest, f onetouch.ApprovalRequestFilter) []onetouch.ApprovalRequest {
	var chosen []onetouch.ApprovalRequest
	passed, inOrder := f.Before == "", slices.Clone(newestFirst)
	if f.OldestFirst {
		slices.Reverse(inOrder)
	}
	for _, r := range inOrder {
		mine := func(id int64) bool {
			return r.DeviceID == id || r.DeviceID == 0 && (r.Answer.DeviceID == 0 || r.Answer.DeviceID == id)
		}
		fits := (f.AppID == "" || r.AppID == f.AppID) && (f.AuthyID == 0 || r.AuthyID == f.AuthyID) &&
			(len(f.Statuses) == 0 || slices.Contains(f.Statuses, r.At(f.Now).Status)) &&
			!r.CreatedAt.Before(f.Since) && (f.Until.IsZero() || !r.CreatedAt.After(f.Until)) &&
			(f.DeviceID == 0 || mine(f.DeviceID)) && (f.OnlyDeviceID == 0 || r.DeviceID == f.OnlyDeviceID) &&
			(f.AskedDeviceID == 0 || r.DeviceID == 0 || r.DeviceID == f.AskedDeviceID)
		if passed && fits && (f.Limit == 0 || len(chosen) < f.Limit) {
			chosen = append(chosen, r)
		}
		passed = passed || r.UUID == f.Before
	}
	return chosen
}

func requestsAreDecidedOnce(t *testing.T, w *world) {
	for n, status := range []onetouch.Status{onetouch.StatusApproved, onetouch.StatusDenied, onetouch.StatusExpired} {
		asked := expiring(request(w.user, n), 30)
		w.insertRequests(t, asked)
		answered := decided(asked, status, w.device)
		if !w.decide(t, answered) {
			t.Errorf("%s: the first answer came too late", status)
		}
		same(t, "decided request", view(t, w, byUUID(asked.UUID)), answered)
		for _, second := range onetouch.Statuses()[1:] {
			if w.decide(t, decided(asked, second, onetouch.Device{ID: 7})) {
				t.Errorf("%s, then %s: both were first", status, second)
			}
		}
		same(t, "request after further answers", view(t, w, byUUID(asked.UUID)), answered)
		overruled := w.overrule(t, decided(asked, onetouch.StatusDenied, w.device))
		if overruled != (status == onetouch.StatusExpired) {
			t.Errorf("%s was overruled: %t", status, overruled)
		}
	}
	if w.overrule(t, decided(expiring(request(w.user, 98), 30), onetouch.StatusDenied, w.device)) {
		t.Error("a request that does not exist was overruled")
	}
	if w.decide(t, decided(request(w.user, 99), onetouch.StatusApproved, w.device)) {
		t.Error("a request that does not exist was decided")
	}
}

func requestsAreDecidedOnceInRace(t *testing.T, w *world) {
	const requests, answers = 10, 8
	for n := range requests {
		asked := request(w.user, n)
		w.insertRequests(t, asked)
		first := make([]bool, answers)
		var race sync.WaitGroup
		for i := range answers {
			race.Go(func() {
				status := []onetouch.Status{onetouch.StatusApproved, onetouch.StatusDenied}[i%2]
				answer := decided(asked, status, w.device)
				answer.Answer.Reason = fmt.Sprint(i)
				first[i] = w.decide(t, answer)
			})
		}
		race.Wait()
		winner := slices.Index(first, true)
		if winner < 0 || slices.Contains(first[winner+1:], true) {
			t.Fatalf("the first are %v: must be one", first)
		}
		if stored := view(t, w, byUUID(asked.UUID)); stored.Answer.Reason != fmt.Sprint(winner) {
			t.Errorf("answer %d was first, that of %s is stored", winner, stored.Answer.Reason)
		}
	}
}

func requestsExpire(t *testing.T, w *world) {
	next := func() time.Time { t.Helper(); return view(t, w, onetouch.Reader.NextExpiry) }
	due := func(now time.Time, most int) []onetouch.ApprovalRequest {
		t.Helper()
		return view(t, w, func(r onetouch.Reader) ([]onetouch.ApprovalRequest, error) { return r.DueRequests(now, most) })
	}
	w.insertRequests(t, request(w.user, 0)) // never
	same(t, "next expiry when none expires", next(), time.Time{})

	late, soon := expiring(request(w.user, 1), 300), expiring(request(w.user, 2), 60)
	w.insertRequests(t, late, soon)
	same(t, "next expiry", next(), soon.ExpiresAt)
	same(t, "due before", due(soon.ExpiresAt.Add(-time.Microsecond), 10), []onetouch.ApprovalRequest(nil))
	same(t, "due at the instant", due(soon.ExpiresAt, 10), []onetouch.ApprovalRequest{soon})
	same(t, "due after both", due(late.ExpiresAt, 10), []onetouch.ApprovalRequest{soon, late})
	same(t, "the first that is due", due(late.ExpiresAt, 1), []onetouch.ApprovalRequest{soon})

	w.decide(t, decided(soon, onetouch.StatusApproved, w.device))
	same(t, "next expiry after an answer", next(), late.ExpiresAt)
	w.decide(t, decided(late, onetouch.StatusExpired, w.device))
	same(t, "next expiry after all", next(), time.Time{})
	same(t, "due after all", due(late.ExpiresAt, 10), []onetouch.ApprovalRequest(nil))
}

func requestsAreNotified(t *testing.T, w *world) {
	asked := request(w.user, 1)
	owed, report := push(asked, w.device), callback(asked)
	w.insertRequests(t, asked)
	w.update(t, func(tx onetouch.Transaction) error {
		return firstError(tx.InsertDelivery(&owed), tx.InsertDelivery(&report))
	})
	notified := func() bool { t.Helper(); return view(t, w, byUUID(asked.UUID)).Notified }

	w.update(t, func(tx onetouch.Transaction) error { return tx.UpdateDelivery(sent(report)) })
	if notified() {
		t.Error("notified by a callback")
	}
	w.update(t, func(tx onetouch.Transaction) error { return tx.UpdateDelivery(sent(owed)) })
	if !notified() {
		t.Error("not notified although a push was sent")
	}
	if list := view(t, w, func(r onetouch.Reader) ([]onetouch.ApprovalRequest, error) {
		return r.ApprovalRequests(onetouch.ApprovalRequestFilter{})
	}); !list[0].Notified {
		t.Error("not notified in the list")
	}
}
