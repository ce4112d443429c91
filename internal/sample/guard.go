package sample

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Route is a line of the bank's table of calls.
type Route struct {
	Method, Path string
	// Changes is set when the call changes something for somebody: it wants the CSRF token, and the bank's own page as its
	// origin.
	Changes bool
	// LoggedIn is set when the call is for customers who are logged in.
	LoggedIn bool
	// answer is the call; what it returns is sent as JSON. raw is one that answers by itself.
	answer func(*call) (any, error)
	raw    http.Handler
}

// call is one call of a browser.
type call struct {
	context.Context
	w       http.ResponseWriter
	r       *http.Request
	session *session
	body    []byte
}

// Headers of every answer. The page loads nothing but itself, speaks to nobody but the bank, and stands in nobody's frame.
func headers() map[string]string {
	return map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
			"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
			"require-trusted-types-for 'script'; trusted-types 'none'",
		"Referrer-Policy":              "no-referrer",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=()",
		"Cache-Control":                "no-store", // after a logout the back button finds nothing
	}
}

const (
	tokenHeader = "X-CSRF-Token"
	mostBody    = 16 << 10 // bytes
	bodyTime    = 10 * time.Second
)

// frame is around everything: the bank answers under its own names only, so that no web page reaches it under another one
// (DNS rebinding).
func (b *Bank) frame(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers() {
			w.Header().Set(name, value)
		}
		if !b.hosts[strings.ToLower(r.Host)] {
			http.Error(w, "The bank is not known under this name.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostsOf are the names, with the port, under which browsers on this machine may ask.
func hostsOf(base *url.URL) map[string]bool {
	hosts := map[string]bool{strings.ToLower(base.Host): true}
	if ip := net.ParseIP(base.Hostname()); base.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
		for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
			hosts[net.JoinHostPort(name, base.Port())] = true
		}
	}
	return hosts
}

// guard lets through who may.
func (b *Bank) guard(route Route) http.Handler {
	if route.raw != nil {
		return route.raw
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{Context: r.Context(), w: w, r: r}
		var answer any
		err := b.admit(route, c)
		if err == nil {
			answer, err = route.answer(c)
		}
		if err != nil {
			told := b.asRefusal(r.Context(), err)
			b.write(w, told.status, map[string]string{"error": told.text})
			return
		}
		b.write(w, http.StatusOK, answer)
	})
}

func (b *Bank) admit(route Route, c *call) error {
	b.mu.Lock()
	c.session = b.sessionOf(c.r)
	admitted := c.session != nil && c.session.hasToken(c.r.Header.Get(tokenHeader))
	known := c.session != nil && c.session.customer != nil
	b.mu.Unlock()
	switch {
	case fromElsewhere(c.r) || route.Changes && !hasOwnOrigin(c.r):
		return refuse(http.StatusForbidden, "This call did not come from the bank's own page.")
	case route.Changes && !admitted:
		return refuse(http.StatusForbidden, "This page is from before the last login or logout.")
	case route.LoggedIn && !known:
		return refuse(http.StatusUnauthorized, "Log in first.")
	}
	if route.Changes {
		var err error
		_ = http.NewResponseController(c.w).SetReadDeadline(time.Now().Add(bodyTime)) // a test's writer has none
		if c.body, err = io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, mostBody)); err != nil {
			return refuse(http.StatusRequestEntityTooLarge, "That is too much.")
		}
		_ = http.NewResponseController(c.w).SetReadDeadline(time.Time{})
	}
	return nil
}

// fromElsewhere reports whether a browser says that the call is not the own page's. A look is such a call, too: it can begin a
// session, and the link of another site that leads to it comes without the cookie of the one that there is.
func fromElsewhere(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return site != "" && site != "same-origin"
}

// hasOwnOrigin reports whether the call has the own page as its origin. Every browser names that of a POST.
func hasOwnOrigin(r *http.Request) bool {
	origin, err := url.Parse(r.Header.Get("Origin"))
	return err == nil && origin.Host != "" && strings.EqualFold(origin.Host, r.Host)
}

// read reads the body of a call.
func (c *call) read(into any) error {
	if err := json.Unmarshal(c.body, into); err != nil {
		return refuse(http.StatusBadRequest, "That cannot be read.")
	}
	return nil
}

func (b *Bank) write(w http.ResponseWriter, status int, answer any) {
	if answer == nil {
		answer = struct{}{}
	}
	content, err := json.Marshal(answer)
	if err != nil {
		b.log.Error("writing an answer", "error", err)
		status, content = http.StatusInternalServerError, []byte("{}")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(content)
}

// stream tells a page whenever there is something new, as server-sent events. It says nothing else: the page asks then.
func (b *Bank) stream(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	s := b.sessionOf(r)
	b.mu.Unlock()
	if s == nil {
		b.write(w, http.StatusUnauthorized, map[string]string{"error": "Load the page first."})
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	for {
		b.mu.Lock()
		changed := s.changed
		b.mu.Unlock()
		_, err := io.WriteString(w, "data: look\n\n")
		if err = errors.Join(err, out.Flush()); err != nil {
			return
		}
		select {
		case <-changed:
		case <-s.over:
			_, _ = io.WriteString(w, "event: over\ndata: look\n\n")
			_ = out.Flush()
			return
		case <-r.Context().Done():
			return
		case <-b.life.Done():
			return
		}
	}
}
