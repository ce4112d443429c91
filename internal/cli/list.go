package cli

import (
	"context"
	"time"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

// list says how a command lists things of one kind.
type list[T any] struct {
	id      func(T) string // what -q prints of one
	columns []output.ColumnOf[T]
	none    string // hint when there are none
}

// showList gives the answer of a command that lists.
func showList[T any](ctx context.Context, d display, items []T, l list[T]) error {
	answer := shown{data: items, people: output.TableOf(items, l.columns...)}
	for _, item := range items {
		answer.ids = append(answer.ids, l.id(item))
	}
	if len(items) == 0 {
		answer.hint = l.none
	}
	return d.show(ctx, answer)
}

// ageColumn is how long ago something was, seen from now.
func ageColumn[T any](s *output.Streams, now time.Time, at func(T) time.Time) output.ColumnOf[T] {
	return output.Whole("Age", func(item T) string { return age(s, now, at(item)) })
}
