package device_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/device"
)

func TestRegistered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d, second := w.newDevice(), w.newDevice()
	check := func(when string, d *device.Device, want bool) {
		t.Helper()
		if got, err := d.Registered(t.Context()); err != nil || got != want {
			t.Errorf("%s: registered %t, %v", when, got, err)
		}
	}
	check("at first", d, true)
	if err := w.service.RemoveDevice(t.Context(), w.app.ID, d.ID()); err != nil {
		t.Fatal(err)
	}
	check("removed by the backend", d, false)
	check("the other", second, true)
	if err := w.service.RemoveUser(t.Context(), w.app.ID, w.user.AuthyID); err != nil {
		t.Fatal(err)
	}
	check("its user removed", second, false)
	w.close()
	if got, err := d.Registered(t.Context()); got || !errors.Is(err, device.ErrUnreachable) {
		t.Errorf("without a server: %t, %v", got, err)
	}
}

func TestPushReceived(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	asked := w.ask("Log in?")
	for range 2 {
		if err := d.PushReceived(t.Context(), asked.UUID); err != nil {
			t.Fatal(err)
		}
	}
	if !w.stored(asked.UUID).Notified {
		t.Error("the request is not notified")
	}
	foreign := w.askWith(w.addUser("202-555-0199"), onetouch.NewApprovalRequest{Message: "of another"})
	w.changesNothing(func() {
		for _, uuid := range []string{foreign.UUID, "x"} {
			if err := d.PushReceived(t.Context(), uuid); !errors.Is(err, device.ErrNotFound) {
				t.Errorf("%q: %v", uuid, err)
			}
		}
		for _, uuid := range []string{"", "\xff"} {
			if err := d.PushReceived(t.Context(), uuid); err == nil {
				t.Errorf("%q is taken", uuid)
			}
		}
	})
}

func TestApprovalRequestLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice()
	minute := int64(60)
	approved, denied := w.ask("approved"), w.ask("denied")
	w.askWith(w.user, onetouch.NewApprovalRequest{Message: "expired", SecondsToExpire: &minute})
	answer(t, d, fetch(t, d, approved.UUID), approval.Approved)
	answer(t, d, fetch(t, d, denied.UUID), approval.Denied)
	w.clock.Advance(time.Hour)
	w.ask("pending")
	w.ask("newer")
	lists, err := d.ApprovalRequestLists(t.Context(), device.Query{})
	if err != nil {
		t.Fatal(err)
	}
	got := [][]string{messages(lists.Pending), messages(lists.Approved), messages(lists.Denied), messages(lists.Expired)}
	want := [][]string{{"newer", "pending"}, {"approved"}, {"denied"}, {"expired"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	lists, err = d.ApprovalRequestLists(t.Context(), device.Query{
		Statuses: []approval.Status{approval.Approved, approval.Pending}, Until: w.clock.Now().Add(-time.Minute),
	})
	if err != nil || len(lists.Approved) != 1 || lists.Pending != nil || lists.Denied != nil || lists.Expired != nil {
		t.Errorf("chosen: %+v, %v", lists, err)
	}
	if _, err := d.ApprovalRequestLists(t.Context(), device.Query{Statuses: []approval.Status{"open"}}); err == nil {
		t.Error("an unknown status is taken")
	}
}

// A phone holds several applications, each with codes of its own.
func TestOneTimeCodesOfSeveralApplications(t *testing.T) {
	t.Parallel()
	open := func(id int64, app string, set func(*device.TOTP)) *device.Device {
		c := credentials(t)
		c.DeviceID, c.AppID, c.AppName, c.TOTP.Secret = id, "id of "+app, app, "GEZDGNBVGY3TQOJQ"
		set(&c.TOTP)
		d, err := device.Open(c, serverURL, nil)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	shop := open(3, "Shop", func(p *device.TOTP) { p.Digits, p.Period = 6, 30 })
	bank := open(2, "Acme Bank", func(p *device.TOTP) { p.Secret = "JBSWY3DPEHPK3PXP" })
	another := open(1, "Shop", func(*device.TOTP) {})
	broken := open(4, "Broken", func(p *device.TOTP) { p.Digits = 5 })
	at := time.Unix(1111111109, 0)
	codes, err := device.OneTimeCodes(at, shop, bank, another)
	if err != nil || len(codes) != 3 {
		t.Fatalf("%+v, %v", codes, err)
	}
	for i, d := range []*device.Device{bank, another, shop} {
		one, err := d.OneTimeCode(at)
		want := device.ApplicationCode{OneTimeCode: one, AppID: d.AppID(), AppName: d.AppName(), AuthyID: 1000, DeviceID: d.ID()}
		if err != nil || codes[i] != want {
			t.Errorf("code %d is %+v, %v, want %+v", i, codes[i], err, want)
		}
	}
	if codes, err := device.OneTimeCodes(at, broken, bank); err == nil || len(codes) != 1 {
		t.Errorf("beside a broken one: %+v, %v", codes, err)
	}
	if codes, err := device.OneTimeCodes(at); err != nil || codes != nil {
		t.Errorf("of none: %+v, %v", codes, err)
	}
}

// Everything goes, also what is broken or was never finished; what is not a device's stays.
func TestClear(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t)
	if err := s.Clear(); err != nil {
		t.Errorf("a store that was never used: %v", err)
	}
	save(t, s, 7)
	save(t, s, 8)
	for name, content := range map[string]string{"9.json": "{", "8.json.new": "half", "notes.txt": "mine"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Clear(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	if diff := cmp.Diff([]string{".lock", "notes.txt"}, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if list, err := s.List(); err != nil || list != nil {
		t.Errorf("listed %v, %v", list, err)
	}
	if _, err := s.Load(7); !errors.Is(err, device.ErrNotFound) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("loaded: %v", err)
	}
}

// To clear local data unregisters nothing, as with the SDK: the credentials still hold, wherever a copy of them is.
func TestClearDoesNotUnregister(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, _ := newStore(t)
	d := w.newDevice()
	if err := s.Save(d.Credentials()); err != nil {
		t.Fatal(err)
	}
	if err := s.Clear(); err != nil {
		t.Fatal(err)
	}
	if registered, err := d.Registered(t.Context()); err != nil || !registered {
		t.Errorf("registered: %t, %v", registered, err)
	}
}

// Whoever copies a device's store is that device, as a SIM that was cloned. Both copies hear every push, each request is
// answered once, by whoever is first, and removing the device ends both.
func TestClonedStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	original := w.newDevice()
	clone := w.reopen(original.Credentials())
	asked, second := w.ask("first"), w.ask("second")
	for name, d := range map[string]*device.Device{"original": original, "clone": clone} {
		if diff := cmp.Diff([]string{"first", "second"}, alerts(hear(t, d, 2))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	late := fetch(t, original, asked.UUID)
	if err := clone.Deny(t.Context(), fetch(t, clone, asked.UUID), ""); err != nil {
		t.Fatal(err)
	}
	w.changesNothing(func() {
		if err := original.Approve(t.Context(), late); !errors.Is(err, device.ErrNotPending) {
			t.Errorf("the second answer: %v", err)
		}
	})
	pending := fetch(t, clone, second.UUID)
	if err := original.Unregister(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := clone.Approve(t.Context(), pending); !errors.Is(err, device.ErrAccessToken) {
		t.Errorf("the clone of a removed device answers: %v", err)
	}
}

// Several devices of several users live beside each other in one store.
func TestSeveralUsersOnOneMachine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, _ := newStore(t)
	keep := func(d *device.Device) *device.Device {
		if err := s.Save(d.Credentials()); err != nil {
			t.Fatal(err)
		}
		return d
	}
	ada := w.user
	adasPixel, adasPad := keep(w.newDevice()), keep(w.newDevice())
	w.user = w.addUser("202-555-0199")
	graces := keep(w.newDevice())
	toAda := w.askWith(ada, onetouch.NewApprovalRequest{Message: "Ada?"})
	toGrace := w.askWith(w.user, onetouch.NewApprovalRequest{Message: "Grace?"})
	kept, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	heard := map[int64]string{}
	for _, c := range kept {
		heard[c.DeviceID] = hearOne(t, w.reopen(c)).ApprovalRequestUUID
	}
	want := map[int64]string{adasPixel.ID(): toAda.UUID, adasPad.ID(): toAda.UUID, graces.ID(): toGrace.UUID}
	if diff := cmp.Diff(want, heard); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := graces.ApprovalRequest(t.Context(), toAda.UUID); !errors.Is(err, device.ErrNotFound) {
		t.Errorf("another user's request: %v", err)
	}
}
