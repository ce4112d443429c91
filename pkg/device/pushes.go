package device

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// StreamOption changes how [Device.Pushes] listens.
type StreamOption func(*listener)

// OnConnect is called each time the stream stands: from then on a push is heard as soon as it is owed.
func OnConnect(connected func()) StreamOption { return func(l *listener) { l.onConnect = connected } }

// OnRetry is called each time the stream is lost or cannot be had: with the reason, and how long is waited before the next
// try.
func OnRetry(lost func(err error, wait time.Duration)) StreamOption {
	return func(l *listener) { l.onRetry = lost }
}

// Pushes hears of approval requests until ctx ends, over a stream that is connected again, with growing pauses, whenever
// it is lost. It continues after [Credentials.LastEventID], which is set once hear has returned, so that a push is missed
// neither over a lost connection nor over a restart of either side; one may come twice then. Only requests that are
// pending are pushed. hear is called for one push at a time.
//
// It returns ctx's error, the error of hear, [ErrRemoved] when the device was removed, or what makes another try futile.
func (d *Device) Pushes(ctx context.Context, hear func(context.Context, Push) error, options ...StreamOption) error {
	l := &listener{
		device: d, hear: hear, maxSilence: defaultMaxSilence,
		onConnect: func() {}, onRetry: func(error, time.Duration) {},
	}
	for _, option := range options {
		option(l)
	}
	for {
		err := l.listen(ctx)
		var final *finalError
		switch {
		case errors.As(err, &final):
			return final.err
		case ctx.Err() != nil:
			return ctx.Err()
		}
		wait := l.nextWait()
		l.onRetry(err, wait)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

const (
	// defaultMaxSilence is how long a stream may say nothing before it is given up. The server says something every 15 s.
	defaultMaxSilence = time.Minute
	firstWait         = 100 * time.Millisecond
	longestWait       = 15 * time.Second
)

// listener is one call of Pushes.
type listener struct {
	device     *Device
	hear       func(context.Context, Push) error
	onConnect  func()
	onRetry    func(error, time.Duration)
	maxSilence time.Duration
	failures   int // since the stream last said something
}

// finalError ends Pushes with the error in it.
type finalError struct{ err error }

func (e *finalError) Error() string { return e.err.Error() }

// nextWait doubles from failure to failure. Chance spreads devices that have lost the same server.
func (l *listener) nextWait() time.Duration {
	wait := longestWait
	if l.failures < 16 {
		wait = min(firstWait<<l.failures, longestWait)
	}
	l.failures++
	return wait/2 + rand.N(wait/2)
}

var errSilence = errors.New("the event stream has fallen silent")

// listen holds one stream. It returns why the stream ended.
func (l *listener) listen(ctx context.Context) error {
	streaming, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(l.maxSilence, func() { cancel(errSilence) })
	defer silence.Stop()
	response, err := l.device.connect(streaming)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	l.onConnect()
	events := newEventReader(response.Body, func() {
		l.failures = 0
		silence.Reset(l.maxSilence)
	})
	for {
		e, err := events.next()
		if errors.Is(err, errMalformed) {
			return &finalError{fmt.Errorf("%s sent what is no event stream: %w", l.device.api.server, err)}
		}
		if err != nil {
			return unreachable(streaming, l.device.api.server, err)
		}
		silence.Stop() // what is heard may take its time
		if err := l.take(ctx, e); err != nil {
			return &finalError{err}
		}
		silence.Reset(l.maxSilence)
	}
}

// connect opens the stream after the push that was heard last. A device that has heard none says so with 0: without
// a number the server would leave out what it has sent and the device has not heard.
func (d *Device) connect(ctx context.Context) (*http.Response, error) {
	request, err := d.api.request(ctx, http.MethodGet, "/events", nil)
	if err != nil {
		return nil, &finalError{err}
	}
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Last-Event-ID", strconv.FormatInt(d.Credentials().LastEventID, 10))
	endless := *d.api.http
	endless.Timeout = 0
	response, err := d.api.send(request, &endless)
	if err != nil {
		return nil, err
	}
	if err := d.checkStream(response); err != nil {
		_ = response.Body.Close()
		return nil, err
	}
	return response, nil
}

// checkStream says why an answer is no stream, and whether another try is futile.
func (d *Device) checkStream(response *http.Response) error {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if response.StatusCode == http.StatusOK && kind == "text/event-stream" {
		return nil
	}
	err := d.api.refusal(response)
	switch {
	case errors.Is(err, ErrAccessToken):
		return &finalError{fmt.Errorf("%w: %w", ErrRemoved, err)}
	case response.StatusCode >= 500 || response.StatusCode == http.StatusTooManyRequests:
		return err
	default:
		return &finalError{err}
	}
}

// take acts on one event. Events that this version does not know are passed over.
func (l *listener) take(ctx context.Context, e event) error {
	switch e.name {
	case "removed":
		return fmt.Errorf("%w: device %d", ErrRemoved, l.device.ID())
	case "push":
		push, err := e.push(l.device.speaks)
		if err != nil {
			return fmt.Errorf("%s sent a push that cannot be read: %w", l.device.api.server, err)
		}
		if push.ApprovalRequestUUID != "" {
			if err := l.hear(ctx, push); err != nil {
				return err
			}
		}
		l.device.heard(push.ID)
	}
	return nil
}

func (e event) push(by protocol) (Push, error) {
	push, err := by.push([]byte(e.data))
	if err != nil {
		return Push{}, err
	}
	push.ID, err = strconv.ParseInt(e.id, 10, 64)
	if err != nil || push.ID <= 0 {
		return Push{}, fmt.Errorf("its id %q is no number of a push", e.id)
	}
	return push, nil
}

func (d *Device) heard(id int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.credentials.LastEventID = id
}
