package output

import "fmt"

// Text is what people read as the answer of a command: a [Table], a [Record], [Lines] and the like.
type Text interface {
	Write(s *Streams) error
}

// TextFunc writes a text of its own kind.
type TextFunc func(s *Streams) error

// Write writes the text to s.Out.
func (f TextFunc) Write(s *Streams) error { return f(s) }

// Lines is text that is written as it is, each line on its own: what is from outside in it went through [Sanitise].
type Lines []string

// Write writes the lines to s.Out.
func (l Lines) Write(s *Streams) error {
	for _, line := range l {
		if _, err := fmt.Fprintln(s.Out, line); err != nil {
			return fmt.Errorf("writing the answer: %w", err)
		}
	}
	return nil
}
