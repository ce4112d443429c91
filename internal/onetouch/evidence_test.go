package onetouch_test

import (
	"errors"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

func TestEvidence(t *testing.T) {
	t.Parallel()
	for _, status := range []string{evidence.Approved, evidence.Denied} {
		w := newWorld(t)
		ada := w.addUser("202-555-0158")
		p, asked := w.register(ada), w.ask(ada, question())
		w.clock.Advance(90 * time.Millisecond)
		answered := w.mustAnswer(p, asked, status).Request
		if err := w.RemoveDevice(t.Context(), w.app.ID, p.ID); err != nil { // what it has answered stays
			t.Fatal(err)
		}
		got, err := w.Evidence(t.Context(), asked.UUID)
		if err != nil {
			t.Fatal(err)
		}
		if err := got.Verify(); err != nil {
			t.Error(err)
		}
		w.same("the record", got, &evidence.Record{
			Version: evidence.RecordVersion, UUID: asked.UUID, Status: status, AnsweredAt: w.clock.Now(), Shown: asked.Shown(),
			Device: evidence.RecordDevice{
				ID: p.ID, UUID: p.UUID, Name: "Ada's Pixel", Platform: "android", RegisteredAt: noon(),
			},
			PublicKey: p.PublicKey, KeyID: p.KeyID, JWS: answered.Answer.JWS, Statement: got.Statement, Checksums: got.Checksums,
		})
	}
}

func TestNoEvidenceWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	w.register(ada)
	asked := w.ask(ada, lasting(60))
	_, err := w.Evidence(t.Context(), asked.UUID)
	w.refused("pending", err, onetouch.CodeEvidenceNotFound)
	w.clock.Advance(time.Minute)
	_, err = w.Evidence(t.Context(), asked.UUID)
	w.refused("expired", err, onetouch.CodeEvidenceNotFound)
	factor := w.registerTOTP(ada)
	_, err = w.Evidence(t.Context(), w.challengeCode(factor, w.code(factor, 1)).UUID)
	w.refused("a code", err, onetouch.CodeEvidenceNotFound)
	_, err = w.Evidence(t.Context(), "unknown")
	w.refused("unknown", err, onetouch.CodeApprovalRequestNotFound)
}

// Somebody with the database changed what it was that Ada has approved.
func TestEvidenceShowsWhatWasChangedInTheStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.addUser("202-555-0158")
	p, asked := w.register(ada), w.ask(ada, question())
	w.mustAnswer(p, asked, evidence.Approved)
	forged := asked
	forged.UUID, forged.Message = "9d7b2e1a-4c7b-4f0e-8a53-0c8f2b1d6e77", "Send $1,240,000 to ACME?"
	answered, err := w.AnyApprovalRequest(t.Context(), asked.UUID)
	if err != nil {
		t.Fatal(err)
	}
	err = w.store.Update(t.Context(), func(tx onetouch.Transaction) error {
		if err := tx.InsertApprovalRequest(forged); err != nil {
			return err
		}
		forged.Status, forged.ProcessedAt, forged.Answer = answered.Status, answered.ProcessedAt, answered.Answer
		_, err := tx.DecideApprovalRequest(forged)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Evidence(t.Context(), forged.UUID)
	if err != nil {
		t.Fatal(err)
	}
	var wrong *evidence.RecordError
	if !errors.As(got.Verify(), &wrong) {
		t.Fatal("the forged request holds")
	}
	members := []string{}
	for _, change := range wrong.Changes {
		members = append(members, change.Member)
	}
	w.same("what is named", members, []string{"uuid", "shown"})
}
