package authyapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestStartRegistration(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	for name, c := range map[string]struct{ target, contentType, body string }{
		"SDK sample backend": {"/protected/json/sdk/registrations", formType, fmt.Sprintf("api_key=x&authy_id=%d", id)},
		"query":              {fmt.Sprintf("/protected/json/sdk/registrations?authy_id=%d", id), "", ""},
		"JSON number":        {"/protected/json/sdk/registrations", jsonType, fmt.Sprintf(`{"authy_id":%d}`, id)},
		"JSON text":          {"/protected/json/sdk/registrations", jsonType, fmt.Sprintf(`{"authy_id":"%d"}`, id)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := s.call(t, "POST", c.target, c.contentType, c.body)
			var started struct {
				Token string `json:"registration_token"`
			}
			if err := json.Unmarshal([]byte(a.body), &started); err != nil || len(started.Token) < 32 {
				t.Fatalf("%s: %v", a, err)
			}
			a.mustBe(t, 200, `{"registration_token":"`+started.Token+`","message":"Registration token was created.","success":true}`)
			if phone := s.register(t, started.Token, "android"); phone.AuthyID != id {
				t.Errorf("the token is for user %d", phone.AuthyID)
			}
		})
	}
	before := s.lastEvent(t)
	s.post(t, "/protected/json/sdk/registrations", nil).mustRefuse(t, 400, "60004",
		"Invalid parameter: authy_id - Parameter is required")
	s.call(t, "POST", "/protected/json/sdk/registrations", jsonType, `{"authy_id":[1]}`).mustRefuse(t, 400, "60004",
		"Invalid parameter: authy_id - must be a text")
	for _, wrong := range []string{"tony", "0", "-1", "1.0", "999"} {
		s.get(t, "/protected/json/sdk/registrations?authy_id="+wrong).mustRefuse(t, 405, "60002", "Method GET is not allowed here, use POST")
		s.call(t, "POST", "/protected/json/sdk/registrations?authy_id="+wrong, "", "").mustRefuse(t, 404, "60026", "User not found.")
	}
	if after := s.lastEvent(t); after < before {
		t.Errorf("the log shrank from %d to %d", before, after)
	}
	xml := s.call(t, "POST", fmt.Sprintf("/protected/xml/sdk/registrations?authy_id=%d", id), "", "")
	if xml.status != 200 || !strings.HasPrefix(xml.body, xmlProlog+"<hash><registration-token>") {
		t.Errorf("got %s", xml)
	}
}

func TestRemoveDevice(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	kept, first, second := s.addPhone(t, id, "ios"), s.addPhone(t, id, "android"), s.addPhone(t, id, "ipad")
	s.call(t, "DELETE", fmt.Sprintf("/protected/json/sdk/devices/%d", first.ID), "", "").mustBe(t, 200,
		`{"message":"Device was removed.","success":true}`)
	s.call(t, "DELETE", fmt.Sprintf("/protected/xml/sdk/devices/%d", second.ID), formType, "user_ip=10.0.0.1").mustBe(t, 200,
		xmlProlog+`<hash><message>Device was removed.</message><success type="boolean">true</success></hash>`)
	before := s.lastEvent(t)
	for _, device := range []string{decimal(first.ID), decimal(second.ID), "999", "0", "-1", "ios", "99999999999999999999"} {
		s.call(t, "DELETE", "/protected/json/sdk/devices/"+device, "", "").mustRefuse(t, 404, "60092", "Device not found.")
	}
	if after := s.lastEvent(t); after != before {
		t.Error("a refusal left an event")
	}
	status := s.get(t, fmt.Sprintf("/protected/json/users/%d/status", id))
	if !strings.Contains(status.body, `"devices":["ios"]`) || !strings.Contains(status.body, fmt.Sprintf(`"device_id":%d,`, kept.ID)) {
		t.Errorf("got %s", status)
	}
}
