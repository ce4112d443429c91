package onetouch

import (
	"crypto/sha256"
	"io"
	"math/rand/v2"
	"sync"
)

// Seed makes what is random repeat itself: identifiers, tokens and codes of a service that was given it come in the same
// order in every run. Whoever knows the seed knows all of them, so it is for tests on one machine.
type Seed string

// Reader is an endless source of bytes for a purpose: what one purpose draws makes no difference to another one. It is safe
// for concurrent use.
func (s Seed) Reader(purpose string) io.Reader {
	return &seeded{random: rand.NewChaCha8(sha256.Sum256([]byte(string(s) + "\x00" + purpose)))}
}

type seeded struct {
	mu     sync.Mutex
	random *rand.ChaCha8
}

func (s *seeded) Read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.random.Read(b)
}
