package verify

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Service is what an application is at Authy: users, phones and requests belong to one.
type Service struct {
	SID          string    `json:"sid"` // VA and 32 hexadecimal digits
	AccountSID   string    `json:"account_sid"`
	FriendlyName string    `json:"friendly_name"`
	DateCreated  time.Time `json:"date_created"`
	DateUpdated  time.Time `json:"date_updated"`
	URL          string    `json:"url"`
}

func (s *Service) whole() bool { return s.SID != "" }

// CreateService makes a service.
func (c *Client) CreateService(ctx context.Context, friendlyName string) (Service, error) {
	var made Service
	err := c.ask(ctx, http.MethodPost, path("Services"), url.Values{"FriendlyName": {friendlyName}}, &made)
	return made, err
}

// Service returns a service. It fails with [ErrNotFound] when the account has no such service.
func (c *Client) Service(ctx context.Context, sid string) (Service, error) {
	var found Service
	err := c.ask(ctx, http.MethodGet, path("Services", sid), nil, &found)
	return found, err
}

// Services lists the services of the account.
func (c *Client) Services(ctx context.Context) ([]Service, error) {
	return listed[Service](ctx, c, path("Services"), "services", nil)
}

// DeleteService removes a service with all that is in it.
func (c *Client) DeleteService(ctx context.Context, sid string) error {
	return c.ask(ctx, http.MethodDelete, path("Services", sid), nil, nil)
}

// Entity is a user of a service.
type Entity struct {
	SID         string    `json:"sid"` // YE and 32 hexadecimal digits
	Identity    string    `json:"identity"`
	AccountSID  string    `json:"account_sid"`
	ServiceSID  string    `json:"service_sid"`
	DateCreated time.Time `json:"date_created"`
	DateUpdated time.Time `json:"date_updated"`
	URL         string    `json:"url"`
}

func (e *Entity) whole() bool { return e.Identity != "" }

// CreateEntity adds a user by an identity of the backend's own: 8 to 64 letters, digits and dashes, nothing personal. It
// fails with [ErrExists] when there is one.
func (c *Client) CreateEntity(ctx context.Context, serviceSID, identity string) (Entity, error) {
	var made Entity
	err := c.ask(ctx, http.MethodPost, path("Services", serviceSID, "Entities"), url.Values{"Identity": {identity}}, &made)
	return made, err
}

// Entity returns a user.
func (c *Client) Entity(ctx context.Context, serviceSID, identity string) (Entity, error) {
	var found Entity
	err := c.ask(ctx, http.MethodGet, path("Services", serviceSID, "Entities", identity), nil, &found)
	return found, err
}

// Entities lists the users of a service.
func (c *Client) Entities(ctx context.Context, serviceSID string) ([]Entity, error) {
	return listed[Entity](ctx, c, path("Services", serviceSID, "Entities"), "entities", nil)
}

// DeleteEntity removes a user with their factors and challenges.
func (c *Client) DeleteEntity(ctx context.Context, serviceSID, identity string) error {
	return c.ask(ctx, http.MethodDelete, path("Services", serviceSID, "Entities", identity), nil, nil)
}

// AccessToken lets a phone create one factor for one user.
type AccessToken struct {
	SID            string    `json:"sid"` // YK and 32 hexadecimal digits
	AccountSID     string    `json:"account_sid"`
	ServiceSID     string    `json:"service_sid"`
	EntityIdentity string    `json:"entity_identity"`
	FactorType     string    `json:"factor_type"`
	Token          string    `json:"token"`
	TTL            int       `json:"ttl"` // seconds
	DateCreated    time.Time `json:"date_created"`
	URL            string    `json:"url"`
}

func (t *AccessToken) whole() bool { return t.Token != "" }

// NewAccessToken says what an access token is for.
type NewAccessToken struct {
	Identity           string
	FactorFriendlyName string // "": the phone names itself
	TTL                int    // seconds, at most 300; 0 is the service's default
}

// CreateAccessToken makes an access token for a push factor: what a registration token is at Authy.
func (c *Client) CreateAccessToken(ctx context.Context, serviceSID string, n NewAccessToken) (AccessToken, error) {
	parameters := url.Values{"Identity": {n.Identity}, "FactorType": {FactorPush}}
	if n.FactorFriendlyName != "" {
		parameters.Set("FactorFriendlyName", n.FactorFriendlyName)
	}
	if n.TTL != 0 {
		parameters.Set("Ttl", strconv.Itoa(n.TTL))
	}
	var made AccessToken
	err := c.ask(ctx, http.MethodPost, path("Services", serviceSID, "AccessTokens"), parameters, &made)
	return made, err
}

// Types and states of a factor.
const (
	FactorPush       = "push"
	FactorTOTP       = "totp"
	FactorVerified   = "verified"
	FactorUnverified = "unverified"
)

// Factor is what a user proves themselves with: a phone, or an authenticator app.
type Factor struct {
	SID          string       `json:"sid"` // YF and 32 hexadecimal digits
	AccountSID   string       `json:"account_sid"`
	ServiceSID   string       `json:"service_sid"`
	EntitySID    string       `json:"entity_sid"`
	Identity     string       `json:"identity"`
	FriendlyName string       `json:"friendly_name"`
	FactorType   string       `json:"factor_type"`
	Status       string       `json:"status"`
	Config       FactorConfig `json:"config"`
	DateCreated  time.Time    `json:"date_created"`
	DateUpdated  time.Time    `json:"date_updated"`
	URL          string       `json:"url"`
}

// FactorConfig is what a push factor says of its phone.
type FactorConfig struct {
	AppID                string `json:"app_id"`
	SDKVersion           string `json:"sdk_version"`
	NotificationPlatform string `json:"notification_platform"` // fcm, apn or none
}

func (f *Factor) whole() bool { return f.SID != "" }

// CanAnswer reports whether challenges can be put to the factor.
func (f *Factor) CanAnswer() bool { return f.FactorType == FactorPush && f.Status == FactorVerified }

// Factors lists the factors of a user.
func (c *Client) Factors(ctx context.Context, serviceSID, identity string) ([]Factor, error) {
	return listed[Factor](ctx, c, path("Services", serviceSID, "Entities", identity, "Factors"), "factors", nil)
}

// Factor returns a factor.
func (c *Client) Factor(ctx context.Context, serviceSID, identity, sid string) (Factor, error) {
	var found Factor
	err := c.ask(ctx, http.MethodGet, path("Services", serviceSID, "Entities", identity, "Factors", sid), nil, &found)
	return found, err
}

// DeleteFactor removes a factor: its phone can answer no more.
func (c *Client) DeleteFactor(ctx context.Context, serviceSID, identity, sid string) error {
	return c.ask(ctx, http.MethodDelete, path("Services", serviceSID, "Entities", identity, "Factors", sid), nil, nil)
}
