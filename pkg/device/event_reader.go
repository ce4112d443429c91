package device

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// event is one server-sent event.
type event struct {
	id   string // of this event, or of the last one before it that had one
	name string // "message" when it has none
	data string
}

// eventReader reads server-sent events.
// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream.
type eventReader struct {
	lines *bufio.Scanner
	alive func() // is called for each line
	id    string
}

// maxEvent bounds a line, and the data of an event, in bytes.
const maxEvent = 1 << 20

// errMalformed says that what comes in cannot be an event stream of the device API.
var errMalformed = errors.New("malformed event stream")

func newEventReader(stream io.Reader, alive func()) *eventReader {
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, maxEvent)
	lines.Split(new(lineSplitter).split)
	return &eventReader{lines: lines, alive: alive}
}

// next returns the next event; io.EOF when the stream has ended. An event that the end cuts off is dropped.
func (r *eventReader) next() (event, error) {
	var name string
	var data strings.Builder
	for r.lines.Scan() {
		r.alive()
		line := r.lines.Text()
		if line == "" {
			if data.Len() > 0 {
				return r.event(name, data.String()), nil
			}
			name = ""
			continue
		}
		field, value, _ := strings.Cut(line, ":") // a comment has no name
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			name = value
		case "id":
			if !strings.Contains(value, "\x00") {
				r.id = value
			}
		case "data":
			if data.Len()+len(value) >= maxEvent {
				return event{}, fmt.Errorf("%w: an event has more than %d bytes", errMalformed, maxEvent)
			}
			data.WriteString(value + "\n")
		}
	}
	return event{}, r.ended()
}

func (r *eventReader) event(name, data string) event {
	if name == "" {
		name = "message"
	}
	return event{id: r.id, name: name, data: strings.TrimSuffix(data, "\n")}
}

func (r *eventReader) ended() error {
	switch err := r.lines.Err(); {
	case err == nil:
		return io.EOF
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("%w: a line has more than %d bytes", errMalformed, maxEvent)
	default:
		return err
	}
}

// lineSplitter splits at CR LF, LF and CR. A CR ends its line at once, whatever follows: an event must not wait for the
// byte after it.
type lineSplitter struct {
	begun   bool // the byte order mark that a stream may begin with is behind
	afterCR bool // an LF now belongs to the end of the line before
}

func (s *lineSplitter) split(data []byte, atEOF bool) (advance int, line []byte, err error) {
	skipped := s.skip(data, atEOF)
	if skipped < 0 {
		return 0, nil, nil
	}
	rest := data[skipped:]
	end := bytes.IndexAny(rest, "\r\n")
	if end < 0 {
		return skipped, nil, nil // what the end of the stream cuts off is no line
	}
	s.afterCR = rest[end] == '\r'
	return skipped + end + 1, rest[:end], nil
}

// skip is how many bytes at the beginning belong to no line; -1 when that cannot be told yet.
func (s *lineSplitter) skip(data []byte, atEOF bool) int {
	const mark = "\uFEFF"
	if !s.begun {
		if len(data) < len(mark) && !atEOF && strings.HasPrefix(mark, string(data)) {
			return -1
		}
		s.begun = true
		if bytes.HasPrefix(data, []byte(mark)) {
			return len(mark)
		}
	}
	if s.afterCR && len(data) > 0 {
		s.afterCR = false
		if data[0] == '\n' {
			return 1
		}
	}
	return 0
}
