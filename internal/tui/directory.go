package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// directory is the part of the screen that knows who is who. It is read as a whole when somebody comes or goes.
type directory struct {
	remote  *remote
	users   map[int64]controlapi.User     // by Authy ID
	devices map[int64]controlapi.Device   // by device ID
	owned   map[int64][]controlapi.Device // each user's devices by Authy ID, oldest first
	phones  map[int64][]phone             // this machine's registered devices by Authy ID
	apps    []controlapi.Application
	// actingAs is the device that the screen answers as; 0: as whichever the user has.
	actingAs int64
	known    bool
	reading  bool
	again    bool
}

// peopleRead brings everybody's names, and the devices this machine can answer with.
type peopleRead struct {
	reply
	users   []controlapi.User
	devices []controlapi.Device
	phones  []phone
}

func (d *directory) update(msg tea.Msg, _ facts, say func(tea.Msg)) tea.Cmd {
	switch msg := msg.(type) {
	case actingAs:
		d.actingAs = msg.device
	case connected:
		d.learn(msg.server)
		return d.read()
	case serverRead:
		d.learn(msg.server)
	case happened:
		if msg.has(onetouch.EventUserAdded, onetouch.EventUserRemoved,
			onetouch.EventDeviceRegistered, onetouch.EventDeviceRemoved) {
			return d.read()
		}
	case peopleWanted:
		return d.read()
	case peopleRead:
		d.reading = false
		if msg.err == nil {
			acting := d.device(d.actingAs)
			d.take(msg)
			d.forgetLost(acting, say)
		}
		if d.again {
			return d.read()
		}
	}
	return nil
}

// read starts a reading, or notes that another is due after the one that runs.
func (d *directory) read() tea.Cmd {
	if d.reading {
		d.again = true
		return nil
	}
	d.reading, d.again = true, false
	return d.remote.ask(func(ctx context.Context) tea.Msg {
		var read peopleRead
		if read.users, read.err = d.remote.control.Users(ctx, ""); read.err != nil {
			return read
		}
		if read.devices, read.err = d.remote.control.Devices(ctx, 0); read.err != nil {
			return read
		}
		read.phones, read.err = d.remote.phones(ctx)
		return read
	})
}

func (d *directory) learn(s controlapi.Server) { d.apps = s.Applications }

// app is the application with an ID.
func (d *directory) app(id string) (controlapi.Application, bool) {
	for _, app := range d.apps {
		if app.ID == id {
			return app, true
		}
	}
	return controlapi.Application{}, false
}

// applications names them all.
func (d *directory) applications() string {
	names := make([]string, len(d.apps))
	for i, app := range d.apps {
		names[i] = oneLine(app.Name)
	}
	return strings.Join(names, ", ")
}

func (d *directory) take(read peopleRead) {
	d.known = true
	d.users, d.devices = map[int64]controlapi.User{}, map[int64]controlapi.Device{}
	d.owned, d.phones = map[int64][]controlapi.Device{}, map[int64][]phone{}
	for _, user := range read.users {
		d.users[user.AuthyID] = user
	}
	for _, device := range read.devices {
		d.devices[device.ID] = device
	}
	for _, device := range inOrder(d.devices) {
		d.owned[device.AuthyID] = append(d.owned[device.AuthyID], device)
	}
	for _, p := range read.phones {
		if _, registered := d.devices[p.ID()]; registered {
			d.phones[p.AuthyID()] = append(d.phones[p.AuthyID()], p)
		}
	}
}

// forgetLost ends that the screen answers as a phone that is gone. Its name is that from before.
func (d *directory) forgetLost(name string, say func(tea.Msg)) {
	if d.actingAs == 0 || d.phone(d.actingAs) != nil {
		return
	}
	d.actingAs = 0
	say(noticed{name + " is gone from this machine: this screen answers as whichever phone the user has."})
}

// answering are the phones that can answer a request: all of its user's here that are asked, or only the one that the screen
// acts as.
func (d *directory) answering(r controlapi.ApprovalRequest) []phone {
	return slices.DeleteFunc(slices.Clone(d.phones[r.AuthyID]), func(p phone) bool {
		isAsked := r.AskedDeviceID == nil || *r.AskedDeviceID == p.ID()
		return !isAsked || d.actingAs != 0 && p.ID() != d.actingAs
	})
}

// onlyAs says that the screen acts as one phone, which is not the user's; "" when that is not why nobody answers.
func (d *directory) onlyAs() string {
	if d.actingAs == 0 {
		return ""
	}
	return "This screen answers as " + d.device(d.actingAs) + " only, until A in the tab of phones ends that."
}

// phone is the phone of this machine that is a device, or nil.
func (d *directory) phone(deviceID int64) phone {
	for _, p := range d.phones[d.devices[deviceID].AuthyID] {
		if p.ID() == deviceID {
			return p
		}
	}
	return nil
}

// removed reports whether a user is known to be gone: nobody can answer any more.
func (d *directory) removed(authyID int64) bool {
	_, there := d.users[authyID]
	return d.known && !there
}

// user is the shortest name of a user that people recognise.
func (d *directory) user(authyID int64) string {
	if name := nameOf(d.users[authyID]); name != "" {
		return name
	}
	return fmt.Sprintf("Authy ID %d", authyID)
}

// contact is all that identifies a user. One that is not known was removed.
func (d *directory) contact(authyID int64) (name, rest string) {
	rest = fmt.Sprintf("Authy ID %d", authyID)
	user, known := d.users[authyID]
	switch {
	case !d.known:
		return "…", rest
	case !known:
		return "removed", rest
	}
	if number := phoneNumber(user); number != "" {
		rest = number + " · " + rest
	}
	return nameOf(user), rest
}

// device names a device.
func (d *directory) device(id int64) string {
	if device, known := d.devices[id]; known {
		return fmt.Sprintf("%s (device %d)", line(device.Name), id)
	}
	return fmt.Sprintf("device %d", id)
}
