package verifyapi

import (
	"errors"
	"strconv"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/verifywire"
)

type entity struct {
	SID         string            `json:"sid"`
	Identity    string            `json:"identity"`
	AccountSID  string            `json:"account_sid"`
	ServiceSID  string            `json:"service_sid"`
	DateCreated any               `json:"date_created"`
	DateUpdated any               `json:"date_updated"`
	URL         string            `json:"url"`
	Links       map[string]string `json:"links"`
}

// renamed is a refusal with the parameter called as this API calls it.
func renamed(err error, from, to string) error {
	var refusal *onetouch.Error
	if errors.As(err, &refusal) && refusal.Parameter == from {
		return onetouch.InvalidParameter(to, refusal.Reason)
	}
	return err
}

func (c *call) serviceSID() string { return verifywire.ServiceSID(c.app.ID) }

func (c *call) entityOf(u onetouch.User) any {
	path := []string{"Services", c.serviceSID(), "Entities", u.Identity}
	below := func(name string) string { return c.url(append(path, name)...) }
	return entity{
		SID: verifywire.EntitySID(u), Identity: u.Identity, AccountSID: c.account.SID, ServiceSID: c.serviceSID(),
		DateCreated: verifywire.Date(u.CreatedAt), DateUpdated: verifywire.Date(u.CreatedAt), URL: c.url(path...),
		Links: map[string]string{
			"factors": below("Factors"), "new_factors": below("Factors"), "challenges": below("Challenges"),
		},
	}
}

func createEntity(c *call) (answer, error) {
	identity, err := c.require("Identity")
	if err != nil {
		return answer{}, err
	}
	user, err := c.service.AddEntity(c.Context(), c.app.ID, identity)
	if err != nil {
		return answer{}, err
	}
	return created(c.entityOf(user)), nil
}

func listEntities(c *call) (answer, error) {
	return page(c, list[onetouch.User]{
		key: "entities", show: c.entityOf,
		cursorOf: func(u onetouch.User) string { return strconv.FormatInt(u.AuthyID, 10) },
		items: func(cursor string, backwards bool, most int) ([]onetouch.User, error) {
			f := onetouch.UserFilter{AppID: c.app.ID, Limit: most, NewestFirst: backwards}
			at, err := strconv.ParseInt(cursor, 10, 64)
			switch {
			case cursor == "":
			case err != nil:
				return nil, onetouch.InvalidParameter("PageToken", "is not one that this list has given")
			case backwards:
				f.Before = at
			default:
				f.After = at
			}
			return c.service.Users(c.Context(), f)
		},
	})
}

func fetchEntity(c *call) (answer, error) { return ok(c.entityOf(c.user)), nil }

func deleteEntity(c *call) (answer, error) {
	return gone(), c.service.RemoveUser(c.Context(), c.app.ID, c.user.AuthyID)
}
