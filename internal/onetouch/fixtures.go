package onetouch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Fixtures say what is to be there: what is missing is added, what differs is changed, and the rest stays as it is. Refusals
// name what they are about as its caller would: applications[0].users[2].email.
type Fixtures struct {
	// App is the application that Users and Webhooks belong to, by its ID, serial ID or name; "" is the first.
	App string `json:"app,omitempty"`
	ApplicationContents
	// Applications are known by their names.
	Applications []ApplicationFixture `json:"applications,omitempty"`
	// Trial has everything checked, and nothing kept.
	Trial bool `json:"trial,omitempty"`
}

// ApplicationContents are what belongs to one application.
type ApplicationContents struct {
	Users    []UserFixture    `json:"users,omitempty"`
	Webhooks []WebhookFixture `json:"webhooks,omitempty"`
}

// ApplicationFixture is an application with what belongs to it.
type ApplicationFixture struct {
	ApplicationSettings
	ApplicationContents
}

// UserFixture is a user, who is known by the phone number.
type UserFixture struct {
	AuthyID     int64  `json:"authy_id,omitempty"` // 0: the next that is free
	Email       string `json:"email"`
	Phone       string `json:"phone"`
	CountryCode string `json:"country_code,omitempty"` // "": 1
}

// WebhookFixture is a webhook, which is known by its name.
type WebhookFixture struct {
	Name   string   `json:"name"`
	URL    string   `json:"url"`
	Events []string `json:"events"`
}

// Fixing is what became of a fixture.
type Fixing string

// What can become of a fixture.
const (
	FixtureCreated Fixing = "created"
	FixtureChanged Fixing = "changed"
	FixtureFound   Fixing = "found" // as it was to be
)

// Fixed is a fixture that is there.
type Fixed struct {
	Path    string // users[0], applications[1].webhooks[0]
	Outcome Fixing
	AppID   string
	AuthyID int64  // of a user
	Name    string // the application's, the webhook's, the e-mail address of the user
}

// mostAuthyID bounds the Authy IDs that users can bring: clients keep them in 32 bits.
const mostAuthyID = 1<<31 - 1

// errTrial takes back what was only tried.
var errTrial = errors.New("only a trial")

// Fix makes the fixtures be there, all of them or, when one is refused, none.
func (s *Service) Fix(ctx context.Context, f Fixtures) ([]Fixed, error) {
	var fixed []Fixed
	err := s.change(ctx, func(c *change) error {
		f := fixer{service: s, change: c, fixtures: f}
		if err := f.fix(); err != nil {
			return err
		}
		fixed = f.fixed
		if f.fixtures.Trial {
			return errTrial
		}
		return nil
	})
	if errors.Is(err, errTrial) {
		err = nil
	}
	if err != nil {
		return nil, err
	}
	return fixed, nil
}

// fixer makes fixtures be there within one change.
type fixer struct {
	service  *Service
	change   *change
	fixtures Fixtures
	fixed    []Fixed
}

func (f *fixer) note(path string, outcome Fixing, app Application, name string, authyID int64) {
	f.fixed = append(f.fixed, Fixed{Path: path, Outcome: outcome, AppID: app.ID, AuthyID: authyID, Name: name})
}

func (f *fixer) fix() error {
	names := map[string]string{}
	for i, fixture := range f.fixtures.Applications {
		path := fmt.Sprintf("applications[%d]", i)
		if before := names[fixture.Name]; before != "" {
			return InvalidParameter(path+".name", "is that of "+before+" too")
		}
		names[fixture.Name] = path
		app, err := f.application(path, fixture.ApplicationSettings)
		if err != nil {
			return within(path, err)
		}
		if err := f.contents(path+".", app, fixture.ApplicationContents); err != nil {
			return err
		}
	}
	if len(f.fixtures.Users)+len(f.fixtures.Webhooks) == 0 {
		return nil
	}
	app, err := f.ownApplication()
	if err != nil {
		return err
	}
	return f.contents("", app, f.fixtures.ApplicationContents)
}

func (f *fixer) ownApplication() (Application, error) {
	if f.fixtures.App != "" {
		return applicationCalled(f.change, f.fixtures.App)
	}
	apps, err := f.change.Applications()
	if err != nil {
		return Application{}, err
	}
	if len(apps) == 0 {
		return Application{}, applicationNotFound("there is none")
	}
	return apps[0], nil
}

func (f *fixer) application(path string, settings ApplicationSettings) (Application, error) {
	if settings.Name == "" {
		return Application{}, InvalidParameter("name", "is missing: applications are known by their names")
	}
	apps, err := f.change.Applications()
	if err != nil {
		return Application{}, err
	}
	at := slices.IndexFunc(apps, func(a Application) bool { return a.Name == settings.Name })
	if at < 0 {
		app, err := f.service.createApplication(f.change, settings)
		if err != nil {
			return app, err
		}
		f.note(path, FixtureCreated, app, app.Name, 0)
		return app, f.change.happened(Event{Type: EventApplicationCreated, AppID: app.ID, Note: app.Name})
	}
	app, outcome := apps[at], FixtureFound
	if err := f.service.updateApplication(f.change, &app, settings); err != nil {
		return app, err
	}
	if app != apps[at] {
		outcome = FixtureChanged
	}
	f.note(path, outcome, app, app.Name, 0)
	return app, nil
}

func (f *fixer) contents(prefix string, app Application, contents ApplicationContents) error {
	phones := map[PhoneNumber]string{}
	for i, fixture := range contents.Users {
		path := fmt.Sprintf("%susers[%d]", prefix, i)
		user, outcome, err := f.user(app, fixture)
		if err != nil {
			return within(path, err)
		}
		if before := phones[user.PhoneNumber()]; before != "" {
			return InvalidParameter(path+".phone", "is that of "+before+" too")
		}
		phones[user.PhoneNumber()] = path
		f.note(path, outcome, app, user.Email, user.AuthyID)
	}
	names := map[string]string{}
	for i, fixture := range contents.Webhooks {
		path := fmt.Sprintf("%swebhooks[%d]", prefix, i)
		if before := names[fixture.Name]; before != "" {
			return InvalidParameter(path+".name", "is that of "+before+" too")
		}
		names[fixture.Name] = path
		outcome, err := f.webhook(app, fixture)
		if err != nil {
			return within(path, err)
		}
		f.note(path, outcome, app, fixture.Name, 0)
	}
	return nil
}

func (f *fixer) user(app Application, fixture UserFixture) (User, Fixing, error) {
	if fixture.AuthyID < 0 || fixture.AuthyID > mostAuthyID {
		return User{}, "", InvalidParameter("authy_id", fmt.Sprintf("must be from 1 to %d", mostAuthyID))
	}
	asked := NewUser{Email: fixture.Email, Cellphone: fixture.Phone, CountryCode: fixture.CountryCode}
	wanted, err := asked.user(f.service.numberRule(app))
	if err != nil {
		return User{}, "", err
	}
	known, err := f.change.UserByPhone(app.ID, wanted.CountryCode, wanted.Cellphone)
	if errors.Is(err, ErrNotFound) {
		wanted.AuthyID = fixture.AuthyID
		user, err := f.addUser(app, wanted)
		return user, FixtureCreated, err
	}
	if err != nil {
		return User{}, "", err
	}
	if fixture.AuthyID != 0 && fixture.AuthyID != known.AuthyID {
		return User{}, "", InvalidParameter("authy_id", fmt.Sprintf(
			"is %d, but the user with this phone is %d, and an Authy ID never changes", fixture.AuthyID, known.AuthyID))
	}
	return f.keepUser(app, known, wanted.Email)
}

func (f *fixer) addUser(app Application, user User) (User, error) {
	if user.AuthyID != 0 {
		others, err := f.change.Users(UserFilter{AuthyID: user.AuthyID, WithRemoved: true})
		if err != nil {
			return user, err
		}
		if len(others) > 0 {
			return user, InvalidParameter("authy_id", fmt.Sprintf("is %d, which is that of another user", user.AuthyID))
		}
	}
	user.ID, user.AppID, user.CreatedAt = f.service.objectID(), app.ID, f.change.now
	user.Identity = user.ID
	if err := f.change.InsertUser(&user); err != nil {
		return user, err
	}
	return user, f.change.userAdded(app, user, false)
}

// keepUser has a user who was there be as they are to be.
func (f *fixer) keepUser(app Application, user User, email string) (User, Fixing, error) {
	switch {
	case user.Removed():
		user.Email, user.RemovedAt, user.ConfirmedAt = email, time.Time{}, time.Time{}
		if err := f.change.UpdateUser(user); err != nil {
			return user, "", err
		}
		return user, FixtureCreated, f.change.userAdded(app, user, false)
	case user.Email != email:
		user.Email = email
		if err := f.change.UpdateUser(user); err != nil {
			return user, "", err
		}
		return user, FixtureChanged, f.change.happened(Event{Type: EventUserUpdated, AppID: app.ID, AuthyID: user.AuthyID})
	default:
		return user, FixtureFound, nil
	}
}

// webhook is checked even when it is there: a webhook cannot be changed, so one of the same name has to be the same.
func (f *fixer) webhook(app Application, fixture WebhookFixture) (Fixing, error) {
	wanted, err := NewWebhook(fixture).webhook()
	if err != nil {
		return "", err
	}
	others, err := webhooksOf(f.change, app.ID, APIAuthy)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(others, func(w Webhook) bool { return w.Name == fixture.Name })
	if at < 0 {
		_, err := f.service.createWebhook(f.change, app.ID, wanted)
		return FixtureCreated, err
	}
	known := others[at]
	if known.URL != wanted.URL {
		return "", InvalidParameter("url", "is not that of the webhook of this name, which is "+known.URL)
	}
	slices.Sort(known.Events)
	slices.Sort(wanted.Events)
	if !slices.Equal(known.Events, wanted.Events) {
		return "", InvalidParameter("events", "are not those of the webhook of this name, which are "+joinedEvents(known.Events))
	}
	return FixtureFound, nil
}

func joinedEvents(types []EventType) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = string(t)
	}
	return strings.Join(names, ", ")
}

// within is a refusal of something that stands at a path. Its fields are named as a fixture names them.
func within(path string, err error) error {
	var refusal *Error
	if !errors.As(err, &refusal) {
		return err
	}
	if refusal.Parameter != "" {
		return InvalidParameter(path+"."+refusal.Parameter, refusal.Reason)
	}
	for _, field := range []struct{ name, inFixture string }{
		{"country_code", "country_code"}, {"cellphone", "phone"}, {"email", "email"},
	} {
		if reason := refusal.Fields[field.name]; reason != "" {
			return InvalidParameter(path+"."+field.inFixture, reason)
		}
	}
	if refusal.Code == CodeStorageFull || refusal.Code == CodeStorageUnavailable {
		return err
	}
	return InvalidParameter(path, refusal.Message)
}
