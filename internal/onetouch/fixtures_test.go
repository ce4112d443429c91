package onetouch_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// fixtures are an application with a user, and a user and a webhook of the first one.
func fixtures() onetouch.Fixtures {
	webhook := onetouch.WebhookFixture{Name: "Audit", URL: "http://127.0.0.1:3000/webhook", Events: []string{"user_added"}}
	return onetouch.Fixtures{
		ApplicationContents: onetouch.ApplicationContents{
			Users:    []onetouch.UserFixture{{Email: "ada@example.com", Phone: "202-555-0158"}},
			Webhooks: []onetouch.WebhookFixture{webhook},
		},
		Applications: []onetouch.ApplicationFixture{{
			ApplicationSettings: onetouch.ApplicationSettings{Name: "Shop", APIKey: "shop-key"},
			ApplicationContents: onetouch.ApplicationContents{
				Users: []onetouch.UserFixture{{AuthyID: 5000, Email: "bob@example.com", Phone: "1632 960801", CountryCode: "44"}},
			},
		}},
	}
}

func (w *world) fix(f onetouch.Fixtures) []onetouch.Fixed {
	w.Helper()
	fixed, err := w.Fix(w.Context(), f)
	if err != nil {
		w.Fatal(err)
	}
	return fixed
}

func outcomes(fixed []onetouch.Fixed) string {
	var all []string
	for _, one := range fixed {
		all = append(all, one.Path+" "+string(one.Outcome))
	}
	return strings.Join(all, ", ")
}

func TestFixturesAreMadeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.changesNothing("trial", func() {
		trial := fixtures()
		trial.Trial = true
		w.same("trial", outcomes(w.fix(trial)), "applications[0] created, applications[0].users[0] created, users[0] created, "+
			"webhooks[0] created")
	})
	made := w.fix(fixtures())
	w.same("outcomes", outcomes(made), "applications[0] created, applications[0].users[0] created, users[0] created, "+
		"webhooks[0] created")
	if made[1].AuthyID != 5000 || made[1].AppID != made[0].AppID || made[2].AppID != w.app.ID || made[2].AuthyID != 5001 {
		t.Errorf("users are %+v", made[1:3])
	}
	w.same("log", w.log(), []onetouch.EventType{
		onetouch.EventApplicationCreated, onetouch.EventUserAdded, onetouch.EventUserAdded, onetouch.EventWebhookCreated,
	})
	w.changesNothing("second time", func() {
		w.same("outcomes", outcomes(w.fix(fixtures())), "applications[0] found, applications[0].users[0] found, users[0] found, "+
			"webhooks[0] found")
	})
}

func TestFixturesThatDiffer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fix(fixtures())
	other := fixtures()
	other.Applications[0].APIKey = "another-key"
	other.Users[0].Email = "ada@work.example"
	w.same("outcomes", outcomes(w.fix(other)), "applications[0] changed, applications[0].users[0] found, users[0] changed, "+
		"webhooks[0] found")
	if err := w.RemoveUser(t.Context(), w.app.ID, 5001); err != nil {
		t.Fatal(err)
	}
	again := w.fix(other)
	w.same("outcomes", outcomes(again), "applications[0] found, applications[0].users[0] found, users[0] created, "+
		"webhooks[0] found")
	w.same("Authy ID", again[2].AuthyID, int64(5001))
}

func TestRefusedFixtures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.fix(fixtures())
	w.changesNothing("fixtures", func() {
		for name, test := range map[string]struct {
			change       func(*onetouch.Fixtures)
			param, wants string
		}{
			"another ID": {func(f *onetouch.Fixtures) { f.Users[0].AuthyID = 7 },
				"users[0].authy_id", "is 7, but the user with this phone is 5001"},
			"the ID of another": {func(f *onetouch.Fixtures) {
				f.Users[0] = onetouch.UserFixture{AuthyID: 5000, Email: "a@b.example", Phone: "2025550160"}
			},
				"users[0].authy_id", "is that of another user"},
			"no ID": {func(f *onetouch.Fixtures) { f.Users[0].AuthyID = -1 }, "users[0].authy_id", "must be from 1 to 2147483647"},
			"too large an ID": {func(f *onetouch.Fixtures) { f.Users[0].AuthyID = 1 << 31 },
				"users[0].authy_id", "must be from 1 to 2147483647"},
			"no e-mail":  {func(f *onetouch.Fixtures) { f.Users[0].Email = "" }, "users[0].email", "is invalid"},
			"no phone":   {func(f *onetouch.Fixtures) { f.Users[0].Phone = "" }, "users[0].phone", "is invalid"},
			"no country": {func(f *onetouch.Fixtures) { f.Users[0].CountryCode = "x" }, "users[0].country_code", "is invalid"},
			"twice": {func(f *onetouch.Fixtures) { f.Users = append(f.Users, f.Users[0]) },
				"users[1].phone", "is that of users[0] too"},
			"no name": {func(f *onetouch.Fixtures) { f.Applications[0].Name = "" }, "applications[0].name", "is missing"},
			"an application twice": {func(f *onetouch.Fixtures) { f.Applications = append(f.Applications, f.Applications[0]) },
				"applications[1].name", "is that of applications[0] too"},
			"a setting": {func(f *onetouch.Fixtures) { f.Applications[0].CallbackMethod = "PUT" },
				"applications[0].callback_method", "must be POST or GET"},
			"the key of another": {func(f *onetouch.Fixtures) { f.Applications[0].APIKey = w.app.APIKey },
				"applications[0].api_key", "is that of another application"},
			"a webhook elsewhere": {func(f *onetouch.Fixtures) { f.Webhooks[0].URL = "http://127.0.0.1:3000/other" },
				"webhooks[0].url", "is not that of the webhook of this name, which is http://127.0.0.1:3000/webhook"},
			"a webhook of others": {func(f *onetouch.Fixtures) { f.Webhooks[0].Events = []string{"token_invalid"} },
				"webhooks[0].events", "are not those of the webhook of this name, which are user_added"},
			"a webhook twice": {func(f *onetouch.Fixtures) { f.Webhooks = append(f.Webhooks, f.Webhooks[0]) },
				"webhooks[1].name", "is that of webhooks[0] too"},
			"an unknown event": {func(f *onetouch.Fixtures) { f.Webhooks[0].Events = []string{"moon"} },
				"webhooks[0].events", `"moon" is not an event of webhooks`},
		} {
			f := fixtures()
			f.Applications[0].Users[0].Email = "changed@example.com" // which is not kept
			test.change(&f)
			_, err := w.Fix(t.Context(), f)
			w.refused(name, err, onetouch.CodeInvalidParameter)
			var refusal *onetouch.Error
			if !errors.As(err, &refusal) {
				t.Fatalf("%s: %v is no refusal", name, err)
			}
			if refusal.Parameter != test.param || !strings.Contains(refusal.Reason, test.wants) {
				t.Errorf("%s: the refusal is of %s: %q, want %s: %q", name, refusal.Parameter, refusal.Reason, test.param, test.wants)
			}
		}
		f := fixtures()
		f.App = "Kiosk"
		_, err := w.Fix(t.Context(), f)
		w.refused("unknown application", err, onetouch.CodeApplicationNotFound)
	})
}

func TestFixturesAreAllOrNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for writes := range 5 {
		w.changesNothing("failing store", func() {
			w.store.failAfter(writes)
			defer w.store.repair()
			if _, err := w.Fix(t.Context(), fixtures()); err == nil {
				t.Errorf("nobody was told that the store failed after %d writes", writes)
			}
		})
	}
	w.fix(fixtures())
}
