package onetouch_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// What one application has, another can neither see nor touch: each call is tried with what belongs to the other.
func TestApplicationsAreStrangers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onetouch.ApplicationSettings{VerifyUnconfirmed: set(true)})
	ada := w.addUser("202-555-0158")
	p := w.register(ada)
	asked := w.ask(ada, question())
	code := w.sendToken(ada, onetouch.ChannelSMS)
	verification := w.mustStartVerification("202-555-0158").Verification
	webhook := w.createWebhook("user_added")
	w.provision(ada, "")

	ctx, other := t.Context(), w.bystander(onetouch.ApplicationSettings{Name: "Second"})
	tries := map[string]struct {
		try  func() error
		want onetouch.Code
	}{
		"status":       {func() error { return second(w.UserStatus(ctx, other.ID, ada.AuthyID)) }, onetouch.CodeUserNotFound},
		"update":       {func() error { return second(w.UpdateUser(ctx, other.ID, ada.AuthyID, "eve@example.com")) }, onetouch.CodeUserNotFound},
		"removal":      {func() error { return w.RemoveUser(ctx, other.ID, ada.AuthyID) }, onetouch.CodeUserNotFound},
		"registration": {func() error { return second(w.StartRegistration(ctx, other.ID, ada.AuthyID)) }, onetouch.CodeUserNotFound},
		"state of it":  {func() error { return second(w.LatestRegistration(ctx, other.ID, ada.AuthyID)) }, onetouch.CodeUserNotFound},
		"device":       {func() error { return w.RemoveDevice(ctx, other.ID, p.ID) }, onetouch.CodeDeviceNotFound},
		"secret":       {func() error { return second(w.ProvisionAuthenticator(ctx, other, ada.AuthyID, "")) }, onetouch.CodeUserNotFound},
		"ban": {func() error {
			return second(w.RegisterActivity(ctx, other.ID, ada.AuthyID, onetouch.NewActivity{Type: "banned"}))
		}, onetouch.CodeUserNotFound},
		"text": {func() error {
			return second(w.SendToken(ctx, other, ada.AuthyID, onetouch.NewToken{Channel: "sms", Force: true}))
		}, onetouch.CodeUserNotFound},
		"token": {func() error {
			return second(w.VerifyToken(ctx, other, ada.AuthyID, onetouch.TokenCheck{Token: code}))
		}, onetouch.CodeUserNotFound},
		"question":        {func() error { return second(w.CreateApprovalRequest(ctx, other, ada.AuthyID, question())) }, onetouch.CodeUserNotFound},
		"answer":          {func() error { return second(w.ApprovalRequest(ctx, other.ID, asked.UUID)) }, onetouch.CodeApprovalRequestNotFound},
		"verification":    {func() error { return second(w.PhoneVerificationStatus(ctx, other, verification.UUID, "", "")) }, onetouch.CodePhoneVerificationNotFound},
		"by its number":   {func() error { return second(w.PhoneVerificationStatus(ctx, other, "", "1", "2025550158")) }, onetouch.CodePhoneVerificationNotFound},
		"webhook":         {func() error { return w.DeleteWebhook(ctx, other.ID, webhook.ID) }, onetouch.CodeWebhookNotFound},
		"user of a ghost": {func() error { return second(w.UserStatus(ctx, "", ada.AuthyID)) }, onetouch.CodeUserNotFound},
	}
	w.changesNothing("calls of a stranger", func() {
		for name, test := range tries {
			w.refused(name, test.try(), test.want)
		}
		users, err := w.Users(ctx, onetouch.UserFilter{AppID: other.ID})
		if err != nil || len(users) != 0 {
			t.Errorf("the stranger has %v, %v", users, err)
		}
		if webhooks, err := w.Webhooks(ctx, other.ID); err != nil || len(webhooks) != 0 {
			t.Errorf("the stranger has %v, %v", webhooks, err)
		}
		if messages := w.messages(onetouch.MessageFilter{AppID: other.ID}); len(messages) != 0 {
			t.Errorf("the stranger reads %v", messages)
		}
	})

	// The same phone is somebody else there, with codes, limits and verifications of their own.
	theirs := *w
	theirs.app = other
	_, err := theirs.checkVerification("202-555-0158", verification.Code)
	w.refused("verification code", err, onetouch.CodePhoneVerificationNotFound)
	stranger := theirs.addUser("202-555-0158")
	if stranger.AuthyID == ada.AuthyID || stranger.Confirmed() {
		t.Errorf("the stranger's user is %+v", stranger)
	}
	_, err = theirs.verify(stranger, code)
	w.refused("token sent by another application", err, onetouch.CodeTokenInvalid)
	_, err = theirs.verify(stranger, w.softToken(p, 0))
	w.refused("soft token of another application's device", err, onetouch.CodeTokenInvalid)
	if found := w.messages(onetouch.MessageFilter{AppID: other.ID, To: "+12025550158"}); len(found) != 0 {
		t.Errorf("the inbox of the stranger has %v", found)
	}
	if got := theirs.statistics(other).Months[11]; got.SMS != 0 || got.Users != 1 || got.Auths != 0 {
		t.Errorf("the stranger's statistics are %+v", got)
	}
}
