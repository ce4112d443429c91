package onetouch

import (
	"context"
	"encoding/hex"
	"time"
)

// PairingLife is how long a link that pairs a phone can be used: as long as it takes to scan it from a screen, since
// whoever sees the screen could use it.
const PairingLife = 2 * time.Minute

// Pairing is a registration that nobody but a person starts: with a link for a phone at hand.
type Pairing struct {
	// ID names the pairing to whoever waits for it. It cannot be used to register.
	ID string
	// Token is the registration token; it is known to the one who started the pairing only.
	Token        string
	Registration Registration
}

// StartPairing returns a new registration token for the user, which lives for [PairingLife].
func (s *Service) StartPairing(ctx context.Context, appID string, authyID int64) (Pairing, error) {
	token, started, err := s.startRegistration(ctx, appID, authyID, PairingLife)
	return Pairing{ID: hex.EncodeToString(started.TokenDigest), Token: token, Registration: started}, err
}

// Pairing returns the pairing of that ID, without its token.
func (s *Service) Pairing(ctx context.Context, id string) (Pairing, error) {
	unknown := refuse(CodeRegistrationNotFound, "There is no such pairing.")
	digest, err := hex.DecodeString(id)
	if err != nil {
		return Pairing{}, unknown
	}
	return view(ctx, s, func(r Reader) (Pairing, error) {
		registration, err := r.Registration(digest)
		return Pairing{ID: id, Registration: registration}, orRefuse(err, unknown)
	})
}
