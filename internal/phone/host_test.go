package phone_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
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
	looked   chan bool // whether somebody watched, each time the host looked
}

func (w *world) host() *hosting {
	w.t.Helper()
	h := &hosting{
		world: w, dir: filepath.Join(w.t.TempDir(), "devices"), outcomes: make(chan phone.Outcome, 1000),
		warnings: make(chan error, 1000), looked: make(chan bool, 100_000),
	}
	h.devices = device.NewStore(h.dir)
	h.Host = phone.NewHost(phone.HostOptions{
		Devices: h.devices, Server: server.InProcessURL, HTTP: w.client, Clock: w.clock,
		Registered: w.registered, Watched: h.watched,
		Report: func(o phone.Outcome) { h.outcomes <- o },
		Warn:   func(err error) { h.warnings <- err },
	})
	w.t.Cleanup(h.Close)
	return h
}

func (w *world) registered(ctx context.Context) ([]phone.Registered, error) {
	devices, err := w.service.Devices(ctx, onetouch.DeviceFilter{})
	var registered []phone.Registered
	for _, one := range devices {
		target := device.PushTarget{Type: device.PushType(one.Push.Type), Token: one.Push.Token, URL: one.Push.URL}
		registered = append(registered, phone.Registered{UUID: one.UUID, Push: target, Deaf: w.deaf})
	}
	return registered, err
}

func (h *hosting) watched(id int64) bool {
	taken := phone.NewWatches(h.dir).Taken(id)
	h.looked <- taken
	return taken
}

// findsAWatch waits until the host has found that somebody watches.
func (h *hosting) findsAWatch() {
	h.t.Helper()
	for !receive(h.t, "look", h.looked) {
	}
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
	running, err := h.Refresh(h.t.Context())
	var got, want []string
	for _, one := range running {
		got = append(got, one.UUID)
	}
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

// While somebody watches a phone, its policy answers nothing, at once or later; what came meanwhile stays as it is.
func TestHostLetsGoOfAWatchedPhone(t *testing.T) {
	t.Parallel()
	h := newWorld(t).host()
	ada := h.addUser(1)
	d := h.newDevice(ada)
	h.keep(d, "approve", `message == "Later?" = approve after 10s`)
	h.runs(d)
	later := h.ask(ada, "Later?")
	receive(t, "delay", h.clock.waiting)
	first, second := h.watch(d), h.watch(d) // two may
	first()
	while := h.ask(ada, "Meanwhile?")
	h.findsAWatch()
	h.clock.Advance(10 * time.Second)
	h.findsAWatch()
	second()
	h.answered(h.ask(ada, "Log in?"), approval.Approved, d)
	h.stands(later, onetouch.StatusPending)
	h.stands(while, onetouch.StatusPending)
}

// watch watches a phone until the returned function is called.
func (h *hosting) watch(d *device.Device) (release func()) {
	h.t.Helper()
	release, err := phone.NewWatches(h.dir).Take(d.ID())
	if err != nil {
		h.t.Fatal(err)
	}
	return release
}

// What was left undecided before the policy was set is a person's, also to the second; what comes later is not.
func TestHostLeavesWhatWasUndecided(t *testing.T) {
	t.Parallel()
	h := newWorld(t).host()
	ada := h.addUser(1)
	d := h.newDevice(ada)
	old := h.ask(ada, "Old?")
	h.clock.Advance(time.Second)
	undecided := h.ask(ada, "Undecided?")
	left, err := phone.LeftOf(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if left.Until != h.clock.Now().Unix() || !slices.Equal(left.UUIDs, []string{undecided}) {
		t.Errorf("left are %+v", left)
	}
	credentials := d.Credentials()
	credentials.Policy = device.Policy{Auto: "approve", Left: left}
	if err := h.devices.Save(credentials); err != nil {
		t.Fatal(err)
	}
	sameSecond := h.ask(ada, "Log in?")
	h.runs(d)
	h.answered(sameSecond, approval.Approved, d)
	h.stands(old, onetouch.StatusPending)
	h.stands(undecided, onetouch.StatusPending)
}

func TestNothingWasUndecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.newDevice(w.addUser(1))
	if left, err := phone.LeftOf(t.Context(), d); err != nil || left.Until != 0 {
		t.Errorf("left are %+v, %v", left, err)
	}
}

// A watch that was killed has left the phone listening to its backend.
func TestHostListensAgain(t *testing.T) {
	t.Parallel()
	h := newWorld(t).host()
	ada := h.addUser(1)
	d := h.newDevice(ada)
	h.keep(d, "approve")
	target := device.PushTarget{Type: device.PushNone, Token: "push token", URL: "http://127.0.0.1:9"}
	if err := d.SetPush(t.Context(), target); err != nil {
		t.Fatal(err)
	}
	release := h.watch(d)
	h.runs(d)
	if kept := h.target(); kept != target {
		t.Errorf("while somebody watches, the phone was made to listen to %+v", kept)
	}
	release()
	h.keep(d, "deny")
	h.runs(d)
	h.answered(h.ask(ada, "Log in?"), approval.Denied, d)
	if kept := h.target(); kept != (device.PushTarget{Type: device.PushStream, Token: "push token"}) {
		t.Errorf("the phone listens to %+v", kept)
	}
}

// target is where the only device has its pushes sent.
func (w *world) target() device.PushTarget {
	w.t.Helper()
	registered, err := w.registered(w.t.Context())
	if err != nil || len(registered) != 1 {
		w.t.Fatalf("registered are %v, %v", registered, err)
	}
	return registered[0].Push
}

// A phone whose backend pushes by itself hears nothing from the service, and its user is told.
func TestHostTellsOfADeafPhone(t *testing.T) {
	t.Parallel()
	h := newWorld(t).host()
	d := h.newDevice(h.addUser(1))
	h.deaf = true
	h.keep(d, "approve")
	running, err := h.Refresh(t.Context())
	if err != nil || len(running) != 1 || !running[0].Deaf {
		t.Errorf("it runs %+v, %v", running, err)
	}
	want := "onetouch device watch 2000000 --push-listen"
	if got := receive(t, "warning", h.warnings); !strings.Contains(got.Error(), want) {
		t.Errorf("warned %q, want %q", got, want)
	}
}

// watchesFolder is the environment variable that turns the test binary into a process that watches device 7 in that folder.
const watchesFolder = "ONETOUCH_TEST_WATCHES_FOLDER"

func watchSeven(folder string) {
	if _, err := phone.NewWatches(folder).Take(7); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("watching")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// A watch ends with its process, however that ends.
func TestKilledWatchIsOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	watches := phone.NewWatches(dir)
	if watches.Taken(7) || contents(t, dir) != "" {
		t.Fatal("a look is taken for a watch, or has left something")
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.CommandContext(t.Context(), program)
	process.Env = append(os.Environ(), watchesFolder+"="+dir)
	if _, err = process.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "watching\n" {
		t.Fatalf("the process says %q, %v", line, err)
	}
	if !watches.Taken(7) || watches.Taken(8) {
		t.Error("another device is watched than should be")
	}
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // it was killed
	if watches.Taken(7) {
		t.Error("who was killed watches still")
	}
}
