package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

// progress is a line that a terminal shows while something takes long. It needs nothing of the terminal but that a carriage
// return leads to the beginning of the line.
type progress struct {
	streams     *output.Streams
	words       string // of how many are done, and how many there are
	since, last time.Time
	drawn       int // characters
}

// Nobody has to read what is over in a moment, nor more often than the eye follows.
const (
	progressAfter = 500 * time.Millisecond
	progressEach  = 100 * time.Millisecond
)

func newProgress(s *output.Streams, words string) *progress {
	return &progress{streams: s, words: words, since: time.Now()}
}

func (p *progress) tell(done, all int) {
	now := time.Now()
	if !p.streams.Terminal.Err || now.Sub(p.since) < progressAfter || now.Sub(p.last) < progressEach {
		return
	}
	line := fmt.Sprintf(p.words, done, all)
	p.last, p.drawn = now, max(p.drawn, len(line))
	_, _ = fmt.Fprint(p.streams.Err, "\r"+line)
}

// end takes the line away.
func (p *progress) end() {
	if p.drawn > 0 {
		_, _ = fmt.Fprint(p.streams.Err, "\r"+strings.Repeat(" ", p.drawn)+"\r")
	}
}
