package onetouch

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// API is an API that something has come through.
type API string

// The two APIs of the service.
const (
	APIAuthy  API = ""
	APIVerify API = "verify"
)

// String is authy or verify.
func (a API) String() string {
	if a == APIAuthy {
		return "authy"
	}
	return string(a)
}

// Account owns every application of a server, in the Verify API.
type Account struct {
	SID       string // "AC" and 32 hexadecimal digits
	AuthToken string // authenticates its backends, and keys the signature of what webhooks of the Verify API are told
}

const authTokenSize = 16 // bytes: 32 hexadecimal digits, as Twilio's

// ensureAccount makes the account of a store that has none.
func (s *Service) ensureAccount(c *change) error {
	_, err := c.Account()
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	return c.InsertAccount(Account{
		SID: fmt.Sprintf("AC%032x", firstCustomer), AuthToken: hex.EncodeToString(s.accounts.bytes(authTokenSize)),
	})
}

// Account is the account of this server.
func (s *Service) Account(ctx context.Context) (Account, error) {
	return remembered(ctx, s, keyAccount{}, Reader.Account)
}

var errCredentialsInvalid = refuse(CodeCredentialsInvalid, "Authenticate")

// errAPIKey is the refusal of an API key of Twilio's: there are none here, and an error that says so helps where that of wrong
// credentials does not.
var errAPIKey = refuse(CodeCredentialsInvalid,
	"Authenticate: API keys (SK…) are not played here: authenticate with the account SID and its auth token")

const prefixAPIKey = "SK"

// AuthenticateAccount checks what a backend of the Verify API calls with.
func (s *Service) AuthenticateAccount(ctx context.Context, sid, authToken string) (Account, error) {
	account, err := s.Account(ctx)
	if err != nil {
		return Account{}, orRefuse(err, errCredentialsInvalid)
	}
	first := subtle.ConstantTimeCompare([]byte(account.SID), []byte(sid))
	second := subtle.ConstantTimeCompare([]byte(account.AuthToken), []byte(authToken))
	if strings.HasPrefix(sid, prefixAPIKey) {
		return Account{}, errAPIKey
	}
	if first&second != 1 {
		return Account{}, errCredentialsInvalid
	}
	return account, nil
}
