package onetouch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

func TestWebhooksAreCreatedListedAndDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.createWebhook("user_added", "user_added", "account_recovery_started")
	w.clock.Advance(time.Second)
	second := w.createWebhook("token_invalid")
	w.same("webhook", first, onetouch.Webhook{
		ID: first.ID, AppID: w.app.ID, Name: "Audit", URL: "http://127.0.0.1:3000/webhook", SigningKey: first.SigningKey,
		Events: []onetouch.EventType{"user_added", "account_recovery_started"}, CreatedAt: noon(),
	})
	if len(first.ID) != 39 || !strings.HasPrefix(first.ID, "WH_") || first.SigningKey == second.SigningKey || len(first.SigningKey) < 32 {
		t.Errorf("identifiers are %+v and %+v", first, second)
	}
	w.same("list", w.everything().Webhooks, []onetouch.Webhook{first, second})
	if err := w.DeleteWebhook(t.Context(), w.app.ID, first.ID); err != nil {
		t.Fatal(err)
	}
	w.same("list", w.everything().Webhooks, []onetouch.Webhook{second})
	w.changesNothing("deletions", func() {
		for _, id := range []string{first.ID, "WH_none", ""} {
			w.refused("deletion of "+id, w.DeleteWebhook(t.Context(), w.app.ID, id), onetouch.CodeWebhookNotFound)
		}
	})
	w.same("log", w.log(), []onetouch.EventType{
		onetouch.EventWebhookCreated, onetouch.EventWebhookCreated, onetouch.EventWebhookDeleted,
	})
}

func TestRefusedWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.changesNothing("webhooks", func() {
		for name, change := range map[string]func(*onetouch.NewWebhook){
			"no name":       func(n *onetouch.NewWebhook) { n.Name = "" },
			"long name":     func(n *onetouch.NewWebhook) { n.Name = strings.Repeat("n", 201) },
			"no URL":        func(n *onetouch.NewWebhook) { n.URL = "" },
			"relative URL":  func(n *onetouch.NewWebhook) { n.URL = "/webhook" },
			"other scheme":  func(n *onetouch.NewWebhook) { n.URL = "ftp://127.0.0.1/" },
			"long URL":      func(n *onetouch.NewWebhook) { n.URL = "http://h/" + strings.Repeat("u", 2000) },
			"no events":     func(n *onetouch.NewWebhook) { n.Events = nil },
			"unknown event": func(n *onetouch.NewWebhook) { n.Events = append(n.Events, "user_updated") },
			"a line end":    func(n *onetouch.NewWebhook) { n.Name = "audit\n" },
			"control":       func(n *onetouch.NewWebhook) { n.Name = "au\adit" },
			"odd URL":       func(n *onetouch.NewWebhook) { n.URL += "/\uffff" },
		} {
			n := webhookOf("user_added")
			change(&n)
			_, err := w.CreateWebhook(t.Context(), w.app.ID, n)
			w.refused(name, err, onetouch.CodeWebhookInvalid)
		}
		_, err := w.CreateWebhook(t.Context(), w.app.ID, onetouch.NewWebhook{Name: "\xff"})
		w.refused("broken text", err, onetouch.CodeInvalidEncoding)
	})
	for range 100 {
		w.createWebhook("user_added")
	}
	_, err := w.CreateWebhook(t.Context(), w.app.ID, webhookOf("user_added"))
	w.refused("one too many", err, onetouch.CodeWebhookInvalid)
}

// owedTo lists what the webhook is owed, oldest first.
func (w *world) owedTo(webhook onetouch.Webhook) []onetouch.Parcel {
	w.Helper()
	deliveries, err := w.Deliveries(w.Context(), onetouch.DeliveryFilter{WebhookID: webhook.ID})
	if err != nil {
		w.Fatal(err)
	}
	var parcels []onetouch.Parcel
	for _, d := range slices.Backward(deliveries) {
		parcel, err := w.Parcel(w.Context(), d.ID)
		if err != nil {
			w.Fatal(err)
		}
		parcels = append(parcels, parcel)
	}
	return parcels
}

// Each event that a webhook can want, and that anything here makes happen, is owed to it with all that it is about.
func TestEveryEventOfWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var names []string
	for _, event := range onetouch.WebhookEvents() {
		names = append(names, string(event))
	}
	if len(names) != 23 {
		t.Fatalf("%d names, want 23", len(names))
	}
	webhook := w.createWebhook(names...)
	ada := w.addUser("202-555-0158")
	p := w.register(ada)
	asked := w.ask(ada, question())
	w.mustAnswer(p, asked, evidence.Approved)
	w.mustVerify(ada, w.sendToken(ada, onetouch.ChannelSMS))
	_, _ = w.verify(ada, "0")
	v := w.mustStartVerification("202-555-0158").Verification
	for range 6 {
		_, _ = w.checkVerification("202-555-0158", v.Code+"0")
	}
	valid := w.mustStartVerification("202-555-0159").Verification
	for range 2 {
		_, _ = w.checkVerification("202-555-0159", valid.Code)
	}
	_, _ = w.StartPhoneVerification(t.Context(), w.app, onetouch.NewPhoneVerification{
		CountryCode: "1", PhoneNumber: "202-555-0158", CustomMessage: "Hello {{code}}",
	})
	w.ensure(onetouch.ApplicationSettings{LimitSettings: onetouch.LimitSettings{TokensPerHour: set(1)}})
	w.app = w.ensure(onetouch.ApplicationSettings{})
	_, _ = w.startVerification("202-555-0158")
	w.report(ada, onetouch.ActivityBanned)
	if err := w.RemoveUser(t.Context(), w.app.ID, ada.AuthyID); err != nil {
		t.Fatal(err)
	}

	happened := map[onetouch.EventType]onetouch.Parcel{}
	for _, parcel := range w.owedTo(webhook) {
		happened[parcel.Event.Type] = parcel
		d := parcel.Delivery
		if d.Kind != onetouch.DeliveryWebhook || d.Method != "POST" || d.URL != webhook.URL || !d.Due(w.clock.Now()) ||
			parcel.Webhook.SigningKey != webhook.SigningKey || parcel.Application.ID != w.app.ID || parcel.Obsolete() != "" {
			t.Errorf("%s: the delivery is %+v", parcel.Event.Type, parcel)
		}
	}
	for _, event := range onetouch.WebhookEvents() {
		_, owed := happened[event]
		made := !strings.HasPrefix(string(event), "account_recovery") && !strings.HasPrefix(string(event), "phone_change") &&
			event != "user_phone_changed"
		if owed != made {
			t.Errorf("%s: owed is %t, want %t", event, owed, made)
		}
	}
	response := happened[onetouch.EventRequestResponded]
	if response.Request.UUID != asked.UUID || response.Request.Status != onetouch.StatusApproved || response.Device.ID != p.ID ||
		response.User.AuthyID != ada.AuthyID || response.Delivery.RequestUUID != asked.UUID {
		t.Errorf("the response is %+v", response)
	}
	if added := happened[onetouch.EventUserAdded]; added.User.Cellphone != "2025550158" || added.Request.UUID != "" {
		t.Errorf("the user who was added is %+v", added)
	}
	if registered := happened[onetouch.EventDeviceRegistered]; registered.Device.UUID != p.UUID {
		t.Errorf("the device is %+v", registered.Device)
	}
	if started := happened[onetouch.EventVerificationValid]; started.Verification.UUID != valid.UUID {
		t.Errorf("the verification is %+v", started.Verification)
	}
}

func TestWebhookGetsOnlyWhatItWants(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	adding, both := w.createWebhook("user_added"), w.createWebhook("user_removed", "user_added")
	other := w.bystander(onetouch.ApplicationSettings{Name: "Second"})
	elsewhere, err := w.CreateWebhook(t.Context(), other.ID, webhookOf("user_added"))
	if err != nil {
		t.Fatal(err)
	}
	ada := w.addUser("202-555-0158")
	w.addUser("202-555-0158") // is there already
	if err := w.RemoveUser(t.Context(), w.app.ID, ada.AuthyID); err != nil {
		t.Fatal(err)
	}
	for webhook, want := range map[string]int{adding.ID: 1, both.ID: 2, elsewhere.ID: 0} {
		if got := len(w.owedTo(onetouch.Webhook{ID: webhook})); got != want {
			t.Errorf("webhook %s is owed %d events, want %d", webhook, got, want)
		}
	}
	if err := w.DeleteWebhook(t.Context(), w.app.ID, adding.ID); err != nil {
		t.Fatal(err)
	}
	w.addUser("202-555-0158")
	left := w.owedTo(adding)
	if len(left) != 1 || left[0].Obsolete() == "" {
		t.Errorf("a webhook that was deleted is owed %+v", left)
	}
	if got := len(w.owedTo(both)); got != 3 {
		t.Errorf("the other is owed %d events, want 3", got)
	}
}

// A webhook that fails is tried again like any delivery. One of its events does not wait for another.
func TestWebhookIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	webhook := w.createWebhook("user_added")
	for i := range 2 {
		w.addUser(fmt.Sprintf("202-555-010%d", i))
	}
	owed := w.owedTo(webhook)
	failed := onetouch.Attempt{DeliveryID: owed[0].Delivery.ID, StartedAt: w.clock.Now(), Error: "answered 500"}
	d, err := w.RecordAttempt(t.Context(), failed)
	if err != nil || d.State != onetouch.DeliveryPending || !d.NextAttemptAt.After(w.clock.Now()) {
		t.Errorf("after a failure it is %+v, %v", d, err)
	}
	byReceiver, _, err := w.DueDeliveries(t.Context(), 0, most(10))
	due := slices.Collect(flat(byReceiver))
	if err != nil || len(due) != 1 || due[0].ID != owed[1].Delivery.ID {
		t.Errorf("due are %+v, %v: want the other one", due, err)
	}
	w.clock.Advance(time.Minute)
	if _, err := w.RecordAttempt(t.Context(), onetouch.Attempt{DeliveryID: d.ID, StartedAt: w.clock.Now(), StatusCode: 200}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.GiveUp(t.Context(), owed[1].Delivery.ID, "no"); err != nil {
		t.Fatal(err)
	}
	log := w.log()
	w.same("end of the log", log[len(log)-3:], []onetouch.EventType{
		onetouch.EventWebhookRetried, onetouch.EventWebhookSent, onetouch.EventWebhookFailed,
	})
}
