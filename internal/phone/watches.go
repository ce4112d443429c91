package phone

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Watches are the phones of a device store that somebody watches. A watch is a lock that ends with its process, however that
// ends. Several processes may watch the same phone.
type Watches struct {
	dir string
	mu  sync.Mutex // two looks at the same lock would each take the other for a watch
}

// NewWatches returns the watches of the device store in a folder.
func NewWatches(dir string) *Watches { return &Watches{dir: dir} }

func (w *Watches) lock(id int64) *flock.Flock {
	return flock.New(filepath.Join(w.dir, strconv.FormatInt(id, 10)+".watched"), flock.SetPermissions(0o600))
}

// Take watches a phone until it is released. From then on no [Host] lets the phone answer.
func (w *Watches) Take(id int64) (release func(), err error) {
	lock := w.lock(id)
	if err := lock.RLock(); err != nil {
		return nil, fmt.Errorf("watching device %d: %w", id, err)
	}
	return func() { _ = lock.Close() }, nil
}

// Another process may look at the same moment as this one, for a moment.
const (
	looking   = 5 * time.Millisecond
	lookAgain = time.Millisecond
)

// Taken reports whether somebody watches a phone. A lock that cannot be looked at is taken for none.
func (w *Watches) Taken(id int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	lock := w.lock(id)
	if _, err := os.Stat(lock.Path()); errors.Is(err, fs.ErrNotExist) {
		return false // a look makes no file
	}
	ctx, cancel := context.WithTimeout(context.Background(), looking)
	defer cancel()
	_, err := lock.TryLockContext(ctx, lookAgain)
	_ = lock.Close()
	return ctx.Err() != nil && err != nil
}
