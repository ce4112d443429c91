package onetouch

import "time"

// OneTimePassword is a code that was sent to a user by text, call or e-mail. It is good once.
type OneTimePassword struct {
	ID        int64
	AppID     string
	AuthyID   int64
	Channel   Channel
	Action    string // what it was asked for; empty: anything
	Code      string
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // zero while unused
}

// OneTimePasswordLife is how long a code that was sent can be used. No source tells the service's own; phone
// verification's is the same.
const OneTimePasswordLife = 10 * time.Minute
