package server

import (
	"io"
	"net/http"
	"time"
)

// bodyTimeout is how long a request may take to send its body, of which every API takes 1 MiB at most.
const bodyTimeout = 30 * time.Second

// bodyDeadline cuts requests off whose body does not arrive. The timeouts of [http.Server] would cut event streams as well,
// whose requests are over long before their answers.
func (s *Server) bodyDeadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			connection := http.NewResponseController(w)
			if connection.SetReadDeadline(time.Now().Add(s.options.BodyTimeout)) == nil { // a recorder of tests cannot
				r.Body = &timedBody{ReadCloser: r.Body, connection: connection}
			}
		}
		next.ServeHTTP(w, r)
	})
}

// timedBody lifts the deadline when the body has ended: the server goes on reading, to notice when the client leaves.
type timedBody struct {
	io.ReadCloser
	connection *http.ResponseController
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.connection.SetReadDeadline(time.Time{}) // could be set, so can be lifted
	}
	return n, err
}
