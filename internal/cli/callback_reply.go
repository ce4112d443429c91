package cli

import (
	"net"
	"net/http"
	"time"
)

// reply is an answer to be given. Without a status there is none.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// replyTo decides what to answer, and notes it.
func (l *callbackListener) replyTo(r *http.Request, body []byte, shown *receivedCallback) reply {
	if l.hang || l.reset {
		return reply{}
	}
	answer := reply{status: http.StatusOK, header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}}
	if !shown.Valid() && shown.Verdict != verdictReplayed { // a copy of what was taken is taken, and nothing is done for it
		answer.status = http.StatusForbidden
	}
	if l.target != nil {
		answer = l.forward(r, body, shown)
	}
	if l.status != 0 {
		answer.status = l.status
	}
	shown.Answered = answer.status
	return answer
}

// give gives an answer, when its time has come.
func (l *callbackListener) give(w http.ResponseWriter, r *http.Request, answer reply) {
	if l.hang {
		l.pause(r, nil)
	}
	if l.delay > 0 {
		late := time.NewTimer(l.delay)
		defer late.Stop()
		l.pause(r, late.C)
	}
	if l.reset {
		reset(w)
		return
	}
	if answer.status == 0 {
		return
	}
	for name, values := range answer.header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(answer.body)
	}
}

// pause waits for a time, or until nobody waits for the answer any more.
func (l *callbackListener) pause(r *http.Request, over <-chan time.Time) {
	select {
	case <-over:
	case <-r.Context().Done():
	case <-l.stopping:
	}
}

// reset ends a connection the hard way.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // HTTP/2, which is not offered
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}
