package authyapi_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func TestApplicationDetails(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.get(t, "/protected/json/app/details").mustBe(t, 200, fmt.Sprintf(`{"app":{"app_id":%d,"name":"Acme Bank",`+
		`"plan":"pay_as_you_go","sms_enabled":true,"phone_calls_enabled":true,"onetouch_enabled":true},`+
		`"message":"Application information.","success":true}`, s.app.SerialID))
	no := false
	s.change(t, onetouch.ApplicationSettings{SMSEnabled: &no, CallsEnabled: &no})
	s.get(t, "/protected/xml/app/details").mustBe(t, 200, xmlProlog+fmt.Sprintf(`<hash><app><app-id type="integer">%d</app-id>`+
		`<name>Acme Bank</name><plan>pay_as_you_go</plan><sms-enabled type="boolean">false</sms-enabled>`+
		`<phone-calls-enabled type="boolean">false</phone-calls-enabled><onetouch-enabled type="boolean">true</onetouch-enabled></app>`+
		`<message>Application information.</message><success type="boolean">true</success></hash>`, s.app.SerialID))
	yes := true
	s.change(t, onetouch.ApplicationSettings{Suspended: &yes})
	s.get(t, "/protected/json/app/details").mustRefuse(t, 503, "60061", "Application has been suspended.")
}

// statistics are an answer with exactly the members that authy-client knows.
type statistics struct {
	AppID      int64  `json:"app_id"`
	Count      int    `json:"count"`
	Message    string `json:"message"`
	TotalUsers int    `json:"total_users"`
	Stats      []struct {
		Month    string `json:"month"`
		Year     int    `json:"year"`
		APICalls int    `json:"api_calls_count"`
		Auths    int    `json:"auths_count"`
		Calls    int    `json:"calls_count"`
		SMS      int    `json:"sms_count"`
		Users    int    `json:"users_count"`
	} `json:"stats"`
	Success bool `json:"success"`
}

// The counts are those of what was done.
func TestApplicationStats(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	s.clock.Advance(31 * 24 * time.Hour) // March
	s.get(t, fmt.Sprintf("/protected/json/sms/%d", id))
	s.get(t, fmt.Sprintf("/protected/json/call/%d", id))
	s.get(t, fmt.Sprintf("/protected/json/verify/%s/%d?force=1", s.inbox(t, "3055551118").Code, id))
	s.get(t, fmt.Sprintf("/protected/json/verify/0000000/%d?force=1", id))
	phone := s.addPhone(t, id, "ios")
	s.answer(t, phone, s.ask(t, id, transfer()), onetouch.StatusApproved)
	s.do(t, "GET", "/protected/json/app/stats", nil, nil).mustHave(t, 401)

	a := s.get(t, "/protected/json/app/stats")
	var got statistics
	must(t, json.Unmarshal([]byte(a.body), &got))
	if got.AppID != s.app.SerialID || got.Count != 12 || got.Message != "Monthly statistics." || got.TotalUsers != 1 ||
		len(got.Stats) != 12 || !got.Success {
		t.Fatalf("got %s", a)
	}
	february, march := got.Stats[10], got.Stats[11]
	if february.Month != "February" || february.Year != 2017 || february.Users != 1 || february.SMS != 0 {
		t.Errorf("February is %+v", february)
	}
	if march.Month != "March" || march.Users != 0 || march.SMS != 1 || march.Calls != 1 || march.Auths != 2 || march.APICalls != 5 {
		t.Errorf("March is %+v", march)
	}
	if first := got.Stats[0]; first.Month != "April" || first.Year != 2016 {
		t.Errorf("the first is %+v", first)
	}
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	path := fmt.Sprintf("/protected/json/users/%d/update", id)
	s.post(t, path, url.Values{"email": {"ada@example.org"}}).mustBe(t, 200,
		`{"message":"User was updated successfully","success":true}`)
	status, err := s.UserStatus(t.Context(), s.app.ID, id)
	must(t, err)
	if status.Email != "ada@example.org" {
		t.Errorf("the address is %s", status.Email)
	}
	s.post(t, path, url.Values{"email": {"ada"}}).mustBe(t, 400, `{"message":"Email is invalid","success":false,`+
		`"errors":{"email":"is invalid","message":"Email is invalid"},"email":"is invalid","error_code":"60038"}`)
	s.post(t, path, nil).mustRefuse(t, 400, "60004", "Invalid parameter: email - Parameter is required")
}

// A new user is texted where to get the app, unless the backend says no: authy-php says so within the user.
func TestInstallLink(t *testing.T) {
	t.Parallel()
	s := newService(t)
	sent := 0
	for i, c := range []struct {
		more url.Values
		want bool
	}{
		{nil, true}, {url.Values{"send_install_link_via_sms": {"true"}}, true},
		{url.Values{"send_install_link_via_sms": {"false"}}, false}, {url.Values{"user[send_install_link_via_sms]": {"0"}}, false},
		{url.Values{"user[send_install_link_via_sms]": {"1"}}, true},
	} {
		form := userOf("a@b.co", fmt.Sprintf("305-555-010%d", i), "1")
		for name := range c.more {
			form.Set(name, c.more.Get(name))
		}
		s.post(t, "/protected/json/users/new", form).mustHave(t, 200)
		if c.want {
			sent++
		}
		messages, err := s.Messages(t.Context(), onetouch.MessageFilter{})
		must(t, err)
		if len(messages) != sent {
			t.Errorf("%v: %d messages, want %d", c.more, len(messages), sent)
		}
	}
}

func TestRegistrationStatus(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	path := fmt.Sprintf("/protected/json/registrations/status?custom_user_id=%d", id)
	s.get(t, path).mustRefuse(t, 404, "60035", "Registration request not found.")
	want := func(status string) string {
		return fmt.Sprintf(`{"registration":{"authy_id":%d,"status":"%s","created_at":"2017-02-10T12:00:00Z",`+
			`"expires_at":"2017-02-10T12:10:00Z"},"message":"Registration status.","success":true}`, id, status)
	}
	token, err := s.StartRegistration(t.Context(), s.app.ID, id)
	must(t, err)
	s.get(t, path).mustBe(t, 200, want("pending"))
	s.clock.Advance(10 * time.Minute)
	s.get(t, path).mustBe(t, 200, want("expired"))
	s.clock.Advance(-time.Minute)
	s.register(t, token, "ios")
	s.get(t, path).mustBe(t, 200, want("completed"))
	s.get(t, "/protected/json/registrations/status?custom_user_id=tony").mustRefuse(t, 404, "60026", "User not found.")
}
