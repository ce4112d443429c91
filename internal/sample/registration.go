package sample

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// registered is what the app on a phone needs to register at the service.
type registered struct {
	RegistrationToken string `json:"registration_token"`
	Link              string `json:"link"` // opens the simulated phone with it
}

// register is POST /registration: the app of a customer who is logged in gets a token, with which it becomes one of the
// customer's devices. The API key stays here.
func (b *Bank) register(c *call) (any, error) { return b.startRegistration(c, c.customer()) }

// lendPhone is what no bank has: it lets whoever tries the sample be the other two holders of the joint account as well.
// Leave it out.
func (b *Bank) lendPhone(c *call) (any, error) {
	b.mu.Lock()
	holder := b.customers[c.r.PathValue("holder")]
	b.mu.Unlock()
	if holder == nil || !isHolder(holder.name) {
		return nil, refuse(http.StatusNotFound, "There is no such holder.")
	}
	return b.startRegistration(c, holder)
}

func (b *Bank) startRegistration(ctx context.Context, c *customer) (any, error) {
	token, err := b.options.Authy.StartRegistration(ctx, c.authyID)
	if err != nil {
		return nil, fmt.Errorf("starting a registration: %w", err)
	}
	b.work.Go(func() { b.awaitPhone(c) })
	return registered{RegistrationToken: token, Link: b.options.PhoneLink(c.name, token)}, nil
}

// registrationTime is a little longer than the service's tokens live.
const registrationTime = 5 * time.Minute

// awaitPhone looks until the phone is there, so that the page can say so.
func (b *Bank) awaitPhone(c *customer) {
	ctx, cancel := context.WithTimeout(b.life, registrationTime)
	defer cancel()
	for ctx.Err() == nil {
		there, err := b.hasPhone(ctx, c)
		if there || errors.Is(err, context.Canceled) {
			return
		}
		b.pause(ctx, b.options.PollInterval)
	}
}

// pause waits on the machine's clock: how often to ask is no matter of the bank's time.
func (b *Bank) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
