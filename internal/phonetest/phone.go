// Package phonetest is a phone for tests of what stands around the domain: it has a key, registers it and answers with it, and
// speaks to the service without a wire between. Tests of the device API speak that API.
package phonetest

import (
	"context"
	"encoding/json"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Phone is a registered device with what only the device knows.
type Phone struct {
	onetouch.Device
	Key         *evidence.PrivateKey
	AccessToken string
}

// NewDevice is what a device with the key sends, to register with the token.
func NewDevice(key *evidence.PrivateKey, token string) (onetouch.NewDevice, error) {
	public, err := json.Marshal(key.Public())
	if err != nil {
		return onetouch.NewDevice{}, err
	}
	proof, err := evidence.SignProof(key, token)
	return onetouch.NewDevice{RegistrationToken: token, PublicKey: public, Proof: proof}, err
}

// Register registers a new key with the token, after changes to what is sent.
func Register(
	ctx context.Context, service *onetouch.Service, token string, changes ...func(*onetouch.NewDevice),
) (Phone, error) {
	key, err := evidence.GenerateKey(evidence.ES256)
	if err != nil {
		return Phone{}, err
	}
	sent, err := NewDevice(key, token)
	if err != nil {
		return Phone{}, err
	}
	for _, change := range changes {
		change(&sent)
	}
	registered, err := service.CompleteRegistration(ctx, sent)
	return Phone{Device: registered.Device, Key: key, AccessToken: registered.AccessToken}, err
}

// RegisterFor registers a phone of the user.
func RegisterFor(
	ctx context.Context, service *onetouch.Service, user onetouch.User, changes ...func(*onetouch.NewDevice),
) (Phone, error) {
	token, err := service.StartRegistration(ctx, user.AppID, user.AuthyID)
	if err != nil {
		return Phone{}, err
	}
	return Register(ctx, service, token, changes...)
}

// Statement is what an honest phone signs, to answer the request with the status.
func (p Phone) Statement(r onetouch.ApprovalRequest, status string, at time.Time) (evidence.Statement, error) {
	digest, err := r.Shown().Digest()
	return evidence.Statement{
		UUID: r.UUID, Status: status, Challenge: r.Challenge, DeviceID: p.ID, IssuedAt: at.Unix(), DetailsSHA256: digest,
	}, err
}

// Answer answers the request, as its user was asked it.
func (p Phone) Answer(
	ctx context.Context, service *onetouch.Service, r onetouch.ApprovalRequest, status onetouch.Status, reason string,
) (onetouch.RequestRecord, error) {
	statement, err := p.Statement(r, string(status), service.Clock().Now())
	if err != nil {
		return onetouch.RequestRecord{}, err
	}
	statement.Reason = reason
	jws, err := evidence.Sign(p.Key, statement)
	if err != nil {
		return onetouch.RequestRecord{}, err
	}
	return service.Answer(ctx, p.Device, r.UUID, jws)
}
