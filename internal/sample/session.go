package sample

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"
)

// session is one browser. Its ID is a secret that only the cookie has; it is a new one when a login begins and after each
// change of who is logged in, so that nobody can prepare a session for somebody else to log in to (session fixation).
type session struct {
	id       string
	csrf     string    // has to come with every change, in a header that no other site can send
	customer *customer // nil: nobody is logged in
	login    *login    // that was begun in this browser; nil: none
	seen     time.Time
	changed  chan struct{} // closed and replaced when there is something new to show
	over     chan struct{} // closed when the session is no more
}

const (
	idleTime     = 30 * time.Minute
	renewalTime  = 10 * time.Second
	mostSessions = 10_000
)

// sessionOf finds the session of a request; nil: none.
func (b *Bank) sessionOf(r *http.Request) *session {
	cookie, err := r.Cookie(b.cookie)
	if err != nil {
		return nil
	}
	s := b.sessions[cookie.Value]
	if s == nil || b.options.Clock.Now().Sub(s.seen) > idleTime {
		return nil
	}
	s.seen = b.options.Clock.Now()
	return s
}

// newSession begins one, in place of the former, whose ID is worth nothing from then on.
func (b *Bank) newSession(w http.ResponseWriter, former *session, c *customer) *session {
	if former != nil {
		b.endSession(former)
	}
	if len(b.sessions) >= mostSessions {
		b.makeRoom()
	}
	s := &session{
		id: rand.Text(), csrf: rand.Text(), customer: c, seen: b.options.Clock.Now(),
		changed: make(chan struct{}), over: make(chan struct{}),
	}
	b.sessions[s.id] = s
	http.SetCookie(w, &http.Cookie{
		Name: b.cookie, Value: s.id, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: strings.HasPrefix(b.options.URL, "https:"),
	})
	return s
}

// renew goes on under a new ID, with who is logged in then. Of two calls at once, by a double click, only the first finds its
// session.
func (b *Bank) renew(c *call, who *customer) error {
	if b.sessions[c.session.id] != c.session {
		return refuse(http.StatusConflict, "This page is from before the last login or logout.")
	}
	c.session = b.newSession(c.w, c.session, who)
	return nil
}

func (b *Bank) endSession(s *session) {
	delete(b.sessions, s.id)
	close(s.over)
	if len(b.ended) >= mostSessions {
		clear(b.ended)
	}
	b.ended[s.id] = b.options.Clock.Now()
}

// justRenewed reports whether a request has the cookie of a session that has just become another one. The answer that brings
// the new cookie is on its way: a further new one would take its place, and the customer would be out again.
func (b *Bank) justRenewed(r *http.Request) bool {
	cookie, err := r.Cookie(b.cookie)
	if err != nil {
		return false
	}
	at, ended := b.ended[cookie.Value]
	return ended && b.options.Clock.Now().Sub(at) < renewalTime
}

// makeRoom ends sessions that are idle or, when none is, one of those that nobody is logged in to, or any.
func (b *Bank) makeRoom() {
	var anonymous, other *session
	for _, s := range b.sessions {
		switch {
		case b.options.Clock.Now().Sub(s.seen) > idleTime:
			b.endSession(s)
		case s.customer == nil:
			anonymous = s
		default:
			other = s
		}
	}
	switch {
	case len(b.sessions) < mostSessions:
	case anonymous != nil:
		b.endSession(anonymous)
	default:
		b.endSession(other)
	}
}

func (s *session) hasToken(token string) bool {
	return subtle.ConstantTimeCompare([]byte(s.csrf), []byte(token)) == 1
}

// tell has the pages of a session look again.
func (s *session) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// tellCustomer has every page look again that shows something of the customer.
func (b *Bank) tellCustomer(c *customer) {
	for _, s := range b.sessions {
		if s.customer == c {
			s.tell()
		}
	}
}

// tellAll has every page look again.
func (b *Bank) tellAll() {
	for _, s := range b.sessions {
		s.tell()
	}
}
