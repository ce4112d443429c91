package deviceapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// listening is an open event stream, read as a device would.
type listening struct {
	t      testing.TB
	f      *fixture
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
	return &listening{t: d.f.t, f: d.f, lines: bufio.NewScanner(response.Body), header: response.Header, hangUp: cancel}
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

// leave hangs up and waits until the server has noticed: all that was heard is recorded then.
func (l *listening) leave() {
	l.t.Helper()
	l.hangUp()
	l.f.hasEnded()
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
