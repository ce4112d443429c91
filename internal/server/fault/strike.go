package fault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

// maxBody bounds what is read of a body before a latency, in bytes: more than any API takes.
const maxBody = 1<<20 + 1

// Strike decides about a call that has come, waits when it is to be late, and returns what it is to be refused with: an error
// that [Answer] or the API itself can answer. A caller who leaves, or a server that stops, ends the wait.
func (f *Faults) Strike(r *http.Request) error {
	effect := f.Next(r.Method, r.URL.Path)
	if effect.What == "" {
		return nil
	}
	traffic.NotesOf(r.Context()).Fault(effect.What)
	if effect.Latency > 0 {
		f.wait(r, effect.Latency)
	}
	return effect.Err
}

func (f *Faults) wait(r *http.Request, latency time.Duration) {
	if r.Body != nil && r.Body != http.NoBody { // it has a deadline, and a caller who leaves is noticed only behind it
		beginning, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		rest := io.Reader(r.Body)
		if err != nil {
			rest = failing{err}
		}
		r.Body = body{io.MultiReader(bytes.NewReader(beginning), rest), r.Body}
	}
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-f.Stopping:
	}
}

type body struct {
	io.Reader
	io.Closer
}

// failing is a body that cannot be read any further.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// errReset is for a call whose connection is to be reset.
var errReset = errors.New("the connection is reset on purpose")

// pageError is for a call that is answered as a gateway does whose service is not there.
type pageError struct{ status int }

func (e *pageError) Error() string {
	return "answered on purpose with the status " + strconv.Itoa(e.status)
}

// Answer answers an error that no API has a shape for: by a reset of the connection, or a page. It reports whether it did.
func Answer(w http.ResponseWriter, err error) bool {
	var page *pageError
	switch {
	case errors.Is(err, errReset):
		reset(w)
		return true
	case errors.As(err, &page):
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(page.status)
		title := fmt.Sprintf("%d %s", page.status, http.StatusText(page.status))
		_, _ = fmt.Fprintf(w, "<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\n", title, title)
		return true
	}
	return false
}

// reset closes a connection so that its other end hears of a reset (RST) where there is such a thing.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2, whose stream is reset by that
	}
	for inner := connection; inner != nil; {
		switch c := inner.(type) {
		case *net.TCPConn:
			_ = c.SetLinger(0)
			_ = c.Close() // not through TLS, which would say goodbye
			inner = nil
		case interface{ NetConn() net.Conn }:
			inner = c.NetConn()
		default:
			inner = nil
		}
	}
	_ = connection.Close()
}
