package verifyapi

import (
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

type accessToken struct {
	SID                string  `json:"sid"`
	AccountSID         string  `json:"account_sid"`
	ServiceSID         string  `json:"service_sid"`
	EntityIdentity     string  `json:"entity_identity"`
	FactorType         string  `json:"factor_type"`
	FactorFriendlyName *string `json:"factor_friendly_name"`
	Token              *string `json:"token"` // shown once
	URL                string  `json:"url"`
	TTL                int     `json:"ttl"`
	DateCreated        string  `json:"date_created"`
}

func (c *call) accessTokenOf(r onetouch.Registration, identity, token string) accessToken {
	return accessToken{
		SID: r.SID, AccountSID: c.account.SID, ServiceSID: c.serviceSID(), EntityIdentity: identity, FactorType: "push",
		FactorFriendlyName: orNull(r.DeviceName), Token: orNull(token),
		URL: c.url("Services", c.serviceSID(), "AccessTokens", r.SID),
		TTL: int(r.ExpiresAt.Sub(r.CreatedAt).Seconds()), DateCreated: r.CreatedAt.UTC().Format(time.RFC3339),
	}
}

func createAccessToken(c *call) (answer, error) {
	for _, name := range []string{"Identity", "FactorType"} {
		if _, err := c.require(name); err != nil {
			return answer{}, err
		}
	}
	if c.form.Get("FactorType") != "push" {
		return answer{}, onetouch.InvalidParameter("FactorType", "must be push")
	}
	seconds := int(onetouch.DefaultAccessTokenLife.Seconds())
	if err := c.integer("Ttl", &seconds); err != nil {
		return answer{}, err
	}
	n := onetouch.NewAccessToken{
		Identity: c.form.Get("Identity"), FriendlyName: c.form.Get("FactorFriendlyName"), Life: time.Duration(seconds) * time.Second,
	}
	token, registration, err := c.service.CreateAccessToken(c.Context(), c.app.ID, n)
	if err != nil {
		return answer{}, err
	}
	return created(c.accessTokenOf(registration, n.Identity, token)), nil
}

func fetchAccessToken(c *call) (answer, error) {
	registration, user, err := c.service.AccessToken(c.Context(), c.app.ID, c.PathValue("sid"))
	if err != nil {
		return answer{}, err
	}
	return ok(c.accessTokenOf(registration, user.Identity, "")), nil
}
