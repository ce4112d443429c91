package callback

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Memory remembers which callbacks were accepted, so that a [Verifier] accepts none twice. It is safe for concurrent use.
//
// A Verifier has one of its own, in its process. Several processes behind one URL need one that they share, or a callback
// that was overheard is accepted once by each of them; so is one that is replayed after a restart. Such a Memory is small:
// Remember is SET key 1 NX EXAT until in Redis, or an INSERT into a table whose primary key is the key, and Forget is DEL or
// DELETE.
type Memory interface {
	// Remember keeps a key until a time, and reports whether it is new. Looking and keeping must be one step: of two
	// processes that get the same callback at the same moment one must be told that it is not new.
	Remember(ctx context.Context, key string, until time.Time) (isNew bool, err error)
	// Forget drops a key, because what it stands for could not be handled and may come again.
	Forget(ctx context.Context, key string) error
}

// DefaultMaxRemembered is how many callbacks a [Verifier] remembers by itself. With [DefaultMaxAge] that is enough for 300 a
// second, and takes 20 MB at most, only once that many have come.
const DefaultMaxRemembered = 100_000

// withoutAge is how long a callback is remembered whose nonce says nothing of its age.
const withoutAge = time.Hour

// errMemoryFull stops the verifier: to forget a callback that is still fresh would be to accept it again.
var errMemoryFull = errors.New("too many callbacks are remembered")

// ownMemory is the Memory of one verifier: bounded in time by the age up to which a callback is accepted, and in size. Only
// callbacks with the right signature come here, so that nobody else can fill it. The zero value is empty.
type ownMemory struct {
	mu    sync.Mutex
	until map[string]time.Time
	queue remembered // the first to be forgotten comes first; what Forget has dropped stays until its time
}

func (m *ownMemory) remember(key string, now, until time.Time, most int) (isNew bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire(now)
	if _, known := m.until[key]; known {
		return false, nil
	}
	if len(m.queue) >= most {
		return false, errMemoryFull
	}
	if m.until == nil {
		m.until = map[string]time.Time{}
	}
	m.until[key] = until
	heap.Push(&m.queue, rememberedKey{key: key, until: until})
	return true, nil
}

// expire forgets what is not accepted any more for its age.
func (m *ownMemory) expire(now time.Time) {
	for len(m.queue) > 0 && m.queue[0].until.Before(now) {
		oldest := heap.Pop(&m.queue).(rememberedKey)
		if m.until[oldest.key].Equal(oldest.until) {
			delete(m.until, oldest.key)
		}
	}
}

func (m *ownMemory) forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.until, key)
}

type rememberedKey struct {
	key   string
	until time.Time
}

// remembered is a heap: see [heap.Interface].
type remembered []rememberedKey

func (r remembered) Len() int           { return len(r) }
func (r remembered) Less(i, j int) bool { return r[i].until.Before(r[j].until) }
func (r remembered) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }

// Push adds a key at the end, for the package heap.
func (r *remembered) Push(key any) { *r = append(*r, key.(rememberedKey)) }

// Pop takes the last key off, for the package heap.
func (r *remembered) Pop() any {
	last := len(*r) - 1
	key := (*r)[last]
	(*r)[last] = rememberedKey{}
	*r = (*r)[:last]
	return key
}

// checkNew refuses a callback that was accepted before.
func (v *Verifier) checkNew(ctx context.Context, signature, nonce string) error {
	if v.MaxRemembered < 0 && v.Memory == nil {
		return nil
	}
	isNew, err := v.remember(ctx, signature, v.rememberUntil(nonce))
	switch {
	case errors.Is(err, errMemoryFull):
		return fmt.Errorf("%w at once: raise MaxRemembered from %d, or lower MaxAge", err, v.maxRemembered())
	case err != nil:
		return fmt.Errorf("the memory of accepted callbacks: %w", err)
	case !isNew:
		return fmt.Errorf("%w: one with nonce %s and this signature was accepted before", ErrReplayed, nonce)
	default:
		return nil
	}
}

func (v *Verifier) remember(ctx context.Context, signature string, until time.Time) (bool, error) {
	if v.Memory != nil {
		return v.Memory.Remember(ctx, signature, until)
	}
	return v.own.remember(signature, v.now(), until, v.maxRemembered())
}

// rememberUntil is when a callback with this nonce is too old to be accepted.
func (v *Verifier) rememberUntil(nonce string) time.Time {
	if signedAt, ok := nonceTime(nonce); ok && v.MaxAge >= 0 {
		return signedAt.Add(v.maxAge())
	}
	return v.now().Add(withoutAge)
}

func (v *Verifier) maxRemembered() int {
	if v.MaxRemembered == 0 {
		return DefaultMaxRemembered
	}
	return v.MaxRemembered
}

// Forget lets a callback that Verify accepted come again, because it could not be handled. [Handler] and
// [Verifier.Middleware] do that by themselves.
func (v *Verifier) Forget(ctx context.Context, c *Callback) error {
	if v.Memory != nil {
		if err := v.Memory.Forget(ctx, c.signedBy); err != nil {
			return fmt.Errorf("the memory of accepted callbacks: %w", err)
		}
		return nil
	}
	v.own.forget(c.signedBy)
	return nil
}
