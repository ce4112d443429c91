package output

import "fmt"

// Text is what people read as the answer of a command: a [Table], a [Record] or [Lines].
type Text interface {
	Write(s *Streams) error
}

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
