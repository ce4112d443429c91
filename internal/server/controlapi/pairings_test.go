package controlapi_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

func TestPairings(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	user, err := o.AddUser(t.Context(), o.app.ID, onetouch.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"})
	must(t, err)
	started, err := o.client.StartPairing(t.Context(), controlapi.NewPairing{AppID: o.app.ID, AuthyID: user.AuthyID})
	must(t, err)
	if started.Token == "" || started.State != onetouch.RegistrationPending || started.AuthyID != user.AuthyID {
		t.Errorf("started %+v", started)
	}
	found, err := o.client.Pairing(t.Context(), started.ID)
	must(t, err)
	if found.Token != "" || found.ID != started.ID || found.DeviceID != nil || !found.ExpiresAt.Equal(started.ExpiresAt) {
		t.Errorf("found %+v", found)
	}
	_, err = o.client.Pairing(t.Context(), started.Token)
	if !errors.Is(err, &onetouch.Error{Code: onetouch.CodeRegistrationNotFound}) {
		t.Errorf("the token as an ID: %v", err)
	}
	_, err = o.client.StartPairing(t.Context(), controlapi.NewPairing{AppID: o.app.ID, AuthyID: 7})
	if !errors.Is(err, &onetouch.Error{Code: onetouch.CodeUserNotFound}) {
		t.Errorf("nobody's phone: %v", err)
	}
	if status, answer := o.send(t, "POST", "/control/v1/pairings", token, `{"user":1}`); status != http.StatusBadRequest ||
		!strings.Contains(answer, "user - is not known here") {
		t.Errorf("an unknown member: %d %s", status, answer)
	}
}

// A server of the whole network is operated from its own machine all the same.
func TestLocalOnly(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	api := controlapi.New(o.Service, controlapi.Options{Token: token, LocalOnly: true})
	mux := route.Handler(api.Family())
	for address, want := range map[string]int{
		"127.0.0.1:50000": http.StatusOK, "[::1]:50000": http.StatusOK, "[::ffff:127.0.0.1]:50000": http.StatusOK,
		"192.168.7.21:50000": http.StatusUnauthorized, "[fe80::1%eth0]:50000": http.StatusUnauthorized,
		"pipe": http.StatusUnauthorized,
	} {
		for _, path := range []string{"/control/v1/server", "//control/v1/events"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			r.Header.Set("Authorization", "Bearer "+token)
			r.RemoteAddr = address
			answer := httptest.NewRecorder()
			mux.ServeHTTP(answer, r)
			if answer.Code != want {
				t.Errorf("%s from %s: %d, want %d", path, address, answer.Code, want)
			}
		}
	}
}
