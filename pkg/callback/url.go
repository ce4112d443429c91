package callback

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// SigningURL is a callback URL as it is signed: scheme and host in lower case, without user, default port, query and
// fragment, with "/" for an empty path; the path stays as it is escaped. [NewRequest] sends to the same host and path, so
// that a receiver finds in its request what was signed, whatever its own library would have made of the rest.
//
// Host names must be ASCII, as HTTP carries them (xn--…).
func SigningURL(callbackURL string) (string, error) {
	u, err := parseURL(callbackURL)
	if err != nil {
		return "", err
	}
	return signingURL(u), nil
}

// parseURL reads an absolute URL and brings scheme, host and path to the form in which they are signed.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") { // the parser lowers the scheme
		return nil, fmt.Errorf("%w: the URL must be an absolute http or https URL, such as https://example.com/callback",
			ErrMalformed)
	}
	u.Host = signingHost(u)
	if i := strings.IndexFunc(u.Host, func(r rune) bool { return r > '~' }); i >= 0 {
		return nil, fmt.Errorf("%w: the host of the URL must be ASCII: write its xn-- form", ErrMalformed)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

func signingURL(u *url.URL) string { return u.Scheme + "://" + u.Host + u.EscapedPath() }

// signingHost is how HTTP clients write the Host header.
func signingHost(u *url.URL) string {
	name, port := strings.ToLower(u.Hostname()), u.Port()
	if strings.Contains(name, ":") { // IPv6; a zone is of this machine and does not travel
		name, _, _ = strings.Cut(name, "%")
		name = "[" + name + "]"
	}
	if port == "" || port == map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		return name
	}
	return name + ":" + port
}

// requestURL is the URL under which a request came in, as far as the server can see.
func requestURL(r *http.Request) (string, error) {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	u, err := url.Parse(scheme + "://" + r.Host)
	if err != nil || r.Host == "" || u.Host != r.Host {
		return "", fmt.Errorf("%w: the host %q cannot be read", ErrMalformed, r.Host)
	}
	// A router may have cut the front off r.URL; the request line still has it.
	line := r.URL
	if strings.HasPrefix(r.RequestURI, "/") {
		if line, err = url.ParseRequestURI(r.RequestURI); err != nil {
			return "", fmt.Errorf("%w: the path cannot be read", ErrMalformed)
		}
	}
	path := line.EscapedPath()
	if path == "" {
		path = "/"
	}
	return scheme + "://" + signingHost(u) + path, nil
}
