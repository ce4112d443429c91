package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// List returns the registered devices whose keys are in the workspace of the server.
func (h *hostedByServer) List(ctx context.Context) ([]controlapi.Phone, error) {
	if h.server == nil {
		return nil, nil
	}
	registered, err := h.server.Service().Devices(ctx, onetouch.DeviceFilter{})
	if err != nil {
		return nil, err
	}
	kept, err := device.NewStore(h.folder).List()
	if err != nil {
		h.log.WarnContext(ctx, "one device cannot be used", "error", err) // the others can
	}
	var phones []controlapi.Phone
	for _, one := range kept {
		if slices.ContainsFunc(registered, func(d onetouch.Device) bool { return d.UUID == one.DeviceUUID }) {
			phones = append(phones, controlapi.Phone{
				DeviceID: one.DeviceID, UUID: one.DeviceUUID, AuthyID: one.AuthyID, Policy: rulesOf(one),
			})
		}
	}
	return phones, nil
}

// rulesOf are the rules by which a device answers by itself, the last of them being what it does otherwise.
func rulesOf(kept device.Credentials) []string {
	rules := append([]string{}, kept.Policy.When...)
	if kept.Policy.Auto != "" {
		rules = append(rules, "otherwise "+kept.Policy.Auto)
	}
	return rules
}

// Answer does for the operator what a person does with a phone: fetch the request, sign the answer, send it, all over the
// device API.
func (h *hostedByServer) Answer(
	ctx context.Context, deviceID int64, uuid string, status onetouch.Status, reason string,
) error {
	credentials, err := device.NewStore(h.folder).Load(deviceID)
	if err != nil {
		return err
	}
	client, hangUp := h.server.Within()
	defer hangUp()
	phone, err := device.Open(credentials, server.InProcessURL, client)
	if err != nil {
		return err
	}
	return asRefusal(answerWith(ctx, phone, uuid, status, reason))
}

// asRefusal has the operator see the refusal that the phone has got, as it is. A refusal of the Verify API has no code of ours.
func asRefusal(err error) error {
	var refused *device.Error
	switch {
	case errors.Is(err, device.ErrNoCounterpart):
		return &onetouch.Error{Code: onetouch.CodeInvalidRequest, Message: err.Error()}
	case errors.As(err, &refused) && refused.Code+refused.ErrorCode != "":
		return &onetouch.Error{
			Code:    cmp.Or(onetouch.Code(refused.Code), onetouch.CodeInvalidRequest),
			Message: refused.Message, Parameter: refused.Parameter, Reason: refused.Reason,
		}
	default:
		return err
	}
}
