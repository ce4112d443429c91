package sqlite_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Likewise for what the calls beside approval requests read.
func TestQueriesOfCallsUseIndexes(t *testing.T) {
	t.Parallel()
	db, err := openDatabase(t.Context(), filepath.Join(t.TempDir(), "plans.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	owner := addDevice(t, db)
	now := time.Now()
	messages := func(f onetouch.MessageFilter) func(onetouch.Reader) error {
		f.Limit = 50
		return func(r onetouch.Reader) error { return second(r.Messages(f)) }
	}
	for _, query := range []struct {
		name string
		read func(onetouch.Reader) error
		want string // begins a step of the plan
	}{
		{"application by alternative key", func(r onetouch.Reader) error { return missing(r.ApplicationByKey("a")) },
			"SEARCH applications USING INDEX applications_by_alternative_key (alternative_api_key=?)"},
		{"users counted", func(r onetouch.Reader) error { return second(r.CountUsers("a")) },
			"SEARCH users USING COVERING INDEX users_of_application (app_id=?)"},
		{"latest registration", func(r onetouch.Reader) error { return missing(r.LatestRegistration("a", 1)) },
			"SEARCH registrations USING INDEX registrations_of_user (authy_id=?)"},
		{"one-time passwords", func(r onetouch.Reader) error { return second(r.OneTimePasswords(1, now)) },
			"SEARCH one_time_passwords USING INDEX one_time_passwords_of_user (authy_id=? AND expires_at>?)"},
		{"token step", func(r onetouch.Reader) error { return second(r.TokenStep("a")) },
			"SEARCH token_steps USING PRIMARY KEY (owner=?)"},
		{"token failures", func(r onetouch.Reader) error { return second(r.TokenFailures(1)) },
			"SEARCH token_failures USING INTEGER PRIMARY KEY (rowid=?)"},
		{"authenticator", func(r onetouch.Reader) error { return missing(r.Authenticator(1)) },
			"SEARCH authenticators USING INTEGER PRIMARY KEY (rowid=?)"},
		{"authenticator by ticket", func(r onetouch.Reader) error { return missing(r.AuthenticatorByTicket("a")) },
			"SEARCH authenticators USING INDEX sqlite_autoindex_authenticators_1 (ticket=?)"},
		{"activities of a user", func(r onetouch.Reader) error {
			return second(r.Activities(onetouch.ActivityFilter{AppID: "a", AuthyID: 1}))
		}, "SEARCH activities USING INDEX activities_of_user (authy_id=?)"},
		{"messages of a time", messages(onetouch.MessageFilter{Since: now, After: 7}),
			"SEARCH m USING INTEGER PRIMARY KEY (rowid>?)"},
		{"messages of an application", messages(onetouch.MessageFilter{Since: now, AppID: "a", After: 7, Channel: "sms"}),
			"SEARCH m USING INDEX messages_of_application (app_id=? AND rowid>?)"},
		{"activities of an application", func(r onetouch.Reader) error {
			return second(r.Activities(onetouch.ActivityFilter{AppID: "a"}))
		}, "SEARCH activities USING INDEX activities_of_application (app_id=?)"},
		{"devices of an application", func(r onetouch.Reader) error {
			return second(r.Devices(onetouch.DeviceFilter{AppID: "a"}))
		}, "SEARCH devices USING INDEX devices_of_application (app_id=? AND factor_type=?)"},
		{"pushes of a time", messages(onetouch.MessageFilter{Since: now, Channel: "push"}),
			"SEARCH d USING INTEGER PRIMARY KEY (rowid>?)"},
		{"pushes of a user", messages(onetouch.MessageFilter{AuthyID: owner, Channel: "push", Since: now}),
			"SEARCH d USING INDEX deliveries_to_device (device_id=? AND rowid>?)"},
		{"messages to a phone", messages(onetouch.MessageFilter{To: "+1", Since: now, After: 7}),
			"SEARCH m USING INDEX messages_to (recipient=? AND rowid>?)"},
		{"messages of a user", messages(onetouch.MessageFilter{AuthyID: 1}), "SEARCH m USING INDEX messages_of_user (authy_id=?)"},
		{"messages to a phone of a user", messages(onetouch.MessageFilter{To: "+1", AuthyID: 1}),
			"SEARCH m USING INDEX messages_to (recipient=?)"},
		{"messages counted of a user", func(r onetouch.Reader) error {
			return second(r.CountMessages(onetouch.MessageCount{AppID: "a", AuthyID: 1, Since: now}))
		}, "SEARCH m USING INDEX messages_of_user (authy_id=? AND rowid>?)"},
		{"messages counted of a phone", func(r onetouch.Reader) error {
			return second(r.CountMessages(onetouch.MessageCount{AppID: "a", To: "+1", Since: now}))
		}, "SEARCH m USING INDEX messages_to (recipient=? AND rowid>?)"},
		{"phone verification", func(r onetouch.Reader) error { return missing(r.PhoneVerification("a")) },
			"SEARCH phone_verifications USING INDEX sqlite_autoindex_phone_verifications_1 (uuid=?)"},
		{"phone verification of a phone", func(r onetouch.Reader) error {
			return missing(r.LatestPhoneVerification("a", onetouch.PhoneNumber{}))
		}, "SEARCH phone_verifications USING INDEX phone_verifications_of_number (app_id=? AND country_code=? AND phone_number=?)"},
		{"webhook", func(r onetouch.Reader) error { return missing(r.Webhook("a")) },
			"SEARCH webhooks USING INDEX sqlite_autoindex_webhooks_1 (id=?)"},
		{"webhooks", func(r onetouch.Reader) error { return second(r.Webhooks("a")) },
			"SEARCH webhooks USING INDEX webhooks_of_application (app_id=?)"},
		{"deliveries to a webhook", func(r onetouch.Reader) error {
			return second(r.Deliveries(onetouch.DeliveryFilter{WebhookID: "a"}))
		}, "SEARCH d USING INDEX deliveries_of_webhook (webhook_id=?)"},
		{"count", func(r onetouch.Reader) error { return second(r.Count("a", "b", 1)) },
			"SEARCH counts USING PRIMARY KEY (app_id=? AND period=? AND what=?)"},
		{"event", func(r onetouch.Reader) error { return missing(r.Event(1)) },
			"SEARCH e USING INTEGER PRIMARY KEY (rowid=?)"},
	} {
		plan := planOf(t, db, query.read)
		if !slices.Contains(plan, query.want) {
			t.Errorf("%s: want the step %q in the plan\n  %s", query.name, query.want, strings.Join(plan, "\n  "))
		}
		for _, step := range plan {
			// The walk over o ends at the first that is too old, and a page is short.
			walksOn := strings.HasPrefix(step, "SCAN") && step != "SCAN o" && step != "SCAN page"
			if walksOn || strings.Contains(step, "TEMP B-TREE FOR ORDER BY") && query.name != "webhooks" {
				t.Errorf("%s: does %q:\n  %s", query.name, step, strings.Join(plan, "\n  "))
			}
		}
	}
}

// addDevice returns the Authy ID of its user.
func addDevice(t *testing.T, db *opened) int64 {
	t.Helper()
	app := onetouch.Application{ID: "app", APIKey: "key"}
	user := onetouch.User{AppID: "app"}
	err := db.Update(t.Context(), func(tx onetouch.Transaction) error {
		if err := errors.Join(tx.InsertApplication(&app), tx.InsertUser(&user)); err != nil {
			return err
		}
		return tx.InsertDevice(&onetouch.Device{AppID: "app", AuthyID: user.AuthyID, AccessTokenDigest: []byte("digest")})
	})
	if err != nil {
		t.Fatal(err)
	}
	return user.AuthyID
}

func missing[T any](_ T, err error) error { return ignoreMissing(err) }
