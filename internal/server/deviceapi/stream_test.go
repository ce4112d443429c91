package deviceapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// listening is an open event stream, read as a device would.
type listening struct {
	t      testing.TB
	lines  *bufio.Scanner
	header http.Header
	hangUp context.CancelFunc
	read   strings.Builder // everything so far
}

// listen opens the stream after the given event ("": without Last-Event-ID).
func (d *device) listen(lastEventID string) *listening {
	d.f.t.Helper()
	ctx, cancel := context.WithTimeout(d.f.t.Context(), patience)
	request := d.f.request(http.MethodGet, "/events", d.token, nil).WithContext(ctx)
	if lastEventID != "" {
		request.Header.Set("Last-Event-ID", lastEventID)
	}
	endless := *d.f.client
	endless.Timeout = 0
	response, err := endless.Do(request)
	if err != nil {
		d.f.t.Fatal(err)
	}
	d.f.t.Cleanup(func() {
		cancel()
		_ = response.Body.Close()
	})
	if response.StatusCode != http.StatusOK {
		d.f.t.Fatalf("the stream was refused: %s", response.Status)
	}
	return &listening{t: d.f.t, lines: bufio.NewScanner(response.Body), header: response.Header, hangUp: cancel}
}

// event is one event as it came.
type event struct{ id, name, data string }

// next returns the next event; ok is false when the stream has ended.
func (l *listening) next() (e event, ok bool) {
	for l.lines.Scan() {
		line := l.lines.Text()
		l.read.WriteString(line + "\n")
		field, value, _ := strings.Cut(line, ": ")
		switch field {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data = value
		case "":
			if line == "" && e != (event{}) {
				return e, true
			}
		default:
			l.t.Fatalf("a line that is no part of an event: %q", line)
		}
	}
	return event{}, false
}

// push returns the next event, which has to be a push.
func (l *listening) push() (e event, message string) {
	l.t.Helper()
	e, ok := l.next()
	var payload map[string]any
	if !ok || e.name != "push" || json.Unmarshal([]byte(e.data), &payload) != nil {
		l.t.Fatalf("no push came, but %+v", e)
	}
	message, _ = payload["alert"].(string)
	return e, message
}

// hears checks which pushes come next, by their messages, and returns the last one's id.
func (l *listening) hears(messages ...string) (id string) {
	l.t.Helper()
	for _, want := range messages {
		e, got := l.push()
		if got != want {
			l.t.Fatalf("heard %q, want %q", got, want)
		}
		id = e.id
	}
	return id
}

// idles checks that the stream has nothing to say: a heartbeat comes only after all there is.
func (l *listening) idles() {
	l.t.Helper()
	for beats := 0; beats < 3; {
		if !l.lines.Scan() {
			l.t.Fatal("the stream has ended")
		}
		switch l.lines.Text() {
		case ": ping":
			beats++
		case "":
		default:
			l.t.Fatalf("the stream says %q", l.lines.Text())
		}
	}
}

// ends checks that the stream ends without another event.
func (l *listening) ends() {
	l.t.Helper()
	if e, ok := l.next(); ok {
		l.t.Errorf("heard %+v, want the end of the stream", e)
	}
}

// waitFor waits until the state is as it has to be. Every change of it is an event.
func (f *fixture) waitFor(what string, done func(state) bool) {
	f.t.Helper()
	late := time.After(patience)
	for {
		changed := f.service.Changed(onetouch.TopicEvents)
		if done(f.state()) {
			return
		}
		select {
		case <-changed:
		case <-late:
			f.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// sent waits until so many attempts were recorded, over all pushes.
func (f *fixture) sent(attempts int) {
	f.t.Helper()
	f.waitFor("pushes are recorded as sent", func(s state) bool {
		n := 0
		for _, push := range s.Owed {
			n += len(push.Log)
		}
		return n >= attempts
	})
}

// hasEnded waits until the server has let go of one stream.
func (f *fixture) hasEnded() {
	f.t.Helper()
	select {
	case <-f.ended:
	case <-time.After(patience):
		f.t.Fatal("the server holds on to the stream")
	}
}
