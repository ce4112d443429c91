package evidence

import (
	"errors"
	"strings"
)

// ErrRecord means that a [Record] does not hold. The error is a [*RecordError], which says why.
var ErrRecord = errors.New("evidence does not hold")

// RecordError names what is wrong with a record.
type RecordError struct {
	Changes []Change // in the order of the file; at least one
}

// Change is one member of a record that is not as it was when the answer was recorded.
type Change struct {
	// Member is the path of the member, such as shown.details.Amount; "" is the file as a whole. Where the checksums were
	// changed along with a member, it may be an object that contains it, such as shown.
	Member string `json:"member"`
	Reason string `json:"reason"` // what is wrong with it
}

// String is member and reason.
func (c Change) String() string {
	if c.Member == "" {
		return "the file " + c.Reason
	}
	return c.Member + " " + c.Reason
}

// Error lists all changes in one line.
func (e *RecordError) Error() string {
	texts := make([]string, len(e.Changes))
	for i, change := range e.Changes {
		texts[i] = change.String()
	}
	return ErrRecord.Error() + ": " + strings.Join(texts, "; ")
}

// Unwrap makes errors.Is(err, ErrRecord) true.
func (e *RecordError) Unwrap() error { return ErrRecord }

// changed is the error of some changes, nil for none.
func changed(changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	return &RecordError{Changes: changes}
}
