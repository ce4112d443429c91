package delivery_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

func (w *world) addWebhook(t testing.TB, url string, events ...string) onetouch.Webhook {
	t.Helper()
	return must(w.service.CreateWebhook(t.Context(), w.app.ID, onetouch.NewWebhook{Name: "audit", URL: url, Events: events}))(t)
}

// claims verifies what a webhook was sent, as its receiver would, and returns what it says.
func claims(t testing.TB, webhook onetouch.Webhook, got received) map[string]any {
	t.Helper()
	var body map[string]string
	if err := json.Unmarshal(got.body, &body); err != nil || len(body) != 1 {
		t.Fatalf("got %s: %v", got.body, err)
	}
	if got.Method != http.MethodPost || got.Header.Get("Content-Type") != "application/json" {
		t.Errorf("got a %s of %s", got.Method, got.Header.Get("Content-Type"))
	}
	signed, err := jose.ParseSignedCompact(body["jwt"], []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signed.Verify([]byte(webhook.SigningKey + "x")); err == nil {
		t.Error("any key is good")
	}
	payload, err := signed.Verify([]byte(webhook.SigningKey))
	if err != nil {
		t.Fatal(err)
	}
	if kind := signed.Signatures[0].Protected.ExtraHeaders["typ"]; kind != "JWT" {
		t.Errorf("typ is %v", kind)
	}
	var said map[string]any
	if err := json.Unmarshal(payload, &said); err != nil {
		t.Fatal(err)
	}
	return said
}

type object = map[string]any

// appAndUser are the objects of nearly every event.
func (w *world) appAndUser() object {
	id := strconv.FormatInt(w.user.AuthyID, 10)
	return object{
		"app": object{"s_account_sid": authywire.AccountSID(w.app), "s_device_app": "authy", "s_id": w.app.ID, "s_type": "full"},
		"user": object{
			"s_authy_id": id, "as_authy_ids": []any{id}, "b_banned": false, "s_country_code": "1", "s_locale": "en",
			"s_phone_number": "2025550158",
		},
	}
}

// device is the object of the world's device.
func (w *world) deviceObject() object {
	return object{"s_id": strconv.FormatInt(w.device.ID, 10), "s_os_type": "android", "s_uuid": w.device.UUID}
}

// Whoever wants an event gets it once, with what it is about, and nobody else does.
func TestWebhookEvents(t *testing.T) {
	t.Parallel()
	for event, happen := range map[string]func(*testing.T, *world) (more object){
		"one_touch_request_responded": func(t *testing.T, w *world) object {
			r := w.approve(t)
			return object{
				"device": w.deviceObject(),
				"onetouch_request": object{
					"s_device_geolocation": "", "s_errors": "", "s_status": "approved", "s_uuid": r.UUID,
					"s_device_signing_time":  strconv.FormatInt(w.clock.Now().Unix(), 10),
					"i_expiration_timestamp": float64(r.ExpiresAt.Unix()), "i_seconds_to_expire": 86400.0,
				},
			}
		},
		"suspended_account": func(t *testing.T, w *world) object {
			must(w.service.RegisterActivity(t.Context(), w.app.ID, w.user.AuthyID, onetouch.NewActivity{Type: "banned"}))(t)
			user := w.appAndUser()["user"].(object)
			user["b_banned"] = true
			return object{"user": user}
		},
		"totp_token_sent": func(t *testing.T, w *world) object {
			must(w.service.SendToken(t.Context(), w.app, w.user.AuthyID, onetouch.NewToken{Channel: onetouch.ChannelEmail}))(t)
			return nil
		},
		"phone_verification_started": func(t *testing.T, w *world) object {
			started := must(w.service.StartPhoneVerification(t.Context(), w.app, onetouch.NewPhoneVerification{
				CountryCode: "57", PhoneNumber: "321 555 7777", Via: "call",
			}))(t)
			return object{"user": nil, "phone_verification": object{
				"s_country_code": "57", "s_phone_number": "3215557777", "s_uuid": started.Verification.UUID, "s_via": "call",
			}}
		},
	} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			var w *world
			wanting, other := newReceiver(t, &w, nil), newReceiver(t, &w, nil)
			w = newWorld(t, "", "POST")
			webhook := w.addWebhook(t, wanting.URL+"/hook", event, "user_phone_changed")
			last := w.addWebhook(t, other.URL, "user_removed")
			w.run(t, delivery.Options{})
			more := happen(t, w)
			want := w.appAndUser()
			for name, value := range more {
				want[name] = value
				if value == nil {
					delete(want, name)
				}
			}
			got := claims(t, webhook, wanting.next(t))
			request, _ := got["request"].(object)
			delete(got, "request")
			if diff := cmp.Diff(object{"event": event, "objects": want, "time": float64(w.clock.Now().Unix())}, got); diff != "" {
				t.Errorf("differs:\n%s", diff)
			}
			if id, _ := request["id"].(string); len(id) != 34 || request["ip"] != nil {
				t.Errorf("request is %v", request)
			}
			if err := w.service.RemoveUser(t.Context(), w.app.ID, w.user.AuthyID); err != nil {
				t.Fatal(err)
			}
			if got := claims(t, last, other.next(t)); got["event"] != "user_removed" {
				t.Errorf("the other one got %v", got)
			}
			if len(wanting.requests) > 0 {
				t.Error("it came twice")
			}
		})
	}
}

// What a webhook did not take comes again, with the same words.
func TestWebhookIsRetried(t *testing.T) {
	t.Parallel()
	var w *world
	failed := false
	receiver := newReceiver(t, &w, func(out http.ResponseWriter, _ *http.Request) {
		if !failed {
			failed = true
			out.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	w = newWorld(t, "", "POST")
	webhook := w.addWebhook(t, receiver.URL, "totp_token_sent")
	w.run(t, delivery.Options{})
	must(w.service.SendToken(t.Context(), w.app, w.user.AuthyID, onetouch.NewToken{Channel: onetouch.ChannelEmail}))(t)
	first := claims(t, webhook, receiver.next(t))
	w.waitForWebhook(t, webhook, func(d onetouch.DeliveryRecord) bool { return d.Attempts == 1 })
	w.clock.Advance(time.Minute)
	if diff := cmp.Diff(first, claims(t, webhook, receiver.next(t))); diff != "" {
		t.Errorf("the second time it says something else:\n%s", diff)
	}
	w.waitForWebhook(t, webhook, func(d onetouch.DeliveryRecord) bool { return d.State == onetouch.DeliverySent })
}

// A webhook that was deleted gets nothing more, not even what it was owed.
func TestDeletedWebhook(t *testing.T) {
	t.Parallel()
	var w *world
	receiver := newReceiver(t, &w, nil)
	w = newWorld(t, "", "POST")
	webhook := w.addWebhook(t, receiver.URL, "totp_token_sent")
	must(w.service.SendToken(t.Context(), w.app, w.user.AuthyID, onetouch.NewToken{Channel: onetouch.ChannelEmail}))(t)
	if err := w.service.DeleteWebhook(t.Context(), w.app.ID, webhook.ID); err != nil {
		t.Fatal(err)
	}
	w.run(t, delivery.Options{})
	d := w.waitForWebhook(t, webhook, func(d onetouch.DeliveryRecord) bool { return d.State == onetouch.DeliveryFailed })
	if d.Attempts != 0 || !strings.Contains(d.LastError, "deleted") || len(receiver.requests) > 0 {
		t.Errorf("got %+v", d)
	}
}

func (w *world) waitForWebhook(
	t testing.TB, webhook onetouch.Webhook, holds func(onetouch.DeliveryRecord) bool,
) onetouch.DeliveryRecord {
	t.Helper()
	over := time.After(patience)
	for {
		changed := w.service.Changed(onetouch.TopicDeliveries)
		d := must(w.service.Deliveries(t.Context(), onetouch.DeliveryFilter{WebhookID: webhook.ID}))(t)
		if len(d) == 1 && holds(d[0]) {
			return d[0]
		}
		select {
		case <-changed:
		case <-over:
			t.Fatalf("it does not come to that: %+v", d)
		}
	}
}
