package authy_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/details"
)

func newUser() authy.NewUser {
	return authy.NewUser{Email: "ada@example.com", Cellphone: "305-555-1118", CountryCode: "57"}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newServer(t)
	client := s.client()
	id, err := client.CreateUser(ctx, newUser())
	must(t, err)
	again, err := client.CreateUser(ctx, authy.NewUser{Email: "b@example.com", Cellphone: "(305) 555 1118", CountryCode: "+57"})
	if err != nil || again != id || id == 0 {
		t.Errorf("the same phone is user %d, then %d, %v", id, again, err)
	}
	abroad, err := client.CreateUser(ctx, authy.NewUser{Email: "b@example.com", Cellphone: "3055551118"})
	if err != nil || abroad == id {
		t.Errorf("the same number in country 1 is user %d, %v", abroad, err)
	}

	status, err := client.UserStatus(ctx, id)
	want := authy.UserStatus{
		AuthyID: id, CountryCode: 57, PhoneNumber: "XXX-XXX-1118", Email: "ada@example.com", Devices: []string{},
	}
	if err != nil || !reflect.DeepEqual(status, want) {
		t.Errorf("status is %+v, %v", status, err)
	}

	must(t, client.DeleteUser(ctx, id))
	if err := client.DeleteUser(ctx, id); !errors.Is(err, authy.ErrUserNotFound) {
		t.Errorf("deleting again: %v", err)
	}
	if _, err := client.UserStatus(ctx, id); !errors.Is(err, authy.ErrUserNotFound) {
		t.Errorf("status after the deletion: %v", err)
	}
}

func TestDevices(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newServer(t)
	client := s.client()
	id, err := client.CreateUser(ctx, newUser())
	must(t, err)
	token, err := client.StartRegistration(ctx, id)
	must(t, err)
	phone, err := s.register(ctx, token)
	must(t, err)

	status, err := client.UserStatus(ctx, id)
	must(t, err)
	at := phone.RegisteredAt.Truncate(time.Second)
	want := []authy.DetailedDevice{{
		ID: phone.ID, DeviceType: "authy", OSType: "ios", RegistrationMethod: "push", LastSyncAt: at, CreatedAt: at,
	}}
	if !status.Registered || !status.Confirmed || !reflect.DeepEqual(status.Devices, []string{"ios"}) ||
		!reflect.DeepEqual(status.DetailedDevices, want) {
		t.Errorf("status is %+v", status)
	}

	must(t, client.DeleteDevice(ctx, phone.ID))
	if err := client.DeleteDevice(ctx, phone.ID); !errors.Is(err, authy.ErrDeviceNotFound) {
		t.Errorf("deleting again: %v", err)
	}
}

func TestApprovalRequests(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newServer(t)
	client := s.client()
	id, err := client.CreateUser(ctx, newUser())
	must(t, err)
	token, err := client.StartRegistration(ctx, id)
	must(t, err)
	phone, err := s.register(ctx, token)
	must(t, err)
	seconds := int64(120)
	asked := authy.NewApprovalRequest{
		Message:         "Send 100% & more – ñ 🚀?",
		Details:         details.List{{Name: "To", Value: "ACME +1"}, {Name: "Account Number", Value: "1=2&3"}, {Name: "Amount [USD]", Value: ""}},
		HiddenDetails:   details.List{{Name: "z", Value: "1"}, {Name: "a", Value: "2"}},
		Logos:           []approval.Logo{{Resolution: "default", URL: "https://x.test/1.png?a=b&c"}, {Resolution: "low", URL: "https://x.test/2.png"}},
		SecondsToExpire: &seconds,
	}
	uuid, err := client.CreateApprovalRequest(ctx, id, asked)
	must(t, err)
	record, err := s.service.ApprovalRequest(ctx, s.app.ID, uuid)
	must(t, err)
	logos := []onetouch.Logo{{Resolution: "default", URL: "https://x.test/1.png?a=b&c"}, {Resolution: "low", URL: "https://x.test/2.png"}}
	if r := record.Request; r.Message != asked.Message || !reflect.DeepEqual(r.Details, asked.Details) ||
		!reflect.DeepEqual(r.HiddenDetails, asked.HiddenDetails) || !reflect.DeepEqual(r.Logos, logos) || r.SecondsToExpire != 120 {
		t.Errorf("what arrived is %+v", r)
	}

	want := authy.ApprovalRequest{
		UUID: uuid, Status: approval.Pending, AuthyID: id, SecondsToExpire: 120, ID: record.Request.ID, AppID: s.app.ID,
		AppName: "Acme Bank", AppSerialID: s.app.SerialID, UserID: record.User.ID, UserEmail: "ada@example.com",
		CreatedAt: record.Request.CreatedAt.Truncate(time.Second), UpdatedAt: record.Request.CreatedAt.Truncate(time.Second),
	}
	if got, err := client.ApprovalRequest(ctx, uuid); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}

	must(t, s.answer(ctx, phone, uuid, "approved"))
	record, err = s.service.ApprovalRequest(ctx, s.app.ID, uuid)
	must(t, err)
	registered := phone.RegisteredAt.Truncate(time.Second)
	want.Status, want.HiddenDetails = approval.Approved, asked.HiddenDetails
	want.ProcessedAt = record.Request.ProcessedAt.Truncate(time.Second)
	want.UpdatedAt = want.ProcessedAt
	want.Device = &authy.Device{ID: phone.ID, OSType: "ios", RegistrationMethod: "push", RegisteredAt: registered, LastSyncAt: registered}
	if got, err := client.ApprovalRequest(ctx, uuid); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
}

func TestLifeOfAnApprovalRequest(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newServer(t)
	client := s.client()
	id, err := client.CreateUser(ctx, newUser())
	must(t, err)
	never := int64(0)
	for want, seconds := range map[int64]*int64{86400: nil, 0: &never} {
		uuid, err := client.CreateApprovalRequest(ctx, id, authy.NewApprovalRequest{Message: "m", SecondsToExpire: seconds})
		must(t, err)
		if got, err := client.ApprovalRequest(ctx, uuid); err != nil || got.SecondsToExpire != want {
			t.Errorf("it lives %d seconds, want %d, %v", got.SecondsToExpire, want, err)
		}
	}
}

// Each refusal of the service can be told apart.
func TestRefusals(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newServer(t)
	client := s.client()
	id, err := client.CreateUser(ctx, newUser())
	must(t, err)
	yes := true
	_, err = s.service.EnsureApplication(ctx, onetouch.ApplicationSettings{RequireDevice: &yes})
	must(t, err)
	negative := int64(-1)
	stranger := authy.New("wrong", authy.WithBaseURL(s.URL))
	kinds := []error{
		authy.ErrInvalidAPIKey, authy.ErrInvalidParameter, authy.ErrUserNotFound, authy.ErrUserNotValid,
		authy.ErrApprovalRequestNotFound, authy.ErrUserWithoutDevice, authy.ErrDeviceNotFound, authy.ErrUnreachable,
		authy.ErrUnexpectedAnswer,
	}
	for name, c := range map[string]struct {
		call func() error
		kind error
		want authy.Error
		text string
	}{
		"a wrong key": {
			func() error { return stranger.DeleteUser(ctx, id) },
			authy.ErrInvalidAPIKey, authy.Error{StatusCode: 401, ErrorCode: "60001", Message: "Invalid API key"}, "Invalid API key",
		},
		"a wrong user": {
			func() error {
				_, err := client.CreateUser(ctx, authy.NewUser{Email: "x", Cellphone: "123"})
				return err
			},
			authy.ErrUserNotValid, authy.Error{StatusCode: 400, ErrorCode: "60027", Message: "User was not valid",
				Fields: map[string]string{"email": "is invalid", "cellphone": "is invalid"}},
			"User was not valid: cellphone is invalid, email is invalid",
		},
		"an unknown user": {
			func() error { _, err := client.StartRegistration(ctx, 999); return err },
			authy.ErrUserNotFound, authy.Error{StatusCode: 404, ErrorCode: "60026", Message: "User not found."}, "User not found.",
		},
		"a negative user": {
			func() error { _, err := client.UserStatus(ctx, -5); return err },
			authy.ErrUserNotFound, authy.Error{StatusCode: 404, ErrorCode: "60026", Message: "User not found."}, "User not found.",
		},
		"an empty message": {
			func() error { _, err := client.CreateApprovalRequest(ctx, id, authy.NewApprovalRequest{}); return err },
			authy.ErrInvalidParameter, authy.Error{StatusCode: 400, ErrorCode: "60004",
				Message:   "Invalid parameter: message - Parameter is required",
				Parameter: "message", Reason: "Parameter is required"}, "Invalid parameter: message - Parameter is required",
		},
		"a negative life": {
			func() error {
				_, err := client.CreateApprovalRequest(ctx, id, authy.NewApprovalRequest{Message: "m", SecondsToExpire: &negative})
				return err
			},
			authy.ErrInvalidParameter, authy.Error{StatusCode: 400, ErrorCode: "60004",
				Message:   "Invalid parameter: seconds_to_expire - must be from 0 (never) to 3153600000 seconds",
				Parameter: "seconds_to_expire", Reason: "must be from 0 (never) to 3153600000 seconds"},
			"Invalid parameter: seconds_to_expire - must be from 0 (never) to 3153600000 seconds",
		},
		"nobody to answer": {
			func() error {
				_, err := client.CreateApprovalRequest(ctx, id, authy.NewApprovalRequest{Message: "m"})
				return err
			},
			authy.ErrUserWithoutDevice, authy.Error{StatusCode: 400, ErrorCode: "60050",
				Message: "OneTouch unregistered user: the user has no registered device."},
			"OneTouch unregistered user: the user has no registered device.",
		},
		"an unknown request": {
			func() error { _, err := client.ApprovalRequest(ctx, "no/such?"); return err },
			authy.ErrApprovalRequestNotFound, authy.Error{StatusCode: 404, ErrorCode: "60049",
				Message: "Approval request not found: no/such?"}, "Approval request not found: no/such?",
		},
		"an unknown device": {
			func() error { return client.DeleteDevice(ctx, 999) },
			authy.ErrDeviceNotFound, authy.Error{StatusCode: 404, ErrorCode: "60092", Message: "Device not found."}, "Device not found.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.call()
			var refusal *authy.Error
			if !errors.As(err, &refusal) {
				t.Fatalf("got %v", err)
			}
			if len(refusal.Fields) == 0 {
				refusal.Fields = nil
			}
			if !reflect.DeepEqual(*refusal, c.want) || err.Error() != c.text {
				t.Errorf("got %+v, %q", refusal, err)
			}
			for _, kind := range kinds {
				if errors.Is(err, kind) != errors.Is(c.kind, kind) {
					t.Errorf("errors.Is(%v, %v) is %v", err, kind, errors.Is(err, kind))
				}
			}
		})
	}
}

func TestRequestWithoutUUID(t *testing.T) {
	t.Parallel()
	_, err := authy.New("k", authy.WithBaseURL("http://127.0.0.1:1")).ApprovalRequest(t.Context(), "")
	if !errors.Is(err, authy.ErrApprovalRequestNotFound) || err.Error() != "approval request is unknown: it has no UUID" {
		t.Errorf("got %v", err)
	}
}

// What goes over the wire is what authy-ruby sends, and the key is nowhere but in its header.
func TestWire(t *testing.T) {
	t.Parallel()
	never := int64(0)
	for name, c := range map[string]struct {
		call func(*authy.Client) error
		want string
	}{
		"create user": {
			func(c *authy.Client) error { _, err := c.CreateUser(t.Context(), newUser()); return err },
			"POST /protected/json/users/new user%5Bemail%5D=ada%40example.com&user%5Bcellphone%5D=305-555-1118&user%5Bcountry_code%5D=57",
		},
		"create user without country": {
			func(c *authy.Client) error {
				_, err := c.CreateUser(t.Context(), authy.NewUser{Email: "e", Cellphone: "c"})
				return err
			},
			"POST /protected/json/users/new user%5Bemail%5D=e&user%5Bcellphone%5D=c",
		},
		"user status":        {func(c *authy.Client) error { _, err := c.UserStatus(t.Context(), 7); return err }, "GET /protected/json/users/7/status "},
		"delete user":        {func(c *authy.Client) error { return c.DeleteUser(t.Context(), 7) }, "POST /protected/json/users/7/delete "},
		"start registration": {func(c *authy.Client) error { _, err := c.StartRegistration(t.Context(), 7); return err }, "POST /protected/json/sdk/registrations authy_id=7"},
		"delete device":      {func(c *authy.Client) error { return c.DeleteDevice(t.Context(), 7) }, "DELETE /protected/json/sdk/devices/7 "},
		"approval request":   {func(c *authy.Client) error { _, err := c.ApprovalRequest(t.Context(), "a/b"); return err }, "GET /onetouch/json/approval_requests/a%2Fb "},
		"create approval request": {
			func(c *authy.Client) error {
				_, err := c.CreateApprovalRequest(t.Context(), 7, authy.NewApprovalRequest{
					Message: "m m", Details: details.List{{Name: "z z", Value: "1"}, {Name: "a", Value: "2"}},
					HiddenDetails: details.List{{Name: "h", Value: "3"}}, SecondsToExpire: &never,
					Logos: []approval.Logo{{Resolution: "default", URL: "u"}, {Resolution: "low", URL: "v"}},
				})
				return err
			},
			"POST /onetouch/json/users/7/approval_requests message=m+m&details%5Bz+z%5D=1&details%5Ba%5D=2&hidden_details%5Bh%5D=3" +
				"&logos%5B%5D%5Bres%5D=default&logos%5B%5D%5Burl%5D=u&logos%5B%5D%5Bres%5D=low&logos%5B%5D%5Burl%5D=v&seconds_to_expire=0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := &recorder{status: 200, body: `{"success":"true","user":{"id":"7"},"status":{"authy_id":"7"},"registration_token":"t",` +
				`"approval_request":{"uuid":"u","_authy_id":"7"}}`}
			must(t, c.call(authy.New("the-secret-key", authy.WithHTTPClient(&http.Client{Transport: seen}))))
			if seen.request != c.want {
				t.Errorf("got  %s\nwant %s", seen.request, c.want)
			}
			h := seen.header
			if h.Get("X-Authy-API-Key") != "the-secret-key" || h.Get("Accept") != "application/json" || seen.host != "https://api.authy.com" {
				t.Errorf("to %s with %v", seen.host, h)
			}
			hasBody := !strings.HasSuffix(c.want, " ")
			if isForm := h.Get("Content-Type") == "application/x-www-form-urlencoded"; isForm != hasBody {
				t.Errorf("Content-Type is %q", h.Get("Content-Type"))
			}
		})
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"http://127.0.0.1:8181":   "http://127.0.0.1:8181/protected/json/users/7/delete",
		"http://127.0.0.1:8181//": "http://127.0.0.1:8181/protected/json/users/7/delete",
		"https://x.test/authy/":   "https://x.test/authy/protected/json/users/7/delete",
	} {
		seen := &recorder{status: 200, body: `{"success":true}`}
		client := authy.New("k", authy.WithBaseURL(base), authy.WithHTTPClient(&http.Client{Transport: seen}))
		must(t, client.DeleteUser(t.Context(), 7))
		if got := seen.host + strings.Fields(seen.request)[1]; got != want {
			t.Errorf("%s asks %s", base, got)
		}
	}
	for _, base := range []string{"", "127.0.0.1:8181", "ftp://x.test", "http://", "http://[", "http://x y"} {
		err := authy.New("k", authy.WithBaseURL(base)).DeleteUser(t.Context(), 7)
		const want = "the base URL of the Authy API must be an http or https URL, such as https://api.authy.com"
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v", base, err)
		}
	}
}

func TestClientIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), newServer(t)
	client := s.client()
	errs := make(chan error, 20)
	for i := range cap(errs) {
		go func() {
			_, err := client.CreateUser(ctx, authy.NewUser{Email: "a@b.co", Cellphone: fmt.Sprintf("30555500%02d", i)})
			errs <- err
		}()
	}
	for range cap(errs) {
		must(t, <-errs)
	}
	users, err := s.service.Users(ctx, onetouch.UserFilter{})
	if err != nil || len(users) != cap(errs) {
		t.Errorf("%d users, %v", len(users), err)
	}
}
