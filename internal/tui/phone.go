package tui

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// phone is a device of this machine, which can answer for its user.
type phone interface {
	ID() int64
	AuthyID() int64
	Name() string
	// Answer signs what the screen shows, and sends it. When the answer did not count, or may not have, the error is
	// one of those below or says why.
	Answer(ctx context.Context, shown controlapi.ApprovalRequest, status onetouch.Status, reason string) error
	// Code is the one-time code that the phone shows by the server's clock, how long still, and how long in all.
	Code(ctx context.Context) (code string, left, period time.Duration, err error)
	// Policy is how the phone answers by itself: rules of which the first that matches counts, and what it does otherwise.
	Policy() (when []string, auto string)
}

var (
	// errTooLate says that the request had been answered or had expired.
	errTooLate = errors.New("the request is not pending any more")
	// errRemoved says that the device has lost its right to answer.
	errRemoved = errors.New("the device was removed on the server")
	// errOtherQuestion says that the server did not take the signature, because it asked something else than the
	// screen shows.
	errOtherQuestion = errors.New("the server asked something else than this screen shows")
	// errNoReason says that the phone speaks an API without reasons; nothing was sent.
	errNoReason = errors.New("a phone of the Verify API gives no reasons")
	// errNoWord says that the connection broke off, so that the answer may have arrived or not.
	errNoWord = errors.New("the connection broke off")
)

// firstAnswer has the first phone answer that still has the right to, and can say why. The answer is finished even when ctx
// ends meanwhile, because the screen was left: it was decided.
func firstAnswer(
	ctx context.Context, phones []phone, r controlapi.ApprovalRequest, status onetouch.Status, reason string,
) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err := errRemoved
	for _, p := range phones {
		err = p.Answer(ctx, r, status, reason)
		if !errors.Is(err, errRemoved) && !errors.Is(err, errNoReason) {
			return err
		}
	}
	return err
}

// devicePhone is a phone that speaks the device API.
type devicePhone struct{ *device.Device }

// Answer signs what the screen shows: the device fetches no more than the challenge.
func (p devicePhone) Answer(
	ctx context.Context, shown controlapi.ApprovalRequest, status onetouch.Status, reason string,
) error {
	request := &device.ApprovalRequest{UUID: shown.UUID, AppName: shown.AppName, Question: shown.Question}
	return inOwnWords(p.Device.Answer(ctx, request, status, reason))
}

// Code asks for the server's time first, which may have been moved.
func (p devicePhone) Code(ctx context.Context) (code string, left, period time.Duration, err error) {
	shown, err := p.CurrentCode(ctx)
	return shown.Code, shown.Remaining, shown.Period, err
}

// Policy is what the device store has.
func (p devicePhone) Policy() (when []string, auto string) {
	policy := p.Credentials().Policy
	return slices.Clone(policy.When), policy.Auto
}

// inOwnWords tells the screen what it has its own words for.
func inOwnWords(err error) error {
	for _, known := range []struct{ theirs, own error }{
		{device.ErrNotPending, errTooLate}, {device.ErrExpired, errTooLate},
		{device.ErrAccessToken, errRemoved}, {device.ErrRemoved, errRemoved},
		{device.ErrDigest, errOtherQuestion}, {device.ErrUnreachable, errNoWord}, {device.ErrNoCounterpart, errNoReason},
	} {
		if errors.Is(err, known.theirs) {
			return known.own
		}
	}
	return err
}
