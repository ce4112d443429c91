package onetouchtest

import (
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/verifywire"
	"github.com/onetouchkit/onetouch/pkg/device"
	"github.com/onetouchkit/onetouch/pkg/verify"
)

// Account is what a backend of Twilio's Verify API calls the server with. The auth token keys the signature of webhooks, too.
func (s *Server) Account() (accountSID, authToken string) {
	s.t.Helper()
	account, err := s.service().Account(s.life)
	if err != nil {
		s.t.Fatalf("onetouchtest: Account: %v", err)
	}
	return account.SID, account.AuthToken
}

// ServiceSID is what the application is called in the Verify API, where it is a service.
func (s *Server) ServiceSID() string { return verifywire.ServiceSID(s.app.ID) }

// Verify returns a client of the Verify API for the server's account.
func (s *Server) Verify() *verify.Client {
	s.t.Helper()
	accountSID, authToken := s.Account()
	return verify.New(accountSID, authToken, verify.WithBaseURL(s.URL), verify.WithHTTPClient(s.http))
}

// NewFactor is [User.NewDevice] for a phone that speaks the Verify API: it is a push factor of the user, who is an entity there.
// Phones of both APIs answer what is asked through either.
func (u *User) NewFactor(rules ...string) *Device {
	s := u.server
	s.t.Helper()
	own, err := parse(rules)
	if err != nil {
		s.t.Fatalf("onetouchtest: NewFactor: %v", err)
	}
	token, _, err := s.service().CreateAccessToken(s.life, s.app.ID, onetouch.NewAccessToken{
		Identity: u.Identity, Life: onetouch.DefaultAccessTokenLife,
	})
	if err != nil {
		s.t.Fatalf("onetouchtest: NewFactor for user %d: %v", u.AuthyID, err)
	}
	registered, err := device.RegisterFactor(s.life, device.NewFactor{
		Server: s.URL, HTTPClient: s.http, ServiceSID: s.ServiceSID(), Identity: u.Identity, AccessToken: token,
	})
	if err != nil {
		s.t.Fatalf("onetouchtest: NewFactor for user %d: %v", u.AuthyID, err)
	}
	return s.play(registered, own)
}

// FactorSID is what the device is called in the Verify API, whichever API it speaks: challenges are put to it.
func (d *Device) FactorSID() string { return verifywire.FactorSID(onetouch.Device{UUID: d.UUID()}) }
