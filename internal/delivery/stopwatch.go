package delivery

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// stopwatch tells how long each phase of one exchange takes. Parts of it are called on other goroutines, and after the
// exchange is over: the dialling of a connection goes on when another became free.
type stopwatch struct {
	mu                                     sync.Mutex
	lookup, lookedUp, dial, dialled        time.Time
	handshake, secured, got, sent, answers time.Time
	reused                                 bool
	from, to                               net.Addr // of the connection; nil: there was none
}

func (s *stopwatch) mark(t *time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*t = time.Now()
}

// traced is the request with the stopwatch attached.
func (s *stopwatch) traced(r *http.Request) *http.Request {
	return r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { s.mark(&s.lookup) },
		DNSDone:           func(httptrace.DNSDoneInfo) { s.mark(&s.lookedUp) },
		ConnectStart:      func(string, string) { s.mark(&s.dial) },
		ConnectDone:       func(string, string, error) { s.mark(&s.dialled) },
		TLSHandshakeStart: func() { s.mark(&s.handshake) },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { s.mark(&s.secured) },
		GotConn: func(info httptrace.GotConnInfo) {
			s.mark(&s.got)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.reused, s.from, s.to = info.Reused, info.Conn.LocalAddr(), info.Conn.RemoteAddr()
		},
		WroteRequest:         func(httptrace.WroteRequestInfo) { s.mark(&s.sent) },
		GotFirstResponseByte: func() { s.mark(&s.answers) },
	}))
}

// reached reports whether the connection led to a listener of this machine.
func (s *stopwatch) reached(listener *net.TCPAddr) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	from, _ := s.from.(*net.TCPAddr)
	to, _ := s.to.(*net.TCPAddr)
	if listener == nil || from == nil || to == nil || to.Port != listener.Port {
		return false
	}
	return to.IP.Equal(listener.IP) || listener.IP.IsUnspecified() && to.IP.Equal(from.IP)
}

// phases is how long each phase took in an exchange that lasted from begin to end. A phase that did not end took until then.
func (s *stopwatch) phases(begin, end time.Time) onetouch.Phases {
	s.mu.Lock()
	defer s.mu.Unlock()
	between := func(from, to time.Time) time.Duration {
		if from.IsZero() || from.Before(begin) || from.After(end) {
			return 0
		}
		if to.Before(from) || to.After(end) {
			to = end
		}
		return to.Sub(from).Truncate(time.Microsecond)
	}
	p := onetouch.Phases{
		Reused: s.reused, Send: between(s.got, s.sent), Wait: between(s.sent, s.answers), Receive: between(s.answers, end),
	}
	if !s.reused {
		p.Lookup, p.Connect, p.TLS = between(s.lookup, s.lookedUp), between(s.dial, s.dialled), between(s.handshake, s.secured)
	}
	return p
}
