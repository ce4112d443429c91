package deviceapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/wire"
	"github.com/onetouchkit/onetouch/internal/verifywire"
)

// events: GET /events, a stream of server-sent events.
// Source of the form: https://html.spec.whatwg.org/multipage/server-sent-events.html.
func (a *API) events(w http.ResponseWriter, r *http.Request) {
	c := callOf(r)
	reader, err := a.openStream(c)
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // a proxy must not hold events back
	header.Set("Connection", "close")     // the deadlines of a stream end with its connection
	if r.Method == http.MethodHead {      // nobody reads what would count as sent
		return
	}
	s := &stream{API: a, device: c.device, pushes: reader, out: w, control: http.NewResponseController(w)}
	s.run(r.Context())
}

// openStream checks a call for the stream: the position, then whether there is anything to come.
func (a *API) openStream(c *call) (*onetouch.PushReader, error) {
	lastSeen, err := lastEventID(c.Request)
	if err != nil {
		return nil, err
	}
	select {
	case <-a.Stopping:
		return nil, problem.New(problem.CodeServerStopping, "The server is stopping. Come back soon.")
	default:
	}
	return a.service.ReadPushes(c.Context(), c.device, lastSeen)
}

// lastEventID is the number of the push that the device saw last; nil when it does not say.
func lastEventID(r *http.Request) (*int64, error) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return nil, onetouch.InvalidParameter("Last-Event-ID", "must be the id of an event of this stream")
	}
	return &n, nil
}

// stream is one open event stream of a device.
type stream struct {
	*API
	device  onetouch.Device
	pushes  *onetouch.PushReader
	out     http.ResponseWriter
	control *http.ResponseController
}

// run sends what there is and then what comes, until the device leaves or is removed, the server stops, or the reader
// takes nothing for too long. What is lost with the connection is sent again to the one that follows.
func (s *stream) run(ctx context.Context) {
	defer s.extendDeadline() // the server writes the end of the answer after this
	if s.ping() != nil {
		return
	}
	wire.Stream{
		Heartbeat: s.Heartbeat, Stopping: s.Stopping,
		Changed: func() <-chan struct{} { return s.service.Changed(onetouch.TopicDevice(s.device.UUID)) },
		Send:    func() bool { return s.sendAll(ctx) }, Beat: s.ping,
	}.Run(ctx)
}

func (s *stream) ping() error { return s.write(": ping\n\n") }

// sendAll sends all that is there, and reports whether the stream goes on.
func (s *stream) sendAll(ctx context.Context) bool {
	for {
		pushes, more, err := s.pushes.Next(ctx)
		if onetouch.CodeOf(err) == onetouch.CodeAccessTokenInvalid {
			_ = s.write("event: removed\ndata: {}\n\n") // one that is gone already hears it when it comes back
			return false
		}
		if err != nil {
			s.failed(ctx, "reading pushes", err)
			return false
		}
		if !s.send(ctx, pushes) {
			return false
		}
		if !more || s.stopping() {
			return true
		}
	}
}

func (s *stream) stopping() bool {
	select {
	case <-s.Stopping:
		return true
	default:
		return false
	}
}

// send writes pushes in one piece, and writes them down as sent once they have left.
func (s *stream) send(ctx context.Context, pushes []onetouch.Push) bool {
	if len(pushes) == 0 {
		return true
	}
	started := s.service.Clock().Now()
	pushes, err := s.withMishaps(ctx, pushes, started)
	if err != nil {
		s.failed(ctx, "losing pushes", err)
		return false
	}
	if len(pushes) == 0 {
		return true
	}
	var events []byte
	for _, push := range pushes {
		events = appendPush(events, s.device, push)
	}
	if s.write(string(events)) != nil {
		return false
	}
	if err = s.pushes.Sent(ctx, pushes, started); err != nil {
		s.failed(ctx, "recording pushes", err)
		return false
	}
	return true
}

// withMishaps is what becomes of pushes where faults strike: those that are lost are given up, and never come on any stream.
func (s *stream) withMishaps(ctx context.Context, pushes []onetouch.Push, now time.Time) ([]onetouch.Push, error) {
	if s.Faults == nil {
		return pushes, nil
	}
	var left []onetouch.Push
	for _, push := range pushes {
		mishap := s.Faults.Before(onetouch.Delivery{
			ID: push.ID, Kind: onetouch.DeliveryPush, AppID: s.device.AppID, DeviceID: s.device.ID, RequestUUID: push.RequestUUID,
		}, now)
		switch {
		case mishap.Lost != "":
			if _, err := s.service.GiveUp(context.WithoutCancel(ctx), push.ID, mishap.Lost); err != nil {
				return nil, err
			}
		case mishap.Doubled:
			left = append(left, push, push)
		default:
			left = append(left, push)
		}
	}
	return left, nil
}

func (s *stream) failed(ctx context.Context, work string, err error) {
	if ctx.Err() == nil && !errors.Is(err, onetouch.ErrReplaced) {
		s.Logger.Error("an event stream failed", "work", work, "device", s.device.ID, "error", err)
	}
}

func appendPush(events []byte, device onetouch.Device, push onetouch.Push) []byte {
	events = fmt.Appendf(events, "id: %d\nevent: push\ndata: ", push.ID)
	return append(authywire.AppendJSON(events, verifywire.Push(device, push)), "\n\n"...)
}

// write sends text at once.
func (s *stream) write(text string) error {
	s.extendDeadline()
	if _, err := s.out.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}

// extendDeadline gives the reader time again. A connection that knows no deadlines has none.
func (s *stream) extendDeadline() {
	_ = s.control.SetWriteDeadline(time.Now().Add(s.WriteTimeout))
}
