package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/cli/output"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		terminal bool
		since    time.Time
		want     string
	}{
		"takes long":   {true, time.Time{}, "\r1 of 20\r       \r"},
		"is over soon": {true, time.Now().Add(time.Hour), ""},
		"nobody looks": {false, time.Time{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var screen strings.Builder
			p := newProgress(&output.Streams{Err: &screen, Terminal: output.Terminal{Err: c.terminal}}, "%d of %d")
			p.since = c.since
			p.tell(1, 20)
			p.last = time.Now().Add(time.Hour) // it was drawn just now
			p.tell(2, 20)
			p.end()
			if screen.String() != c.want {
				t.Errorf("drew %q, want %q", screen.String(), c.want)
			}
		})
	}
}
