package authyapi_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

const xmlProlog = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

func userOf(email, cellphone, country string) url.Values {
	return url.Values{"user[email]": {email}, "user[cellphone]": {cellphone}, "user[country_code]": {country}}
}

func TestUsersNew(t *testing.T) {
	t.Parallel()
	s := newService(t)
	first := s.post(t, "/protected/json/users/new", userOf("ada@example.com", "305-456-2345", "1"))
	users, err := s.Users(t.Context(), onetouch.UserFilter{AppID: s.app.ID})
	must(t, err)
	if len(users) != 1 || users[0].Cellphone != "3054562345" || users[0].CountryCode != 1 || users[0].Email != "ada@example.com" {
		t.Fatalf("users are %+v", users)
	}
	id := users[0].AuthyID
	first.mustBe(t, 200, fmt.Sprintf(`{"message":"User created successfully.","user":{"id":%d},"success":true}`, id))
	if got := first.header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("Content-Type is %s", got)
	}

	again := s.post(t, "/protected/xml/users/new", userOf("other@example.com", "(305) 456 2345", ""))
	again.mustBe(t, 200, xmlProlog+fmt.Sprintf(`<hash><message>User created successfully.</message>`+
		`<user><id type="integer">%d</id></user><success type="boolean">true</success></hash>`, id))
	if got := again.header.Get("Content-Type"); got != "application/xml; charset=utf-8" {
		t.Errorf("Content-Type is %s", got)
	}

	elsewhere, err := s.AddUser(t.Context(), s.other.ID, onetouch.NewUser{Email: "ada@example.com", Cellphone: "3054562345"})
	must(t, err)
	if elsewhere.AuthyID == id {
		t.Error("two applications have the same user")
	}
}

// Numbers that the live service took and those that it refused.
func TestUsersNewIsAsLenientAsTheLiveService(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, u := range [][3]string{
		{"a@b.co", "305-456-2345", "1"}, {"a@b.co", "825-589-8570", "57"}, {"a@b.co", "317-338-9302", "54"},
		{"a@b.co", "192-967-1234", "1"}, {"a@b.co", "432-123-1211", "+1"}, {"a@b.co", "(202) 555-0158", "1"},
		{"a+b@c.example", "7 911 123.456", "44"},
	} {
		if a := s.post(t, "/protected/json/users/new", userOf(u[0], u[1], u[2])); a.status != 200 {
			t.Errorf("%v: %s", u, a)
		}
	}
	for _, c := range []struct {
		user   [3]string
		fields string
		again  string
	}{
		{[3]string{"a@b.co", "abc-1234", "1"}, `"cellphone":"is invalid",`, `"cellphone":"is invalid",`},
		{[3]string{"a@b.co", "3001", "1"}, `"cellphone":"is invalid",`, `"cellphone":"is invalid",`},
		{[3]string{"a@b.co", "123", "1"}, `"cellphone":"is invalid",`, `"cellphone":"is invalid",`},
		{[3]string{"a@b.co", "", "1"}, `"cellphone":"is invalid",`, `"cellphone":"is invalid",`},
		{[3]string{"a@b.co", "305-456-2345", "-100"}, `"country_code":"is invalid",`, `"country_code":"is invalid",`},
		{[3]string{"a@b.co", "305-456-2345", "us"}, `"country_code":"is invalid",`, `"country_code":"is invalid",`},
		{[3]string{"domain.com", "305-456-2345", "1"}, `"email":"is invalid",`, `"email":"is invalid",`},
		{[3]string{"foo", "123", "1"}, `"cellphone":"is invalid","email":"is invalid",`, `"cellphone":"is invalid","email":"is invalid",`},
		{[3]string{"", "", ""}, `"cellphone":"is invalid","email":"is invalid",`, `"cellphone":"is invalid","email":"is invalid",`},
	} {
		s.post(t, "/protected/json/users/new", userOf(c.user[0], c.user[1], c.user[2])).mustBe(t, 400,
			`{"message":"User was not valid","success":false,"errors":{`+c.fields+`"message":"User was not valid"},`+
				c.again+`"error_code":"60027"}`)
	}
	s.post(t, "/protected/xml/users/new", userOf("a@b.co", "3001", "1")).mustBe(t, 400, xmlProlog+
		`<errors><message>User was not valid</message><success type="boolean">false</success>`+
		`<errors><cellphone>is invalid</cellphone><message>User was not valid</message></errors>`+
		`<cellphone>is invalid</cellphone><error-code>60027</error-code></errors>`)
}

func TestUserStatus(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	s.get(t, fmt.Sprintf("/protected/json/users/%d/status?user_ip=10.0.0.1", id)).mustBe(t, 200, fmt.Sprintf(
		`{"status":{"authy_id":%d,"confirmed":false,"registered":false,"country_code":1,"phone_number":"XXX-XXX-1118",`+
			`"email":"ada@example.com","devices":[],"has_hard_token":false,"account_disabled":false,"detailed_devices":[],`+
			`"deleted_devices":[]},"message":"User status.","success":true}`, id))

	phone := s.addPhone(t, id, "ios")
	s.get(t, fmt.Sprintf("/protected/json/users/%d/status", id)).mustBe(t, 200, fmt.Sprintf(
		`{"status":{"authy_id":%d,"confirmed":true,"registered":true,"country_code":1,"phone_number":"XXX-XXX-1118",`+
			`"email":"ada@example.com","devices":["ios"],"has_hard_token":false,"account_disabled":false,`+
			`"detailed_devices":[{"device_type":"authy","os_type":"ios","registration_device_id":null,`+
			`"registration_method":"push","device_id":%d,"last_sync_date":%d,"creation_date":%[3]d}],`+
			`"deleted_devices":[]},"message":"User status.","success":true}`, id, phone.ID, noon().Unix()))
	s.get(t, fmt.Sprintf("/protected/xml/users/%d/status", id)).mustBe(t, 200, xmlProlog+fmt.Sprintf(
		`<hash><status><authy-id type="integer">%d</authy-id><confirmed type="boolean">true</confirmed>`+
			`<registered type="boolean">true</registered><country-code type="integer">1</country-code>`+
			`<phone-number>XXX-XXX-1118</phone-number><email>ada@example.com</email>`+
			`<devices type="array"><device>ios</device></devices><has-hard-token type="boolean">false</has-hard-token>`+
			`<account-disabled type="boolean">false</account-disabled><detailed-devices type="array"><detailed-device>`+
			`<device-type>authy</device-type><os-type>ios</os-type><registration-device-id nil="true"/>`+
			`<registration-method>push</registration-method><device-id type="integer">%d</device-id>`+
			`<last-sync-date type="integer">%d</last-sync-date><creation-date type="integer">%[3]d</creation-date>`+
			`</detailed-device></detailed-devices><deleted-devices type="array"></deleted-devices></status>`+
			`<message>User status.</message><success type="boolean">true</success></hash>`, id, phone.ID, noon().Unix()))
}

// The spelling of each family of clients, with the bodies that they send.
func TestRemoveUser(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ path, contentType, body string }{
		"authy-python":               {"/protected/json/users/%d/delete", jsonType, `{}`},
		"Authy-API-Samples":          {"/protected/json/users/%d/delete", "", ""},
		"authy-client":               {"/protected/json/users/%d/remove", jsonType, `{"user_ip":"10.0.0.1"}`},
		"authy-php":                  {"/protected/json/users/%d/remove", "", ""},
		"authy-ruby":                 {"/protected/json/users/delete/%d", formType, ""},
		"authy-java, empty JSON":     {"/protected/json/users/delete/%d", jsonType, ""},
		"npm authy, doubled slash":   {"//protected/json/users/delete/%d", formType, ""},
		"a client with a last slash": {"/protected/json/users/%d/delete/", formType, "user_ip=10.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t)
			id := s.addUser(t)
			phone := s.addPhone(t, id, "android")
			path := fmt.Sprintf(c.path, id)
			s.call(t, "POST", path, c.contentType, c.body).mustBe(t, 200,
				`{"message":"User removed from application","success":true}`)
			s.call(t, "POST", path, c.contentType, c.body).mustRefuse(t, 404, "60026", "User not found.")
			s.get(t, fmt.Sprintf("/protected/json/users/%d/status", id)).mustRefuse(t, 404, "60026", "User not found.")
			devices, err := s.Devices(context.Background(), onetouch.DeviceFilter{AppID: s.app.ID})
			must(t, err)
			if len(devices) != 0 {
				t.Errorf("device %d outlives its user", phone.ID)
			}
		})
	}
	s := newService(t)
	s.post(t, fmt.Sprintf("/protected/xml/users/%d/delete", s.addUser(t)), nil).mustBe(t, 200, xmlProlog+
		`<hash><message>User removed from application</message><success type="boolean">true</success></hash>`)
}

func TestUnknownUser(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, id := range []string{"tony", "0", "-5", "999", "1.5", "99999999999999999999", "%00", "1%2F2"} {
		for _, a := range []answer{
			s.get(t, "/protected/json/users/"+id+"/status"),
			s.post(t, "/protected/json/users/"+id+"/delete", nil),
			s.post(t, "/protected/json/users/"+id+"/remove", nil),
			s.post(t, "/protected/json/users/delete/"+id, nil),
			s.post(t, "/onetouch/json/users/"+id+"/approval_requests", url.Values{"message": {"Log in?"}}),
		} {
			a.mustBe(t, 404, `{"message":"User not found.","success":false,"errors":{"message":"User not found."},"error_code":"60026"}`)
		}
	}
	s.get(t, "/protected/xml/users/tony/status").mustBe(t, 404, xmlProlog+
		`<errors><message>User not found.</message><success type="boolean">false</success>`+
		`<errors><message>User not found.</message></errors><error-code>60026</error-code></errors>`)
}
