package device_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/pkg/device"
)

// Whatever prints or logs a device, its credentials or its registration, no secret comes out.
func TestNothingShowsSecrets(t *testing.T) {
	t.Parallel()
	c := credentials(t)
	d, err := device.Open(c, serverURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := device.Registration{Server: serverURL, Token: "secret-registration-token", Name: "Ada's Pixel"}
	n := device.NewFactor{Server: serverURL, Identity: "user-of-acme-1", AccessToken: "secret-of-one-factor"}
	var jwk struct {
		D string `json:"d"`
	}
	if err := json.Unmarshal(c.PrivateKey, &jwk); err != nil || jwk.D == "" {
		t.Fatalf("the private key has no private part: %v", err)
	}
	secrets := []string{c.AccessToken, c.TOTP.Secret, r.Token, n.AccessToken, jwk.D}
	for name, value := range map[string]any{
		"device": d, "credentials": c, "pointer": &c, "TOTP": c.TOTP, "registration": r, "factor": n, "list": []device.Credentials{c},
		"field": struct{ Kept device.Credentials }{c}, "unexported": struct{ d *device.Device }{d},
		"map": map[string]*device.Device{"d": d},
	} {
		var shown strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&shown, verb+"\n", value)
		}
		slog.New(slog.NewTextHandler(&shown, nil)).Info("logged", "value", value)
		if _, isStruct := value.(struct{ Kept device.Credentials }); !isStruct && name != "list" {
			slog.New(slog.NewJSONHandler(&shown, nil)).Info("logged", "value", value)
		}
		for _, secret := range secrets {
			if strings.Contains(shown.String(), secret) {
				t.Errorf("%s shows %q:\n%s", name, secret, shown.String())
			}
		}
	}
	if got := fmt.Sprint(d); got != "device 2102943 (Ada's Pixel) of user 1000" {
		t.Errorf("a device is printed as %q", got)
	}
}

// To be kept, credentials have to say everything.
func TestCredentialsAreWrittenWhole(t *testing.T) {
	t.Parallel()
	c := credentials(t)
	c.LastEventID = 42
	var again device.Credentials
	if err := json.Unmarshal(toJSON(t, c), &again); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(toJSON(t, c), toJSON(t, again)) {
		t.Errorf("written %s, read %s", toJSON(t, c), toJSON(t, again))
	}
	for _, name := range []string{
		"device_id", "device_uuid", "authy_id", "app_id", "app_name", "name", "platform", "access_token", "private_key", "totp",
		"last_event_id",
	} {
		if !strings.Contains(string(toJSON(t, c)), `"`+name+`":`) {
			t.Errorf("the file has no %s", name)
		}
	}
}
