package onetouch_test

import (
	"context"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// deedsOfCalls are those beside approval requests. Each refusal that is itself recorded is a deed too.
func deedsOfCalls() []deed {
	return []deed{
		{"further application", 2, func(w *world) func() error {
			return func() error {
				return second(w.CreateApplication(w.Context(), onetouch.ApplicationSettings{Name: "Second"}))
			}
		}},
		{"sandbox with its user", 2, func(w *world) func() error {
			bare := bareWorld(w.T, 9)
			w.Service, w.store = bare.Service, bare.store
			return func() error { return second(w.EnsureApplication(w.Context(), onetouch.SandboxSettings())) }
		}},
		{"new user who is told of the app", 7, func(w *world) func() error {
			n := onetouch.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158", SendInstallLink: true}
			return func() error { return second(w.AddUser(w.Context(), w.app.ID, n)) }
		}},
		{"new e-mail address", 2, func(w *world) func() error {
			ada := w.addUser("202-555-0158")
			return func() error { return second(w.UpdateUser(w.Context(), w.app.ID, ada.AuthyID, "ada@example.org")) }
		}},
		{"ban", 3, func(w *world) func() error {
			ada := w.addUser("202-555-0158")
			return func() error {
				return second(w.RegisterActivity(w.Context(), w.app.ID, ada.AuthyID, onetouch.NewActivity{Type: "banned"}))
			}
		}},
		{"authenticator", 2, func(w *world) func() error {
			ada := w.addUser("202-555-0158")
			return func() error { return second(w.ProvisionAuthenticator(w.Context(), w.app, ada.AuthyID, "")) }
		}},
		{"token by text", 6, func(w *world) func() error {
			ada := w.addUser("202-555-0158")
			return func() error {
				return second(w.SendToken(w.Context(), w.app, ada.AuthyID, onetouch.NewToken{Channel: onetouch.ChannelSMS}))
			}
		}},
		{"valid token", 4, func(w *world) func() error {
			ada := w.addUser("202-555-0158")
			code := w.sendToken(ada, onetouch.ChannelSMS)
			return func() error { return second(w.verify(ada, code)) }
		}},
		{"phone verification", 6, func(w *world) func() error {
			return func() error { return second(w.startVerification("202-555-0158")) }
		}},
		{"right verification code", 2, func(w *world) func() error {
			code := w.mustStartVerification("202-555-0158").Verification.Code
			return func() error { return second(w.checkVerification("202-555-0158", code)) }
		}},
		{"webhook", 2, func(w *world) func() error {
			return func() error { return second(w.CreateWebhook(w.Context(), w.app.ID, webhookOf("user_added"))) }
		}},
		{"deletion of a webhook", 2, func(w *world) func() error {
			webhook := w.createWebhook("user_added")
			return func() error { return w.DeleteWebhook(w.Context(), w.app.ID, webhook.ID) }
		}},
		{"event that two webhooks want", 5, func(w *world) func() error {
			w.createWebhook("user_added", "user_removed")
			w.createWebhook("user_added")
			n := onetouch.NewUser{Email: "ada@example.com", Cellphone: "202-555-0158"}
			return func() error { return second(w.AddUser(w.Context(), w.app.ID, n)) }
		}},
	}
}

func (w *world) sendToken(user onetouch.User, channel onetouch.Channel) (code string) {
	w.Helper()
	sent, err := w.SendToken(w.Context(), w.app, user.AuthyID, onetouch.NewToken{Channel: channel, Force: true})
	if err != nil {
		w.Fatal(err)
	}
	return sent.Message.Code
}

// verify forces the check of a token.
func (w *world) verify(user onetouch.User, token string) (onetouch.VerifiedToken, error) {
	w.Helper()
	return w.VerifyToken(w.Context(), w.app, user.AuthyID, onetouch.TokenCheck{Token: token, Force: true})
}

func (w *world) mustVerify(user onetouch.User, token string) onetouch.VerifiedToken {
	w.Helper()
	verified, err := w.verify(user, token)
	if err != nil {
		w.Fatal(err)
	}
	return verified
}

// startVerification starts one of a number in country 1.
func (w *world) startVerification(number string) (onetouch.StartedVerification, error) {
	w.Helper()
	return w.StartPhoneVerification(w.Context(), w.app, onetouch.NewPhoneVerification{CountryCode: "1", PhoneNumber: number})
}

func (w *world) mustStartVerification(number string) onetouch.StartedVerification {
	w.Helper()
	started, err := w.startVerification(number)
	if err != nil {
		w.Fatal(err)
	}
	return started
}

func (w *world) checkVerification(number, code string) (onetouch.PhoneVerification, error) {
	w.Helper()
	return w.CheckPhoneVerification(w.Context(), w.app, "1", number, code)
}

func webhookOf(events ...string) onetouch.NewWebhook {
	return onetouch.NewWebhook{Name: "Audit", URL: "http://127.0.0.1:3000/webhook", Events: events}
}

func (w *world) createWebhook(events ...string) onetouch.Webhook {
	w.Helper()
	webhook, err := w.CreateWebhook(w.Context(), w.app.ID, webhookOf(events...))
	if err != nil {
		w.Fatal(err)
	}
	return webhook
}

// inbox is all messages, newest first.
func (w *world) inbox() []onetouch.Message { return w.everything().Messages }

// set makes a pointer for a setting.
func set[T any](value T) *T { return &value }

// bystander adds a further application with the given settings.
func (w *world) bystander(settings onetouch.ApplicationSettings) onetouch.Application {
	w.Helper()
	app, err := w.CreateApplication(w.Context(), settings)
	if err != nil {
		w.Fatal(err)
	}
	return app
}

// known is the user as the store knows them now.
func (w *world) known(user onetouch.User) onetouch.User {
	w.Helper()
	status, err := w.UserStatus(w.Context(), user.AppID, user.AuthyID)
	if err != nil {
		w.Fatal(err)
	}
	return status.User
}

func (w *world) everythingOfCalls(ctx context.Context, e *everything) (err error) {
	if e.Messages, err = w.Messages(ctx, onetouch.MessageFilter{}); err != nil {
		return err
	}
	if e.Activities, err = w.Activities(ctx, onetouch.ActivityFilter{}); err != nil {
		return err
	}
	for _, app := range e.Applications {
		statistics, err := w.Statistics(ctx, app.ID)
		if err != nil {
			return err
		}
		webhooks, err := w.Webhooks(ctx, app.ID)
		if err != nil {
			return err
		}
		e.Statistics, e.Webhooks = append(e.Statistics, statistics), append(e.Webhooks, webhooks...)
	}
	return nil
}

func (t faultyTransaction) InsertActivity(a *onetouch.Activity) error {
	return t.guard(func() error { return t.Transaction.InsertActivity(a) })
}

func (t faultyTransaction) InsertOneTimePassword(p *onetouch.OneTimePassword) error {
	return t.guard(func() error { return t.Transaction.InsertOneTimePassword(p) })
}

func (t faultyTransaction) UpdateOneTimePassword(p onetouch.OneTimePassword) error {
	return t.guard(func() error { return t.Transaction.UpdateOneTimePassword(p) })
}

func (t faultyTransaction) Clear(applications bool) error {
	return t.guard(func() error { return t.Transaction.Clear(applications) })
}

func (t faultyTransaction) SetClockSetting(c onetouch.ClockSetting) error {
	return t.guard(func() error { return t.Transaction.SetClockSetting(c) })
}

func (t faultyTransaction) SetTokenStep(owner string, step int64) error {
	return t.guard(func() error { return t.Transaction.SetTokenStep(owner, step) })
}

func (t faultyTransaction) SetTokenFailures(authyID int64, f onetouch.TokenFailures) error {
	return t.guard(func() error { return t.Transaction.SetTokenFailures(authyID, f) })
}

func (t faultyTransaction) PutAuthenticator(a onetouch.Authenticator) error {
	return t.guard(func() error { return t.Transaction.PutAuthenticator(a) })
}

func (t faultyTransaction) DeleteAuthenticator(authyID int64) error {
	return t.guard(func() error { return t.Transaction.DeleteAuthenticator(authyID) })
}

func (t faultyTransaction) InsertMessage(m onetouch.Message) error {
	return t.guard(func() error { return t.Transaction.InsertMessage(m) })
}

func (t faultyTransaction) InsertPhoneVerification(v *onetouch.PhoneVerification) error {
	return t.guard(func() error { return t.Transaction.InsertPhoneVerification(v) })
}

func (t faultyTransaction) UpdatePhoneVerification(v onetouch.PhoneVerification) error {
	return t.guard(func() error { return t.Transaction.UpdatePhoneVerification(v) })
}

func (t faultyTransaction) InsertWebhook(h onetouch.Webhook) error {
	return t.guard(func() error { return t.Transaction.InsertWebhook(h) })
}

func (t faultyTransaction) UpdateWebhook(h onetouch.Webhook) error {
	return t.guard(func() error { return t.Transaction.UpdateWebhook(h) })
}

func (t faultyTransaction) AddCount(appID, what string, period, number int) error {
	return t.guard(func() error { return t.Transaction.AddCount(appID, what, period, number) })
}
