package device

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// PushEndpoint takes the pushes of a backend that sends them by itself. It stands where the push services of Google and
// Apple stand in the real world, and takes what they take; docs/device-api.md describes it.
//
// It is an [http.Handler]. Each device on it has a push token, which addresses it: [PushEndpoint.Open] gives it one. Who
// knows a token can push to its device. No other credential is asked for.
type PushEndpoint struct {
	url string

	mu        sync.Mutex
	receivers map[[sha256.Size]byte]*PushReceiver // by the digest of the push token
}

// NewPushEndpoint returns an endpoint for no device yet. The URL is where backends reach it; devices tell it to the server.
func NewPushEndpoint(url string) *PushEndpoint {
	return &PushEndpoint{url: url, receivers: map[[sha256.Size]byte]*PushReceiver{}}
}

// mostWaiting is how many pushes wait for a device that is busy with another. Further ones are refused.
const mostWaiting = 1000

// Open takes pushes for a device from now on, and tells the server: the device's push target is [PushNone], with the push
// token and the endpoint's URL. The pushes wait until [PushReceiver.Pushes] hears them. The token is a secret of at most
// 4096 characters, such as [crypto/rand.Text] makes, and no other device's. A factor is [ErrNoCounterpart]: its service pushes.
func (e *PushEndpoint) Open(ctx context.Context, d *Device, pushToken string) (*PushReceiver, error) {
	if pushToken == "" {
		return nil, errors.New("a push token must not be empty")
	}
	if d.API() == Verify {
		return nil, d.without(backendPushes)
	}
	r := &PushReceiver{
		endpoint: e, device: d, token: sha256.Sum256([]byte(pushToken)), waiting: make(chan Push, mostWaiting),
	}
	if err := e.add(r); err != nil {
		return nil, err
	}
	if err := d.SetPush(ctx, PushTarget{Type: PushNone, Token: pushToken, URL: e.url}); err != nil {
		e.remove(r)
		return nil, err
	}
	return r, nil
}

func (e *PushEndpoint) add(r *PushReceiver) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if other, taken := e.receivers[r.token]; taken && !other.removed.Load() {
		return fmt.Errorf("the push token is that of device %d already", other.device.ID())
	}
	e.receivers[r.token] = r
	return nil
}

func (e *PushEndpoint) remove(r *PushReceiver) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.receivers, r.token)
}

// receiver finds the device of a push token, in a time that says nothing about the tokens there are.
func (e *PushEndpoint) receiver(pushToken string) *PushReceiver {
	digest := sha256.Sum256([]byte(pushToken))
	e.mu.Lock()
	defer e.mu.Unlock()
	var found *PushReceiver
	for token, r := range e.receivers {
		if subtle.ConstantTimeCompare(token[:], digest[:]) == 1 {
			found = r
		}
	}
	return found
}

// ServeHTTP takes one push. It answers as the push service whose shape the push has.
func (e *PushEndpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	shape := shapeOfPath(r.URL.Path)
	push, refused := readPush(r, &shape)
	if refused == nil {
		refused = e.take(r.Context(), push)
	}
	if refused != nil {
		if refused.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", http.MethodPost)
		}
		writePushAnswer(w, refused.status, shape.refusal(refused))
		return
	}
	shape.accept(w, r)
}

// Bounds of a push in bytes. Source: Google's and Apple's documentation, 4096 for what is delivered. Around it there are
// push tokens, which may be as long here.
const (
	maxPushPayload = 4096
	maxPushBody    = 16 << 10
)

// readPush reads what was sent, and learns from the body whose shape it has when the path does not say.
func readPush(r *http.Request, shape *pushShape) (backendPush, *pushRefusal) {
	if r.Method != http.MethodPost {
		return backendPush{}, &pushRefusal{status: http.StatusMethodNotAllowed, apns: "MethodNotAllowed", message: fmt.Sprintf(
			"%s is not a method of the push endpoint: a push is sent with POST", r.Method)}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPushBody+1))
	if err != nil {
		return backendPush{}, badPush("the body broke off")
	}
	if len(body) > maxPushBody {
		return backendPush{}, tooLarge(maxPushBody)
	}
	if !utf8.Valid(body) {
		return backendPush{}, badPush("the body is not valid UTF-8")
	}
	return parsePush(r.URL.Path, body, shape)
}

// take hands a push to its device, which tells the server of it.
func (e *PushEndpoint) take(ctx context.Context, p backendPush) *pushRefusal {
	r := e.receiver(p.token)
	if r == nil {
		return &pushRefusal{status: http.StatusNotFound, fcm: "NOT_FOUND", fcmCode: "UNREGISTERED", apnsStatus: http.StatusBadRequest,
			apns: "BadDeviceToken", message: "no device here has this push token: the token is that of the device's registration, " +
				"as the app sends it to its backend"}
	}
	if r.removed.Load() {
		return unregistered()
	}
	if len(r.waiting) == mostWaiting { // before the server is told of what is not taken
		return busy()
	}
	err := r.device.PushReceived(ctx, p.push.ApprovalRequestUUID)
	switch {
	case errors.Is(err, ErrAccessToken):
		return unregistered()
	case errors.Is(err, ErrNotFound):
		return badPush(fmt.Sprintf("approval_request_uuid: there is no approval request %q for user %d, whose device this is",
			p.push.ApprovalRequestUUID, r.device.AuthyID()))
	case err != nil:
		return &pushRefusal{status: http.StatusServiceUnavailable, fcm: "UNAVAILABLE", fcmCode: "UNAVAILABLE",
			apns: "ServiceUnavailable", message: "the device cannot tell the server of the push: " + err.Error()}
	}
	select {
	case r.waiting <- p.push:
		return nil
	default: // others were faster
		return busy()
	}
}

func unregistered() *pushRefusal {
	return &pushRefusal{status: http.StatusNotFound, fcm: "NOT_FOUND", fcmCode: "UNREGISTERED", apnsStatus: http.StatusGone,
		apns: "Unregistered", message: "the device of this push token was removed"}
}

func busy() *pushRefusal {
	return &pushRefusal{status: http.StatusTooManyRequests, fcm: "RESOURCE_EXHAUSTED", fcmCode: "QUOTA_EXCEEDED",
		apns: "TooManyRequests", message: fmt.Sprintf("%d pushes wait for the device already", mostWaiting)}
}

// PushReceiver hears the pushes of one device on a [PushEndpoint].
type PushReceiver struct {
	endpoint *PushEndpoint
	device   *Device
	token    [sha256.Size]byte // digest of the push token
	waiting  chan Push
	removed  atomic.Bool // the device was removed, which senders of pushes to it are told
}

// Pushes hears the pushes that the backend sends to the device, until ctx ends; then the push token is nobody's. hear is
// called for one push at a time. The push token of a device that was removed stays known as such. Since no push is numbered
// by the server, a push that arrives while nobody listens is gone.
//
// The device's event stream is held open meanwhile: the server sends no push there, but says when the device was removed.
// The options are those of [Device.Pushes], and so are the errors; what the options call may be called during hear.
func (r *PushReceiver) Pushes(ctx context.Context, hear func(context.Context, Push) error, options ...StreamOption) error {
	err := r.listen(ctx, hear, options)
	if errors.Is(err, ErrRemoved) {
		r.removed.Store(true)
	} else {
		r.endpoint.remove(r)
	}
	return err
}

func (r *PushReceiver) listen(
	ctx context.Context, hear func(context.Context, Push) error, options []StreamOption,
) error {
	ctx, cancel := context.WithCancel(ctx)
	var listening sync.WaitGroup
	defer listening.Wait()
	defer cancel()
	ended := make(chan error, 1)
	listening.Go(func() { ended <- r.device.Pushes(ctx, r.enqueue, options...) })
	return r.hear(ctx, hear, ended)
}

func (r *PushReceiver) hear(ctx context.Context, hear func(context.Context, Push) error, ended <-chan error) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return err
		case push := <-r.waiting:
			if err := hear(ctx, push); err != nil {
				return err
			}
		}
	}
}

// enqueue takes a push from the stream, which has one only after the device was told to listen there.
func (r *PushReceiver) enqueue(ctx context.Context, push Push) error {
	select {
	case r.waiting <- push:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// shapeOfPath is Apple's for its own path, and told by the body otherwise.
func shapeOfPath(path string) pushShape {
	if strings.HasPrefix(path, apnsPath) {
		return apnsShape
	}
	return fcmShape
}
