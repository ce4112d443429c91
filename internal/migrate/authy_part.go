package migrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// authyPart is the Authy API.
type authyPart struct {
	*stage
	client  *authy.Client
	authyID int64
	device  *device.Device
	uuid    string
}

// newUser is the user of every flow.
func newUser() authy.NewUser {
	return authy.NewUser{Email: "user@example.com", Cellphone: "202-555-0158"}
}

func authySettings(f *Flow, callbackURL string) onetouch.ApplicationSettings {
	require := f.noDevice && f.End == Refused
	return onetouch.ApplicationSettings{CallbackURL: &callbackURL, RequireDevice: &require}
}

func (a *authyPart) over(apiKey string) *authy.Client {
	return authy.New(apiKey, authy.WithBaseURL(server.InProcessURL), authy.WithHTTPClient(a.http))
}

func (a *authyPart) enter(ctx context.Context, f *Flow) (err error) {
	a.client = a.over(a.server.Application().APIKey)
	if a.authyID, err = a.client.CreateUser(ctx, newUser()); err != nil {
		return err
	}
	if err := a.addDevice(ctx, f); err != nil {
		return err
	}
	if f.wrongKey {
		a.client = a.over("a wrong key")
	}
	if f.unknownUser {
		a.authyID++
	}
	return nil
}

// addDevice gives the user a phone that the backend gives a registration token.
func (a *authyPart) addDevice(ctx context.Context, f *Flow) error {
	if f.noDevice {
		return nil
	}
	token, err := a.client.StartRegistration(ctx, a.authyID)
	if err != nil {
		return err
	}
	a.device, err = device.Register(ctx, device.Registration{Server: server.InProcessURL, HTTPClient: a.http, Token: token})
	return err
}

func (a *authyPart) ask(ctx context.Context, asked Ask) (err error) {
	a.uuid, err = a.client.CreateApprovalRequest(ctx, a.authyID, authy.NewApprovalRequest{
		Message: asked.Message, Details: asked.Details, HiddenDetails: asked.HiddenDetails, Logos: asked.Logos,
		SecondsToExpire: asked.SecondsToExpire,
	})
	return err
}

func (a *authyPart) refusal(err error) (refusal, bool) {
	var refused *authy.Error
	if !errors.As(err, &refused) {
		return refusal{}, false
	}
	return refusal{
		kind: kindOf(refused.StatusCode, errors.Is(err, authy.ErrUserWithoutDevice)),
		says: fmt.Sprintf("%d, %s: %s", refused.StatusCode, refused.ErrorCode, oneLine(refused.Message)),
	}, true
}

// kindOf is what a refusal is about, by its status of HTTP.
func kindOf(status int, withoutDevice bool) refusalKind {
	switch {
	case withoutDevice:
		return noPhone
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return badKey
	case status == http.StatusNotFound:
		return noUser
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge:
		return badQuestion
	default:
		return failure
	}
}

func (a *authyPart) poll(ctx context.Context) (standing, error) {
	r, err := a.client.ApprovalRequest(ctx, a.uuid)
	if err != nil {
		return standing{}, err
	}
	s := standing{status: r.Status, created: r.CreatedAt, answered: r.ProcessedAt, hidden: r.HiddenDetails}
	if r.SecondsToExpire > 0 {
		s.expires = r.CreatedAt.Add(seconds(r.SecondsToExpire))
	}
	s.byPhone = r.Device != nil && a.device != nil && r.Device.ID == a.device.ID()
	return s, nil
}

func (a *authyPart) phone() (phone, string) {
	if a.device == nil {
		return nil, a.uuid
	}
	return a.device, a.uuid
}

func (a *authyPart) read(ctx context.Context, l letter) (told, error) {
	r, err := l.request(ctx)
	if err != nil {
		return told{}, err
	}
	verifier := &callback.Verifier{APIKey: a.server.Application().APIKey, URL: l.url, Now: a.clock.Now}
	c, err := verifier.Verify(r)
	if err != nil {
		return told{}, err
	}
	var body struct { // in which details have their order
		ApprovalRequest struct {
			Transaction struct {
				Details       details.List `json:"details"`
				HiddenDetails details.List `json:"hidden_details"`
			} `json:"transaction"`
		} `json:"approval_request"`
	}
	if err := json.Unmarshal(c.Raw, &body); err != nil {
		return told{}, err
	}
	return told{
		status: approval.Status(c.Status), message: c.Message, shown: body.ApprovalRequest.Transaction.Details,
		hidden: body.ApprovalRequest.Transaction.HiddenDetails, byPhone: c.DeviceUUID == a.device.UUID(), timed: !c.SignedAt.IsZero(),
		question: c.UUID == a.uuid && c.AuthyID == a.authyID,
	}, nil
}

// oneLine is a text that fits in a row.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
