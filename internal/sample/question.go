package sample

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// Names of the hidden details of every approval request. They come back with the answer, signed by the service.
const (
	hiddenReference = "reference" // the bank's own name for the question, which it has before there is a UUID
	hiddenDigest    = "digest"    // of what was asked
)

// question is one approval request, from the bank's side.
type question struct {
	reference string
	uuid      string // "" until the service has named it; a callback can be here first
	digest    string // of what was asked, when it was asked
	asks      *customer
	about     subject
	deadline  time.Time
	status    approval.Status // pending until an answer is known, and then for ever what that was
}

// subject is what a question is about: a login or a transfer.
type subject interface {
	digest() string                // of what it is now
	answered(b *Bank, q *question) // is called once for each question, when its answer is known
	note(at time.Time, text string)
	tell(b *Bank) // has the pages look
}

// digestOf is a fingerprint of what somebody is asked to approve.
func digestOf(asked any) string {
	content, err := json.Marshal(asked)
	if err != nil {
		panic(err) // strings and numbers
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// ask asks a customer. It is called without the mutex.
func (b *Bank) ask(ctx context.Context, asks *customer, about subject, message string, rows details.List) (*question, error) {
	seconds := int64(b.options.Lifetime / time.Second)
	b.mu.Lock()
	q := &question{
		reference: rand.Text(), digest: about.digest(), asks: asks, about: about, status: approval.Pending,
		deadline: b.options.Clock.Now().Add(b.options.Lifetime),
	}
	b.forgetDecided()
	b.questions[q.reference] = q // before the service is asked: an answer may be faster than the UUID
	b.mu.Unlock()
	uuid, err := b.options.Authy.CreateApprovalRequest(ctx, asks.authyID, authy.NewApprovalRequest{
		Message: message, Details: rows, SecondsToExpire: &seconds,
		HiddenDetails: details.List{{Name: hiddenReference, Value: q.reference}, {Name: hiddenDigest, Value: q.digest}},
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil { // the service may have been asked all the same: an answer finds no question then
		delete(b.questions, q.reference)
		return nil, fmt.Errorf("asking %s: %w", asks.name, err)
	}
	q.uuid = uuid
	about.note(b.options.Clock.Now(), askedText(asks.name, uuid))
	b.work.Go(func() { b.follow(q) })
	return q, nil
}

func askedText(name, uuid string) string {
	return fmt.Sprintf("The bank asked %s: approval request %s.", title(name), uuid)
}

const mostQuestions = 10_000

// forgetDecided makes room: a second answer to what is decided finds no question then, which changes as little.
func (b *Bank) forgetDecided() {
	if len(b.questions) < mostQuestions {
		return
	}
	for reference, q := range b.questions {
		if q.status.Decided() {
			delete(b.questions, reference)
		}
	}
}

// called takes a callback. pkg/callback has checked the signature, its age, and that it has not come before; an error has the
// service call again.
func (b *Bank) called(_ context.Context, c *callback.Callback) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	q := b.questions[c.HiddenDetails[hiddenReference]]
	if q == nil || q.uuid != "" && q.uuid != c.UUID || q.asks.authyID != c.AuthyID {
		b.log.Warn("a callback of no question of this bank", "uuid", c.UUID)
		return nil // calling again would not help
	}
	status := approval.Denied // whatever is no clear yes is a no
	if c.Approved() {
		status = approval.Approved
	}
	b.settle(q, answer{uuid: c.UUID, status: status, digest: c.HiddenDetails[hiddenDigest], how: "The service called back"})
	return nil
}

// follow asks the service for the answer: all the time when the bank polls and, because nobody calls back when a request
// expires, after the deadline in any case.
func (b *Bank) follow(q *question) {
	if b.options.Answers == ByCallback {
		late, stop := b.options.Clock.At(q.deadline)
		defer stop()
		select {
		case <-late:
		case <-b.life.Done():
			return
		}
	}
	for tries := 1; b.life.Err() == nil; tries++ {
		if b.poll(q, tries) {
			return
		}
		b.pause(b.life, b.options.PollInterval)
	}
}

// poll asks once. It reports whether the answer is known, from here or elsewhere.
func (b *Bank) poll(q *question, tries int) (known bool) {
	b.mu.Lock()
	known = q.status.Decided()
	b.mu.Unlock()
	if known {
		return true
	}
	found, err := b.options.Authy.ApprovalRequest(b.life, q.uuid)
	if err != nil {
		if b.life.Err() == nil {
			b.log.Warn("asking for an answer", "uuid", q.uuid, "error", err)
		}
		return errors.Is(err, authy.ErrApprovalRequestNotFound) && b.lost(q)
	}
	if !found.Status.Decided() {
		return false
	}
	how := askedService
	if tries > 1 && found.Status.Answered() { // of those that nobody answers it would tell whether there is such a customer
		how = fmt.Sprintf("%s %d times", askedService, tries)
	}
	a := answer{uuid: found.UUID, status: found.Status, digest: q.digest, how: how}
	if found.Status.Answered() { // only then the service shows the hidden details
		a.digest = found.HiddenDetails.Get(hiddenDigest)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle(q, a)
	return true
}

// lost ends a question that the service knows nothing of any more.
func (b *Bank) lost(q *question) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle(q, answer{uuid: q.uuid, status: approval.Expired, digest: q.digest, how: "The service has forgotten the request"})
	return true
}

const askedService = "The bank asked the service"

// answer is what the bank has heard.
type answer struct {
	uuid   string
	status approval.Status
	digest string // as it came back
	how    string
}

// settle notes an answer, wherever it comes from. The first counts; another changes nothing, so that it does not matter what
// comes twice: a callback, a poll, or both.
func (b *Bank) settle(q *question, a answer) {
	if q.status.Decided() {
		q.about.note(b.options.Clock.Now(), a.how+": nothing new.")
		q.about.tell(b)
		return
	}
	q.uuid, q.status = a.uuid, a.status
	q.about.note(b.options.Clock.Now(), fmt.Sprintf("%s: %s for %s.", a.how, a.status, title(q.asks.name)))
	if a.status == approval.Approved && (a.digest != q.digest || q.about.digest() != q.digest) {
		q.status = approval.Denied // what was approved is not what would be done now
		q.about.note(b.options.Clock.Now(), "This is not what "+title(q.asks.name)+" was asked: it counts as denied.")
	}
	q.about.answered(b, q)
	q.about.tell(b)
}
