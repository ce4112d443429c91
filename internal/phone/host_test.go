package phone_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phone"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// hosting is a host under test, with its device store.
type hosting struct {
	*world
	*phone.Host
	dir      string
	devices  *device.Store
	outcomes chan phone.Outcome
	warnings chan error
}

func (w *world) host() *hosting {
	w.t.Helper()
	h := &hosting{
		world: w, dir: filepath.Join(w.t.TempDir(), "devices"), outcomes: make(chan phone.Outcome, 1000),
		warnings: make(chan error, 1000),
	}
	h.devices = device.NewStore(h.dir)
	h.Host = phone.NewHost(phone.HostOptions{
		Devices: h.devices, Server: server.InProcessURL, HTTP: w.client, Clock: w.clock,
		Registered: w.registered,
		Report:     func(o phone.Outcome) { h.outcomes <- o },
		Warn:       func(err error) { h.warnings <- err },
	})
	w.t.Cleanup(h.Close)
	return h
}

func (w *world) registered(ctx context.Context) ([]string, error) {
	devices, err := w.service.Devices(ctx, onetouch.DeviceFilter{})
	var uuids []string
	for _, one := range devices {
		uuids = append(uuids, one.UUID)
	}
	return uuids, err
}

// keep saves a device with a policy of its own.
func (h *hosting) keep(d *device.Device, auto string, when ...string) {
	h.t.Helper()
	credentials := d.Credentials()
	credentials.Policy = device.Policy{When: when, Auto: auto}
	if err := h.devices.Save(credentials); err != nil {
		h.t.Fatal(err)
	}
}

// runs refreshes the host, and checks which devices it runs then.
func (h *hosting) runs(devices ...*device.Device) {
	h.t.Helper()
	got, err := h.Refresh(h.t.Context())
	var want []string
	for _, d := range devices {
		want = append(want, d.UUID())
	}
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		h.t.Fatalf("it runs %v (%v), want %v", got, err, want)
	}
}

// answered waits for the next outcome, which is an answer by the given device.
func (h *hosting) answered(uuid string, want approval.Status, by *device.Device) {
	h.t.Helper()
	outcome := receive(h.t, "outcome", h.outcomes)
	if outcome.Request.UUID != uuid || outcome.Err != nil || outcome.Request.Status != want || outcome.Device.ID() != by.ID() {
		h.t.Fatalf("%q is %s by device %d (%v), want %s by device %d", outcome.Request.Message, outcome.Request.Status,
			outcome.Device.ID(), outcome.Err, want, by.ID())
	}
}

func TestHostFollowsItsStore(t *testing.T) {
	t.Parallel()
	h := newWorld(t).host()
	h.runs()
	ada, grace := h.addUser(1), h.addUser(2)
	one, two := h.newDevice(ada), h.newDevice(grace)
	h.keep(one, "approve")
	h.keep(two, "") // no policy
	h.runs(one)
	h.answered(h.ask(ada, "Log in?"), approval.Approved, one)
	waiting := h.ask(grace, "Log in?")

	h.keep(two, "", `user == 0 = approve`, `true = deny`)
	h.runs(one, two)
	h.answered(waiting, approval.Denied, two)

	h.keep(one, "ignore", `message == "Send?" = deny`)
	h.runs(one, two)
	ignored := h.ask(ada, "Log in?")
	h.answered(h.ask(ada, "Send?"), approval.Denied, one)
	h.stands(ignored, onetouch.StatusPending)

	h.keep(one, "") // cleared
	if err := h.devices.Remove(two.ID()); err != nil {
		t.Fatal(err)
	}
	h.runs()
	left := []string{h.ask(ada, "Send?"), h.ask(grace, "Log in?")}
	h.Close()
	for _, uuid := range left {
		h.stands(uuid, onetouch.StatusPending)
	}
	h.keep(one, "approve")
	h.runs() // closed is for good
}

// A delayed answer by the policy of before is none any more.
func TestHostForgetsThePolicyOfBefore(t *testing.T) {
	t.Parallel()
	h := newWorld(t).host()
	ada := h.addUser(1)
	d := h.newDevice(ada)
	h.keep(d, "approve after 10s")
	h.runs(d)
	uuid := h.ask(ada, "Log in?")
	receive(t, "delay", h.clock.waiting)
	h.keep(d, "deny")
	h.runs(d)
	h.answered(uuid, approval.Denied, d)
}

func TestHostStopsARemovedDevice(t *testing.T) {
	t.Parallel()
	h := newWorld(t).host()
	ada := h.addUser(1)
	one, two := h.newDevice(ada), h.newDevice(ada)
	h.keep(one, "approve after 10s")
	h.keep(two, "ignore")
	h.runs(one, two)
	uuid := h.ask(ada, "Log in?")
	receive(t, "delay", h.clock.waiting)
	if err := h.service.RemoveDevice(t.Context(), h.app.ID, one.ID()); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(10 * time.Second)
	h.runs(two)
	h.stands(uuid, onetouch.StatusPending)
	h.keep(two, "approve")
	h.runs(two)
	h.answered(uuid, approval.Approved, two)
}

// What cannot be run hides no other phone, and the store is only read.
func TestHostLeavesWhatItCannotRun(t *testing.T) {
	t.Parallel()
	h := newWorld(t).host()
	ada := h.addUser(1)
	good, wrong := h.newDevice(ada), h.newDevice(ada)
	h.keep(good, "approve")
	h.keep(wrong, "perhaps")
	stranger := good.Credentials()
	stranger.DeviceID, stranger.DeviceUUID = 1, "of another database"
	stranger.Policy.Auto = "approve"
	if err := h.devices.Save(stranger); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.dir, "9.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := contents(t, h.dir)
	h.runs(good)
	h.answered(h.ask(ada, "Log in?"), approval.Approved, good)
	for _, want := range []string{"9.json is broken", `--auto: "perhaps" is not known`} {
		if got := receive(t, "warning", h.warnings); !strings.Contains(got.Error(), want) {
			t.Errorf("warned %q, want %q", got, want)
		}
	}
	if after := contents(t, h.dir); after != before {
		t.Errorf("the store was changed:\n%s\nbefore:\n%s", after, before)
	}
}

// contents are the names and contents of the files in a folder.
func contents(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(entry.Name() + ": " + string(content) + "\n")
	}
	return all.String()
}

// garbled is a network that spoils what comes of one request.
type garbled struct {
	next   http.RoundTripper
	suffix string
}

func (g *garbled) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := g.next.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, g.suffix) {
		_ = response.Body.Close()
		response.Body = io.NopCloser(strings.NewReader("\x1b[31m"))
		response.ContentLength = -1
	}
	return response, err
}

// One request that cannot be answered keeps no phone from the next one.
func TestHostGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser(1)
	d := w.newDevice(ada)
	spoilt := w.ask(ada, "Spoilt?")
	w.client = &http.Client{Transport: &garbled{next: w.client.Transport, suffix: spoilt}}
	h := w.host()
	h.keep(d, "approve")
	h.runs(d)
	h.answered(h.ask(ada, "Log in?"), approval.Approved, d)
	want := "answering approval request " + spoilt + ": "
	if got := receive(t, "warning", h.warnings); !strings.Contains(got.Error(), want) {
		t.Errorf("warned %q, want %q", got, want)
	}
}
