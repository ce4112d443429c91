package traffic

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"time"
)

// Around has the calls of an API remembered.
func (l *Log) Around(api API) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.record(api, next, w, r) })
	}
}

func (l *Log) record(api API, next http.Handler, w http.ResponseWriter, r *http.Request) {
	rec := &recorder{ResponseWriter: w, log: l, call: &call{
		Call: Call{
			At: l.clock.Now(), API: api, Method: r.Method, Path: bounded(r.URL.RequestURI()), Route: r.Pattern,
			RequestUUID: r.PathValue("uuid"), Request: Message{Headers: kept(r.Header, requestHeaders[:])},
		},
		began: time.Now(), pathID: r.PathValue("id"),
	}}
	defer rec.end() // also when the connection is cut off by a panic
	r = r.WithContext(context.WithValue(r.Context(), recorded{}, rec))
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = &heard{r.Body, rec}
	}
	next.ServeHTTP(rec, r)
	rec.answered = true
}

// recorder hears what is answered to one call.
type recorder struct {
	http.ResponseWriter

	log      *Log
	call     *call
	answered bool // the handler came to its end
	hijacked bool // so that nothing was answered
	added    bool // the log has the call, so that it must not be changed without its lock
}

// Unwrap is for [http.ResponseController].
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// WriteHeader implements [http.ResponseWriter].
func (r *recorder) WriteHeader(status int) {
	if r.call.Status == 0 && !r.added {
		r.call.Status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (r *recorder) Write(content []byte) (int, error) {
	n, err := r.ResponseWriter.Write(content)
	r.change(func() {
		if r.call.Status == 0 {
			r.call.Status = http.StatusOK
		}
		r.call.Response.Size += int64(n)
		r.call.response = appended(r.call.response, content[:n])
	})
	return n, err
}

// FlushError is called by streams, which can be seen while they go on.
func (r *recorder) FlushError() error {
	if !r.added {
		r.call.Open = true
		r.add()
	}
	return http.NewResponseController(r.ResponseWriter).Flush()
}

// Hijack is for a handler that takes the connection over, and answers nothing that could be heard here.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	r.hijacked = true
	if !r.added {
		r.add() // before the caller can see what becomes of the connection
	}
	return http.NewResponseController(r.ResponseWriter).Hijack()
}

func (r *recorder) add() {
	r.call.Response.Headers = kept(r.Header(), answerHeaders[:])
	r.log.add(r.call)
	r.added = true
}

// change changes what is known of the call.
func (r *recorder) change(change func()) {
	if r.added {
		r.log.mu.Lock()
		defer r.log.mu.Unlock()
	}
	change()
}

func (r *recorder) end() {
	r.change(func() {
		r.call.Took, r.call.Open = time.Since(r.call.began), false
		if r.call.Status == 0 && r.answered && !r.hijacked {
			r.call.Status = http.StatusOK
		}
	})
	if !r.added {
		r.add()
	}
}

// heard is a request body of which the beginning is remembered.
type heard struct {
	io.ReadCloser

	recorder *recorder
}

// Read implements [io.Reader].
func (b *heard) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.recorder.change(func() {
		c := b.recorder.call
		c.Request.Size += int64(n)
		c.request = appended(c.request, p[:n])
	})
	return n, err
}

// appended is the beginning of a body with what comes next of it.
func appended(beginning, next []byte) []byte {
	return append(beginning, next[:min(len(next), maxBody-len(beginning))]...)
}

// recorded is the key of the recorder in the context of a request.
type recorded struct{}

// Notes are what those who serve a call find out about it. All of it is kept only where the call is.
type Notes struct{ recorder *recorder }

// NotesOf are the notes of the call with this context. Those of one that is not remembered go nowhere.
func NotesOf(ctx context.Context) Notes {
	r, _ := ctx.Value(recorded{}).(*recorder)
	return Notes{r}
}

// Application says which application calls.
func (n Notes) Application(id string) {
	if n.recorder != nil {
		n.recorder.change(func() { n.recorder.call.AppID = id })
	}
}

// Request says which approval request the call is about, where the path does not say it as it is.
func (n Notes) Request(uuid string) {
	if n.recorder != nil {
		n.recorder.change(func() { n.recorder.call.RequestUUID = uuid })
	}
}

// Device says which device calls, or was registered by the call.
func (n Notes) Device(appID string, authyID, deviceID int64) {
	if n.recorder != nil {
		n.recorder.change(func() {
			c := n.recorder.call
			c.AppID, c.AuthyID, c.DeviceID = appID, authyID, deviceID
		})
	}
}

// Fault says what a fault does to the call.
func (n Notes) Fault(what string) {
	if n.recorder != nil {
		n.recorder.change(func() { n.recorder.call.Fault = what })
	}
}
