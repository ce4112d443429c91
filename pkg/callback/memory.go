package callback

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Known is what a [Memory] knows of a callback.
type Known int

// What can be known.
const (
	Unknown      Known = iota // nothing: it has not come before, or could not be handled then
	BeingHandled              // it has come, and nobody has said yet what became of it
	Handled                   // it has come and was handled
)

// Memory remembers which callbacks have come, so that a [Verifier] accepts none twice. It is safe for concurrent use.
//
// A Verifier has one of its own, in its process. Several processes behind one URL need one that they share, or a callback
// that was overheard is accepted once by each of them; so is one that is replayed after a restart. Such a Memory is small:
// in Redis, Begin is SET key handling NX GET EXAT until, Done is SET key handled EXAT until, and Forget is DEL key; in SQL it
// is a table whose primary key is the key. A process that dies while it handles a callback leaves it as being handled: that
// copy is refused until its time, and the service comes again with another one, which has another key.
type Memory interface {
	// Begin keeps a key until a time as that of a callback which is being handled, and returns what was known before. A key
	// of which something is known stays as it is. Looking and keeping must be one step: of two processes that get the same
	// callback at the same moment only one may be told that it is unknown.
	Begin(ctx context.Context, key string, until time.Time) (before Known, err error)
	// Done keeps a key until a time as that of a callback that was handled.
	Done(ctx context.Context, key string, until time.Time) error
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
	known map[string]entry
	queue remembered // the first to be forgotten comes first; what Forget has dropped stays until its time
}

type entry struct {
	until time.Time
	known Known
}

func (m *ownMemory) begin(key string, now, until time.Time, most int) (Known, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire(now)
	if e, known := m.known[key]; known {
		return e.known, nil
	}
	if len(m.queue) >= most {
		return Unknown, errMemoryFull
	}
	if m.known == nil {
		m.known = map[string]entry{}
	}
	m.known[key] = entry{until, BeingHandled}
	heap.Push(&m.queue, rememberedKey{key: key, until: until})
	return Unknown, nil
}

// done notes that a callback was handled. One that took longer than it may be old is forgotten already.
func (m *ownMemory) done(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, known := m.known[key]; known {
		m.known[key] = entry{e.until, Handled}
	}
}

// expire forgets what is not accepted any more for its age.
func (m *ownMemory) expire(now time.Time) {
	for len(m.queue) > 0 && m.queue[0].until.Before(now) {
		oldest := heap.Pop(&m.queue).(rememberedKey)
		if m.known[oldest.key].until.Equal(oldest.until) {
			delete(m.known, oldest.key)
		}
	}
}

func (m *ownMemory) forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.known, key)
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

// begin says what is known of a callback, and keeps one of which nothing is as being handled.
func (v *Verifier) begin(ctx context.Context, c *Callback) (Known, error) {
	switch {
	case v.Memory != nil:
		known, err := v.Memory.Begin(ctx, c.signedBy, v.rememberUntil(c.Nonce))
		if err != nil {
			return known, fmt.Errorf("the memory of accepted callbacks: %w", err)
		}
		return known, nil
	case v.MaxRemembered < 0:
		return Unknown, nil
	}
	known, err := v.own.begin(c.signedBy, v.now(), v.rememberUntil(c.Nonce), v.maxRemembered())
	if err != nil {
		return known, fmt.Errorf("%w at once: raise MaxRemembered from %d, or lower MaxAge", err, v.maxRemembered())
	}
	return known, nil
}

// askAgain is how often somebody who waits asks whether a callback has been handled meanwhile.
const askAgain = 20 * time.Millisecond

// beginOrAwait is begin that waits, for a while, for the end of what is being handled: when that fails it is begun here. The
// time to wait does not cut off a memory that is being asked, which may have noted by then that it is begun here.
func (v *Verifier) beginOrAwait(ctx context.Context, c *Callback) (Known, error) {
	known, err := v.begin(ctx, c)
	if err != nil || known != BeingHandled || v.MaxWait < 0 {
		return known, err
	}
	waiting, cancel := context.WithTimeout(ctx, cmp.Or(v.MaxWait, DefaultMaxWait))
	defer cancel()
	again := time.NewTicker(askAgain)
	defer again.Stop()
	for {
		select {
		case <-waiting.Done():
			return BeingHandled, nil
		case <-again.C:
		}
		if known, err = v.begin(ctx, c); err != nil || known != BeingHandled {
			return known, err
		}
	}
}

// done notes that a callback was handled.
func (v *Verifier) done(ctx context.Context, c *Callback) error {
	if v.Memory != nil {
		return v.Memory.Done(ctx, c.signedBy, v.rememberUntil(c.Nonce))
	}
	v.own.done(c.signedBy)
	return nil
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
