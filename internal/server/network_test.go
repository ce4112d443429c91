package server_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// spoken sends bytes as they are and returns the statuses of all answers until the server closes the connection or, once the
// last answer said that it stays open, has nothing more to say.
func spoken(t *testing.T, address, said string) (statuses []int, closed bool) {
	t.Helper()
	connection := sound(net.Dial("tcp", address))(t)
	defer func() { _ = connection.Close() }()
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(connection, said); err != nil && len(said) < 1<<16 {
		t.Fatal(err) // one that is too long may be cut off while it is sent
	}
	if half, is := connection.(*net.TCPConn); is {
		_ = half.CloseWrite() // there is nothing more to come
	}
	reader := bufio.NewReader(connection)
	for {
		answer, err := http.ReadResponse(reader, nil)
		if err != nil {
			return statuses, errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "reset")
		}
		_, err = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		statuses = append(statuses, answer.StatusCode)
		if err != nil {
			return statuses, true
		}
	}
}

// TestSmuggling: what a proxy in between may take for one request or for two, the server refuses, and closes; nothing that
// came after it is answered. Of two shapes net/http takes what RFC 9112 lets a server take: chunks count where there is a length as
// well (section 6.3), and a folded line belongs to the one before (section 5.2); what follows is then the next request, the
// one that is answered with 404.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:"})
	address := strings.TrimPrefix(s.url, "http://")
	const (
		post   = "POST /device/v1/registrations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
		hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
	)
	length := strconv.Itoa(len(hidden))
	for name, c := range map[string]struct {
		said string
		want string
	}{
		"both lengths":             {post + "Content-Length: " + length + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, "[400 404]"},
		"two lengths":              {post + "Content-Length: 0\r\nContent-Length: " + length + "\r\n\r\n" + hidden, "[400]"},
		"two lengths in one":       {post + "Content-Length: 0, " + length + "\r\n\r\n" + hidden, "[400]"},
		"the same length twice":    {post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "[400]"},
		"a length with a sign":     {post + "Content-Length: +" + length + "\r\n\r\n" + hidden, "[400]"},
		"a negative length":        {post + "Content-Length: -1\r\n\r\n" + hidden, "[400]"},
		"a length in hexadecimal":  {post + "Content-Length: 0x0\r\n\r\n" + hidden, "[400]"},
		"a length out of bounds":   {post + "Content-Length: 99999999999999999999\r\n\r\n" + hidden, "[400]"},
		"another encoding":         {post + "Transfer-Encoding: identity\r\n\r\n" + hidden, "[501]"},
		"a hidden encoding":        {post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden, "[501]"},
		"two encodings":            {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + hidden, "[501]"},
		"an encoding with a blank": {post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden, "[400]"},
		"a folded header":          {post + "X-A: b\r\n Content-Length: 5\r\nContent-Length: 2\r\n\r\n{}", "[400]"},
		"a header of a blank":      {post + " Content-Length: " + length + "\r\n\r\n" + hidden, "[400 404]"},
		"bare line ends":           {strings.ReplaceAll(post, "\r\n", "\n") + "Content-Length: 2\n\n{}", "[400]"},
		"a bare return":            {post + "X-A: b\rContent-Length: 2\r\n\r\n{}", "[400]"},
		"a null":                   {post + "X-A: b\x00\r\nContent-Length: 2\r\n\r\n{}", "[400]"},
		"no name":                  {post + ": b\r\nContent-Length: 2\r\n\r\n{}", "[400]"},
		"a size that is none":      {post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n" + hidden, "[400]"},
		"a size that overflows":    {post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n{}\r\n0\r\n\r\n" + hidden, "[400]"},
		"a negative size":          {post + "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n" + hidden, "[400]"},
		"a chunk without its end":  {post + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n" + hidden, "[400]"},
		"a huge extension":         {post + "Transfer-Encoding: chunked\r\n\r\n2;" + strings.Repeat("x", 1<<20) + "\r\n{}\r\n0\r\n\r\n" + hidden, "[400]"},
		"extensions without end":   {post + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1;"+strings.Repeat("x", 1000)+"\r\n{\r\n", 200) + "0\r\n\r\n" + hidden, "[400]"},
		"HTTP/2 without asking":    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "[404]"},
		"an old protocol":          {"GET /healthz HTTP/0.9\r\n\r\n", "[505]"},
		"no protocol":              {"GET /healthz\r\n\r\n", "[400]"},
		"no host":                  {"GET /healthz HTTP/1.1\r\n\r\n" + hidden, "[400]"},
		"two hosts":                {"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\n\r\n" + hidden, "[400]"},
		"a host that is none":      {"GET /healthz HTTP/1.1\r\nHost: local host\r\n\r\n" + hidden, "[400]"},
		"another host in the URL":  {"GET http://evil.test/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "[421]"},
		"another host beside it":   {"GET http://localhost/healthz HTTP/1.1\r\nHost: evil.test\r\n\r\n", "[200]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, closed := spoken(t, address, c.said)
			if fmt.Sprint(got) != c.want || !closed {
				t.Errorf("answers %v, closed %t; want %s", got, closed, c.want)
			}
		})
	}
}

// TestHostsOfEveryFamily: under a name that is not the server's own no route answers, whatever the caller knows: neither a
// stream nor what goes over HTTPS.
func TestHostsOfEveryFamily(t *testing.T) {
	t.Parallel()
	p := newParties(t)
	for _, r := range p.Routes() {
		request := httptest.NewRequest(r.Method, named.ReplaceAllString(strings.ReplaceAll(r.Path, "{format}", "json"), "1"), nil)
		request.Host = "evil.test"
		request.Header = http.Header{
			"X-Authy-Api-Key": {apiKey}, "Authorization": {"Bearer " + p.phone.AccessToken},
			"X-Forwarded-Host": {"localhost"}, "Forwarded": {"host=localhost"}, "X-Host": {"localhost"},
		}
		if r.Access == route.Operator {
			request.Header.Set("Authorization", "Bearer "+controlToken)
		}
		answer := httptest.NewRecorder()
		p.Handler().ServeHTTP(answer, request)
		if answer.Code != http.StatusMisdirectedRequest {
			t.Errorf("%s %s gets %d", r.Method, r.Path, answer.Code)
		}
	}
}

// TestHostOverTLS: HTTP/2, which names the host in another place, is not spoken, and HTTPS looks at host names as HTTP does.
func TestHostOverTLS(t *testing.T) {
	t.Parallel()
	config, trusted := secured(t)
	s := run(t, server.Options{Database: ":memory:", TLS: config})
	address := strings.TrimPrefix(s.url, "http://")
	connection := sound(tls.Dial("tcp", address, &tls.Config{
		RootCAs: trusted, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
	}))(t)
	defer func() { _ = connection.Close() }()
	if spoken := connection.ConnectionState().NegotiatedProtocol; spoken != "http/1.1" {
		t.Errorf("speaks %q", spoken)
	}
	if _, err := io.WriteString(connection, "GET /healthz HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer := sound(http.ReadResponse(bufio.NewReader(connection), nil))(t) //nolint:bodyclose // closed below
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("answers %s", answer.Status)
	}
}

// TestHugeHeaders: neither long nor many headers are read to their end.
func TestHugeHeaders(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:"})
	address := strings.TrimPrefix(s.url, "http://")
	const line = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
	for name, said := range map[string]string{
		"a long one":  line + "X-A: " + strings.Repeat("a", 1<<20) + "\r\n\r\n",
		"many":        line + strings.Repeat("X-A: a\r\n", 1<<16) + "\r\n",
		"a long path": "GET /" + strings.Repeat("a", 1<<20) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		if got, closed := spoken(t, address, said); len(got) > 1 || len(got) == 1 && got[0] != http.StatusRequestHeaderFieldsTooLarge || !closed {
			t.Errorf("%s: answers %v, closed %t", name, got, closed)
		}
	}
	if got, _ := spoken(t, address, line+"X-A: "+strings.Repeat("a", 1<<15)+"\r\n\r\n"); fmt.Sprint(got) != "[200]" {
		t.Errorf("32 KiB: answers %v", got)
	}
}

// TestBodyLimits: no API reads more of a body than it has to.
func TestBodyLimits(t *testing.T) {
	t.Parallel()
	p := newParties(t)
	account := sound(p.Service().Account(t.Context()))(t)
	large := `{"a":"` + strings.Repeat("a", 1<<20) + `"}`
	for _, r := range p.Routes() {
		if r.Method == http.MethodGet || r.Method == http.MethodDelete || strings.HasSuffix(r.Path, "/snapshot") {
			continue
		}
		header := http.Header{"X-Authy-Api-Key": {apiKey}}
		switch r.Access {
		case route.Device:
			header = bearer(p.phone.AccessToken)
		case route.Operator:
			header = bearer(controlToken)
		case route.Account, route.Factor, route.Newcomer:
			basic := base64.StdEncoding.EncodeToString([]byte(account.SID + ":" + account.AuthToken))
			header = http.Header{"Authorization": {"Basic " + basic}}
		}
		target := named.ReplaceAllString(strings.ReplaceAll(r.Path, "{format}", "json"), "1")
		got := p.call(t, r.Method, target, header, large)
		takesNone := []string{"/control/v1/clock/resume", "/control/v1/clock/freeze", "/control/v1/reset", "/control/v1/hosted_phones"}
		if got.status != http.StatusRequestEntityTooLarge && !slices.Contains(takesNone, r.Path) {
			t.Errorf("%s %s gets %d %.200s", r.Method, r.Path, got.status, got.body)
		}
	}
}
