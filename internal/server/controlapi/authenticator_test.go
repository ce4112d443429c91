package controlapi_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// To look at an authenticator makes none; what a backend has made is shown.
func TestAuthenticator(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	user, _, _ := o.furnish(t)
	for range 2 {
		_, err := o.client.Authenticator(t.Context(), user.AuthyID)
		if !errors.Is(err, &onetouch.Error{Code: onetouch.CodeAuthenticatorNotFound}) {
			t.Errorf("before there is one: %v", err)
		}
	}
	made, err := o.ProvisionAuthenticator(t.Context(), o.app, user.AuthyID, "Ada")
	must(t, err)
	got, err := o.client.Authenticator(t.Context(), user.AuthyID)
	must(t, err)
	want := controlapi.Authenticator{
		AuthyID: user.AuthyID, Issuer: o.app.Name, Label: "Ada", Secret: made.SecretText(), URI: made.URI(),
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for path, want := range map[string]int{"/users/x/authenticator": 400, "/users/77/authenticator": 404} {
		if status, body := o.send(t, http.MethodGet, "/control/v1"+path, token, ""); status != want {
			t.Errorf("%s is answered %d %s", path, status, body)
		}
	}
	status, body := o.send(t, http.MethodGet, "/control/v1/users/1000/authenticator", "wrong", "")
	if status != http.StatusUnauthorized || strings.Contains(body, "otpauth") {
		t.Errorf("a stranger is answered %d %s", status, body)
	}
}
