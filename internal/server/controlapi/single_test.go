package controlapi_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

func TestOneUser(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	user, err := o.AddUser(t.Context(), o.app.ID, onetouch.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"})
	must(t, err)
	for _, app := range []string{"", o.app.ID} {
		found, err := o.client.User(t.Context(), app, user.AuthyID)
		if err != nil || found.AuthyID != user.AuthyID || found.PhoneNumber != "2025550158" {
			t.Errorf("of %q: %+v, %v", app, found, err)
		}
	}
	unknown := &onetouch.Error{Code: onetouch.CodeUserNotFound}
	if _, err := o.client.User(t.Context(), "another", user.AuthyID); !errors.Is(err, unknown) {
		t.Errorf("of another application: %v", err)
	}
	must(t, o.RemoveUser(t.Context(), o.app.ID, user.AuthyID))
	if _, err := o.client.User(t.Context(), "", user.AuthyID); !errors.Is(err, unknown) {
		t.Errorf("removed: %v", err)
	}
	for _, id := range []string{"0", "-1", "x", "99999999999999999999"} {
		if status, answer := o.send(t, "GET", "/control/v1/users/"+id, token, ""); status != http.StatusNotFound {
			t.Errorf("user %s: %d %s", id, status, answer)
		}
	}
}

// registered is the only device, of the only user.
func (o *operated) registered(t *testing.T) onetouch.Device {
	t.Helper()
	user, err := o.AddUser(t.Context(), o.app.ID, onetouch.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"})
	must(t, err)
	o.registerDevice(t, user)
	devices, err := o.Devices(t.Context(), onetouch.DeviceFilter{})
	must(t, err)
	return devices[0]
}

func TestOneDevice(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	device := o.registered(t)
	found, err := o.client.Device(t.Context(), device.ID)
	if err != nil || found.ID != device.ID || found.UUID != device.UUID || found.AppID != o.app.ID {
		t.Errorf("found %+v, %v", found, err)
	}
	must(t, o.RemoveDevice(t.Context(), o.app.ID, device.ID))
	for _, id := range []int64{0, device.ID, device.ID + 1} {
		if _, err := o.client.Device(t.Context(), id); !errors.Is(err, &onetouch.Error{Code: onetouch.CodeDeviceNotFound}) {
			t.Errorf("device %d: %v", id, err)
		}
	}
}

func TestStanding(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	device := o.registered(t)
	_, err := o.CreateApprovalRequest(t.Context(), o.app, device.AuthyID, onetouch.NewApprovalRequest{Message: "Log in?"})
	must(t, err)
	standing, err := o.client.Standing(t.Context(), o.app.ID)
	if want := (controlapi.Standing{Users: 1, Devices: 1, Requests: 1}); err != nil || standing != want {
		t.Errorf("%+v, %v, want %+v", standing, err, want)
	}
}
