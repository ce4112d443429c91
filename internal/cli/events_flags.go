package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/fault"
)

func isOneOf(one onetouch.EventType, types []onetouch.EventType) bool {
	return slices.Contains(types, one)
}

// eventTypesLike are the types that a pattern names, in which * is any text.
func eventTypesLike(pattern string) []onetouch.EventType {
	return slices.DeleteFunc(onetouch.EventTypes(), func(one onetouch.EventType) bool {
		return !fault.Matches(pattern, string(one))
	})
}

// eventTypesFlag is a flag for types of events.
type eventTypesFlag struct{ types *[]onetouch.EventType }

// String names no default.
func (eventTypesFlag) String() string { return "" }

// Type is the placeholder in the help text.
func (eventTypesFlag) Type() string { return "strings" }

// Set adds the types of patterns that are joined by commas.
func (f eventTypesFlag) Set(text string) error {
	for pattern := range strings.SplitSeq(text, ",") {
		like := eventTypesLike(strings.TrimSpace(pattern))
		if len(like) == 0 {
			return valueError(unknownEventType(pattern))
		}
		*f.types = append(*f.types, like...)
	}
	return nil
}

func unknownEventType(word string) string {
	return fmt.Sprintf("%q is no type of event: 'onetouch events --help' lists them", word)
}

// eventEnd is a flag that says which event ends a stream: one of some types, or one that a condition holds for.
type eventEnd struct {
	text      string
	types     []onetouch.EventType
	condition *output.Condition
}

// String is what was typed.
func (e *eventEnd) String() string { return e.text }

// Type is the placeholder in the help text.
func (*eventEnd) Type() string { return "string" }

// Set takes a pattern of types, or a jq expression.
func (e *eventEnd) Set(text string) error {
	*e = eventEnd{text: text, types: eventTypesLike(strings.TrimSpace(text))}
	if len(e.types) > 0 {
		return nil
	}
	if strings.Trim(text, "abcdefghijklmnopqrstuvwxyz_* ") == "" {
		return valueError(unknownEventType(text))
	}
	var err error
	if e.condition, err = output.NewCondition(text); err != nil {
		return valueError(fmt.Sprintf("%q is neither a type of event nor a jq expression: %v", text, err))
	}
	return nil
}

func (e *eventEnd) given() bool { return e.text != "" }

// is reports whether an event is the one that ends the stream.
func (e *eventEnd) is(ctx context.Context, event controlapi.Event) (bool, error) {
	if e.condition == nil {
		return isOneOf(event.Type, e.types), nil
	}
	holds, err := e.condition.Holds(ctx, event, output.FieldsOf(event))
	if err != nil {
		return false, fmt.Errorf("--until at event %d, %s: %w", event.Sequence, event.Type, err)
	}
	return holds, nil
}

// sequenceFlag is a flag for the number of an event, or of a call; 0 stands before all of them.
type sequenceFlag struct {
	number *int64
	what   string // such as "an event"
}

// String names no default.
func (sequenceFlag) String() string { return "" }

// Type is the placeholder in the help text.
func (sequenceFlag) Type() string { return "int" }

// Set takes a number.
func (f sequenceFlag) Set(text string) error {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 {
		return valueError(fmt.Sprintf("%q is not the number of %s, such as 12, or 0 for all", text, f.what))
	}
	*f.number = number
	return nil
}

// completeEventTypes completes the last of several types that are joined by commas.
func completeEventTypes(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndex(typed, ",")+1]
	var words []string
	for _, one := range onetouch.EventTypes() {
		words = append(words, before+string(one)+"\t"+one.Meaning())
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
