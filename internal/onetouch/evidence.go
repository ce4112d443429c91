package onetouch

import (
	"context"
	"time"

	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// Evidence is all that it takes to check the answer to a request of whatever application, without this service. Whether it
// holds is for whoever reads it to find out: see [evidence.Record.Verify]. It is for the operator only.
func (s *Service) Evidence(ctx context.Context, uuid string) (*evidence.Record, error) {
	request, err := s.findRequest(ctx, uuid)
	if err != nil {
		return nil, err
	}
	if err := request.notAnswered(); err != nil {
		return nil, err
	}
	device, err := s.device(ctx, request.Answer.DeviceID)
	if err != nil {
		return nil, err
	}
	if request.Answer.JWS == "" {
		return nil, refuse(CodeEvidenceNotFound, "Approval request %s was answered without a signature that is known here, by a code "+
			"or by a phone that is at another service: there is no evidence.", request.UUID)
	}
	record := recordOf(request, device)
	err = record.Seal()
	return record, err
}

// notAnswered says why there is no evidence of an answer, or nil when there is.
func (r ApprovalRequest) notAnswered() error {
	switch r.Status {
	case StatusPending:
		return refuse(CodeEvidenceNotFound, "Approval request %s is pending: there is no evidence before it is answered.", r.UUID)
	case StatusExpired:
		return refuse(CodeEvidenceNotFound, "Approval request %s expired at %s without an answer: there is no evidence.",
			r.UUID, r.ExpiresAt.Format(time.RFC3339))
	default:
		return nil
	}
}

func recordOf(request ApprovalRequest, device Device) *evidence.Record {
	return &evidence.Record{
		UUID: request.UUID, Status: string(request.Status), AnsweredAt: request.ProcessedAt.UTC(), Shown: request.Shown(),
		Device: evidence.RecordDevice{
			ID: device.ID, UUID: device.UUID, Name: device.Name, Platform: device.Platform,
			RegisteredAt: device.RegisteredAt.UTC(),
		},
		PublicKey: device.PublicKey, KeyID: device.KeyID, JWS: request.Answer.JWS,
	}
}
