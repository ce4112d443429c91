package onetouch

import (
	"context"
	"encoding/hex"
	"errors"
	"time"
)

// The sandbox was Authy's public place to try things, shut down in 2021. Its answers were fixed where a real service would
// have had to reach a phone. Source: the test suites that its clients ran against it; see each rule below.
const (
	// Both keys were published in the clients' repositories: the first in those for Ruby, Python, PHP and Rust, the second
	// in npm authy.
	sandboxAPIKey            = "bf12974d70818a08199d17d5e2bae630"
	sandboxAlternativeAPIKey = "0cd08abec2e9b9641e40e9470a7fc336"
	sandboxName              = "Sandbox App 1" // authy-rs
	sandboxAuthyID           = 51              // authy-python uses this user without adding it
	sandboxToken             = "0000000"       // every suite
	sandboxVerificationCode  = "0000"          // npm authy, for a number that has no verification
	sandboxCarrier           = "Google Voice"  // authy-rs
)

// SandboxSettings are those of the sandbox's application, as its published keys knew it.
func SandboxSettings() ApplicationSettings {
	yes, no, second := true, false, sandboxAlternativeAPIKey
	return ApplicationSettings{
		Name: sandboxName, APIKey: sandboxAPIKey, AlternativeAPIKey: &second, Sandbox: &yes, CustomCodesEnabled: &yes,
		VerifyUnconfirmed: &no, // go-authy and authy-python expect a refusal for users who never confirmed
	}
}

// BareSandboxSettings are those of a sandbox application whose texts and calls are switched off. Source: go-authy.
func BareSandboxSettings() ApplicationSettings {
	no := false
	settings := SandboxSettings()
	settings.SMSEnabled, settings.CallsEnabled = &no, &no
	return settings
}

// furnishSandbox makes sure that the sandbox has its user. An Authy ID is one user's on the whole server, so of several
// sandboxes the first has it.
func (s *Service) furnishSandbox(c *change, app Application) error {
	if !app.Sandbox {
		return nil
	}
	found, err := c.Users(UserFilter{AuthyID: sandboxAuthyID, WithRemoved: true})
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return c.InsertUser(&User{
			AuthyID: sandboxAuthyID, ID: s.objectID(), AppID: app.ID, Email: "sandbox@example.com", CountryCode: 1,
			Cellphone: "5005550051", CreatedAt: c.now,
		})
	}
	user := found[0]
	if user.AppID != app.ID || !user.Removed() {
		return nil
	}
	user.RemovedAt = time.Time{}
	return c.UpdateUser(user)
}

// unknownRequest answers the question for a request that does not exist. The sandbox said of any UUID that its request was
// pending (source: authy-ruby's live specs); that contradicts what the service itself did, so it takes a switch.
func (s *Service) unknownRequest(ctx context.Context, appID, uuid string) (RequestRecord, error) {
	app, err := s.application(ctx, appID)
	if err != nil {
		return RequestRecord{}, orRefuse(err, requestNotFound(uuid))
	}
	if !app.Sandbox || !app.UnknownRequestsPending {
		return RequestRecord{}, requestNotFound(uuid)
	}
	user, err := s.user(ctx, appID, sandboxAuthyID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return RequestRecord{}, err
	}
	const objectID = 12
	request := NewApprovalRequest{}.request(s.clock.Now())
	request.UUID, request.ID, request.AppID = uuid, hex.EncodeToString(SecretDigest(uuid)[:objectID]), app.ID
	request.AppName, request.AuthyID = app.Name, sandboxAuthyID
	return RequestRecord{Application: app, User: user, Request: request}, nil
}
